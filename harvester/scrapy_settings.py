"""Scrapy's settings. Manners are harvester.net's: here Scrapy is told to keep out of their way and to stay small."""

from __future__ import annotations

from typing import Any

from harvester.config import Settings
from harvester.net import POLITE, SIMULATED


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
        "pipelines.redirect.PlainRedirectMiddleware": 600,
    },
    "TELNETCONSOLE_ENABLED": False,
}

_SMALL: dict[str, Any] = {
    "SPIDER_MODULES": ["spiders"],
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
    "LOG_VERSIONS": [],
    "STATS_DUMP": False,
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
}
