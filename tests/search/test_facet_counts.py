"""The embedded engine's sets and counts are those of going through every document by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest
from search_corpus import queries

from harvester.model import FACETS
from harvester.search import UNKNOWN, Document, Engine, Query
from harvester.search.analysis import terms
from harvester.search.words import Clause, clauses
from index_mappings import TEXT_FIELDS

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("elasticsearch")]  # where the corpus is indexed already


@dataclass(frozen=True)
class Row:
    """A document gone through by hand: its terms by field, and its facets' values."""

    id: str
    terms: Mapping[str, str]  # " term term " in their order
    values: Mapping[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def rows(documents: Sequence[Document]) -> list[Row]:
    made = []
    for document in documents:
        held = document.body()
        held_by_field = {field: f" {held[field]} " for field in TEXT_FIELDS}
        values = {name: given or (UNKNOWN,) for name, given in document.facet_values().items()}
        made.append(Row(document.id, held_by_field, values))
    return made


class Reader:
    """Goes through every document for each phrase, once."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._holding: dict[tuple[str, ...], set[int]] = {}

    def saying(self, query: Query) -> list[Row]:
        """The documents that hold all that the text asks for."""
        places = set(range(len(self._rows)))
        for clause in clauses(query.text):
            places &= self._answering(clause)
        return [self._rows[place] for place in sorted(places)]

    def _answering(self, clause: Clause) -> set[int]:
        if clause.concept is None:
            return self._with(clause.words)
        typed = set.intersection(*(self._with((word,)) for word in clause.words))
        use_case = clause.concept.use_case
        alike = {place for place, row in enumerate(self._rows) if use_case in row.values["use_case"]}
        return typed.union(alike if use_case else (), *map(self._with, clause.names))

    def _with(self, words: tuple[str, ...]) -> set[int]:
        if words not in self._holding:
            needles = {field: f" {' '.join(terms(field, words))} " for field in TEXT_FIELDS}
            self._holding[words] = {
                place
                for place, row in enumerate(self._rows)
                if any(needle in row.terms[field] for field, needle in needles.items())
            }
        return self._holding[words]


def _chosen(row: Row, query: Query, *, but: str | None = None) -> bool:
    return all(set(row.values[name]) & set(wanted) for name, wanted in query.selections.items() if name != but)


def test_sets_and_counts_of_100_queries_are_those_counted_by_hand(
    tantivy: Engine, documents: Sequence[Document], rows: Sequence[Row]
) -> None:
    asked = [each.query for each in queries(documents, seed=7, count=130)][:100]
    assert len(asked) == 100
    reader = Reader(rows)
    for query in asked:
        said = reader.saying(query)
        found = sorted(row.id for row in said if _chosen(row, query))
        result = tantivy.search(replace(query, size=100))
        assert result.total == len(found), query
        assert {hit.id for hit in result.hits} <= set(found)
        if len(found) <= 100:
            assert sorted(hit.id for hit in result.hits) == found, query
        for facet in result.facets:
            counted = Counter(
                value for row in said if _chosen(row, query, but=facet.name) for value in row.values[facet.name]
            )
            assert {value.value: value.count for value in facet.values if value.count} == {
                value.value: counted[value.value] for value in facet.values if counted[value.value]
            }, (query, facet.name)
            assert len(facet.values) + facet.others == len(counted | Counter(query.selections.get(facet.name, ())))
            listed = [value.count for value in facet.values if not value.selected]
            assert listed == sorted(listed, reverse=True)
    assert {facet.name for facet in result.facets} == set(FACETS)
