"""One crawl in a process of its own, since Twisted's reactor starts only once.

In: {"source": …, "net": arguments of Net, "urls": pages for the probe spider, "headers": what it sends}.
Out: pages, failures and the report.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Request, Response
from support.cost import memory_mb

from harvester.config import Settings
from harvester.model import Page, RawItem, Reading, Source, Unit
from harvester.net import Limits, Net
from harvester.net.memory import Remembered
from harvester.scrapy_process import scrapy_settings, spider_class
from spiders.base import WebSpider


class Probe(WebSpider):
    """Asks the URLs it is given and keeps what came as it is."""

    name = "probe"
    title = "Probe"
    urls: tuple[str, ...] = ()
    headers: ClassVar[dict[str, str]] = {}

    def first_units(self) -> Iterable[Unit]:
        return [Unit(f"{number}:{url}", {"url": url}) for number, url in enumerate(self.urls)]

    def request(self, unit: Unit) -> Request:
        return Request(unit.data["url"], headers=self.headers)

    def page(self, response: Response, unit: Unit) -> Page:
        SEEN.append(
            {"url": response.url, "status": response.status, "body": response.text[:200], "size": len(response.body)}
        )
        return Page(unit=unit)


class ApiProbe(Probe):
    name = "api_probe"
    documented_api = True


SEEN: list[dict[str, Any]] = []


class Shelf:
    """Keeps a run's pages in lists."""

    def __init__(self, units: list[dict[str, Any]] | None = None) -> None:
        self.units = units
        self.stored: list[tuple[Page, tuple[tuple[RawItem, Reading], ...]]] = []
        self.failed: list[Any] = []

    def forges(self) -> dict[str, str]:
        return {}

    def open_units(self, first: Iterable[Unit]) -> Sequence[Unit]:
        return list(first)

    def store(self, pages: list[tuple[Page, tuple[tuple[RawItem, Reading], ...]]]) -> None:
        self.stored.extend(pages)

    def unit_failed(self, failed: Any) -> None:
        self.failed.append(failed)


class DictMemory:
    def __init__(self, kept: dict[str, Any]) -> None:
        self.kept = {url: Remembered(**{**told, "body": told["body"].encode()}) for url, told in kept.items()}

    def recall(self, url: str) -> Remembered | None:
        return self.kept.get(url)

    def remember(self, url: str, answer: Remembered) -> None:
        self.kept[url] = answer


def crawled(asked: dict[str, Any], environment: dict[str, str], log: Path) -> dict[str, Any]:
    """Crawl in this process, with no environment but this one; everything is logged, to the end of the file."""
    os.environ.clear()
    os.environ.update(environment)
    logging.basicConfig(level="DEBUG", filename=log, force=True)
    options = dict(asked.get("net", {}))
    if "limits" in options:
        options["limits"] = Limits(**options["limits"])
    memory = DictMemory(options.pop("memory")) if "memory" in options else None
    net = Net("CivicHarvester/test (+https://contact.example)", memory=memory, **options)
    settings = Settings(simulated_web=options.get("simulated_web"), log_level="DEBUG")
    source = Source(**{"name": "test", "title": "Test", **asked["source"]})
    if source.spider in ("probe", "api_probe"):
        spider = {"probe": Probe, "api_probe": ApiProbe}[source.spider]
        spider.urls, spider.headers = tuple(asked["urls"]), asked.get("headers", {})
    else:
        spider = spider_class(source.spider)
    shelf = Shelf()
    began, before_mb = time.monotonic(), memory_mb("VmRSS")
    process = AsyncCrawlerProcess(scrapy_settings(settings))
    crawler = process.create_crawler(spider)
    process.crawl(crawler, source=source, frontier=shelf, net=net)
    process.start(install_signal_handlers=False)
    stats = crawler.stats.get_stats()
    return {
        "seen": SEEN,
        "pages": [
            {
                "unit": page.unit.key,
                "issues": [asdict(issue) for issue in page.issues],
                "items": [
                    {
                        "key": raw.key,
                        "url": raw.url,
                        "payload": json.loads(raw.payload),
                        "context": dict(raw.context),
                        "outcome": reading.outcome,
                    }
                    for raw, reading in items
                ],
            }
            for page, items in shelf.stored
        ],
        "failed": [
            {
                "unit": failed.unit.key,
                "reason": failed.reason,
                "status": failed.status,
                "final": failed.final,
                "capped": failed.capped,
            }
            for failed in shelf.failed
        ],
        "finish_reason": stats.get("finish_reason"),
        "errors": stats.get("log_count/ERROR", 0),
        "spent": dict(net.spent()),
        "remembered": sorted(memory.kept) if memory else [],
        "took_s": time.monotonic() - began,
        "grew_mb": memory_mb("VmHWM") - before_mb,
    }
