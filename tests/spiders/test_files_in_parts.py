"""A large file is one answer and many transactions: each entry in one part, and one request for all that is open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Any

from scrapy.http import Request
from support.asked import response

from harvester.model import Page, Source, Unit, UnitFailed
from harvester.net import Net
from spiders.files import PART
from spiders.github_list import GithubList

URLS = ["http://x.example/large.json", "http://x.example/small.json"]
LARGE = 3 * PART + 1


class Open:
    """A frontier whose run begins anew, or goes on with some units."""

    def __init__(self, units: Sequence[Unit] | None = None) -> None:
        self.units = units

    def open_units(self, first: Iterable[Unit]) -> Sequence[Unit]:
        return list(first) if self.units is None else self.units


def asked(units: Sequence[Unit] | None = None) -> list[Request]:
    source = Source(name="x", spider="github_list", title="x", params={"urls": URLS})
    spider = GithubList(source=source, frontier=Open(units), net=Net("test"))

    async def requests() -> list[Request]:
        return [request async for request in spider.start()]

    return asyncio.run(requests())


def body(url: str, more: int = 0) -> bytes:
    count = (LARGE if "large" in url else 3) + more
    entries = [{"id": place, "html_url": f"https://github.com/example/n{place}"} for place in range(count)]
    return json.dumps(entries).encode()


def came(request: Request, answer: bytes) -> list[Any]:
    assert request.callback is not None
    return list(request.callback(response(request, answer), **request.cb_kwargs))


def keys(pages: Iterable[Page]) -> list[str]:
    return [raw.key for page in pages for raw in page.raw_items]


def test_a_large_file_is_kept_in_parts_and_a_small_one_whole() -> None:
    large, small = asked()
    first, *parts = came(large, body(large.url))
    assert (first.raw_items, first.total) == ((), LARGE)
    assert list(first.next_units) == [part.unit for part in parts]
    assert len(parts) == 4
    assert sorted(keys(parts)) == sorted(f"github.com:{place}" for place in range(LARGE))
    assert max(len(part.raw_items) for part in parts) < 1.5 * PART
    (whole,) = came(small, body(small.url))
    assert len(whole.raw_items) == 3


def test_parts_that_are_open_are_answered_by_one_request_also_when_the_file_grew() -> None:
    large, _ = asked()
    _, *parts = came(large, body(large.url))
    (again,) = asked([parts[1].unit, parts[3].unit])
    pages = came(again, body(again.url, more=40))
    assert [page.unit for page in pages] == [parts[1].unit, parts[3].unit]
    assert set(keys(pages)) >= {*keys(parts[1:2]), *keys(parts[3:])}
    assert set(keys(pages)).isdisjoint(keys([parts[0], parts[2]]))


def test_a_failure_is_that_of_every_open_part() -> None:
    large, _ = asked()
    _, *parts = came(large, body(large.url))
    (again,) = asked([part.unit for part in parts])
    failed = came(again, b"<html>")
    assert all(isinstance(each, UnitFailed) for each in failed)
    assert [each.unit for each in failed] == [part.unit for part in parts]
