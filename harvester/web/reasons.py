"""Figures with the reasons behind them: relevance for reviewers, activity for visitors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harvester.assess.health import health
from harvester.model import Fields, Reason
from harvester.words import Formatter

_STATES = {"dormant": "silent"}


@dataclass(frozen=True, slots=True)
class Weighed:
    """A reason in words, and what it counts: "+0.45" or "+40"."""

    words: str
    points: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """0 to 100, the word for it (active, slowing, silent, archived), and what each reason counts."""

    score: int
    state: str
    reasons: tuple[Weighed, ...]


def weighed(reasons: Iterable[tuple[float, Reason]], formatter: Formatter) -> list[Weighed]:
    """Why something is thought to be civic, the weightiest first."""
    return [Weighed(formatter.reason(reason), formatter.weight(weight)) for weight, reason in reasons]


def gauge(fields: Fields, formatter: Formatter) -> Gauge | None:
    """The activity; None when no source shows a sign of it, which is not the same as none."""
    found = health(fields, formatter.now.date())
    if found.score is None:
        return None
    reasons = (Weighed(formatter.reason(reason), formatter.points(points)) for points, reason in found.reasons)
    return Gauge(found.score, _STATES.get(found.status, found.status), tuple(reasons))
