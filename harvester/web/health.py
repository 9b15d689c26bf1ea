"""Activity as a figure with its reasons, in the visitor's words."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.assess.health import health
from harvester.model import Fields
from harvester.web.reasons import Reason, health_reasons
from harvester.words import Formatter

_STATES = {"dormant": "silent"}


@dataclass(frozen=True, slots=True)
class Gauge:
    """0 to 100, the word for it (active, slowing, silent, archived), and what each reason counts."""

    score: int
    state: str
    reasons: tuple[Reason, ...]


def gauge(fields: Fields, formatter: Formatter) -> Gauge | None:
    """The activity; None when no source shows a sign of it, which is not the same as none."""
    found = health(fields, formatter.now.date())
    if found.score is None:
        return None
    return Gauge(found.score, _STATES.get(found.status, found.status), tuple(health_reasons(found.reasons, formatter)))
