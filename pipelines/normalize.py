"""Stage 1: each raw item of a page is read by the reader of its format, and put into our vocabularies."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scrapy.crawler import Crawler

from harvester.assess.meaning import understood
from harvester.errors import MISSHAPEN, TookTooLong
from harvester.model import Issue, Outcome, Page, RawItem, Reading
from harvester.normalize.readers import read
from harvester.normalize.urls import Forges
from pipelines.watch import Watch
from spiders.base import Frontier

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page with what its items mean."""

    page: Page
    items: tuple[tuple[RawItem, Reading], ...]


class NormalizePipeline:
    """Page in, ReadPage out; anything else passes.

    Off the event loop, where requests wait for their turns: an item takes some milliseconds, with a long README 15, and
    the first one loads what languages are told by, a second.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._most_s = crawler.settings.getfloat("ITEM_TIME_LIMIT_S", 20.0)
        self._frontier: Frontier = crawler.spider.frontier  # type: ignore[union-attr]
        self._hosts = crawler.spider.own_hosts(crawler.spider.params)  # type: ignore[union-attr]
        self._reading = asyncio.Lock()  # one page at a time: more threads would read no faster

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> NormalizePipeline:
        return cls(crawler)

    @cached_property
    def _forges(self) -> Forges:
        return frozenset(self._frontier.forges().items())

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, Page):
            return item
        async with self._reading:
            return await asyncio.to_thread(self._read, item)

    def _read(self, page: Page) -> ReadPage:
        with Watch(self._most_s) as watch:
            return ReadPage(page, tuple((raw, self._reading_of(raw, watch)) for raw in page.raw_items))

    def _reading_of(self, raw: RawItem, watch: Watch) -> Reading:
        """What an item means. One that its reader cannot bear is set aside: the others are read."""
        try:
            with watch.item():
                return understood(read(raw, forges=self._forges, hosts=self._hosts))
        except TookTooLong:
            issue = Issue.of("reading-took-long", key=raw.key, most=f"{self._most_s:g}")
        except MemoryError:
            issue = Issue.of("reading-took-much", key=raw.key)
        except MISSHAPEN as error:
            _log.warning("%s: not read as %s", raw.key, raw.format, exc_info=True)
            issue = Issue.of("reading-broke", key=raw.key, why=f"{type(error).__name__}: {error}")
        return Reading(outcome=Outcome.REFUSED, issues=(issue,))
