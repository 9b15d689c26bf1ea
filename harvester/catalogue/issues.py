"""Issues: what was dropped or doubtful. Of an item until it changes, of a page until the next good run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, chunks
from harvester.model import Issue


class IssueWriter:
    """Stores a run's issues inside one open transaction, `at` one moment."""

    def __init__(
        self, connection: sa.Connection, database: Database, *, run_id: int, source: str, at: datetime
    ) -> None:
        self._connection = connection
        self._db = database
        self._run, self._source, self._at = run_id, source, at

    def of_items(self, by_raw: Mapping[int, tuple[str | None, Sequence[Issue]]]) -> None:
        """The issues of raw items (by their row ids, each with its URL) in the place of those that they had."""
        table = schema.issue
        for some in chunks(list(by_raw)):
            self._connection.execute(sa.update(table).where(table.c.raw_item.in_(some)).values(active=False))
        self._put([self._row(raw_id, url, issue) for raw_id, (url, issues) in by_raw.items() for issue in issues])

    def of_pages(self, issues: Sequence[Issue]) -> None:
        """Issues of whole pages, which no item bears."""
        self._put([self._row(0, None, issue) for issue in issues])

    def _put(self, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        distinct = list({(row["raw_item"], row["digest"]): row for row in rows}.values())
        insert = self._db.insert(schema.issue)
        again = {name: insert.excluded[name] for name in ("last_seen", "last_run", "active", "url")}
        self._connection.execute(
            insert.on_conflict_do_update(index_elements=["source", "raw_item", "digest"], set_=again), distinct
        )

    def _row(self, raw_id: int, url: str | None, issue: Issue) -> dict[str, Any]:
        data = codec.dump(issue)
        return {
            "source": self._source,
            "raw_item": raw_id,
            "url": url,
            "digest": codec.digest(data),
            "data": data,
            "severity": issue.severity.value,
            "first_seen": self._at,
            "last_seen": self._at,
            "last_run": self._run,
            "active": True,
        }


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
