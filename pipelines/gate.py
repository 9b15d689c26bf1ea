"""Scrapy's only way out: each request waits for its turn, is checked, counted and sent, and its answer is heard."""

from __future__ import annotations

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError
from scrapy.http import Request, Response

from harvester.errors import FetchError
from harvester.net import Net
from harvester.net.counting import without_query
from harvester.net.waiting import HEARD
from pipelines.resolver import guard_reactor


class Gate(HTTP11DownloadHandler):
    """The download handler for http and https. A handler, since no middleware, redirect or retry gets past one."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._net: Net = crawler.spider.net  # type: ignore[union-attr]
        self._api = bool(getattr(crawler.spider, "documented_api", False))
        self._default_maxsize = self._net.limits.body_bytes
        guard_reactor(self._net.guard)

    async def download_request(self, request: Request) -> Response:
        """Raises AddressRefused, BudgetSpent, FetchError (too large), or Scrapy's errors of connections."""
        net, url = self._net, request.url
        net.guard.check_url(url)
        request.headers.setdefault(b"User-Agent", net.user_agent)
        request.meta["download_timeout"] = self._net.limits.answer_s
        request.meta["proxy"] = net.proxies.get("http")
        async with net.governor.turn_async(url, api=self._api) as turn:
            response = await self._send(request)
            turn.heard(response.status, _told(response))
        return response

    async def _send(self, request: Request) -> Response:
        try:
            return await super().download_request(request)
        except DownloadCancelledError as error:
            shown = without_query(request.url)
            most = request.meta.get("download_maxsize", self._default_maxsize)
            raise FetchError(f"{shown}: the answer is larger than {most} bytes", url=shown) from error
        except CannotResolveHostError as error:
            refused = self._net.guard.refusal(request.url)
            raise refused or error from None


def _told(response: Response) -> dict[str, str]:
    """The headers that say when to ask again."""
    values = ((name, response.headers.get(name)) for name in HEARD)
    return {name: value.decode("latin-1") for name, value in values if value is not None}
