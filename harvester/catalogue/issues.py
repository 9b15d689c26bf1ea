"""Reading issues: what was dropped or doubtful, by source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database
from harvester.model import Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow:
    """An issue with where it stands. `raw_key` is None for an issue of a whole page."""

    source: str
    raw_key: str | None
    url: str | None
    issue: Issue
    first_seen: datetime
    last_seen: datetime


def rows(connection: sa.Connection, condition: sa.ColumnElement[bool], *, limit: int) -> list[IssueRow]:
    """The active issues that meet a condition, errors first, newest first."""
    issue, raw = schema.issue, schema.raw_item
    query = (
        sa.select(issue, raw.c.key.label("raw_key"))
        .select_from(issue.outerjoin(raw, raw.c.id == issue.c.raw_item))
        .where(issue.c.active, condition)
        .order_by(issue.c.severity, issue.c.first_seen.desc(), issue.c.id)
        .limit(limit)
    )
    return [
        IssueRow(
            source=row.source,
            raw_key=row.raw_key,
            url=row.url,
            issue=codec.load(Issue, row.data),
            first_seen=row.first_seen,
            last_seen=row.last_seen,
        )
        for row in connection.execute(query)
    ]


class Issues:
    """The active issues."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def recent(self, *, source: str | None = None, run: int | None = None, limit: int = 100) -> list[IssueRow]:
        """The active issues of all sources, of one, or last seen by one run."""
        conditions: list[sa.ColumnElement[bool]] = [sa.true()]
        if source is not None:
            conditions.append(schema.issue.c.source == source)
        if run is not None:
            conditions.append(schema.issue.c.last_run == run)
        with self._db.read() as connection:
            return rows(connection, sa.and_(*conditions), limit=limit)

    def counts(self) -> dict[str, int]:
        """How many active issues each source has."""
        issue = schema.issue
        query = sa.select(issue.c.source, sa.func.count()).where(issue.c.active).group_by(issue.c.source)
        with self._db.read() as connection:
            return dict(connection.execute(query).all())
