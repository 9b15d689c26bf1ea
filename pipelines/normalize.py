"""Stage 1: each raw item of a page is read by its spider's pure `read`, and put into our vocabularies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from scrapy.crawler import Crawler

from harvester.assess.meaning import understood
from harvester.model import Page, RawItem, Reading

_BREATHE_EVERY = 8  # items read before other requests may move on: an item takes about a millisecond


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page with what its items mean."""

    page: Page
    items: tuple[tuple[RawItem, Reading], ...]


class NormalizePipeline:
    """Page in, ReadPage out; anything else passes."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> NormalizePipeline:
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, Page):
            return item
        read = self._crawler.spider.read  # type: ignore[union-attr]
        items = []
        for place, raw in enumerate(item.raw_items, 1):
            items.append((raw, understood(read(raw))))
            if place % _BREATHE_EVERY == 0:
                await asyncio.sleep(0)
        return ReadPage(item, tuple(items))
