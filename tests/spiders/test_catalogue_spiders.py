"""The spiders of catalogues that are one answer or many queries: what they ask, and take for whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError
from scrapy.http import JsonResponse, Response, TextResponse
from starlette.responses import Response as Answer
from support.recorded import crawled

from harvester.errors import FetchError, InputError
from harvester.model import Page, RawItem, Reading, Source, Unit
from harvester.net import Net
from harvester.normalize.readers import read
from simulators.exchange import Ask, as_json
from spiders.base import HarvestSpider, UnitFailed
from spiders.codegouv_dumps import CodegouvDumpsSpider
from spiders.comptoir_du_libre import ComptoirDuLibreSpider
from spiders.developers_italia import DevelopersItaliaSpider
from spiders.digital_public_goods import DigitalPublicGoodsSpider
from spiders.files import PART
from spiders.sill import SillSpider
from spiders.wikidata import PROPERTIES, WikidataSpider, query, whole

ENTITY = "http://www.wikidata.org/entity/"


@dataclass
class Units:
    """A frontier with these units open; the first ones where there are none."""

    open: Sequence[Unit] = ()
    stored: list[Page] = field(default_factory=list)

    def open_units(self, first: Iterable[Unit]) -> Sequence[Unit]:
        return list(self.open) or list(first)

    def store(self, pages: list[tuple[Page, tuple[tuple[RawItem, Reading], ...]]]) -> None:
        self.stored += [page for page, _ in pages]

    def unit_failed(self, failed: UnitFailed) -> None:
        raise AssertionError(failed)


def spider(kind: type[HarvestSpider], *, units: Sequence[Unit] = (), **params: Any) -> Any:
    source = Source(name="s", spider=kind.name, title="S", params=params)
    return kind(source=source, frontier=Units(units), net=Net("test"))


def answer(body: bytes | str, url: str = "https://x.example/list") -> Response:
    return TextResponse(url, body=body if isinstance(body, bytes) else body.encode())


# instances


@pytest.mark.parametrize(
    ("kind", "params", "own"),
    [
        (DevelopersItaliaSpider, {}, True),
        (DevelopersItaliaSpider, {"api": "https://api.developers.italia.it/v2", "country": "IT"}, True),
        (DevelopersItaliaSpider, {"api": "https://api.example.ch/v1", "country": "CH"}, False),
        (DigitalPublicGoodsSpider, {"lists": ["https://app.digitalpublicgoods.net/api/dpgs"]}, True),
        (DigitalPublicGoodsSpider, {"lists": ["https://goods.example.org/api"]}, False),
        (WikidataSpider, {"items": ["Q1"]}, True),
        (SillSpider, {"url": "https://code.gouv.fr/sill/api/other.json"}, True),
    ],
)
def test_terms_and_publisher_of_a_kind_hold_for_its_own_hosts_alone(
    kind: type[HarvestSpider], params: dict[str, Any], own: bool
) -> None:
    assert kind.asks_its_own_hosts(params) is own


# lists


def test_a_list_that_ends_early_may_be_whole_another_time() -> None:
    asking = spider(SillSpider)
    (unit,) = asking.first_units()
    with pytest.raises(FetchError, match="ends early, after 11 bytes"):
        asking.page(answer('[{"id": 1},'), unit)


@pytest.mark.parametrize("body", ["<!doctype html><p>Maintenance", "", '{"softwares": 1}', '"text"', "[NaN]"])
def test_what_is_no_list_is_told(body: str) -> None:
    asking = spider(ComptoirDuLibreSpider)
    (unit,) = asking.first_units()
    with pytest.raises(InputError, match=r"comptoir-du-libre\.org/public/export"):
        asking.page(answer(body), unit)


def test_an_entry_that_stands_twice_is_kept_twice_and_told() -> None:
    asking = spider(SillSpider)
    (unit,) = asking.first_units()
    page = asking.page(answer('[{"id": 1, "name": "A"}, {"id": 1, "name": "B"}]'), unit)
    assert [raw.key for raw in page.raw_items] == ["1", "1~2"]
    assert [issue.code for issue in page.issues] == ["twice"]
    assert {str(name) for raw in page.raw_items for name in read(raw).records[0].identifiers} == {"catalogue:sill:1"}


# dumps


def rows(count: int) -> bytes:
    return "\n".join(["repository_url,name", *(f"https://github.com/a/t{n},t{n}" for n in range(count))]).encode()


def answered(asking: CodegouvDumpsSpider, body: bytes, units: Sequence[Unit]) -> list[Any]:
    return list(asking._answered(answer(body), units[0], tuple(units[1:])))


def test_a_large_dump_is_kept_in_parts_that_hold_each_row_once() -> None:
    asking = spider(CodegouvDumpsSpider, url="https://x.example/all.csv")
    whole_file, *parts = answered(asking, rows(PART * 4), list(asking.first_units()))
    assert whole_file.raw_items == ()
    assert [part.unit for part in parts] == list(whole_file.next_units)
    assert len(parts) == 4
    keys = [raw.key for part in parts for raw in part.raw_items]
    assert len(keys) == len(set(keys)) == whole_file.total == PART * 4
    assert max(len(part.raw_items) for part in parts) < PART * 1.5


def test_parts_left_open_are_answered_by_one_request_and_stay_the_same_when_the_dump_grows() -> None:
    asking = spider(CodegouvDumpsSpider, url="https://x.example/all.csv")
    whole_file, *parts = answered(asking, rows(PART * 4), list(asking.first_units()))
    again = answered(asking, rows(PART * 4 + 1), whole_file.next_units[2:])
    assert [page.unit for page in again] == list(whole_file.next_units[2:])
    for before, after in zip(parts[2:], again, strict=True):
        assert {raw.key for raw in before.raw_items} <= {raw.key for raw in after.raw_items}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Tue, 01 Jun 2021 06:00:00 GMT", datetime(2021, 6, 1, 6, tzinfo=UTC)),
        ("Tue, 01 Jun 2999 06:00:00 GMT", None),
        ("last week", None),
        ("", None),
    ],
)
def test_what_a_file_says_is_of_the_date_that_its_server_states(said: str, expected: datetime | None) -> None:
    asking = spider(CodegouvDumpsSpider, url="https://x.example/all.csv")
    (whole,) = asking.first_units()
    (page,) = asking._answered(
        TextResponse("https://x.example/all.csv", body=rows(1), headers={"Last-Modified": said}), whole, ()
    )
    assert [raw.as_of for raw in page.raw_items] == [expected]


def test_a_file_that_is_no_dump_leaves_all_its_units_open() -> None:
    asking = spider(CodegouvDumpsSpider, url="https://x.example/all.csv")
    (whole,) = asking.first_units()
    units = [whole, Unit("part 0 of 2", {**whole.data, "part": 0, "of": 2})]
    failed = answered(asking, b"name,address\na,b\n", units)
    assert [each.unit for each in failed] == units
    assert "no column 'repository_url'" in failed[0].reason


class Large:
    """A dump of 6 MB, which is more than other answers may have."""

    def answer(self, _: Ask) -> Answer:
        more = "\n".join(f"https://github.com/a/large-{n},{'x' * 60_000}" for n in range(100))
        return Answer(rows(2) + b"\n" + more.encode(), media_type="text/csv")


def test_a_dump_may_be_larger_than_other_answers_and_has_a_bound_all_the_same() -> None:
    params = {"url": "http://x.example/all.csv"}
    came = crawled(Source(name="s", spider="codegouv_dumps", title="S", params=params), {"x.example": Large()})
    assert came.failures == []
    assert len(came.items) == 102
    asking = spider(CodegouvDumpsSpider, **params)
    (unit,) = asking.first_units()
    assert asking._ask(unit).meta["download_maxsize"] == 48 * 1024 * 1024


# Wikidata


def bindings(items: Iterable[str], *, less: int = 0) -> dict[str, Any]:
    found = [
        {"asked": {"value": ENTITY + item}, "item": {"value": ENTITY + item}, "what": {"value": what}}
        for item in items
        for what in PROPERTIES.values()
    ]
    return {"head": {"vars": []}, "results": {"bindings": found[: len(found) - less]}}


def test_each_item_and_property_is_asked_for_by_name() -> None:
    text = query(["Q1", "Q2"], ["en", "fr"])
    assert "VALUES ?asked { wd:Q1 wd:Q2 }" in text
    assert all(f'({name} "{what}")' in text for name, what in PROPERTIES.items())
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (json.dumps(bindings(["Q1", "Q2"]))[:-40], "is not whole"),
        (json.dumps(bindings(["Q1", "Q2"], less=1)), "leaves out 1 of its items, such as Q2"),
        (json.dumps(bindings(["Q1"])), "leaves out 1 of its items, such as Q2"),
        (json.dumps(bindings([])), "leaves out 2 of its items, such as Q1"),
        (json.dumps(bindings(["Q1", "Q2", "Q3"])), "about Q3, which was not asked for"),
        ('{"results": {"bindings": [{}]}}', "is not whole"),
        ("java.util.concurrent.TimeoutException", "is not whole"),
    ],
)
def test_a_truncated_answer_is_noticed(body: str, why: str) -> None:
    with pytest.raises(FetchError, match=why):
        whole(answer(body), ["Q1", "Q2"])


def test_a_whole_answer_without_values_is_whole() -> None:
    assert set(whole(answer(json.dumps(bindings(["Q1", "Q2"]))), ["Q1", "Q2"])) == {"Q1", "Q2"}


def test_a_truncated_answer_is_asked_again_in_halves_down_to_one_item() -> None:
    asking = spider(WikidataSpider, items=["Q1", "Q2", "Q3"])
    (unit,) = asking.first_units()
    page = asking.page(answer("{"), unit)
    assert [list(each.data["items"]) for each in page.next_units] == [["Q1"], ["Q2", "Q3"]]
    assert [issue.code for issue in page.issues] == ["truncated"]
    with pytest.raises(FetchError):
        asking.page(answer("{"), page.next_units[0])


@dataclass
class Endpoint:
    """A SPARQL endpoint that cuts every answer about more than `most` items, and keeps what it was asked."""

    most: int
    asked: list[list[str]] = field(default_factory=list)

    def answer(self, ask: Ask) -> Answer:
        assert (ask.method, ask.headers["content-type"]) == ("POST", "application/x-www-form-urlencoded")
        assert ask.headers["accept"] == "application/sparql-results+json"
        text = parse_qs(ask.body.decode())["query"][0]
        items = text.partition("VALUES ?asked { ")[2].partition(" }")[0].replace("wd:", "").split()
        self.asked.append(items)
        return as_json(bindings(items, less=0 if len(items) <= self.most else 7))


def test_queries_to_one_address_all_pass_the_gate_and_every_item_comes_in_the_end() -> None:
    items = [f"Q{number}" for number in range(1, 23)]
    endpoint = Endpoint(most=3)
    params = {"endpoint": "http://query.example/sparql", "items": items, "size": 8}
    came = crawled(Source(name="w", spider="wikidata", title="W", params=params), {"query.example": endpoint})
    assert came.failures == []
    assert sorted(raw.key for raw, _ in came.items) == sorted(items)
    assert sorted(map(len, endpoint.asked), reverse=True)[:3] == [8, 8, 6]
    assert len(endpoint.asked) == 3 + 6 + 8  # three batches, their halves, and the halves of the four that were of four


def test_wikidata_needs_items_or_lists() -> None:
    with pytest.raises(ValidationError, match="name items, or lists"):
        WikidataSpider.Params.model_validate({})
    with pytest.raises(ValidationError):
        WikidataSpider.Params.model_validate({"items": ["Douglas Adams"]})


def test_a_list_gives_ids_that_stand_alone_or_in_addresses_each_once() -> None:
    asking = spider(WikidataSpider, items=["Q1"], lists=["https://x.example/list"], size=2)
    body = '{"a": "Q1", "b": "Q2", "c": "see Q3", "d": "https://www.wikidata.org/wiki/Q4", "e": "Q2", "f": "Q05"}'
    page = asking.page(JsonResponse("https://x.example/list", body=body.encode()), Unit("list", {"list": "x"}))
    assert [list(unit.data["items"]) for unit in page.next_units] == [["Q2", "Q4"]]
    with pytest.raises(InputError, match="no id of Wikidata"):
        asking.page(answer("{}"), Unit("list", {"list": "x"}))
