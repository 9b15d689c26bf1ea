"""The history of runs, and the queue that it is: one row a run, whoever executes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, now, over
from harvester.catalogue.harvest import counts, fence
from harvester.catalogue.people import MACHINE, write_audit
from harvester.errors import Conflict, NotFound
from harvester.model import Judgement, Reason, Run, RunCounts, RunState, Source
from harvester.model.run import WELL

_run = schema.run


_CLOCK = "clock"
WAITING = (RunState.QUEUED, RunState.CAPPED)
OPEN = (*WAITING, RunState.RUNNING)


class Runs:
    """Queue, claim, heartbeat, finish."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def queue(self, source: str, due_at: datetime, *, by: str = _CLOCK, local_slot: str | None = None) -> Run | None:
        """Queue a run for a slot; None when that slot has one, or when the source has an open run: it waits, is capped,
        or runs, be it under a worker that was killed. Conflict: what the source said was taken back."""
        with self._db.write() as connection:
            if not self._db.is_sqlite:  # writers of SQLite take turns anyway
                one_at_a_time = sa.select(schema.source.c.name).where(schema.source.c.name == source)
                connection.execute(one_at_a_time.with_for_update())
            _refuse_taken_back(connection, source)
            if connection.execute(
                sa.select(sa.func.count()).where(_run.c.source == source, _run.c.state.in_(OPEN))
            ).scalar_one():
                return None
            made = connection.execute(
                self._db.insert(_run)
                .values(
                    source=source,
                    due_at=due_at,
                    local_slot=local_slot,
                    queued_by=by,
                    queued_at=now(),
                    state=RunState.QUEUED.value,
                    reasons=[],
                    counts={},
                    spent={},
                )
                .on_conflict_do_nothing()
                .returning(_run.c.id)
            ).scalar_one_or_none()
            if made is None:
                return None
            if by not in (_CLOCK, MACHINE):
                write_audit(connection, actor=by, action="run queued", subject=f"run:{made}", after={"source": source})
            return _load(connection, made)

    def missed(self, source: str, due_at: datetime) -> bool:
        """Record that a slot passed while no scheduler ran, or while the source's run before lasted.

        False when the slot is known already.
        """
        with self._db.write() as connection:
            before = sa.and_(_run.c.source == source, _run.c.due_at < due_at, _run.c.started_at.is_not(None))
            lasted = sa.exists().where(before, sa.or_(_run.c.state.in_(OPEN), _run.c.finished_at >= due_at))
            why = "judged.overlapped" if connection.execute(sa.select(lasted)).scalar_one() else "judged.missed"
            made = connection.execute(
                self._db.insert(_run)
                .values(
                    source=source,
                    due_at=due_at,
                    queued_by="clock",
                    queued_at=now(),
                    finished_at=now(),
                    state=RunState.MISSED.value,
                    reasons=[codec.plain(Reason(why))],
                    counts={},
                    spent={},
                )
                .on_conflict_do_nothing()
            )
            return made.rowcount == 1

    def get(self, run_id: int) -> Run:
        """One run. Raises NotFound."""
        with self._db.read() as connection:
            return _load(connection, run_id)

    def recent(self, source: str | None = None, limit: int = 50) -> list[Run]:
        """The newest runs first."""
        query = sa.select(_run).order_by(_run.c.due_at.desc(), _run.c.id.desc()).limit(limit)
        if source is not None:
            query = query.where(_run.c.source == source)
        with self._db.read() as connection:
            return [_to_run(row) for row in connection.execute(query)]

    def count(self, source: str | None = None) -> int:
        """How many runs there are, of all sources or of one."""
        query = sa.select(sa.func.count()).select_from(_run)
        if source is not None:
            query = query.where(_run.c.source == source)
        with self._db.read() as connection:
            return int(connection.execute(query).scalar_one())

    def open_of(self, source: str) -> Run | None:
        """The run of the source that waits, is capped or runs; None where all are over."""
        query = sa.select(_run).where(_run.c.source == source, _run.c.state.in_(OPEN)).order_by(_run.c.id).limit(1)
        with self._db.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _to_run(row)

    def count_open(self) -> dict[str, int]:
        """How many runs wait, are capped, or run: each of these states with its count, also of none."""
        query = sa.select(_run.c.state, sa.func.count()).where(_run.c.state.in_(OPEN)).group_by(_run.c.state)
        with self._db.read() as connection:
            return {state.value: 0 for state in OPEN} | dict(connection.execute(query).all())

    def running(self) -> list[Run]:
        """The runs that somebody works on, or worked on until it was killed."""
        query = sa.select(_run).where(_run.c.state == RunState.RUNNING.value).order_by(_run.c.id)
        with self._db.read() as connection:
            return [_to_run(row) for row in connection.execute(query)]

    def last_by_source(self, limit: int = 14) -> dict[str, list[Run]]:
        """The newest runs of each source, newest first. It costs by sources, however many runs there were."""
        source, older = schema.source, _run.alias()
        mine = older.c.source == source.c.name
        newest_first = older.c.due_at.desc(), older.c.id.desc()
        if self._db.is_sqlite:  # it knows no LATERAL, and looks the ids up one by one
            newest = sa.select(older.c.id).where(mine).order_by(*newest_first).limit(limit).correlate(source)
            query = sa.select(_run).select_from(source.join(_run, _run.c.id.in_(newest)))
        else:
            each = sa.select(older).where(mine).order_by(*newest_first).limit(limit).lateral()
            query = sa.select(each).select_from(source.join(each, sa.true()))
        found: dict[str, list[Run]] = {}
        with self._db.read() as connection:
            for row in connection.execute(query):
                found.setdefault(row.source, []).append(_to_run(row))
        for runs in found.values():
            runs.sort(key=lambda run: (run.due_at, run.id), reverse=True)
        return found

    def last_good(self, name: str | None = None) -> dict[str, datetime]:
        """When the newest run of each source, or of one, ended that was good or came to its bounds."""
        source = schema.source
        good = sa.select(_run.c.finished_at).where(_run.c.source == source.c.name, _run.c.judgement.in_(WELL))
        good = good.where(_run.c.finished_at.is_not(None)).order_by(_run.c.due_at.desc()).limit(1)
        query = sa.select(source.c.name, good.scalar_subquery().label("at"))
        if name is not None:
            query = query.where(source.c.name == name)
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        return {row.name: row.at for row in rows if row.at is not None}

    def latest_due(self, source: str) -> datetime | None:
        """The newest slot that the source has a run for, asked for by the clock."""
        query = sa.select(sa.func.max(_run.c.due_at)).where(_run.c.source == source, _run.c.queued_by == "clock")
        with self._db.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def others_wait(self) -> bool:
        """Whether a run could be taken up now: one that is queued, or whose budget is there again."""
        due = sa.or_(_run.c.state == "queued", sa.and_(_run.c.state == "capped", _run.c.resume_at <= now()))
        with self._db.read() as connection:
            return bool(connection.execute(sa.select(sa.exists().where(due))).scalar_one())

    def to_be_taken(self) -> list[tuple[int, str]]:
        """The runs that somebody could take up now, oldest first, each with its source."""
        query = sa.select(_run.c.id, _run.c.source).where(_free(now())).order_by(_run.c.due_at, _run.c.id)
        with self._db.read() as connection:
            return [(row.id, row.source) for row in connection.execute(query)]

    def claim(self, worker: str, lease_s: float, *, run_id: int | None = None) -> Run | None:
        """Take the oldest run that waits, whose budget is there again, or whose worker fell silent.

        At most one run of a source runs.
        """
        moment = now()
        busy = _run.alias()
        alone = ~sa.exists().where(
            busy.c.source == _run.c.source,
            busy.c.id != _run.c.id,
            busy.c.state == "running",
            ~over(busy.c.lease_until, moment),
        )
        query = sa.select(_run.c.id).where(_free(moment), alone).order_by(_run.c.due_at, _run.c.id).limit(1)
        if run_id is not None:
            query = query.where(_run.c.id == run_id)
        with self._db.write() as connection:
            self._db.alone(connection, "claim")  # or two workers could take two runs of one source at once
            chosen = connection.execute(query).scalar_one_or_none()
            if chosen is None:
                return None
            progress = _progress(connection, chosen)
            connection.execute(
                sa.update(_run)
                .where(_run.c.id == chosen)
                .values(
                    state=RunState.RUNNING.value,
                    attempt=_run.c.attempt + 1,
                    fruitless=sa.case((_run.c.progress == progress, _run.c.fruitless + 1), else_=1),
                    progress=progress,
                    worker=worker,
                    lease_until=moment + timedelta(seconds=lease_s),
                    resume_at=None,
                    started_at=sa.func.coalesce(_run.c.started_at, moment),
                    heartbeat_at=moment,
                )
            )
            return _load(connection, chosen)

    def heartbeat(self, run_id: int, attempt: int, lease_s: float) -> bool:
        """Hold the lease. False when an operator asked to stop. Raises Fenced."""
        moment = now()
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            connection.execute(
                sa.update(_run).where(_run.c.id == run_id).values(lease_until=moment + timedelta(seconds=lease_s))
            )
            return not connection.execute(sa.select(_run.c.stop_requested).where(_run.c.id == run_id)).scalar_one()

    def release(self, run_id: int, attempt: int, *, spent: Mapping[str, int]) -> None:
        """Give a run back, for another attempt to take up where this one ended."""
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            connection.execute(
                sa.update(_run)
                .where(_run.c.id == run_id)
                .values(lease_until=now() - timedelta(seconds=1), spent=_added(connection, run_id, spent))
            )

    def pause(
        self,
        run_id: int,
        attempt: int,
        *,
        resume_at: datetime,
        reasons: Sequence[Reason],
        counts: RunCounts,
        spent: Mapping[str, int],
    ) -> Run:
        """Leave a run whose budget is spent until `resume_at`: then it goes on with its open units. Raises Fenced."""
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            connection.execute(
                sa.update(_run)
                .where(_run.c.id == run_id)
                .values(
                    state=RunState.CAPPED.value,
                    resume_at=resume_at,
                    resumed=_run.c.resumed + 1,
                    progress=None,
                    reasons=[codec.plain(one) for one in reasons],
                    counts=codec.plain(counts),
                    spent=_added(connection, run_id, spent),
                    lease_until=None,
                )
            )
            return _load(connection, run_id)

    def keep_left(self, run_id: int, attempt: int, left: Mapping[str, Any]) -> None:
        """Keep what is left of the budgets that a run spends, by endpoint. Raises Fenced."""
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            connection.execute(sa.update(_run).where(_run.c.id == run_id).values(left=dict(left)))

    def progress(self, run_id: int) -> RunCounts:
        """What a run has brought so far."""
        with self._db.read() as connection:
            return counts(connection, run_id)

    def finish(
        self,
        run_id: int,
        attempt: int,
        *,
        judgement: Judgement,
        reasons: Sequence[Reason],
        counts: RunCounts,
        spent: Mapping[str, int],
        state: RunState = RunState.FINISHED,
    ) -> Run:
        """End a run with its judgement. Raises Fenced."""
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            connection.execute(
                sa.update(_run)
                .where(_run.c.id == run_id)
                .values(
                    state=state.value,
                    judgement=judgement.value,
                    reasons=[codec.plain(one) for one in reasons],
                    counts=codec.plain(counts),
                    spent=_added(connection, run_id, spent),
                    finished_at=now(),
                    lease_until=None,
                )
            )
            return _load(connection, run_id)

    def stop(self, run_id: int, actor: str) -> None:
        """Ask a run to stop: a waiting one ends at once, a running one at its next heartbeat."""
        with self._db.write() as connection:
            before = _load(connection, run_id)
            if before.state not in OPEN:
                raise Conflict(f"run {run_id} is {before.state.value} already", reason=Reason("conflict.over"))
            values: dict[str, Any] = {"stop_requested": True}
            if before.state in WAITING:
                values |= {
                    "state": "stopped",
                    "finished_at": now(),
                    "reasons": [codec.plain(Reason.of("judged.stopped-by", by=actor))],
                }
            connection.execute(sa.update(_run).where(_run.c.id == run_id).values(**values))
            said = {"source": before.source, "state": before.state.value}
            write_audit(connection, actor=actor, action="run stopped", subject=f"run:{run_id}", before=said)


def _free(moment: datetime) -> sa.ColumnElement[bool]:
    """Runs that wait, whose budget is there again, or whose worker fell silent."""
    return sa.or_(
        _run.c.state == "queued",
        sa.and_(_run.c.state == "capped", _run.c.resume_at <= moment),
        sa.and_(_run.c.state == "running", over(_run.c.lease_until, moment)),
    )


def _progress(connection: sa.Connection, run_id: int) -> str:
    """How far a run is: the units that are closed, and the records of its source that wait to be resolved."""
    unit = schema.unit
    closed = sa.select(sa.func.count()).where(unit.c.run == run_id, unit.c.state == "closed")
    dirty, record, raw, run = schema.dirty_record, schema.record, schema.raw_item, schema.run
    mine = sa.select(run.c.source).where(run.c.id == run_id).scalar_subquery()
    waiting = sa.select(sa.func.count()).select_from(dirty.join(record).join(raw)).where(raw.c.source == mine)
    return " ".join(str(connection.execute(query).scalar_one()) for query in (closed, waiting))


def _added(connection: sa.Connection, run_id: int, spent: Mapping[str, int]) -> dict[str, int]:
    before = connection.execute(sa.select(_run.c.spent).where(_run.c.id == run_id)).scalar_one()
    return {name: before.get(name, 0) + spent.get(name, 0) for name in {**before, **spent}}


def _load(connection: sa.Connection, run_id: int) -> Run:
    row = connection.execute(sa.select(_run).where(_run.c.id == run_id)).one_or_none()
    if row is None:
        raise NotFound(f"no run {run_id}")
    return _to_run(row)


def _to_run(row: Any) -> Run:
    known = {name: value for name, value in row.counts.items() if name in RunCounts.__dataclass_fields__}
    return Run(
        id=row.id,
        source=row.source,
        due_at=row.due_at,
        state=RunState(row.state),
        attempt=row.attempt,
        queued_at=row.queued_at,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        finished_at=row.finished_at,
        worker=row.worker,
        judgement=Judgement(row.judgement) if row.judgement else None,
        reasons=tuple(codec.of_plain(Reason, one) for one in row.reasons),
        counts=RunCounts(**known),
        spent=row.spent,
        left=row.left,
        resume_at=row.resume_at,
        resumed=row.resumed,
        fruitless=row.fruitless,
    )


def _refuse_taken_back(connection: sa.Connection, name: str) -> None:
    table = schema.source
    data = connection.execute(sa.select(table.c.data).where(table.c.name == name)).scalar_one_or_none()
    if data is not None and codec.load(Source, data).taken_back is not None:
        raise Conflict(f"what {name!r} said was taken back", remedy=f"harvester sources give-back {name}")
