"""A crawl through Scrapy's own engine inside a test: without the reactor it can be run as often as one likes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings

from harvester.model import Page
from spiders.base import HarvestSpider, UnitFailed

_QUIET = {
    "TWISTED_REACTOR_ENABLED": False,
    "DOWNLOAD_HANDLERS": dict.fromkeys(("data", "file", "ftp", "http", "https", "s3")),
    "EXTENSIONS": {},
    "TELNETCONSOLE_ENABLED": False,
    "LOG_ENABLED": False,
}


@dataclass
class Crawled:
    pages: list[Page] = field(default_factory=list)
    failed: list[UnitFailed] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)


def crawl(like: HarvestSpider) -> Crawled:
    """What a crawl by a spider like this one yields: same class, source, frontier and network."""
    crawled = Crawled()

    def scraped(item: object) -> None:
        if isinstance(item, Page):
            crawled.pages.append(item)
        elif isinstance(item, UnitFailed):
            crawled.failed.append(item)

    async def run() -> None:
        crawler = AsyncCrawlerRunner(Settings(_QUIET)).create_crawler(type(like))
        crawler.signals.connect(scraped, signals.item_scraped)
        await crawler.crawl_async(source=like.source, frontier=like.frontier, net=like.net)
        assert crawler.stats is not None
        crawled.stats = dict(crawler.stats.get_stats())
        assert crawled.stats.get("finish_reason") == "finished"
        assert "log_count/ERROR" not in crawled.stats

    asyncio.run(run())
    return crawled
