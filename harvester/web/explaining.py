"""Why answers stand in this order: the parts of their scores, what their standing is made of, and the weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from harvester.assess.standing import lost
from harvester.errors import CatalogueUnavailable
from harvester.model import Reason, Software
from harvester.search.explained import Explained, explained
from harvester.search.query import Query
from harvester.search.result import Hit
from harvester.search.weights import WEIGHTS
from harvester.web.house import House
from harvester.words import Formatter


class PointsOut(BaseModel):
    """Points of a standing, of a hundred, and the reason for them in English."""

    model_config = ConfigDict(frozen=True)

    points: float
    code: str
    words: str


class ExplanationOut(BaseModel):
    """Why an item stands where it does: first what answers more of q and is listed, then the sum of the three parts."""

    model_config = ConfigDict(frozen=True)

    by: str = Field(description="What the list is sorted by; the parts order it where that is relevance.")
    step: str
    listed: bool
    pinned: bool = Field(description="Whether an editor pinned it for q: it stands before everything else.")
    words: float = Field(description="Of the words of q: 0 where none were asked for.")
    exact_name: float = Field(description="For being called exactly as was asked.")
    standing: float = Field(description="Of its standing, counted in tenths.")
    standing_points: list[PointsOut] = Field(description="What its standing is made of.")
    lost_points: list[PointsOut] = Field(description="What it cannot have, being a copy, archived or said to be over.")


class WeightOut(BaseModel):
    """A weight of the order, and its reason in English."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class WhyHere:
    """The parts of a hit's score, and what its standing is made of and cannot have, in points of a hundred."""

    parts: Explained
    points: tuple[tuple[float, Reason], ...]
    lost: tuple[tuple[float, Reason], ...]


def told(house: House, query: Query, hits: Sequence[Hit]) -> dict[str, WhyHere]:
    """By software's id. What the catalogue has no more is told without points."""
    try:
        known = {one.id: one for one in house.catalogue.software.many([hit.id for hit in hits])}
    except CatalogueUnavailable:  # the index answers all the same
        known = {}
    return {hit.id: _told(query, hit, known.get(hit.id)) for hit in hits}


def _told(query: Query, hit: Hit, software: Software | None) -> WhyHere:
    if software is None:
        return WhyHere(explained(query, hit), (), ())
    said = software.appraisal
    return WhyHere(explained(query, hit), said.standing.reasons, lost(software.fields, relations=said.relations))


def out(one: WhyHere, english: Formatter) -> ExplanationOut:
    """As the API tells it."""
    parts = one.parts
    return ExplanationOut(
        by=parts.by,
        step=parts.step,
        listed=parts.listed,
        pinned=parts.pinned,
        words=parts.words,
        exact_name=parts.exact_name,
        standing=parts.standing,
        standing_points=_points(one.points, english),
        lost_points=_points(one.lost, english),
    )


def _points(some: Sequence[tuple[float, Reason]], english: Formatter) -> list[PointsOut]:
    return [PointsOut(points=points, code=reason.code, words=english.reason(reason)) for points, reason in some]


def weights(formatter: Formatter) -> list[WeightOut]:
    """Every weight with its reason."""
    return [
        WeightOut(name=name, value=value, reason=formatter.words(f"weight.{name}")) for name, value in WEIGHTS.items()
    ]


def shown(one: WhyHere, formatter: Formatter) -> dict[str, Any]:
    """As a page tells it: the parts with their words, and the points."""
    parts = one.parts
    named = {"words": parts.words, "exact_name": parts.exact_name, "standing": parts.standing}
    return {
        "pinned": parts.pinned,
        "parts": [
            (formatter.words(f"explain.{name}"), formatter.decimal(value)) for name, value in named.items() if value
        ],
        "points": [(formatter.reason(reason), formatter.decimal(points)) for points, reason in one.points],
        "lost": [(formatter.reason(reason), formatter.decimal(points)) for points, reason in one.lost],
    }
