"""Stage 3: pages are stored with their units, several in one transaction when they come fast.

A page that was not stored yet when the process dies has an open unit, and is asked again.
"""

from __future__ import annotations

import asyncio
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from harvester.errors import Fenced
from harvester.model import UnitFailed
from pipelines.normalize import ReadPage
from spiders.base import Frontier

_MOST_PAGES = 25
_LONGEST_WAIT_S = 0.1


class StorePipeline:
    """Keeps ReadPages and UnitFaileds. A fenced run ends at once."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._waiting: list[tuple[ReadPage, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        return cls(crawler)

    @property
    def _store(self) -> Frontier:
        store: Frontier = self._crawler.spider.frontier  # type: ignore[union-attr]
        return store

    async def process_item(self, item: Any) -> Any:
        try:
            if isinstance(item, UnitFailed):
                async with self._turn:
                    await asyncio.to_thread(self._store.unit_failed, item)
            elif isinstance(item, ReadPage):
                await self._keep(item)
        except Fenced as error:
            self._end()
            raise DropItem(str(error)) from error
        return item

    def _end(self) -> None:
        """Close the crawl. In a task of its own: closing waits for the items in hand, and this is one of them."""
        if self._ending is None and self._crawler.engine is not None:
            self._ending = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="fenced"))

    async def _keep(self, item: ReadPage) -> None:
        """Have a page stored, with others, and wait until it is."""
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[None] = loop.create_future()
        self._waiting.append((item, stored))
        if len(self._waiting) >= _MOST_PAGES:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_later(_LONGEST_WAIT_S, self._flush)
        await stored

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        task = asyncio.ensure_future(self._store_waiting())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _store_waiting(self) -> None:
        """Store what waits, off the event loop: a hundred items take longer than other requests should have to wait."""
        async with self._turn:
            batch, self._waiting = self._waiting, []
            if not batch:
                return
            try:
                await asyncio.to_thread(self._store.store, [(item.page, item.items) for item, _ in batch])
            except Exception as error:  # noqa: BLE001 - every waiting page has to hear of it
                for _, stored in batch:
                    if not stored.done():
                        stored.set_exception(error)
            else:
                for _, stored in batch:
                    if not stored.done():
                        stored.set_result(None)
