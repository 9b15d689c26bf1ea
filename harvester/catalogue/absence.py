"""What a run says of the things that it did not bring: which are missing, which go, and which a person has to let go.

Absence is evidence only after runs that were judged good, and never at the first time. A listing's silence is such an
absence where the source cannot be asked for one thing, and where it was listed to its end. A source that can (a forge)
has to say 404 or 410 itself: what it merely does not list, or refuses for another reason, stays. What a source still
lists and a reader skips goes after a good run, too; what no reader can read stays as it was last read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.harvest import counts, fence
from harvester.catalogue.people import write_audit
from harvester.catalogue.shifts import GUARD_LEAST, GUARD_SHARE, release
from harvester.errors import Conflict, NotFound
from harvester.model import CAPPING, CUTTING, PAGING_TRAP, Judgement, Outcome, Reason

_NAMED = 10  # names of what went that a run's reason gives
_LONGEST_NAME = 60

_raw, _run, _record = schema.raw_item, schema.run, schema.record


class Going(NamedTuple):
    """An entry that goes: by which key its source knows it, and as what people do."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Hindrances:
    """What keeps a run from telling what is missing: listings that were `cut`, or left where the run came to one of its
    own bounds (`bounded`), a newer run that has begun since."""

    cut: int = 0
    bounded: int = 0
    overtaken: bool = False


class Absence:
    """Notes what a good run did not see, and removes what two of them did not."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def hindrances(self, run_id: int) -> Hindrances:
        """What keeps this run from telling what is missing."""
        with self._db.read() as connection:
            return _hindrances(connection, _row(connection, run_id))

    def would_remove(self, run_id: int) -> list[Going]:
        """What this run, if good, makes go, by key."""
        with self._db.read() as connection:
            run = _row(connection, run_id)
            items = [row.id for row in _missing(connection, run) if row.missing_runs >= 1]
            return _named(connection, [*items, *_skipped(connection, run)])

    def went(self, run_id: int) -> list[Going]:
        """What was gone from its source by this run, by key."""
        with self._db.read() as connection:
            gone = sa.select(_raw.c.id).where(_raw.c.source == _row(connection, run_id).source)
            gone = gone.where(_raw.c.gone_at.is_not(None), _raw.c.changed_run == run_id)
            return _named(connection, connection.execute(gone).scalars().all())

    def held(self, run_id: int) -> bool:
        """Whether so much would go that a person has to say yes."""
        going = len(self.would_remove(run_id))
        with self._db.read() as connection:
            source = _row(connection, run_id).source
            there = connection.execute(
                sa.select(sa.func.count()).where(_raw.c.source == source, _raw.c.gone_at.is_(None))
            ).scalar_one()
        return going > GUARD_LEAST and going > GUARD_SHARE * there

    def apply(self, run_id: int, attempt: int, *, judgement: Judgement = Judgement.GOOD) -> int:
        """After a good run: count one more absence, and let go what was absent twice. Returns how many went. Of a
        capped one counts what its source told to be absent.

        The run is marked as judged in the same transaction: an attempt after a crash then leaves this out.
        """
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            gone = self._apply(connection, run_id)
            judged = sa.update(_run).where(_run.c.id == run_id).values(judgement=judgement.value)
            connection.execute(judged)
        return len(gone)

    def confirm(self, run_id: int, actor: str) -> int:
        """An operator says that a suspicious run is right: its absences count, what was held back goes, and what it
        would change of published softwares is changed.

        What lay behind a cut, or on pages that were never asked, is not absent for all that. Later runs are compared
        with this one, which says what went. Returns how many. Raises NotFound, or Conflict for a run that is not the
        newest of its source or was not judged suspicious.
        """
        with self._db.write() as connection:
            found = connection.execute(sa.select(_run).where(_run.c.id == run_id)).one_or_none()
            if found is None:
                raise NotFound(f"no run {run_id}")
            newest = sa.select(sa.func.max(_run.c.id)).where(_run.c.source == found.source, _run.c.state != "missed")
            if found.judgement != Judgement.SUSPICIOUS.value or connection.execute(newest).scalar_one() != run_id:
                raise Conflict(
                    f"run {run_id} cannot be accepted",
                    remedy="only the newest run of a source, when it is suspicious",
                    reason=Reason("conflict.not-acceptable"),
                )
            gone = self._apply(connection, run_id)
            changed = release(connection, self._db, run_id)
            reasons = [Reason.of("judged.accepted", by=actor), *([_went(gone)] if gone else [])]
            reasons += [Reason.of("judged.changed", n=len(changed))] if changed else []
            values = {
                "judgement": Judgement.GOOD.value,
                "reasons": [*found.reasons, *(codec.plain(reason) for reason in reasons)],
                "counts": codec.plain(counts(connection, run_id, requests=found.counts.get("requests", 0))),
            }
            connection.execute(sa.update(_run).where(_run.c.id == run_id).values(**values))
            after: dict[str, Any] = {"gone": len(gone), "names": [one.name for one in gone]}
            after |= {"changed": [one.name for one in changed]} if changed else {}
            write_audit(connection, actor=actor, action="run accepted", subject=f"run:{run_id}", after=after)
        return len(gone)

    def bring_back(self, source: str, actor: str) -> tuple[int, list[Going]]:
        """Undo the last accepted run of a source: what it let go is there again, as it was last read.

        The run is suspicious again, so that later runs are not compared with it; what their source still does not show
        is missing from the next good run on. Returns the run's id and what came back. Raises NotFound without one.
        """
        with self._db.write() as connection:
            query = sa.select(_run.c.id, _run.c.reasons).where(_run.c.source == source).order_by(_run.c.id.desc())
            accepted = (run for run in connection.execute(query) if _stands(run.reasons))
            run = next(accepted, None)
            if run is None:
                raise NotFound(
                    f"no accepted run of {source!r} stands", remedy=f"`harvester runs {source}` lists its runs"
                )
            gone = sa.select(_raw.c.id, _raw.c.gone_at).where(
                _raw.c.source == source, _raw.c.changed_run == run.id, _raw.c.gone_at.is_not(None)
            )
            items = connection.execute(gone).all()
            came = _named(connection, [item.id for item in items])
            self._there_again(connection, source, items)
            reasons = [*run.reasons, codec.plain(Reason.of("judged.taken-back", by=actor))]
            values = {"judgement": Judgement.SUSPICIOUS.value, "reasons": reasons}
            connection.execute(sa.update(_run).where(_run.c.id == run.id).values(**values))
            after = {"back": len(came), "names": [one.name for one in came]}
            write_audit(connection, actor=actor, action="run taken back", subject=f"run:{run.id}", after=after)
        return int(run.id), came

    def _there_again(self, connection: sa.Connection, source: str, items: Sequence[Any]) -> None:
        """Items that went, and the records that went with them: all at one moment."""
        mine = sa.select(_raw.c.id).where(_raw.c.source == source)
        for moment in {item.gone_at for item in items}:
            went = _record.c.raw_item.in_(mine) & _record.c.active.is_(False) & (_record.c.changed_at == moment)
            records = sa.select(_record.c.id).where(went)
            again = self._db.insert(schema.dirty_record).from_select(["record"], records)
            connection.execute(again.on_conflict_do_nothing())
            connection.execute(sa.update(_record).where(went).values(active=True))
        for some in chunks([item.id for item in items]):
            connection.execute(sa.update(_raw).where(_raw.c.id.in_(some)).values(gone_at=None, missing_runs=0))

    def _apply(self, connection: sa.Connection, run_id: int) -> list[Going]:
        run, moment = _row(connection, run_id), now()  # one for all, by which they are known again (`bring_back`)
        missing = _missing(connection, run)
        gone = [row.id for row in missing if row.missing_runs >= 1]
        skipped = _skipped(connection, run)
        going = _named(connection, [*gone, *skipped])
        for some in chunks([row.id for row in missing]):
            connection.execute(sa.update(_raw).where(_raw.c.id.in_(some)).values(missing_runs=_raw.c.missing_runs + 1))
        self._resolve_again(connection, [*(row.id for row in missing), *skipped])
        for some in chunks([*gone, *skipped]):
            connection.execute(
                sa.update(_record).where(_record.c.raw_item.in_(some)).values(active=False, changed_at=moment)
            )
        for some in chunks(gone):
            connection.execute(sa.update(_raw).where(_raw.c.id.in_(some)).values(gone_at=moment, changed_run=run_id))
        _close_page_issues(connection, run)
        return going

    def _resolve_again(self, connection: sa.Connection, items: Sequence[int]) -> None:
        """What is missing contradicts nobody any more, and what goes is no part of its software."""
        for some in chunks(items):
            mine = sa.select(_record.c.id).where(_record.c.raw_item.in_(some), _record.c.active)
            connection.execute(
                self._db.insert(schema.dirty_record).from_select(["record"], mine).on_conflict_do_nothing()
            )


def _row(connection: sa.Connection, run_id: int) -> Any:
    return connection.execute(sa.select(_run.c.id, _run.c.source, _run.c.confirms).where(_run.c.id == run_id)).one()


def _hindrances(connection: sa.Connection, run: Any) -> Hindrances:
    issue, newer = schema.issue, _run.alias()
    # a source that says itself what is absent may list less than it has
    codes = frozenset([PAGING_TRAP]) if run.confirms else CUTTING - CAPPING
    cut, bounded = (
        sa.select(sa.func.count()).where(
            issue.c.source == run.source, issue.c.raw_item == 0, issue.c.last_run == run.id, issue.c.code.in_(some)
        )
        for some in (codes, CAPPING)
    )
    overtaken = sa.exists().where(newer.c.source == run.source, newer.c.id > run.id, newer.c.started_at.is_not(None))
    return Hindrances(
        cut=connection.execute(cut).scalar_one(),
        bounded=connection.execute(bounded).scalar_one(),
        overtaken=bool(connection.execute(sa.select(overtaken)).scalar_one()),
    )


def _missing(connection: sa.Connection, run: Any) -> Sequence[Any]:
    """The items (id, missing_runs) that this run says are not there."""
    unit = schema.unit
    hindrances = _hindrances(connection, run)
    if hindrances.overtaken:
        return []
    unasked = sa.select(sa.func.count()).where(unit.c.run == run.id, unit.c.state == "open")
    missing = sa.select(_raw.c.id, _raw.c.missing_runs).where(
        _raw.c.source == run.source, _raw.c.last_run != run.id, _raw.c.gone_at.is_(None)
    )
    if run.confirms or hindrances.cut or hindrances.bounded or connection.execute(unasked).scalar_one():
        missing = missing.where(_raw.c.absent_run == run.id)
    return connection.execute(missing).all()


def _skipped(connection: sa.Connection, run: Any) -> Sequence[int]:
    """The items that were read before, and that this run was shown and skipped."""
    read = sa.exists().where(_record.c.raw_item == _raw.c.id, _record.c.active)
    skipped = sa.select(_raw.c.id).where(
        _raw.c.source == run.source, _raw.c.last_run == run.id, _raw.c.outcome == Outcome.SKIPPED.value, read
    )
    return connection.execute(skipped).scalars().all()


def _named(connection: sa.Connection, items: Sequence[int]) -> list[Going]:
    """Items by key, each with the name of its software."""
    member, software = schema.membership, schema.software
    found: list[Going] = []
    for some in chunks(items):
        query = (
            sa.select(_raw.c.key, sa.func.min(software.c.name).label("name"))
            .select_from(_raw)
            .outerjoin(_record, _record.c.raw_item == _raw.c.id)
            .outerjoin(member, member.c.record == _record.c.id)
            .outerjoin(software, software.c.id == member.c.software)
            .where(_raw.c.id.in_(some))
            .group_by(_raw.c.key)
        )
        found += [Going(row.key, row.name or row.key) for row in connection.execute(query)]
    return sorted(found)


def _stands(reasons: Sequence[Any]) -> bool:
    """Whether a run was accepted, and that was not taken back since."""
    said = [codec.of_plain(Reason, reason).code for reason in reasons]
    return said.count("judged.accepted") > said.count("judged.taken-back")


def _went(gone: Sequence[Going]) -> Reason:
    names = [one.name[:_LONGEST_NAME] for one in gone[:_NAMED]]
    more = ["…"] if len(gone) > _NAMED else []
    return Reason.of("judged.went", n=len(gone), names=", ".join((*names, *more)))


def _close_page_issues(connection: sa.Connection, run: Any) -> None:
    issue = schema.issue
    connection.execute(
        sa.update(issue)
        .where(issue.c.source == run.source, issue.c.raw_item == 0, issue.c.last_run != run.id)
        .values(active=False)
    )
