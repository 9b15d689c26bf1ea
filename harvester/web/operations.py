"""The operations console: what runs, what failed and why, what it brought and cost, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from harvester.catalogue.runs import OPEN
from harvester.errors import NotFound, SearchError
from harvester.model import Checked, CheckFinding, Judgement, Reason, Run, RunCounts, RunState, Source
from harvester.web import pages
from harvester.web.desk import address_of, decided
from harvester.web.house import House, house_of
from harvester.web.identity import Access, visitor_of
from harvester.web.rooms import Rooms, RowId
from harvester.words import Formatter, Words

BARS = 14
ISSUES_LISTED = 200  # of one cause, on a run's page
BAR_STEP, BAR_HEIGHT = 7, 20
COUNTS = (
    "entries",
    "read",
    "refused",
    "skipped",
    "new",
    "changed",
    "unchanged",
    "gone",
    "unseen",
    "records",
    "issues",
    "requests",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A run as a bar, in the coordinates of its drawing."""

    x: int
    y: int
    height: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A source's line in the table. `run` is the newest that was not missed, `counts` its own (live while it runs).

    `judged` is the newest that ended with a judgement: a source that failed is failing until a run went well.
    """

    source: Source
    run: Run | None
    judged: Run | None
    state: str
    counts: RunCounts
    progress: int | None
    took: timedelta | None
    issues: int
    bars: tuple[Bar, ...]
    bars_words: str
    next_due: datetime | None
    attention: Run | None

    @property
    def failing(self) -> bool:
        """Whether the last run that ended failed."""
        return self.judged is not None and self.judged.judgement is Judgement.FAILED


def state_of(run: Run) -> str:
    """One word for a run: its judgement when it ended, else its state. "capped" came to its bounds and ended; who
    "waits" goes on when its budget is there again."""
    if run.state is RunState.CAPPED:
        return "waits"
    return run.judgement.value if run.judgement is not None and run.state is RunState.FINISHED else run.state.value


def took(run: Run, now: datetime) -> timedelta | None:
    """How long a run took, or takes until now."""
    if run.started_at is None:
        return None
    return (run.finished_at or now) - run.started_at


def bars(runs: Sequence[Run]) -> tuple[Bar, ...]:
    """The last runs, oldest first; as high as they brought entries, and never too low to be seen."""
    shown = list(reversed(runs[:BARS]))
    largest = max((run.counts.entries for run in shown), default=0) or 1
    found = []
    for place, run in enumerate(shown):
        height = max(3, round(BAR_HEIGHT * run.counts.entries / largest))
        state = state_of(run)
        known = state if state in ("good", "suspicious", "failed") else "suspicious" if state == "capped" else "other"
        found.append(Bar(x=place * BAR_STEP, y=BAR_HEIGHT - height + 1, height=height, state=known))
    return tuple(found)


def _bars_words(runs: Sequence[Run], words: Words) -> str:
    states = [state_of(run) for run in runs[:BARS]]
    said = [f"{states.count(state)} {words(f'run.{state}')}" for state in sorted(set(states), key=states.index)]
    return words("operations.bars", runs=", ".join(said)) if said else words("operations.no_runs")


def _line(house: House, source: Source, runs: Sequence[Run], *, issues: int, formatter: Formatter) -> SourceLine:
    run = next((one for one in runs if one.state is not RunState.MISSED), runs[0] if runs else None)
    counts, progress = RunCounts(), None
    if run is not None:
        counts = house.catalogue.runs.progress(run.id) if run.state is RunState.RUNNING else run.counts
        if run.state is RunState.RUNNING and counts.total:
            progress = min(100, round(100 * counts.entries / counts.total))
    state = state_of(run) if run else "never"
    judged = next((one for one in runs if one.judgement is not None), None)
    doubtful = judged is not None and judged.judgement is not Judgement.GOOD
    return SourceLine(
        source=source,
        run=run,
        judged=judged,
        state=state,
        counts=counts,
        progress=progress,
        took=took(run, formatter.now) if run else None,
        issues=issues,
        bars=bars(runs),
        bars_words=_bars_words(runs, formatter.words),
        next_due=house.next_due(source),
        attention=run if state in ("missed", "waits") else judged if doubtful else None,
    )


def _index(house: House) -> dict[str, Any]:
    """The index as a card: reachable or not, and how far behind the catalogue it is."""
    try:
        if not house.engine.healthy().ok:
            return {"state": "down", "pending": 0, "count": 0}
        generation = house.engine.current()
        pending = house.catalogue.feed.pending(house.engine.name, generation) if generation else 0
        state = "empty" if generation is None else "behind" if pending else "current"
        return {"state": state, "pending": pending, "count": house.engine.count() if generation else 0}
    except SearchError:
        return {"state": "down", "pending": 0, "count": 0}


def _decayed(house: House, lines: Sequence[SourceLine]) -> list[tuple[Source, Checked]]:
    """The sources that are harvested and whose addresses are in decay, as their last checks found."""
    checks = house.catalogue.checks.all()
    known = ((line.source, checks.get(line.source.name)) for line in lines if line.source.enabled)
    return [
        (source, one) for source, one in known if one and one.finding not in (CheckFinding.FINE, CheckFinding.SILENT)
    ]


def _past_their_end(house: House, formatter: Formatter, language: str) -> list[dict[str, Any]]:
    """The decisions whose end has come and on which later ones stand: nobody but a person can end them."""
    held = house.catalogue.review.held_ends(formatter.now)
    softwares = {one.id: one for one in house.catalogue.software.many([one.decision.software for one in held])}
    return [
        {
            "name": softwares[one.decision.software].fields.name or softwares[one.decision.software].slug,
            "address": address_of(language, softwares[one.decision.software]),
            "decision": decided([one.decision], formatter)[0],
            "why": Reason.of("conflict.stands-on", id=one.by.id, who=one.by.actor),
        }
        for one in held
        if one.decision.software in softwares
    ]


def show_operations(request: Request, language: str, queued: str = "") -> Response:
    """The page."""
    house = house_of(request)
    formatter = house.formatter(language)
    runs, issues = house.catalogue.runs.last_by_source(BARS), house.catalogue.issues.counts()
    lines = [
        _line(house, source, runs.get(source.name, []), issues=issues.get(source.name, 0), formatter=formatter)
        for source in house.catalogue.sources.all()
    ]
    states = house.catalogue.software.count_by_state()
    due = [line.next_due for line in lines if line.next_due is not None]
    return pages.render(
        request,
        "operations.html",
        lines=lines,
        held=[line for line in lines if line.attention],
        decayed=_decayed(house, lines),
        ended=_past_their_end(house, formatter, language),
        published=states.get("published", 0),
        gone=states.get("gone", 0),
        oldest=house.catalogue.review.oldest(),
        running=sum(line.state == "running" for line in lines),
        queued_n=sum(line.state == "queued" for line in lines),
        failing=sum(line.failing for line in lines),
        judged=any(line.judged for line in lines),
        next_due=min(due) if due else None,
        index={**_index(house), "engine": house.engine.name},
        queued=queued if queued in ("yes", "already") else "",
        zone=house.settings.timezone,
        state_of=state_of,
        schedule=lambda source: schedule_words(source, formatter.words),
    )


def schedule_words(source: Source, words: Words) -> str:
    """ "every day", "every 6 hours", or the cron line where words would be long."""
    if not source.enabled:
        return words("schedule.off")
    if not source.accepted:
        return words("schedule.to_accept")
    if source.schedule is None:
        return words("schedule.by_hand")
    if source.rests(datetime.now(UTC)):
        return words("schedule.paused")
    minute, hour, day, month, weekday = (source.schedule.split() + ["*"] * 5)[:5]
    if minute.isdecimal() and day == month == "*":
        if hour.isdecimal():
            return words("schedule.daily" if weekday == "*" else "schedule.weekly")
        if hour.startswith("*/") and hour[2:].isdecimal() and weekday == "*":
            return words("schedule.hours", n=int(hour[2:]))
    return source.schedule


def show_run(request: Request, language: str, run_id: RowId, issues: str = "") -> Response:
    """One run: what it did, what it cost, why it was judged so, and the issues it saw, by cause or (`issues`, a code)
    those of one."""
    house = house_of(request)
    formatter = house.formatter(language)
    run = house.catalogue.runs.get(run_id)
    counts = house.catalogue.runs.progress(run_id) if run.state is RunState.RUNNING else run.counts
    groups = house.catalogue.issues.groups(run=run.id)
    return pages.render(
        request,
        "run.html",
        run=run,
        source=_source_of(house, run),
        state=state_of(run),
        counts=[(name, value) for name, value in asdict(counts).items() if name in COUNTS],
        units=(counts.units_closed, counts.units_open),
        spent=sorted(run.spent.items(), key=lambda one: (-one[1], one[0])),
        left=[(name, one, datetime.fromisoformat(one["resets_at"])) for name, one in sorted(run.left.items())],
        took=took(run, formatter.now),
        issues=house.catalogue.issues.recent(run=run.id, code=issues, limit=ISSUES_LISTED) if issues else [],
        groups=groups,
        of_code=sum(group.n for group in groups if group.code == issues),
        issues_n=house.catalogue.issues.count(run=run.id),
        told=counts.issues,
        requests=counts.requests,
        ended=run.finished_at is not None,
        others=[one for one in house.catalogue.runs.recent(run.source, 15) if one.id != run.id],
        state_of=state_of,
        zone=house.settings.timezone,
        acceptable=_acceptable(house, run),
        would_remove=house.catalogue.absence.would_remove(run.id) if _acceptable(house, run) else [],
        would_change=house.catalogue.shifts.would_change(run.id) if _acceptable(house, run) else [],
        went=house.catalogue.absence.went(run.id) if counts.gone else [],
        stoppable=run.state in OPEN,
    )


def _acceptable(house: House, run: Run) -> bool:
    """Whether an operator may say that a suspicious run is right: only the newest of its source."""
    newest = next((one for one in house.catalogue.runs.recent(run.source, 20) if one.state is not RunState.MISSED), run)
    return run.judgement is Judgement.SUSPICIOUS and newest.id == run.id


def _source_of(house: House, run: Run) -> Source:
    return house.catalogue.sources.get(run.source)


def do_run(request: Request, language: str, source: str) -> Response:
    """Queue a run of a source now."""
    house = house_of(request)
    if source not in house.catalogue.sources.names():
        raise NotFound(f"no source {source!r}")
    moment = datetime.now(UTC)
    made = house.catalogue.runs.queue(
        source, moment.replace(microsecond=moment.microsecond // 1000 * 1000), by=visitor_of(request).login
    )
    return RedirectResponse(f"/{language}/operations?queued={'yes' if made else 'already'}", 303)


def do_stop(request: Request, language: str, run_id: RowId) -> Response:
    """Ask a run to stop; what it stored stays."""
    house_of(request).catalogue.runs.stop(run_id, visitor_of(request).login)
    return RedirectResponse(f"/{language}/operations/runs/{run_id}", 303)


def do_accept(request: Request, language: str, run_id: RowId) -> Response:
    """Say that a suspicious run is right: its absences count, what was held back goes or is changed."""
    house, login = house_of(request), visitor_of(request).login
    house.catalogue.absence.confirm(run_id, login)
    house.catalogue.resolver.resolve()
    return RedirectResponse(f"/{language}/operations/runs/{run_id}", 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/operations", show_operations, access=Access.OPERATOR)
    rooms.page("/{language}/operations/runs/{run_id}", show_run, access=Access.OPERATOR)
    rooms.form("/{language}/operations/sources/{source}/run", do_run, access=Access.OPERATOR)
    rooms.form("/{language}/operations/runs/{run_id}/stop", do_stop, access=Access.OPERATOR)
    rooms.form("/{language}/operations/runs/{run_id}/accept", do_accept, access=Access.OPERATOR)
