"""Redirects, followed at most as often as the settings say, each through the gate again, without Referer or secrets."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Request, Response

from harvester.net.session import HARMLESS


class PlainRedirectMiddleware(RedirectMiddleware):
    """Scrapy's, less its search for the middleware of Referer headers, which we send nowhere.

    Of credentials Scrapy knows Authorization and Cookie alone; on the way to another origin every header is taken off
    that may be one.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler.settings)
        made.crawler = crawler
        return made

    def handle_referer(self, request: Request, response: Response) -> None:
        request.headers.pop("Referer", None)
        if _origin(request.url) != _origin(response.url):
            for name in [name for name in request.headers if name.decode("latin-1").lower() not in HARMLESS]:
                del request.headers[name]


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
