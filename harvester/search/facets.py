"""Facets from counts, the same for both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harvester.model import FACETS
from harvester.search.query import Query
from harvester.search.result import Facet, FacetValue

Bucket = Mapping[str, Any]
"""A value and its count as both engines answer them: {"key": value, "doc_count": count}."""


def facets(query: Query, counted: Mapping[str, Sequence[Bucket]]) -> tuple[Facet, ...]:
    """The facets of a result. Buckets come with the highest counts first, in whatever order ties are.

    A facet's buckets disregard its own selections: siblings keep their counts.
    """
    return tuple(_facet(name, counted[name], query.selections.get(name, ()), most=query.values) for name in FACETS)


def others_selected(query: Query, facet: str) -> dict[str, tuple[str, ...]]:
    """What every facet but one demands."""
    return {name: values for name, values in query.filters.items() if name != facet}


def _facet(name: str, buckets: Sequence[Bucket], selected: Sequence[str], *, most: int) -> Facet:
    listed = [FacetValue(b["key"], b["doc_count"], b["key"] in selected) for b in _first(buckets, most)]
    missing = set(selected) - {value.value for value in listed}
    if missing:
        counts = {b["key"]: b["doc_count"] for b in buckets if b["key"] in missing}
        further = [FacetValue(value, counts.get(value, 0), True) for value in selected if value in missing]
        listed += sorted(further, key=lambda value: (-value.count, value.value))
    return Facet(name, tuple(listed), len(buckets) - sum(value.count > 0 for value in listed))


def _first(buckets: Sequence[Bucket], most: int) -> list[Bucket]:
    """The values to list: highest counts, ties by value. Only the ties at the end need looking at beyond them."""
    end = min(most, len(buckets))
    while 0 < end < len(buckets) and buckets[end]["doc_count"] == buckets[most - 1]["doc_count"]:
        end += 1
    return sorted(buckets[:end], key=lambda bucket: (-bucket["doc_count"], bucket["key"]))[:most]
