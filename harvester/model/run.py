"""A run: one harvest of one source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from harvester.model.reason import Reason


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    CAPPED = "capped"  # its budget is spent: at `resume_at` it goes on with the units that are left
    FINISHED = "finished"
    STOPPED = "stopped"  # by an operator
    MISSED = "missed"  # its time passed while no scheduler ran


class Judgement(StrEnum):
    GOOD = "good"
    CAPPED = "capped"  # it brought as much as it may: what lies behind is not known to be missing
    SUSPICIOUS = "suspicious"
    FAILED = "failed"


WELL = (Judgement.GOOD, Judgement.CAPPED)
"""Of a source that was harvested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """entries = read + refused + skipped, each raw item in exactly one; `stored` = new + changed.

    `unseen` are items of earlier runs that this one was not shown and that are not gone: nothing is known of them.
    """

    entries: int = 0
    read: int = 0
    refused: int = 0
    skipped: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    unseen: int = 0
    records: int = 0
    issues: int = 0
    requests: int = 0
    units_open: int = 0
    units_closed: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`attempt` counts from 1 and fences: only the newest attempt may store. `due_at` and times are UTC.

    `reasons` say why the judgement is what it is. `spent` is requests (or points) by endpoint, `left` what remains of
    each budget. `resumed` counts how often it went on after its budget was spent, `fruitless` the attempts in a row
    that began where the one before began, the newest included.
    """

    id: int
    source: str
    due_at: datetime
    state: RunState
    attempt: int = 0
    queued_at: datetime | None = None
    started_at: datetime | None = None
    heartbeat_at: datetime | None = None
    finished_at: datetime | None = None
    worker: str | None = None
    judgement: Judgement | None = None
    reasons: tuple[Reason, ...] = ()
    counts: RunCounts = field(default_factory=RunCounts)
    spent: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, Any] = field(default_factory=dict)
    resume_at: datetime | None = None
    resumed: int = 0
    fruitless: int = 0

    @property
    def went_well(self) -> bool:
        """Whether its source was harvested: it brought what there is, or as much of that as it may."""
        return self.judgement in WELL

    def lasts(self, moment: datetime) -> bool:
        """Whether it goes on by then: it waits, runs, or its budget is there again."""
        capped = self.state is RunState.CAPPED and self.resume_at is not None and self.resume_at <= moment
        return capped or self.state in (RunState.QUEUED, RunState.RUNNING)
