"""Judging a run by what it brought: a process that exits with 0, or a page that answers 200, proves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from harvester.model import Judgement, Reason, RunCounts

FALL_SHARE = 0.30
"""A run that brings this much less than the last good one is suspicious (the yield alert of Spidermon's users)."""
REFUSED_SHARE = 0.20
_SHOWN_FAILURES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the crawl's process ended. `exit_code` is negative for a signal."""

    exit_code: int = 0
    finish_reason: str = "finished"
    errors: int = 0
    capped_until: datetime | None = None  # when the budget that was spent is there again
    timed_out_s: float | None = None
    stopped: bool = False
    gave_up_after: int | None = None

    @property
    def capped(self) -> bool:
        """Whether a spent budget left units open."""
        return self.capped_until is not None


def judge(
    counts: RunCounts,
    ending: Ending,
    *,
    failures: Sequence[tuple[str, str, int | None]] = (),
    least: int = 1,
    last_good: RunCounts | None = None,
    held: int = 0,
) -> tuple[Judgement, tuple[Reason, ...]]:
    """good, suspicious or failed, with every reason. `failures` are (unit, why, status); `held`: entries kept back."""
    bad = _failures_of(counts, ending, failures, least)
    doubts = _doubts(counts, ending, failures, least, last_good, held)
    if bad:
        return Judgement.FAILED, (*bad, *(doubt for doubt in doubts if doubt not in bad))
    return (Judgement.SUSPICIOUS, doubts) if doubts else (Judgement.GOOD, ())


def _failures_of(
    counts: RunCounts, ending: Ending, failures: Sequence[tuple[str, str, int | None]], least: int
) -> tuple[Reason, ...]:
    found = []
    if ending.gave_up_after is not None:
        found.append(Reason.of("judged.attempts", n=ending.gave_up_after))
    if ending.timed_out_s is not None:
        found.append(Reason.of("judged.time-limit", n=round(ending.timed_out_s)))
    elif ending.stopped:
        found.append(Reason("judged.stopped"))
    elif ending.exit_code != 0:
        found.append(Reason.of("judged.crashed", how=f"exit {ending.exit_code}"))
    elif ending.finish_reason not in ("finished", "capped"):
        found.append(Reason.of("judged.crashed", how=ending.finish_reason))
    if failures and counts.units_closed == 0 and not ending.capped:
        found += _say_failures(failures)
    elif not found and counts.entries == 0 and least > 0 and not ending.capped:
        found.append(Reason("judged.nothing"))
    return tuple(found)


def _doubts(
    counts: RunCounts,
    ending: Ending,
    failures: Sequence[tuple[str, str, int | None]],
    least: int,
    last_good: RunCounts | None,
    held: int,
) -> tuple[Reason, ...]:
    found = []
    if ending.capped:
        found.append(Reason("judged.capped"))
    found += _say_failures(failures)
    left = counts.units_open - len(failures)
    early = ending.timed_out_s is not None or ending.stopped or ending.exit_code or ending.gave_up_after is not None
    if left > 0 and not early and not ending.capped:  # what was never asked cannot be absent
        found.append(Reason.of("judged.units-left", n=left))
    if ending.errors and not failures:
        found.append(Reason.of("judged.errors", n=ending.errors))
    if 0 < counts.entries < least:
        found.append(Reason.of("judged.least", n=counts.entries, least=least))
    if last_good is not None and counts.entries < (1 - FALL_SHARE) * last_good.entries and counts.entries > 0:
        found.append(Reason.of("judged.fell", n=counts.entries, before=last_good.entries))
    if counts.entries and counts.refused > REFUSED_SHARE * counts.entries:
        found.append(Reason.of("judged.refused", n=counts.refused, entries=counts.entries))
    if held:
        found.append(Reason.of("judged.held", n=held))
    return tuple(found)


def _say_failures(failures: Sequence[tuple[str, str, int | None]]) -> list[Reason]:
    said = [_say_failure(*failure) for failure in failures[:_SHOWN_FAILURES]]
    if len(failures) > _SHOWN_FAILURES:
        said.append(Reason.of("judged.more-units-failed", n=len(failures) - _SHOWN_FAILURES))
    return said


def _say_failure(unit: str, why: str, status: int | None) -> Reason:
    if status is not None and status >= 400 and str(status) not in why:
        return Reason.of("judged.unit-answered", unit=unit, status=status)
    return Reason.of("judged.unit-failed", unit=unit, why=why)
