"""What operators are told without asking: that something of a source went wrong, and that it is right again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from harvester.model.reason import Reason


class NoticeKind(StrEnum):
    """What went wrong with a source."""

    RUN = "run"  # its last run that ended was no good one
    ADDRESS = "address"  # a check found its address in decay


class NoticeEnd(StrEnum):
    """Why nothing is the matter any more."""

    MENDED = "mended"  # a good run, a check that found it fine
    UNWATCHED = "unwatched"  # the source was switched off, paused or removed: nothing is known of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong with a source now. `state` is a run's judgement or a check's finding, `run` the run's id."""

    kind: NoticeKind
    state: str
    reasons: tuple[Reason, ...] = ()
    run: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A trouble from its beginning to its end. `trouble` is as it was found first."""

    id: int
    source: str
    trouble: Trouble
    began_at: datetime
    ended_at: datetime | None = None
    end: NoticeEnd | None = None
