"""Asking again, at most twice, what failed for the moment. How long to wait before is the governor's to say."""

from __future__ import annotations

import logging

from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Request, Response

from harvester.net import Net
from harvester.net.counting import without_query

MOST_RETRIES = 2
_FOR_THE_MOMENT = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_TRIED = "harvester_retries"

_log = logging.getLogger(__name__)


class RetryMiddleware:
    """Retries answers 5xx, 408 and 429, and connections that failed; what still fails leaves its unit open."""

    def __init__(self, crawler: Crawler) -> None:
        self._net: Net = crawler.spider.net  # type: ignore[union-attr]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryMiddleware:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if response.status not in _STATUSES:
            return response
        return self._again(request, f"status {response.status}") or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        return self._again(request, type(exception).__name__) if isinstance(exception, _FOR_THE_MOMENT) else None

    def _again(self, request: Request, why: str) -> Request | None:
        tried = request.meta.get(_TRIED, 0)
        if tried >= MOST_RETRIES or request.meta.get("dont_retry"):
            return None
        self._net.back_off(request.url, tried + 1)
        _log.info("%s: %s, asking again", without_query(request.url), why)
        return request.replace(
            meta={**request.meta, _TRIED: tried + 1}, dont_filter=True, priority=request.priority + 1
        )
