"""Whole runs of a forge's source inside a test: real spider, pipelines, catalogue and judge, on a web that changes.

The process boundary, which costs seconds a run and has its own tests, is left out where it can be.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings as ScrapySettings
from support.apart import apart
from support.crawling import _QUIET

from harvester.catalogue import Catalogue, codec, schema
from harvester.config import Settings
from harvester.model import Run, Source
from harvester.net import Net
from harvester.normalize import repository
from harvester.normalize.repository import Metadata
from harvester.runs import account
from harvester.runs import execute as executing
from harvester.runs.child import Frontier, run_attempt
from harvester.runs.execute import Ending
from harvester.scrapy_process import scrapy_settings, spider_class, within
from simulators.exchange import Host
from simulators.server import ThreadedServer
from simulators.web import AccessLog, create_app
from spiders.base import WebSpider


@dataclass(frozen=True)
class Runs:
    """Runs of sources, of the one called "tested" where none is named.

    `resolves`: False leaves out that records become software, which takes as long as all the rest.
    """

    catalogue: Catalogue
    settings: Settings
    log: AccessLog
    resolves: bool = True

    def harvest(self, source: str = "tested") -> Run:
        """One run to its end, or until it is capped. The log counts from its beginning."""
        self.catalogue.runs.queue(source, datetime.now(UTC))
        return self.attempt()

    def resume(self) -> Run:
        """Take up a capped run as if its budget were there again."""
        with self.catalogue.database.write() as connection:
            connection.execute(sa.update(schema.run).values(resume_at=datetime.now(UTC)))
        waits = [*self.catalogue.ledger.read("host "), *self.catalogue.ledger.read("budget ")]
        self.catalogue.ledger.change(waits, lambda entries, _: [entry.clear() for entry in entries.values()])
        return self.attempt()

    def attempt(self) -> Run:
        """The next attempt of what is queued."""
        self.log.reset()
        run = self.catalogue.runs.claim("test", 600)
        assert run is not None
        crawl = asyncio.run(self.crawl(run))
        if crawl.ending.capped_until is not None:
            return executing._pause(self.catalogue, run, crawl, crawl.ending.capped_until)
        if not self.resolves:
            return executing._finish(self.catalogue, run, crawl, *executing._judged(self.catalogue, run, crawl))
        return executing._end(self.catalogue, run, crawl)

    async def crawl(self, run: Run) -> executing._Crawl:
        """The crawl of a claimed run alone, as its child process does it."""
        source = self.catalogue.sources.get(run.source)
        if issubclass(spider_class(source.spider), WebSpider):  # its reactor starts but once in a process
            report = apart(_attempt, repository.METADATA, self.settings, run.id, run.attempt)
            ending = Ending(finish_reason=str(report["finish_reason"]), errors=int(str(report["errors"])))
            return executing._Crawl(ending, spent=account.take_spent(self.catalogue.ledger, run.id))
        frontier = Frontier(self.catalogue, run.id, run.attempt)
        account.begin(self.catalogue.ledger, run.id)
        net = Net.of(
            self.settings,
            memory=self.catalogue.memory,
            ledger=self.catalogue.ledger,
            holder=account.holder(run.id, run.attempt),
        )
        pipelines = scrapy_settings(self.settings)["ITEM_PIPELINES"]
        runner = AsyncCrawlerRunner(ScrapySettings({**_QUIET, "ITEM_PIPELINES": pipelines}))
        crawler = runner.create_crawler(spider_class(source.spider))
        stored, had = self.catalogue.entries.stored_bytes(source.name), self.catalogue.harvest.counts(run.id)
        most = within(spider_class(source.spider).bounds, self.settings, stored=stored, had=had)
        await crawler.crawl_async(source=source, frontier=frontier, net=net, within=most)
        assert crawler.stats is not None
        stats = crawler.stats.get_stats()
        ending = Ending(
            finish_reason=str(stats.get("finish_reason")),
            errors=int(stats.get("log_count/ERROR", 0)),
            capped_until=max((moment for moment in frontier.caps if moment), default=None),
        )
        net.close()
        account.end(self.catalogue.ledger, run.id, run.attempt)
        return executing._Crawl(ending, spent=account.take_spent(self.catalogue.ledger, run.id))

    def stored(self, *, gone: bool = False) -> Mapping[str, dict[str, Any]]:
        """The payloads by key of what is there, or of what is gone."""
        raw, payload = schema.raw_item, schema.payload
        query = sa.select(raw.c.key, payload.c.body).join(payload, raw.c.digest == payload.c.digest)
        query = query.where(raw.c.gone_at.is_not(None) if gone else raw.c.gone_at.is_(None)).order_by(raw.c.key)
        with self.catalogue.database.read() as connection:
            return {row.key: json.loads(codec.decompress(row.body)) for row in connection.execute(query)}

    def changed(self, run: Run) -> set[str]:
        """Keys of what is new or changed by this run."""
        raw = schema.raw_item
        query = sa.select(raw.c.key).where(raw.c.changed_run == run.id, raw.c.gone_at.is_(None))
        with self.catalogue.database.read() as connection:
            return set(connection.execute(query).scalars())

    def issues(self) -> list[str]:
        """Codes of the issues that stand."""
        issue = schema.issue
        with self.catalogue.database.read() as connection:
            rows = connection.execute(sa.select(issue.c.data).where(issue.c.active)).scalars()
            return sorted(json.loads(data)["code"] for data in rows)


def _attempt(metadata: tuple[Metadata, ...], settings: Settings, run_id: int, attempt: int) -> Mapping[str, object]:
    """A run's attempt as its process makes it, where these are the kinds of files that are asked for."""
    repository.METADATA = metadata
    return run_attempt(settings, run_id, attempt)


@contextmanager
def running(
    hosts: Mapping[str, Host], folder: Path, *sources: Mapping[str, Any], resolves: bool = True, latency_s: float = 0
) -> Iterator[Runs]:
    """Runs of sources ({"spider", "params", …}) in a catalogue of their own."""
    app = create_app(hosts, latency_s=latency_s)
    with ThreadedServer(app) as server:
        settings = Settings(data=folder, simulated_web=server.address, log_level="WARNING")
        catalogue = Catalogue.open(settings.database_url)
        try:
            for source in sources:
                catalogue.sources.put(Source(**{"name": "tested", "title": "Tested", **source}), "test")
            yield Runs(catalogue, settings, app.state.web.log, resolves)
        finally:
            catalogue.close()
