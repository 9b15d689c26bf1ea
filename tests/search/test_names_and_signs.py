"""Names that an analyzer alone would lose, and why answers stand in their order: asked of each engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from search_corpus import document_of, filled

from harvester.model import Appraisal, Shelf
from harvester.search import Document, Engine, Query
from harvester.search.explained import explained
from harvester.search.ladder import climb
from harvester.search.spelt import spelt

pytestmark = pytest.mark.xdist_group("elasticsearch")


def _document(identity: str, name: str, /, text: str = "", standing: float = 0.0, **fields: Any) -> Document:
    return document_of(identity, standing=standing, name=name, short_description={"en": text}, **fields)


SIGNS = [
    _document("cpp", "Router", "A routing engine in C++"),
    _document("csharp", "Rooms", "Books rooms; written in C#, for .NET."),
    _document("c", "Kernel", "Written in C"),
    _document("polis", "Pol.is", "Opinions of many"),
    _document("site", "Notes", "See example.net, where pol and is stand apart"),
    _document("office", "LibreOffice", "Texts and tables"),
    _document("child", "Sitters", "Finds child care near you"),
    _document("childcare", "Nursery", "Childcare places"),
    _document("zh", "參與式預算", "市民参加のための道具"),
    _document("ko", "시민참여", "도구"),
]


def _found(engine: Engine, text: str) -> set[str]:
    return {hit.id for hit in engine.search(Query(text)).hits}


def test_signs_pairs_and_compounds_are_found_as_they_are_written(engine: Engine) -> None:
    filled(engine, SIGNS)
    for text, ids in (
        ("C++", {"cpp"}),
        ("c++ routing", {"cpp"}),
        ('"in C++"', {"cpp"}),
        ("C#", {"csharp"}),
        (".net", {"csharp"}),
        ("written -C#", {"c"}),
        ("c", {"c"}),
        ("pol.is", {"polis"}),
        ("libre office", {"office"}),
        ("libreoffice", {"office"}),
        ("childcare", {"child", "childcare"}),
        ("child care", {"child", "childcare"}),
        ("市民", {"zh"}),
        ("市民参加", {"zh"}),
        ("参市", set()),
        ("預算", {"zh"}),
        ("시민", {"ko"}),
        ("도구 시민참여", {"ko"}),
    ):
        assert _found(engine, text) == ids, text
    marked = engine.search(Query("市民参加")).hits[0].highlights["description"]
    assert marked.startswith("\ue000市民参加\ue001")
    assert [one.id for one in engine.suggest("시민참")] == ["ko"]


def test_signs_within_other_names_stay() -> None:
    for text in ("example.net", "asp.netcore", "C+++", "abc#", "#c", "a.b", "+"):
        assert spelt(text) == text
    assert spelt("C/C++, C# (.NET)") == "C/cpp, csharp (dotnet)"


NAMED = [
    _document("exact", "Harbour Ledger", "Shows what a town spends"),
    _document("longer", "Harbour Ledger of Oakland, a harbour ledger", "Harbour ledger, harbour ledger", standing=0.6),
    _document("text", "Purse", "A harbour ledger for towns", standing=0.9),
]


def test_who_is_called_exactly_as_was_asked_stands_first(engine: Engine) -> None:
    filled(engine, NAMED)
    assert engine.search(Query("harbour ledger")).hits[0].id == "exact"
    assert engine.search(Query("HarbourLedger")).hits[0].id == "exact"


def test_the_parts_of_a_score_add_up_to_it(engine: Engine) -> None:
    filled(engine, NAMED)
    query = Query("harbour ledger")
    told = {hit.id: (hit.score, explained(query, hit)) for hit in engine.search(query).hits}
    for score, parts in told.values():
        assert parts.words > 0
        assert parts.words + parts.exact_name + parts.standing == pytest.approx(score, abs=0.01)
    assert {one: (parts.exact_name > 0, parts.standing) for one, (_, parts) in told.items()} == {
        "exact": (True, 0.0),
        "longer": (False, 6.0),
        "text": (False, 9.0),
    }
    reached = climb(engine, query)  # with what is set aside after it, scores lie in tiers
    assert explained(reached.query, reached.result.hits[0]).words == pytest.approx(told["exact"][1].words, abs=0.01)
    plain = Query()
    first = engine.search(plain).hits[0]
    assert (explained(plain, first).words, explained(plain, first).standing) == (0.0, 9.0)


def test_what_an_editor_pinned_for_a_question_stands_first_in_it_alone_and_its_parts_stay(engine: Engine) -> None:
    pin = Appraisal(pinned=("Harbour Lédger",))
    filled(
        engine, [*NAMED, document_of("pinned", appraisal=pin, name="Till", short_description={"en": "harbour ledger"})]
    )
    query = Query("harbour ledger")
    first, *others = engine.search(query).hits
    reached = climb(engine, query)  # where scores lie in tiers
    assert (first.id, reached.result.hits[0].id) == ("pinned", "pinned")
    assert (reached.result.hits[0].step, explained(reached.query, reached.result.hits[0]).pinned) == ("all", True)
    assert explained(query, first).pinned
    assert first.score == pytest.approx(explained(query, first).words, abs=0.01)
    assert not any(explained(query, hit).pinned for hit in others)
    assert engine.search(Query("ledger")).hits[0].id != "pinned"


@pytest.mark.parametrize("page", [1, 2])
def test_those_that_answer_are_counted_with_what_was_pinned_among_what_is_set_aside(engine: Engine, page: int) -> None:
    aside = Appraisal(pinned=("harbour ledger",), shelf=Shelf.OTHER)
    till = document_of("pinned", appraisal=aside, name="Till", short_description={"en": "harbour ledger"})
    last = document_of(
        "aside", appraisal=Appraisal(shelf=Shelf.OTHER), name="Box", short_description={"en": "harbour ledger"}
    )
    filled(engine, [*NAMED, till, last])
    reached = climb(engine, Query("harbour ledger", page=page, size=3))
    assert (reached.listed, reached.result.total) == (len(NAMED) + 1, len(NAMED) + 2)


@pytest.mark.elasticsearch
def test_both_engines_explain_an_order_alike(
    make_tantivy: Callable[[], Engine], make_elastic: Callable[[], Engine]
) -> None:
    ours, other = (filled(make(), [*NAMED, *SIGNS]) for make in (make_tantivy, make_elastic))
    for text in ("harbour ledger", "ledger", "childcare", "C++", "市民", "towns"):
        query = Query(text)
        first, second = (
            {hit.id: explained(query, hit) for hit in engine.search(query).hits} for engine in (ours, other)
        )
        assert list(first) == list(second)
        for one, parts in first.items():
            assert (parts.exact_name, parts.standing) == (second[one].exact_name, second[one].standing)
            assert parts.words == pytest.approx(second[one].words, rel=0.01), (text, one)
