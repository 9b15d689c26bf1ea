"""Activity as a figure with its reasons, in the visitor's words."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.assess.health import health
from harvester.model import Fields
from harvester.web.format import Formatter
from harvester.web.reasons import Reason, health_reasons

ACTIVE_FROM, SLOWING_FROM = 50, 20


@dataclass(frozen=True, slots=True)
class Gauge:
    """0 to 100, the word for it (active, slowing, silent), and what each reason counts."""

    score: int
    state: str
    reasons: tuple[Reason, ...]


def gauge(fields: Fields, formatter: Formatter) -> Gauge | None:
    """The activity; None when no source shows a sign of it, which is not the same as none."""
    found = health(fields, formatter.now.date())
    if found is None:
        return None
    state = "active" if found.score >= ACTIVE_FROM else "slowing" if found.score >= SLOWING_FROM else "silent"
    return Gauge(found.score, state, tuple(health_reasons(found.reasons, formatter)))
