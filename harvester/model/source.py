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
    a good run brings at the least. `trusted`: new software from it publishes without a reviewer. `taken_back`: when all
    that it said was taken back; until it is given back nothing of it counts, and it is not harvested.
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
    taken_back: datetime | None = None
