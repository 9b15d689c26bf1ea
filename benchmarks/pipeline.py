"""Pages a second through fetching, reading and storing, beside an empty Scrapy spider on the same server.

Each round is two processes, one of each kind, in alternating order; the figure is the median of the rounds' ratios.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Request, Response

from benchmarks.figure import Figure
from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import Page, RawItem, Run, Source, Unit
from harvester.net import Net
from harvester.normalize.canonical import canonical_json
from harvester.runs import account
from harvester.runs.child import Frontier
from harvester.scrapy_process import scrapy_settings
from spiders.base import WebSpider

PAGES = 1200
ROUNDS = 5
IN_FLIGHT = 16
DELAY_MS = 50


class EmptySpider(scrapy.Spider):
    """The baseline: fetches and does nothing."""

    name = "empty"

    async def start(self) -> Any:
        for number in range(PAGES):
            yield Request(f"http://127.0.0.1:{self.port}/page/{number}", dont_filter=True)  # type: ignore[attr-defined]

    def parse(self, response: Response) -> None:
        del response


class WholeWay(WebSpider):
    """Ours: one unit a page, each read as a catalogue entry with its publiccode.yml."""

    name = "whole_way"
    title = "Whole way"
    documented_api = True

    def first_units(self) -> Iterator[Unit]:
        return (Unit(f"page:{number:05d}", {"number": number}) for number in range(PAGES))

    def request(self, unit: Unit) -> Request:
        return Request(f"http://catalogue.example/page/{unit.data['number']}")

    def page(self, response: Response, unit: Unit) -> Page:
        entry = json.loads(response.body)["data"][0]
        raw = RawItem(
            key=entry["id"],
            format="developers-italia",
            payload=canonical_json(entry),
            url=entry["url"],
            fetched_at=datetime.now(UTC),
        )
        return Page(unit=unit, raw_items=(raw,))


def _empty(port: int) -> None:
    settings = {
        "CONCURRENT_REQUESTS": IN_FLIGHT,
        "CONCURRENT_REQUESTS_PER_DOMAIN": IN_FLIGHT,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
    }
    process = AsyncCrawlerProcess(settings)
    process.crawl(EmptySpider, port=port)
    process.start()


_SOURCE = Source(name="bench", spider="whole_way", title="Bench")


def _claimed(settings: Settings) -> Run:
    """A run as a worker hands it to the process that crawls: the catalogue is made."""
    catalogue = Catalogue.open(settings.database_url)
    catalogue.sources.put(_SOURCE, "bench")
    catalogue.runs.queue("bench", datetime.now(UTC))
    run = catalogue.runs.claim("bench", 600)
    catalogue.close()
    assert run is not None
    return run


def _whole(settings: Settings, run: Run) -> None:
    catalogue = Catalogue.open(settings.database_url, migrate=False)
    config = {
        **scrapy_settings(settings),
        "CONCURRENT_REQUESTS": IN_FLIGHT,
        "CONCURRENT_REQUESTS_PER_DOMAIN": IN_FLIGHT,
        "LOG_ENABLED": False,
    }
    process = AsyncCrawlerProcess(config)
    net = Net.of(settings, memory=catalogue.memory, ledger=catalogue.ledger, holder=account.holder(run.id, run.attempt))
    process.crawl(WholeWay, source=_SOURCE, frontier=Frontier(catalogue, run.id, run.attempt), net=net)
    process.start()
    net.close()
    counts = catalogue.harvest.counts(run.id)
    catalogue.close()
    assert (counts.read, counts.records) == (PAGES, PAGES), counts


def _child(kind: str, port: int) -> None:
    with tempfile.TemporaryDirectory(prefix="harvester-bench-") as folder:
        settings = Settings(data=Path(folder), simulated_web=f"127.0.0.1:{port}")
        run = _claimed(settings)
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        if kind == "empty":
            _empty(port)
        else:
            _whole(settings, run)
        took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"pages_per_s": PAGES / took, "cpu_ms": 1000 * spent / PAGES}), flush=True)


def _measure(kind: str, port: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.pipeline", kind, str(port)], check=True, capture_output=True, text=True
    )
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def figures() -> list[Figure]:
    """The ratio of pages a second (at least 0.8), and processor time a page beside the empty spider's."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.slow_server", str(DELAY_MS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        port = int(server.stdout.readline())
        rounds = []
        for number in range(ROUNDS):
            kinds = ("empty", "whole") if number % 2 == 0 else ("whole", "empty")
            rounds.append({kind: _measure(kind, port) for kind in kinds})
    finally:
        server.stdin.close()
        server.wait(10)
        server.stdout.close()
    ratios = [one["whole"]["pages_per_s"] / one["empty"]["pages_per_s"] for one in rounds]
    empty = statistics.median(one["empty"]["pages_per_s"] for one in rounds)
    return [
        Figure(
            name="pipeline pages/s, whole way over empty spider",
            value=statistics.median(ratios),
            baseline=empty,
            limit=">= 0.8",
            unit="ratio; baseline in pages/s",
        ),
        Figure(
            name="processor time a record, whole way",
            value=statistics.median(one["whole"]["cpu_ms"] for one in rounds),
            baseline=statistics.median(one["empty"]["cpu_ms"] for one in rounds),
            unit="ms; baseline an empty spider's page",
        ),
    ]


if __name__ == "__main__":
    _child(sys.argv[1], int(sys.argv[2]))
