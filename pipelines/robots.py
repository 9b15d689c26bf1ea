"""robots.txt before pages, for every spider that asks no documented API."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request

from harvester.errors import RobotsRefused
from harvester.net import Net
from harvester.net.counting import without_query
from harvester.net.robots import MOST_REDIRECTS, Robots, robots_url

_FREE = "harvester_robots"


class RobotsMiddleware:
    """Fetches each host's robots.txt once, through the same gate, and refuses what it forbids."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._net: Net = crawler.spider.net  # type: ignore[union-attr]
        self._known: dict[str, asyncio.Future[Robots]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        if getattr(crawler.spider, "documented_api", False):
            raise NotConfigured
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get(_FREE) or not request.url.startswith(("http://", "https://")):
            return
        self._net.guard.check_url(request.url)
        robots = await self._robots(robots_url(request.url))
        if not robots.allows(request.url, self._net.user_agent):
            shown = without_query(request.url)
            raise RobotsRefused(f"{shown}: {robots.why}", url=shown)
        delay = robots.delay_s(self._net.user_agent)
        if delay and not self._net.simulated_web:
            self._net.governor.pace(urlsplit(request.url).hostname or "", delay)

    async def _robots(self, url: str) -> Robots:
        if url not in self._known:
            self._known[url] = asyncio.ensure_future(self._fetch(url))
        return await asyncio.shield(self._known[url])

    async def _fetch(self, url: str) -> Robots:
        ask = Request(url, meta={_FREE: True, "redirect_ttl": MOST_REDIRECTS}, dont_filter=True, priority=1000)
        try:
            response = await self._crawler.engine.download_async(ask)
        except Exception as error:  # noqa: BLE001 - whatever went wrong: it could not be had
            return Robots.unreachable(str(error) or type(error).__name__)
        return Robots.answered(response.status, response.body)
