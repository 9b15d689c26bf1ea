"""Scrapy's settings. Manners are harvester.net's: here Scrapy is told to keep out of their way and to stay small."""

from __future__ import annotations

from typing import Any

from harvester.config import Settings
from harvester.net import POLITE, SIMULATED

_UNUSED_DOWNLOADER = (
    "offsite.OffsiteMiddleware",
    "robotstxt.RobotsTxtMiddleware",
    "httpauth.HttpAuthMiddleware",
    "downloadtimeout.DownloadTimeoutMiddleware",
    "defaultheaders.DefaultHeadersMiddleware",
    "useragent.UserAgentMiddleware",
    "retry.RetryMiddleware",
    "redirect.MetaRefreshMiddleware",
    "redirect.RedirectMiddleware",
    "cookies.CookiesMiddleware",
    "httpproxy.HttpProxyMiddleware",
    "stats.DownloaderStats",
    "httpcache.HttpCacheMiddleware",
)
_UNUSED_SPIDER = (
    "start.StartSpiderMiddleware",
    "referer.RefererMiddleware",
    "urllength.UrlLengthMiddleware",  # drops without a word, and the unit would never be heard of again
    "depth.DepthMiddleware",
    "metacopy.MetaCopyDetectionMiddleware",
)
_UNUSED_EXTENSIONS = (
    "telnet.TelnetConsole",
    "memusage.MemoryUsage",
    "memdebug.MemoryDebugger",
    "closespider.CloseSpider",
    "feedexport.FeedExporter",
    "logstats.LogStats",
    "spiderstate.SpiderState",
    "throttle.AutoThrottle",
    "remote_control.RemoteControl",
)


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
    "DOWNLOADER_MIDDLEWARES": {
        **{f"scrapy.downloadermiddlewares.{name}": None for name in _UNUSED_DOWNLOADER},
        "pipelines.robots.RobotsMiddleware": 100,
        "pipelines.conditional.ConditionalMiddleware": 500,
        "pipelines.retry.RetryMiddleware": 550,
        "pipelines.redirect.PlainRedirectMiddleware": 600,
    },
    "TELNETCONSOLE_ENABLED": False,
}

_SMALL: dict[str, Any] = {
    "SPIDER_MODULES": ["spiders"],
    "SPIDER_MIDDLEWARES": {f"scrapy.spidermiddlewares.{name}": None for name in _UNUSED_SPIDER},
    "EXTENSIONS": {f"scrapy.extensions.{name}": None for name in _UNUSED_EXTENSIONS},
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
