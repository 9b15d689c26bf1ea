"""Stage 1: an item that costs too much, or that its reader cannot bear, is set aside; the others are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.settings import Settings

from harvester.model import Outcome, Page, RawItem, Reading, Unit
from harvester.normalize import readers
from pipelines.normalize import NormalizePipeline, ReadPage


class AllForges:
    def forges(self) -> dict[str, str]:
        return {}


def raw(key: str, format: str = "html-link") -> RawItem:
    told = {"href": "https://github.com/town/tool", "text": "Tool", "context": ""}
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    payload = json.dumps(told).encode()
    return RawItem(key=key, format=format, payload=payload, url="https://town.example/", fetched_at=moment)


def read(*items: RawItem, most_s: float = 20.0) -> ReadPage:
    spider = SimpleNamespace(frontier=AllForges(), params=None, own_hosts=lambda _: frozenset())
    crawler: Any = SimpleNamespace(spider=spider, settings=Settings({"ITEM_TIME_LIMIT_S": most_s}))
    return NormalizePipeline(crawler)._read(Page(unit=Unit("page"), raw_items=items))


def endless(_: RawItem) -> Reading:
    while True:
        pass


def greedy(_: RawItem) -> Reading:
    raise MemoryError


def broken(_: RawItem) -> Reading:
    return list(5)  # type: ignore[call-overload, no-any-return]


def nested(_: RawItem) -> Reading:
    return nested(_)


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Formats whose readers do what none should."""
    made = {each.__name__: readers.Reader(each.__name__, 1, each) for each in (endless, greedy, broken, nested)}
    known = readers.readers() | made
    monkeypatch.setattr(readers, "readers", lambda: known)
    return


@pytest.mark.usefixtures("poison")
@pytest.mark.parametrize(
    ("format", "code"),
    [
        ("endless", "reading-took-long"),
        ("greedy", "reading-took-much"),
        ("broken", "reading-broke"),
        ("nested", "reading-broke"),
    ],
)
def test_an_item_that_breaks_its_limits_is_an_issue_and_the_others_are_read(format: str, code: str) -> None:
    found = read(raw("one"), raw("bad", format), raw("two"), most_s=0.3)
    (_, first), (_, bad), (_, last) = found.items
    assert (first.outcome, last.outcome) == (Outcome.READ, Outcome.READ)
    assert bad.outcome is Outcome.REFUSED
    assert [issue.code for issue in bad.issues] == [code]
    assert "bad" in bad.issues[0].message


def test_many_items_have_the_limit_each_by_itself() -> None:
    found = read(*(raw(f"item {number}") for number in range(300)), most_s=0.3)
    assert {reading.outcome for _, reading in found.items} == {Outcome.READ}
