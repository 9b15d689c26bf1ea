"""The one place where Scrapy is started: a spider class by its name, and one crawl in this process."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

# looks through every module and frame there is when it is first imported: dear, deep inside a crawl that has begun
import scrapy.core.downloader.contextfactory  # noqa: F401
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings as ScrapySettings
from scrapy.spiderloader import SpiderLoader

from harvester.config import Settings
from harvester.errors import SourceError
from harvester.model import Source
from harvester.net import Net
from harvester.scrapy_settings import scrapy_settings

if TYPE_CHECKING:
    from spiders.base import HarvestSpider


@dataclass(frozen=True, slots=True)
class CrawlOutcome:
    """How a crawl ended. Scrapy exits with 0 whatever happened, so the stats are read as well."""

    finish_reason: str
    errors: int
    pages: int
    stats: dict[str, Any]


def _loader() -> SpiderLoader:
    return SpiderLoader.from_settings(ScrapySettings({"SPIDER_MODULES": ["spiders"], "SPIDER_LOADER_WARN_ONLY": False}))


def _loader_of(name: str) -> SpiderLoader | None:
    """The loader of the one file that bears the spider's name, which spares a crawl the imports of all the others."""
    if not name.isidentifier() or find_spec(f"spiders.{name}") is None:
        return None
    return SpiderLoader.from_settings(ScrapySettings({"SPIDER_MODULES": [f"spiders.{name}"]}))


def spider_names() -> list[str]:
    """The kinds of source there are: Scrapy's own loader finds the files, there is no list to edit."""
    return sorted(_loader().list())


def spider_class(name: str) -> type[HarvestSpider]:
    """The spider of this name. Raises SourceError that lists what there is."""
    known = _loader_of(name) or _loader()
    try:
        return known.load(name)  # type: ignore[return-value]
    except KeyError:
        raise SourceError(f"no spider {name!r}", remedy="known: " + ", ".join(spider_names())) from None


def _quiet() -> None:
    """Scrapy's own DEBUG lines repeat whole items, and with them the personal data that payloads may hold."""
    for name in ("scrapy", "twisted"):
        logging.getLogger(name).setLevel(logging.WARNING)


def crawl(
    source: Source, *, settings: Settings, frontier: Any, net: Net, most_items: int | None = None
) -> CrawlOutcome:
    """Run one source's spider to its end in this process (once a process: the reactor does not start twice).

    With `most_items` pages of the web are asked no further once so many items came, as a preview wants it.
    Raises SourceError when there is no such spider, or when it cannot begin with the source's parameters.
    """
    # the process's own loader would import every spider and reader there is; this crawl needs one
    needed = {"SPIDER_MODULES": [], "LOG_INSTALL_ROOT_HANDLER": False}
    process = AsyncCrawlerProcess(ScrapySettings({**scrapy_settings(settings), **needed}))
    _quiet()
    crawler = process.create_crawler(spider_class(source.spider))
    begun = process.crawl(crawler, source=source, frontier=frontier, net=net, most_items=most_items)
    process.start(install_signal_handlers=False)
    if begun.done() and not begun.cancelled() and (error := begun.exception()) is not None:
        told = " ".join(str(error).split())
        raise SourceError(f"source {source.name!r}: spider {source.spider!r} cannot begin: {told}") from error
    stats = dict(crawler.stats.get_stats())
    return CrawlOutcome(
        finish_reason=str(stats.get("finish_reason", "never started")),
        errors=int(stats.get("log_count/ERROR", 0)) + int(stats.get("spider_exceptions/count", 0)),
        pages=int(stats.get("item_scraped_count", 0)),
        stats=stats,
    )
