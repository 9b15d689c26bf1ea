"""Both engines find the same softwares, count the same values and put them in the same order, on real texts."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from search_corpus import Asked, filled, of_all_kinds, queries

from harvester.search import Document, Engine, Hit, Query, elastic_query, tantivy_query
from index_mappings import software

pytestmark = [pytest.mark.corpus, pytest.mark.elasticsearch, pytest.mark.xdist_group("elasticsearch")]

_TIE = 1e-4
"""Scores that differ by no more are one: both engines count in floats of four bytes."""
_SIZE = 100


_TIE_IN_TIERS = 4 * _TIE
"""What is told of a score in tiers is the quarter that counts there, made whole again."""


def _ties(hits: Sequence[Hit], tie: float) -> Iterator[list[Hit]]:
    """The hits in their order, those of one score together."""
    group: list[Hit] = []
    for hit in hits:
        if group and abs(group[-1].score - hit.score) > tie:
            yield group
            group = []
        group.append(hit)
    if group:
        yield group


def _unlike(ones: Sequence[Hit], others: Sequence[Hit], *, whole: bool, tie: float) -> str | None:
    """How two orders differ but for ties, of which the last may go on after what is seen. None: they do not."""
    for one, other in zip(ones, others, strict=True):
        if abs(one.score - other.score) > tie:
            return f"{one.id} scores {one.score}, {other.id} {other.score}"
    place = 0
    for group in _ties(ones, tie):
        same = {hit.id for hit in others[place : place + len(group)]}
        place += len(group)
        if same != {hit.id for hit in group} and (whole or place < len(ones)):
            return f"places {place - len(group)} to {place} are {same} and {[hit.id for hit in group]}"
    return None


def _difference(first: Engine, second: Engine, query: Query) -> str | None:
    """How two engines' answers differ; None: they do not."""
    query = replace(query, size=_SIZE)
    one, two = first.search(query), second.search(query)
    if (one.total, one.of_all) != (two.total, two.of_all):
        return f"{query}: {one.total} of {one.of_all} and {two.total} of {two.of_all} softwares"
    if one.facets != two.facets:
        unlike = next((a, b) for a, b in zip(one.facets, two.facets, strict=True) if a != b)
        return f"{query}: facet {unlike[0].name} {unlike}"
    tie = _TIE_IN_TIERS if query.further or query.aside else _TIE
    if unlike_order := _unlike(one.hits, two.hits, whole=one.total <= _SIZE, tie=tie):
        return f"{query}: {unlike_order}"
    ours, others = ({hit.id: (hit.step, hit.highlights) for hit in told.hits} for told in (one, two))
    if any(ours[each] != others[each] for each in ours.keys() & others.keys()):
        return f"{query}: other words are marked"
    return None


def _differences(first: Engine, second: Engine, asked: Sequence[Query]) -> Iterator[str]:
    return (difference for each in asked if (difference := _difference(first, second, each)))


def _count(documents: Sequence[Document]) -> int:
    """Questions: 500 of the whole corpus, 60 of a tenth of it."""
    return 500 if len(documents) >= 20_000 else 60


def test_questions_of_all_kinds_are_answered_the_same(
    tantivy: Engine, elastic: Engine, documents: Sequence[Document]
) -> None:
    assert len(documents) >= 2_000
    count = _count(documents)
    asked = of_all_kinds(documents, count=count)
    assert len({each.query for each in asked}) >= count
    assert list(_differences(tantivy, elastic, [each.query for each in asked])) == []
    assert sum(tantivy.total(each.query) > 0 for each in asked) >= 0.8 * len(asked)
    assert sum(each.multiple for each in asked) >= count / 8
    assert sum(each.french and each.accents for each in asked) >= count / 8
    assert sum(each.french and not each.accents for each in asked) >= count / 8


def test_words_without_their_accents_find_the_same(tantivy: Engine, documents: Sequence[Document]) -> None:
    french = [each for each in queries(documents) if each.french]
    pairs = [(a, b) for a, b in zip(french[::2], french[1::2], strict=True) if a.accents]
    assert len(pairs) >= 40
    for accented, bare in pairs:
        assert tantivy.total(accented.query) == tantivy.total(bare.query) > 0


_FEW = 400  # documents that tell one analyzer from another


def _with_analyzer(field: str, analyzer: str) -> dict[str, Any]:
    declaration = copy.deepcopy(software())
    declaration["mappings"]["properties"][field]["analyzer"] = analyzer
    return declaration


@pytest.mark.parametrize("changed", [("en", "english"), ("und", "simple"), ("name", "keyword")])
def test_another_analyzer_in_one_engine_is_noticed(
    make_tantivy: Callable[..., Engine],
    make_elastic: Callable[..., Engine],
    documents: Sequence[Document],
    changed: tuple[str, str],
) -> None:
    few = documents[:: max(1, len(documents) // _FEW)]
    one, other = filled(make_tantivy(), few), filled(make_elastic(_with_analyzer(*changed)), few)
    assert any(_differences(one, other, [each.query for each in of_all_kinds(few, count=100)]))


@pytest.mark.parametrize(
    ("changed", "weight"),
    [
        (elastic_query, "STANDING_BOOST"),
        (elastic_query, "boosts"),
        (elastic_query, "LISTED"),
        (tantivy_query, "EXACT_NAME"),
        (tantivy_query, "MEANT_BOOST"),
        (tantivy_query, "USE_CASE_SCORE"),
    ],
)
def test_another_weight_in_one_engine_is_noticed(
    tantivy: Engine,
    elastic: Engine,
    documents: Sequence[Document],
    monkeypatch: pytest.MonkeyPatch,
    changed: Any,
    weight: str,
) -> None:
    value = getattr(changed, weight)
    given = (lambda language: {**value(language), "name": 1.0}) if callable(value) else value * 1.01  # by a hundredth
    asked = [each.query for each in of_all_kinds(documents, count=_count(documents))]
    monkeypatch.setattr(changed, weight, given)
    assert any(_differences(tantivy, elastic, asked))


def test_each_kind_of_question_is_among_them(documents: Sequence[Document]) -> None:
    asked: list[Asked] = of_all_kinds(documents, count=_count(documents))
    kinds = {each.kind for each in asked}
    assert {"quoted", "minus", "concept", "signs", "unspaced", "compound", "misspelt", "step", "aside"} <= kinds
