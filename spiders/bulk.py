"""A whole catalogue in one large answer, kept in parts: no transaction, and no peak of memory, is that of all of it.

The file is a unit, and so is each part. A part is made of the keys whose digest falls to it, so that it stays the same
when the file changed before an interrupted run goes on; then one request answers all the parts that are still open.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from harvester.errors import FetchError, HarvesterError
from harvester.model import Issue, Page, RawItem, Unit, UnitFailed
from spiders.base import WebSpider

PART = 250
"""About so many items a part."""


class BulkSpider(WebSpider):
    """`request` says how to ask for the file, `entries` what it holds, `raw` makes a raw item of an entry."""

    def entries(self, response: Response, issues: list[Issue]) -> Mapping[str, Any]:
        """The entries of the file by key; what is wrong is added to `issues`. InputError, FetchError as in `page`."""
        raise NotImplementedError

    def raw(self, key: str, entry: Any) -> RawItem:
        """The raw item of an entry."""
        raise NotImplementedError

    def first_units(self) -> Iterable[Unit]:
        """The file."""
        yield Unit("file")

    async def start(self) -> AsyncIterator[Any]:
        units = list(self.frontier.open_units(self.first_units()))
        if units:
            yield self._ask(units[0]).replace(cb_kwargs={"unit": units[0], "also": units[1:]})

    def page(self, response: Response, unit: Unit) -> Page:
        """The file's own page: it opens the parts, and holds no item."""
        issues: list[Issue] = []
        entries = self.entries(response, issues)
        return self._whole(unit, entries, issues)

    def _whole(self, unit: Unit, entries: Mapping[str, Any], issues: Sequence[Issue]) -> Page:
        count = -(-len(entries) // PART)
        parts = tuple(Unit(f"part {number} of {count}", {"part": number, "of": count}) for number in range(count))
        return Page(unit=unit, next_units=parts, total=len(entries), issues=tuple(issues))

    def _answered(self, response: Response, unit: Unit, also: Sequence[Unit] = ()) -> Iterator[Any]:
        issues: list[Issue] = []
        try:
            entries = self.entries(response, issues)
        except HarvesterError as error:
            final = not isinstance(error, FetchError)
            for each in (unit, *also):
                yield UnitFailed(each, str(error), response.status, response.url, final=final)
            return
        wanted: list[Unit] = []
        for each in (unit, *also):
            if "part" in each.data:
                wanted.append(each)
            else:
                page = self._whole(each, entries, issues)
                yield page
                wanted += page.next_units
        for each in {part.key: part for part in wanted}.values():
            yield self._part(each, entries)

    def _part(self, unit: Unit, entries: Mapping[str, Any]) -> Page:
        part, count = int(unit.data["part"]), int(unit.data["of"])
        chosen = (key for key in entries if crc32(key.encode("utf-8", "replace")) % count == part)
        return Page(unit=unit, raw_items=tuple(self.raw(key, entries[key]) for key in chosen))

    def _failed(self, failure: Failure) -> Iterator[UnitFailed]:
        request: Request = failure.request  # type: ignore[attr-defined]
        for failed in super()._failed(failure):
            yield failed
            for unit in request.cb_kwargs.get("also", ()):
                yield UnitFailed(
                    unit, failed.reason, failed.status, failed.url, final=failed.final, capped=failed.capped
                )
