"""A result: what both engines answer, in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MARK_START = "\ue000"
MARK_END = "\ue001"
"""Around the words found in a highlight, which is otherwise plain text: the page escapes it and then marks them."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value: `count` is how many softwares the page would show with it, were it the facet's only choice."""

    value: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet's most frequent values, the chosen ones among them always. `others` is how many values are left out."""

    name: str
    values: tuple[FacetValue, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One software found. `document` is Document.shown(); `highlights` has "name" and "description" where found.

    `score` is the words' and the standing's; `step` how much of the question it answers (words.STEPS).
    """

    id: str
    score: float
    document: Mapping[str, Any]
    highlights: Mapping[str, str]
    step: str = "all"


@dataclass(frozen=True, slots=True)
class Result:
    """A page of hits. `of_all` is how many softwares the index holds; `pages` counts those in reach of paging."""

    total: int
    of_all: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    took_ms: float
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A software whose name goes on from what was typed."""

    id: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch of writes: `done` (late ones included: a newer version stands), `failed` by id: why."""

    done: tuple[tuple[str, int], ...]
    failed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """Whether the engine can answer, and its state in words."""

    ok: bool
    detail: str
