"""Facets from counts, the same for both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harvester.search.query import FACETS, Query
from harvester.search.result import Facet, FacetValue

SHOWN = 30
"""How many values of a facet are listed, beside the chosen ones."""


def facets(query: Query, counts: Mapping[str, Mapping[str, int]]) -> tuple[Facet, ...]:
    """The facets of a result. `counts` of a facet disregard that facet's own selections: siblings keep theirs."""
    return tuple(_facet(name, counts[name], query.selections.get(name, ())) for name in FACETS)


def others_selected(query: Query, facet: str) -> dict[str, tuple[str, ...]]:
    """The selections of every facet but one."""
    return {name: values for name, values in query.selections.items() if name != facet}


def _facet(name: str, counts: Mapping[str, int], selected: Sequence[str]) -> Facet:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    listed = [
        FacetValue(value, count, value in selected)
        for place, (value, count) in enumerate(ranked)
        if place < SHOWN or value in selected
    ]
    listed += [FacetValue(value, 0, True) for value in selected if value not in counts]
    return Facet(name, tuple(listed), len(counts) - sum(value.value in counts for value in listed))
