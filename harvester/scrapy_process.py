"""The one place where Scrapy is started: its settings, a spider class by its name, and one crawl in this process.

Manners are harvester.net's: Scrapy is told to keep out of their way and to stay small.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

# looks through every module and frame there is when it is first imported: dear, deep inside a crawl that has begun
import scrapy.core.downloader.contextfactory  # noqa: F401
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Headers, Request
from scrapy.responsetypes import responsetypes
from scrapy.settings import Settings as ScrapySettings
from scrapy.spiderloader import SpiderLoader

from harvester.config import Settings
from harvester.errors import SourceError
from harvester.model import Bounds, Page, RunCounts, Source, Unit
from harvester.net import POLITE, SIMULATED, Net


def scrapy_settings(settings: Settings) -> dict[str, Any]:
    """Settings for one crawl. Spacing, waits and retries' pauses are the governor's (harvester.net.limits)."""
    limits = SIMULATED if settings.simulated_web else POLITE
    return {
        **_MANNERS,
        **_NETWORK,
        **_SMALL,
        "CONCURRENT_REQUESTS_PER_DOMAIN": limits.in_flight,
        "DOWNLOAD_MAXSIZE": limits.body_bytes,
        "DOWNLOAD_TIMEOUT": limits.answer_s,
        "REDIRECT_MAX_TIMES": limits.redirects,
        "USER_AGENT": settings.user_agent,
        "LOG_LEVEL": settings.log_level,
        "ITEM_TIME_LIMIT_S": settings.item_time_limit_s,
    }


_MANNERS: dict[str, Any] = {
    "CONCURRENT_REQUESTS": 16,
    "DOWNLOAD_DELAY": 0,  # the governor's spacing holds for Scrapy and the forges' clients together
    "ROBOTSTXT_OBEY": False,  # pipelines.robots does, and refuses where Scrapy's goes on: 429, 5xx, no answer
    "COOKIES_ENABLED": False,
    "REFERER_ENABLED": False,
    "RETRY_ENABLED": False,  # pipelines.retry does, after the wait that was asked for
    "METAREFRESH_ENABLED": False,
}

_NETWORK: dict[str, Any] = {
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    "DOWNLOAD_HANDLERS": {
        "http": "pipelines.gate.Gate",
        "https": "pipelines.gate.Gate",
        "data": None,
        "file": None,
        "ftp": None,
        "s3": None,
    },
    "TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingHostnameResolver",  # Scrapy's default knows IPv4 alone
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "DOWNLOAD_WARNSIZE": 0,
    # of Scrapy's own only what is used is named: each that is switched off by None would be imported, which takes a
    # crawl's process a third of a second
    "DOWNLOADER_MIDDLEWARES_BASE": {"scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590},
    "DOWNLOADER_MIDDLEWARES": {
        "pipelines.robots.RobotsMiddleware": 100,
        "pipelines.conditional.ConditionalMiddleware": 500,
        "pipelines.retry.RetryMiddleware": 550,
        "pipelines.walls.WallsMiddleware": 560,
        "pipelines.redirect.PlainRedirectMiddleware": 600,
    },
    "TELNETCONSOLE_ENABLED": False,
}

_SMALL: dict[str, Any] = {
    "SPIDER_MODULES": [],  # Scrapy would import every spider and reader there is; a crawl needs one
    "SPIDER_MIDDLEWARES_BASE": {"scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50},
    "EXTENSIONS_BASE": {f"scrapy.extensions.{name}": 0 for name in ("corestats.CoreStats", "logcount.LogCount")},
    "ITEM_PIPELINES": {
        "pipelines.normalize.NormalizePipeline": 100,
        "pipelines.validate.ValidatePipeline": 200,
        "pipelines.store.StorePipeline": 300,
    },
    "CONCURRENT_ITEMS": 2,  # Scrapy starts so many tasks for each answer; 100 cost a third of a page's processor time
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",  # units are unique already
    "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.ScrapyPriorityQueue",
    "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
    "LOG_INSTALL_ROOT_HANDLER": False,
    "LOG_VERSIONS": [],
    "STATS_DUMP": False,
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
}


if TYPE_CHECKING:
    from spiders.base import HarvestSpider, Within


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


def spider_of(source: Source, *, frontier: Any, net: Net) -> HarvestSpider:
    """The source's spider, of which single questions are asked without a crawl. Raises SourceError."""
    try:
        return spider_class(source.spider)(source=source, frontier=frontier, net=net)
    except ValueError as error:
        raise SourceError(f"source {source.name!r}: {' '.join(str(error).split())}") from error


def page_of(spider: Any, unit: Unit, *, url: str, headers: Mapping[str, str], body: bytes) -> Page:
    """What an answer to a unit holds, as the spider reads it. Raises as WebSpider.page."""
    kind = responsetypes.from_args(headers=Headers(dict(headers)), url=url, body=body)
    answer = kind(url, headers=dict(headers), body=body, request=Request(url, cb_kwargs={"unit": unit}))
    found: Page = spider.page(answer, unit)
    return found


def _quiet() -> None:
    """Scrapy's own DEBUG lines repeat whole items, and with them the personal data that payloads may hold."""
    for name in ("scrapy", "twisted"):
        logging.getLogger(name).setLevel(logging.WARNING)


def bounds_of(kind: Bounds, settings: Settings) -> Bounds:
    """What holds of the bounds of a kind in this installation."""
    return Bounds(
        pages=settings.run_pages or kind.pages,
        items=settings.run_items or kind.items,
        megabytes=settings.run_stored_mb or kind.megabytes,
        seconds=settings.run_time_limit_s or kind.seconds,
    )


def within(kind: Bounds, settings: Settings, *, stored: int = 0, had: RunCounts = RunCounts()) -> Within:  # noqa: B008
    """The bounds of a run of a source of which so many bytes are stored, and what the run brought before."""
    from spiders.base import Within

    most = settings.source_stored_mb
    return Within(bounds_of(kind, settings), had.units_closed, had.entries, stored, source_megabytes=most)


def crawl(
    source: Source,
    *,
    settings: Settings,
    frontier: Any,
    net: Net,
    most_items: int | None = None,
    stored: int = 0,
    had: RunCounts = RunCounts(),  # noqa: B008 - frozen
) -> CrawlOutcome:
    """Run one source's spider to its end in this process (once a process: the reactor does not start twice).

    `stored` are the bytes that the source's runs brought before, `had` is what this run brought. With `most_items`
    pages of the web are asked no further once so many items came, as a preview wants it.
    Raises SourceError when there is no such spider, or when it cannot begin with the source's parameters.
    """
    process = AsyncCrawlerProcess(ScrapySettings(scrapy_settings(settings)))
    _quiet()
    kind = spider_class(source.spider)
    crawler = process.create_crawler(kind)
    most = within(kind.bounds, settings, stored=stored, had=had)
    begun = process.crawl(crawler, source=source, frontier=frontier, net=net, most_items=most_items, within=most)
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
