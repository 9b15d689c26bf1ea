"""Whole harvests of a simulated GitLab into a real catalogue, inside the test's process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from support import crawling

from harvester.catalogue import Catalogue
from harvester.model import Judgement, Page, Reason, Run, Source, UnitFailed
from harvester.net import Net
from harvester.normalize.canonical import parse_json
from harvester.normalize.readers import read
from harvester.runs.child import Frontier
from simulators.exchange import Ask, Host
from simulators.server import ThreadedServer
from simulators.web import create_app
from spiders.gitlab import GitLabSpider

HOST = "gitlab.example"
_slots = count()


class Listening:
    """A host that notes what is asked of it, and answers `instead` where that says something."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.asked: list[str] = []
        self.instead: Any = lambda _: None

    def answer(self, ask: Ask) -> Any:
        self.asked.append(ask.path)
        return self.instead(ask) or self.host.answer(ask)


@dataclass
class Harvests:
    """Harvests of one source. `web` is what it asks."""

    catalogue: Catalogue
    web: Listening
    address: str
    source: str = "lab"

    def run(self, **params: Any) -> Run:
        """A harvest from the first unit to the judgement; params replace the source's."""
        source = Source(name=self.source, spider="gitlab", title="Lab", params={"url": f"http://{HOST}", **params})
        self.catalogue.sources.put(source, "test")
        slot = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=next(_slots))
        queued = self.catalogue.runs.queue(self.source, slot, by="clock")
        assert queued is not None
        run = self.catalogue.runs.claim("test", 600, run_id=queued.id)
        assert run is not None
        failed = self._crawl(source, run)
        if not failed:
            self.catalogue.absence.apply(run.id, run.attempt)
        return self.catalogue.runs.finish(
            run.id,
            run.attempt,
            judgement=Judgement.FAILED if failed else Judgement.GOOD,
            reasons=[Reason.of("judged.unit-failed", unit=each.unit.key, why=each.reason) for each in failed],
            counts=self.catalogue.harvest.counts(run.id),
            spent={},
        )

    def _crawl(self, source: Source, run: Run) -> list[UnitFailed]:
        frontier = Frontier(self.catalogue, run.id, run.attempt)
        net = Net("CivicHarvester/test", simulated_web=self.address, memory=self.catalogue.memory)
        failed: list[UnitFailed] = []

        def scraped(item: object) -> None:
            if isinstance(item, Page):
                frontier.store([(item, tuple((raw, read(raw)) for raw in item.raw_items))])
            elif isinstance(item, UnitFailed):
                frontier.unit_failed(item)
                failed.append(item)

        async def crawl() -> None:
            crawler = AsyncCrawlerRunner(Settings(crawling._QUIET)).create_crawler(GitLabSpider)
            crawler.signals.connect(scraped, signals.item_scraped)
            await crawler.crawl_async(source=source, frontier=frontier, net=net)
            assert crawler.stats is not None
            assert crawler.stats.get_value("log_count/ERROR") is None

        asyncio.run(crawl())
        return failed

    def payloads(self, numbers: Iterable[int] = range(1, 3000)) -> dict[int, dict[str, Any]]:
        """What is stored of projects, by their numbers."""
        run = self.catalogue.runs.recent(self.source, 1)[0]
        keys = [f"{HOST}:{number}" for number in numbers]
        found = self.catalogue.harvest.known(run.id, keys)
        return {(payload := parse_json(item.payload))["id"]: payload for item in found.values()}


@contextmanager
def harvests(host: Host, folder: Path) -> Iterator[Harvests]:
    """Harvests of this host into a new catalogue in `folder`."""
    web = Listening(host)
    catalogue = Catalogue.open(f"sqlite:///{folder / 'catalogue.db'}")
    try:
        with ThreadedServer(create_app({HOST: web})) as server:
            yield Harvests(catalogue, web, server.address)
    finally:
        catalogue.close()
