"""What a run's entries are: their records, and why the others have none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database
from harvester.model import Issue, Outcome, Record, Severity

_raw, _record, _issue = schema.raw_item, schema.record, schema.issue


class Brought:
    """Reads what a run was shown, as it is stored now: a later run of the source takes its entries over."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def entries(self, run_id: int) -> Iterator[tuple[Record, ...]]:
        """The records of each entry that gave some."""
        query = (
            sa.select(_record.c.raw_item, _record.c.data)
            .join(_raw)
            .where(_of(run_id), _record.c.active)
            .order_by(_record.c.raw_item, _record.c.id)
        )
        with self._db.read() as connection:
            for _, rows in groupby(connection.execute(query), key=lambda row: row.raw_item):
                yield tuple(codec.load(Record, row.data) for row in rows)

    def skipped(self, run_id: int) -> dict[str, int]:
        """The reasons of the entries that were skipped, the most frequent first."""
        query = sa.select(_raw.c.reason, sa.func.count()).where(_of(run_id), _raw.c.outcome == Outcome.SKIPPED.value)
        with self._db.read() as connection:
            found = connection.execute(query.group_by(_raw.c.reason)).all()
        return {reason or "": count for reason, count in sorted(found, key=lambda row: (-row[1], row[0] or ""))}

    def refused(self, run_id: int) -> dict[str, int]:
        """The codes of the first error of each entry that was refused, the most frequent first."""
        query = (
            sa.select(_raw.c.id, _issue.c.data)
            .join(_issue, _issue.c.raw_item == _raw.c.id)
            .where(_of(run_id), _raw.c.outcome == Outcome.REFUSED.value)
            .where(_issue.c.active, _issue.c.severity == Severity.ERROR.value)
            .order_by(_raw.c.id, _issue.c.id)
        )
        found: dict[str, int] = {}
        with self._db.read() as connection:
            for _, rows in groupby(connection.execute(query), key=lambda row: row.id):
                code = codec.load(Issue, next(rows).data).code
                found[code] = found.get(code, 0) + 1
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _of(run_id: int) -> sa.ColumnElement[bool]:
    source = sa.select(schema.run.c.source).where(schema.run.c.id == run_id).scalar_subquery()
    return sa.and_(_raw.c.source == source, _raw.c.last_run == run_id)
