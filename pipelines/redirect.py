"""Redirects, followed at most as often as the settings say, each through the gate again, and without a Referer."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Request, Response


class PlainRedirectMiddleware(RedirectMiddleware):
    """Scrapy's, less its search for the middleware of Referer headers, which we send nowhere."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler.settings)
        made.crawler = crawler
        return made

    def handle_referer(self, request: Request, response: Response) -> None:
        del response
        request.headers.pop("Referer", None)
