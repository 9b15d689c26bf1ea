"""A source: one configured use of a spider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a source's data may be used again. `license` is an SPDX id, None when not stated."""

    license: str | None = None
    url: str | None = None
    attribution: str | None = None
    share_alike: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One configured use of a spider, a row that an operator can add, preview, accept, schedule and switch off.

    `schedule` is a cron line of five fields in `timezone` (IANA), None: by hand only. `least` is how many raw items
    a good run brings at the least. `trusted`: new software from it publishes without a reviewer. `paused`: the clock
    leaves it alone until `paused_until`, which is also when its last pause ended; None: without an end. `taken_back`:
    when all that it said was taken back; until it is given back nothing of it counts, and it is not harvested.
    `removed`: when it went from all lists, too.
    """

    name: str
    spider: str
    title: str
    params: Mapping[str, Any] = field(default_factory=dict)
    publisher: str | None = None
    country: str | None = None
    terms: Terms = field(default_factory=Terms)
    schedule: str | None = None
    timezone: str = "UTC"
    least: int = 1
    trusted: bool = False
    enabled: bool = True
    accepted: bool = True
    paused: bool = False
    paused_until: datetime | None = None
    taken_back: datetime | None = None
    removed: datetime | None = None

    def rests(self, moment: datetime) -> bool:
        """Whether the clock leaves it alone then: it is off, not accepted, or paused."""
        return self.pauses(moment) or not (self.enabled and self.accepted)

    def pauses(self, moment: datetime) -> bool:
        """Whether an operator's pause holds then."""
        return self.paused and (self.paused_until is None or moment < self.paused_until)
