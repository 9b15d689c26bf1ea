"""The spider of Developers Italia's API: pages, cursors, and answers that are no pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from scrapy.http import JsonResponse

from harvester.errors import InputError
from harvester.model import Outcome, Page, Source, Unit
from harvester.net import Net
from harvester.normalize.canonical import canonical_json
from harvester.normalize.readers import read
from spiders.developers_italia import DevelopersItaliaSpider


class AllUnits:
    def open_units(self, first: Iterable[Unit]) -> Sequence[Unit]:
        return list(first)


def spider(**params: Any) -> DevelopersItaliaSpider:
    source = Source(name="italia", spider="developers_italia", title="Italia", params=params, country="IT")
    return DevelopersItaliaSpider(source=source, frontier=AllUnits(), net=Net("test"))


def entry(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"id-{number}",
        "url": f"https://code.example.org/t/{number}.git",
        "publiccodeYml": "name: x",
        **changes,
    }


def body(entries: Sequence[Any], following: str | None) -> bytes:
    return json.dumps({"data": list(entries), "links": {"prev": None, "next": following}}).encode()


def ask(asking: DevelopersItaliaSpider, unit: Unit, answer: bytes) -> Page:
    request = asking.request(unit)
    return asking.page(JsonResponse(request.url, body=answer, request=request), unit)


def test_the_relative_next_link_is_followed_with_our_page_size_and_its_cursor_unharmed() -> None:
    asking = spider()
    (first,) = asking.first_units()
    page = ask(asking, first, body([entry(1)], "?page[after]=WyIy+/aA=="))
    (following,) = page.next_units
    assert asking.request(first).url == "https://api.developers.italia.it/v1/software?page%5Bsize%5D=100"
    assert asking.request(following).url.endswith("/v1/software?page%5Bsize%5D=100&page%5Bafter%5D=WyIy%2B%2FaA%3D%3D")


def test_a_next_link_to_another_host_changes_nothing_but_the_cursor() -> None:
    asking = spider()
    (first,) = asking.first_units()
    (following,) = ask(asking, first, body([], "https://elsewhere.example/x?page[after]=abc")).next_units
    assert asking.request(following).url.startswith("https://api.developers.italia.it/v1/software?")


def test_entries_are_kept_as_they_are_without_their_vitality() -> None:
    asking = spider()
    (first,) = asking.first_units()
    given = entry(1, vitality="1,2,3", unknown={"b": 1, "a": None})
    (raw,) = ask(asking, first, body([given], None)).raw_items
    given.pop("vitality")
    assert raw.payload == canonical_json(given)
    assert (raw.key, raw.url, dict(raw.context)) == (
        "id-1",
        "https://api.developers.italia.it/v1/software/id-1",
        {"country": "IT"},
    )


def test_an_entry_without_an_id_becomes_an_issue_and_the_others_stay() -> None:
    asking = spider()
    (first,) = asking.first_units()
    page = ask(asking, first, body([{"url": "https://x.example/a"}, "text", entry(3)], None))
    assert [raw.key for raw in page.raw_items] == ["id-3"]
    assert [issue.code for issue in page.issues] == ["entry-without-id", "entry-without-id"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"<html>Wartungsarbeiten</html>", "no JSON: '<html>"),
        (b"", "no JSON"),
        (b"[]", "found list"),
        (b"null", "found NoneType"),
        (b'{"title": "Internal error", "status": 500}', "found status, title"),
        (b'{"data": {"a": 1}, "links": {}}', "no list of entries"),
        (b'{"data": []}', "'links'"),
        (b'{"data": [], "links": {"next": "?page=2"}}', "links.next has no page[after]"),
        (b'{"data": [], "links": {"next": 7}}', "links.next has no page[after]"),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_an_answer_that_is_no_page_names_the_url_and_what_was_found(answer: bytes, told: str) -> None:
    asking = spider()
    (first,) = asking.first_units()
    with pytest.raises(InputError) as error:
        ask(asking, first, answer)
    assert "https://api.developers.italia.it/v1/software" in str(error.value)
    assert told in str(error.value)


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"]])
def test_a_cursor_that_comes_again_ends_the_listing(cursors: list[str]) -> None:
    asking = spider()
    (unit,) = asking.first_units()
    for number, cursor in enumerate(cursors):
        page = ask(asking, unit, body([entry(number)], f"?page[after]={cursor}"))
        unit = page.next_units[0] if page.next_units else unit
    assert not page.next_units
    assert [issue.code for issue in page.issues] == ["paging-trap"]


def test_an_endless_listing_ends_after_max_pages() -> None:
    asking = spider(max_pages=3)
    units = list(asking.first_units())
    pages = []
    while units and len(pages) < 10:
        pages.append(ask(asking, units.pop(), body([entry(len(pages))], f"?page[after]=c{len(pages)}")))
        units.extend(pages[-1].next_units)
    assert len(pages) == 3
    assert [issue.code for issue in pages[-1].issues] == ["bound-reached"]


@pytest.mark.parametrize("params", [{"api": "ftp://x.example"}, {"page_size": 0}, {"page_size": 101}, {"api_url": "x"}])
def test_unusable_parameters_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        spider(**params)


@pytest.mark.corpus
def test_the_recorded_pages_are_read_whole(corpus: Path) -> None:
    folder = corpus / "publiccode" / "developers-italia-api"
    asking = spider()
    units = list(asking.first_units())
    seen = []
    for name in ("page1.json", "page2.json"):
        recorded = (folder / name).read_bytes()
        page = ask(asking, units.pop(), recorded)
        units.extend(page.next_units)
        assert len(page.raw_items) == len(json.loads(recorded)["data"])
        seen.extend(page.raw_items)
    assert len({raw.key for raw in seen}) == len(seen)
    readings = [read(raw) for raw in seen]
    assert sum(reading.outcome is Outcome.READ for reading in readings) >= 0.9 * len(readings)
