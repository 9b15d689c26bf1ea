"""When a thing is gone: absence is evidence only after runs that were judged good, and never at the first time.

A listing's silence is such an absence where the source cannot be asked for one thing. A source that can (a forge) has
to say 404 or 410 itself: what it merely does not list, or refuses for another reason, stays.
"""

from __future__ import annotations

import sqlalchemy as sa

from harvester.catalogue import audit, schema
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.harvest import fence
from harvester.errors import Conflict, NotFound
from harvester.model import Judgement

GUARD_SHARE = 0.20
GUARD_LEAST = 10
"""A run that would remove more than this share, and more than this many, waits for an operator."""

_raw = schema.raw_item


class Absence:
    """Notes what a good run did not see, and removes what two of them did not."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def would_remove(self, run_id: int) -> list[str]:
        """The keys that this run, if good, makes gone."""
        with self._db.read() as connection:
            rows = connection.execute(_missing(connection, run_id).where(_raw.c.missing_runs >= 1))
            return [row.key for row in rows]

    def held(self, run_id: int) -> bool:
        """Whether so much would go that a person has to say yes."""
        going = len(self.would_remove(run_id))
        with self._db.read() as connection:
            source = sa.select(schema.run.c.source).where(schema.run.c.id == run_id).scalar_subquery()
            there = connection.execute(
                sa.select(sa.func.count()).where(_raw.c.source == source, _raw.c.gone_at.is_(None))
            ).scalar_one()
        return going > GUARD_LEAST and going > GUARD_SHARE * there

    def apply(self, run_id: int, attempt: int) -> int:
        """After a good run: count one more absence, and let go what was absent twice. Returns how many went.

        The run is marked as judged good in the same transaction: an attempt after a crash then leaves this out.
        """
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            gone = self._apply(connection, run_id)
            judged = sa.update(schema.run).where(schema.run.c.id == run_id).values(judgement=Judgement.GOOD.value)
            connection.execute(judged)
        return gone

    def confirm(self, run_id: int, actor: str, *, reason: str) -> int:
        """An operator says that a suspicious run is right: its absences count, and what was held back goes.

        Later runs are compared with it. Returns how many went. Raises NotFound, or Conflict for a run that is not the
        newest of its source or was not judged suspicious.
        """
        run = schema.run
        with self._db.write() as connection:
            found = connection.execute(sa.select(run).where(run.c.id == run_id)).one_or_none()
            if found is None:
                raise NotFound(f"no run {run_id}")
            newest = sa.select(sa.func.max(run.c.id)).where(run.c.source == found.source, run.c.state != "missed")
            if found.judgement != Judgement.SUSPICIOUS.value or connection.execute(newest).scalar_one() != run_id:
                raise Conflict(
                    f"run {run_id} cannot be accepted", remedy="only the newest run of a source, when it is suspicious"
                )
            gone = self._apply(connection, run_id)
            values = {"judgement": Judgement.GOOD.value, "reasons": [*found.reasons, reason]}
            connection.execute(sa.update(run).where(run.c.id == run_id).values(**values))
            audit.write(
                connection,
                actor=actor,
                action="run accepted",
                subject=f"run:{run_id}",
                after={"gone": gone},
                why=reason,
            )
        return gone

    def _apply(self, connection: sa.Connection, run_id: int) -> int:
        record = schema.record
        missing = connection.execute(_missing(connection, run_id)).all()
        gone = [row.id for row in missing if row.missing_runs >= 1]
        for some in chunks([row.id for row in missing]):
            connection.execute(sa.update(_raw).where(_raw.c.id.in_(some)).values(missing_runs=_raw.c.missing_runs + 1))
        for some in chunks(gone):
            mine = sa.select(record.c.id).where(record.c.raw_item.in_(some), record.c.active)
            connection.execute(
                self._db.insert(schema.dirty_record).from_select(["record"], mine).on_conflict_do_nothing()
            )
            connection.execute(
                sa.update(record).where(record.c.raw_item.in_(some)).values(active=False, changed_at=now())
            )
            connection.execute(sa.update(_raw).where(_raw.c.id.in_(some)).values(gone_at=now(), changed_run=run_id))
        _close_page_issues(connection, run_id)
        return len(gone)


def _missing(connection: sa.Connection, run_id: int) -> sa.Select[tuple[int, str, int]]:
    run = connection.execute(
        sa.select(schema.run.c.source, schema.run.c.confirms).where(schema.run.c.id == run_id)
    ).one()
    missing = sa.select(_raw.c.id, _raw.c.key, _raw.c.missing_runs).where(
        _raw.c.source == run.source, _raw.c.last_run != run_id, _raw.c.gone_at.is_(None)
    )
    return missing.where(_raw.c.absent_run == run_id) if run.confirms else missing


def _close_page_issues(connection: sa.Connection, run_id: int) -> None:
    issue = schema.issue
    source = connection.execute(sa.select(schema.run.c.source).where(schema.run.c.id == run_id)).scalar_one()
    connection.execute(
        sa.update(issue)
        .where(issue.c.source == source, issue.c.raw_item == 0, issue.c.last_run != run_id)
        .values(active=False)
    )
