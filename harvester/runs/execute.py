"""Executing a claimed run: a child process crawls, this process holds the lease, then resolves, guards and judges."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from harvester.catalogue import Catalogue
from harvester.catalogue.absence import Hindrances
from harvester.config import PREFIX, Settings, unknown_variables
from harvester.errors import CatalogueUnavailable, Fenced
from harvester.model import Judgement, Reason, Run, RunCounts, RunState
from harvester.model.bounds import LONGEST_S
from harvester.net.counting import requests_in
from harvester.runs import account
from harvester.runs.child import EXIT_FENCED, EXIT_LOST, Child

FALL_SHARE = 0.30
"""A run that brings this much less than the last good one is suspicious (the yield alert of Spidermon's users)."""
REFUSED_SHARE = 0.20
MOST_SHARE = 0.50
USUAL_SHARE = 0.10
"""A run that skips or refuses most of its entries, and this much more of them than the last good one, is suspicious."""
ENDED_AFTER = 1.05
"""A crawl that does not end by itself is ended after this much of its time."""
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
    shifted: int = 0,
    hindrances: Hindrances = Hindrances(),  # noqa: B008 - frozen
) -> tuple[Judgement, tuple[Reason, ...]]:
    """good, capped, suspicious or failed, with every reason. `failures` are (unit, why, status).

    `held`: entries kept back; `shifted`: published softwares that would be renamed, replaced or joined. A run that came
    to its bounds is capped: that it brought less says nothing of the source.
    """
    bad = _failures_of(counts, ending, failures, least)
    bounds = _bounds_reached(counts, ending, hindrances)
    doubts = (
        *_doubts_of_hindrances(counts, ending, failures, hindrances),
        *_doubts_of_yield(counts, 0 if bounds else least, None if bounds else last_good),
        *([Reason.of("judged.held", n=held)] if held else []),
        *([Reason.of("judged.shifted", n=shifted)] if shifted else []),
    )
    if bad:
        return Judgement.FAILED, (*bad, *(doubt for doubt in (*bounds, *doubts) if doubt not in bad))
    if doubts:
        return Judgement.SUSPICIOUS, (*doubts, *bounds)
    return (Judgement.CAPPED, bounds) if bounds else (Judgement.GOOD, ())


def _bounds_reached(counts: RunCounts, ending: Ending, hindrances: Hindrances) -> tuple[Reason, ...]:
    """Which of its bounds the run came to, and brought something before."""
    found = []
    if ending.timed_out_s is not None and counts.entries:
        found.append(Reason.of("judged.time-limit", n=round(ending.timed_out_s)))
    if hindrances.bounded:
        found.append(Reason.of("judged.bounded", n=hindrances.bounded))
    return tuple(found)


def _failures_of(
    counts: RunCounts, ending: Ending, failures: Sequence[tuple[str, str, int | None]], least: int
) -> tuple[Reason, ...]:
    found = []
    if ending.gave_up_after is not None:
        found.append(Reason.of("judged.attempts", n=ending.gave_up_after))
    if ending.timed_out_s is not None:
        found += [] if counts.entries else [Reason.of("judged.time-limit", n=round(ending.timed_out_s))]
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


def _doubts_of_hindrances(
    counts: RunCounts, ending: Ending, failures: Sequence[tuple[str, str, int | None]], hindrances: Hindrances
) -> list[Reason]:
    """Why the run may not have been shown everything: what it was not shown cannot be absent."""
    found = []
    if ending.capped:
        found.append(Reason("judged.capped"))
    found += _say_failures(failures)
    left = counts.units_open - len(failures)
    early = ending.timed_out_s is not None or ending.stopped or ending.exit_code
    if left > 0 and not early and not ending.capped and not hindrances.bounded:
        found.append(Reason.of("judged.units-left", n=left))
    if ending.errors and not failures:
        found.append(Reason.of("judged.errors", n=ending.errors))
    if hindrances.cut:
        found.append(Reason.of("judged.cut", n=hindrances.cut))
    if hindrances.overtaken:
        found.append(Reason("judged.overtaken"))
    return found


def _doubts_of_yield(counts: RunCounts, least: int, last_good: RunCounts | None) -> list[Reason]:
    """Why what came may not be all there is."""
    found = []
    if 0 < counts.entries < least:
        found.append(Reason.of("judged.least", n=counts.entries, least=least))
    if last_good is not None and counts.entries < (1 - FALL_SHARE) * last_good.entries and counts.entries > 0:
        found.append(Reason.of("judged.fell", n=counts.entries, before=last_good.entries))
    if counts.entries and not counts.read and (last_good is None or last_good.read):
        found.append(Reason.of("judged.all-unread", n=counts.entries))
    elif last_good is not None and _unread_share(counts) > max(MOST_SHARE, _unread_share(last_good) + USUAL_SHARE):
        unread, before = (one.skipped + one.refused for one in (counts, last_good))
        of = last_good.entries
        found.append(Reason.of("judged.unread", n=unread, entries=counts.entries, before=before, of=of))
    elif counts.entries and counts.refused > REFUSED_SHARE * counts.entries:
        found.append(Reason.of("judged.refused", n=counts.refused, entries=counts.entries))
    return found


def _unread_share(counts: RunCounts) -> float:
    return (counts.skipped + counts.refused) / counts.entries if counts.entries else 0.0


def _say_failures(failures: Sequence[tuple[str, str, int | None]]) -> list[Reason]:
    said = [_say_failure(*failure) for failure in failures[:_SHOWN_FAILURES]]
    if len(failures) > _SHOWN_FAILURES:
        said.append(Reason.of("judged.more-units-failed", n=len(failures) - _SHOWN_FAILURES))
    return said


def _say_failure(unit: str, why: str, status: int | None) -> Reason:
    if status is not None and status >= 400 and str(status) not in why:
        return Reason.of("judged.unit-answered", unit=unit, status=status)
    return Reason.of("judged.unit-failed", unit=unit, why=why)


LEASE_S = 30.0
"""A run whose worker was silent for so long is taken up by another."""
MOST_ATTEMPTS = 5
"""So many in a row that bring nothing give a run up; one that stores a page or resolves a batch goes on."""
MOST_RESUMED = 48
"""A run whose budget is spent so often ends with what it has: hourly budgets would have taken it two days."""
AFTER_A_RUN = "after a run"
"""Runs go side by side, but what each is followed by (resolving, comparing) is for all, and done by one at a time."""
SUGGESTIONS_MOST_S = 3600.0
"""Pairs that may be one software are not older than this while runs end one after the other."""
_BEAT_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Crawl:
    ending: Ending
    spent: Mapping[str, int] = field(default_factory=dict)
    fenced: bool = False
    killed: bool = False


def execute(
    catalogue: Catalogue,
    settings: Settings,
    run: Run,
    *,
    stopping: threading.Event | None = None,
    lease_s: float = LEASE_S,
) -> Run:
    """Take a claimed run to its end, or give it back for another attempt when its child was killed.

    When `stopping` is set, the child ends and the run is given back, too. Raises Fenced when another worker took the
    run over.
    """
    if run.fruitless > MOST_ATTEMPTS:
        return _give_up(catalogue, run)
    account.begin(catalogue.ledger, run.id)
    attendance = _Attendance(catalogue, settings, run, stopping or threading.Event(), lease_s)
    crawl = _crawl(attendance)
    account.end(catalogue.ledger, run.id, run.attempt)
    if crawl.fenced:
        raise Fenced(f"run {run.id}, attempt {run.attempt}, was taken over")
    crawl = replace(crawl, spent=account.take_spent(catalogue.ledger, run.id))
    catalogue.runs.keep_left(run.id, run.attempt, account.left(catalogue.ledger, {**run.spent, **crawl.spent}))
    if crawl.killed:
        catalogue.runs.release(run.id, run.attempt, spent=crawl.spent)
        _log.warning("run %s of %s: its process was ended, it is taken up again", run.id, run.source)
        return catalogue.runs.get(run.id)
    with _still_held(attendance):
        if crawl.ending.capped_until is not None and run.resumed < MOST_RESUMED:
            return _pause(catalogue, run, crawl, crawl.ending.capped_until)
        return _end(catalogue, run, crawl)


def _pause(catalogue: Catalogue, run: Run, crawl: _Crawl, until: datetime) -> Run:
    """Resolve what came so far, and leave the rest until the budget is there again."""
    counts = catalogue.harvest.counts(run.id, requests=requests_in(crawl.spent) + requests_in(run.spent))
    with catalogue.locks.alone(AFTER_A_RUN):
        catalogue.shifts.settle(run.id, run.attempt)
        catalogue.resolver.resolve()
    reasons = (Reason.of("judged.capped-until", until=until.astimezone(UTC).isoformat(timespec="seconds")),)
    return catalogue.runs.pause(run.id, run.attempt, resume_at=until, reasons=reasons, counts=counts, spent=crawl.spent)


def _end(catalogue: Catalogue, run: Run, crawl: _Crawl) -> Run:
    """Judge the run, resolve what came, and close it."""
    judged, counts = _judged(catalogue, run, crawl)
    with catalogue.locks.alone(AFTER_A_RUN):
        catalogue.resolver.resolve()
        counts = replace(counts, issues=catalogue.harvest.counts(run.id).issues)  # resolving tells some of its own
        suggest(catalogue)
    return _finish(catalogue, run, crawl, judged, counts)


def _judged(catalogue: Catalogue, run: Run, crawl: _Crawl) -> tuple[tuple[Judgement, tuple[Reason, ...]], RunCounts]:
    """Guard against mass removal, judge, and count what is absent where the judgement is good."""
    counts = catalogue.harvest.counts(run.id, requests=requests_in(crawl.spent) + requests_in(run.spent))
    # an attempt that was killed after it counted what is absent must not count it a second time
    counted = run.went_well
    held = 0 if counted or not catalogue.absence.held(run.id) else len(catalogue.absence.would_remove(run.id))
    judgement, reasons = judge(
        counts,
        crawl.ending,
        failures=catalogue.harvest.failures(run.id),
        least=catalogue.sources.get(run.source).least,
        last_good=_last_good(catalogue, run),
        held=held,
        shifted=catalogue.shifts.settle(run.id, run.attempt),
        hindrances=catalogue.absence.hindrances(run.id),
    )
    if judgement in (Judgement.GOOD, Judgement.CAPPED) and not counted:
        catalogue.absence.apply(run.id, run.attempt, judgement=judgement)
        counts = catalogue.harvest.counts(run.id, requests=counts.requests)
    return (judgement, reasons), counts


def suggest(catalogue: Catalogue) -> None:
    """Make the pairs for reviewers anew, unless other runs wait: the last of a batch does it for all of them.

    A queue that is never empty holds them up for `SUGGESTIONS_MOST_S` at most. A worker that finds nothing to do makes
    sure of them as well, as the last run that waited may have been stopped or given up.
    """
    if catalogue.suggestions.age_s > SUGGESTIONS_MOST_S or not catalogue.runs.others_wait():
        catalogue.suggestions.refresh()


def _give_up(catalogue: Catalogue, run: Run) -> Run:
    """Close a run whose attempts broke and brought nothing; nothing is resolved, as that may be what breaks them.

    What it never asked is told, and absent from nothing; the next run of the source begins anew.
    """
    counts = catalogue.harvest.counts(run.id, requests=requests_in(run.spent))
    crawl = _Crawl(Ending(gave_up_after=MOST_ATTEMPTS))
    judged = judge(counts, crawl.ending, failures=catalogue.harvest.failures(run.id), least=0)
    return _finish(catalogue, run, crawl, judged, counts)


def _finish(
    catalogue: Catalogue, run: Run, crawl: _Crawl, judged: tuple[Judgement, tuple[Reason, ...]], counts: RunCounts
) -> Run:
    return catalogue.runs.finish(
        run.id,
        run.attempt,
        judgement=judged[0],
        reasons=judged[1],
        counts=counts,
        spent=crawl.spent,
        state=RunState.STOPPED if crawl.ending.stopped else RunState.FINISHED,
    )


def _last_good(catalogue: Catalogue, run: Run) -> RunCounts | None:
    for earlier in catalogue.runs.recent(run.source, limit=20):
        if earlier.id != run.id and earlier.judgement is Judgement.GOOD:
            return earlier.counts
    return None


@dataclass(frozen=True, slots=True)
class _Attendance:
    """What is needed to look after a crawl."""

    catalogue: Catalogue
    settings: Settings
    run: Run
    stopping: threading.Event
    lease_s: float


def _crawl(attendance: _Attendance) -> _Crawl:
    run, settings = attendance.run, attendance.settings
    child = Child(settings, run.id, run.attempt, settings.data / "logs" / f"run-{run.id}.log")
    try:
        return _attend(attendance, child)
    finally:
        child.close()


def _attend(attendance: _Attendance, child: Child) -> _Crawl:
    run, limit = attendance.run, ENDED_AFTER * (attendance.settings.run_time_limit_s or LONGEST_S)
    began = time.monotonic()
    while not child.wait(min(_BEAT_S, attendance.lease_s / 3)):
        try:
            wanted = attendance.catalogue.runs.heartbeat(run.id, run.attempt, attendance.lease_s)
        except Fenced:
            return _Crawl(Ending(), fenced=True)
        if not wanted:
            return _Crawl(Ending(stopped=True))
        if time.monotonic() - began > limit:
            return _Crawl(Ending(timed_out_s=limit))
        if attendance.stopping.is_set():
            return _Crawl(Ending(), killed=True)
    return _ended(child)


@contextmanager
def _still_held(attendance: _Attendance) -> Iterator[None]:
    """The run's lease, also after its crawl: what follows waits for others, and takes minutes in a large catalogue."""
    over = threading.Event()
    keeper = threading.Thread(target=_hold, args=(attendance, over), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join(attendance.lease_s)


def _hold(attendance: _Attendance, over: threading.Event) -> None:
    run = attendance.run
    while not over.wait(attendance.lease_s / 3):
        try:
            attendance.catalogue.runs.heartbeat(run.id, run.attempt, attendance.lease_s)
        except Fenced:  # whoever works on it meets the fence itself
            return
        except CatalogueUnavailable as error:
            _log.warning("the lease of run %s waits: %s", run.id, error)


def _ended(child: Child) -> _Crawl:
    if child.exit_code == EXIT_FENCED:
        return _Crawl(Ending(), fenced=True)
    if child.exit_code < 0 or child.exit_code == EXIT_LOST:
        return _Crawl(Ending(exit_code=child.exit_code), killed=True)
    report = child.report()
    if report is None:
        return _Crawl(Ending(exit_code=child.exit_code or 1))
    return _Crawl(
        Ending(
            exit_code=child.exit_code,
            finish_reason=report["finish_reason"],
            errors=report["errors"],
            capped_until=datetime.fromisoformat(report["capped_until"]) if report["capped_until"] else None,
        ),
    )


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment for a child: this one's, with the settings in force (they may come from arguments)."""
    told_already = unknown_variables()
    environment = {name: value for name, value in os.environ.items() if name not in told_already}
    for name, value in settings.model_dump(exclude_none=True).items():
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        environment[PREFIX + name.upper()] = str(plain.resolve() if isinstance(plain, Path) else plain)
    return environment
