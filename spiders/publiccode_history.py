"""Texts of publiccode.yml files, as an archive lists them: earlier versions, read for what they said.

They name no repository of today, so they make no software: they show how well every version is understood.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin

from scrapy.http import Request, Response

from harvester.errors import InputError
from harvester.model import Issue, Page, RawItem, Unit
from spiders.base import Params, WebSpider


class HistoryParams(Params):
    """`url`: the listing's first page."""

    url: str


class PubliccodeHistory(WebSpider):
    """Pages of `{"total", "data": [{"repo", "path", "commit", "text"}], "links": {"next"}}`."""

    name = "publiccode_history"
    title = "Archived publiccode.yml files"
    default_schedule = None
    documented_api = True
    Params = HistoryParams
    params: HistoryParams

    def first_units(self) -> Iterator[Unit]:
        yield Unit("first", {"url": self.params.url})

    def request(self, unit: Unit) -> Request:
        return Request(unit.data["url"])

    def page(self, response: Response, unit: Unit) -> Page:
        try:
            listing = json.loads(response.body)
            items = tuple(_item(entry, response.url) for entry in listing["data"])
            following = listing["links"]["next"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{response.url} answered no listing of texts: {error!r}") from None
        number = int(unit.data.get("number", 1))
        url = urljoin(response.url, following or "")
        units = (Unit(following, {"url": url, "number": number + 1}),) if following else ()
        issues: tuple[Issue, ...] = ()
        if not self.brings_new(item.key for item in items) and units:
            units, issues = (), (Issue.of("paging-trap", place="links.next", value=following, pages=number),)
        return Page(unit=unit, raw_items=items, next_units=units, issues=issues, total=listing.get("total"))


def _item(entry: dict[str, str], page: str) -> RawItem:
    return RawItem(
        key=f"{entry['repo']}@{entry['commit']}:{entry['path']}",
        format="publiccode",
        payload=entry["text"].encode("utf-8", "replace"),
        url=f"https://github.com/{entry['repo']}/blob/{entry['commit']}/{entry['path']}",
        fetched_at=datetime.now(UTC),
        context={"listed_by": page.partition("?")[0]},
    )
