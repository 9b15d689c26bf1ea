"""Issues: what was dropped or doubtful. Of an item until it changes, of a page until the next good run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, chunks
from harvester.catalogue.kept import KeptCount
from harvester.model import Issue
from harvester.resolve.claims import SHARED_NAME


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
            read = sa.and_(table.c.raw_item.in_(some), table.c.code != SHARED_NAME)
            self._connection.execute(sa.update(table).where(read).values(active=False))
        self._put([self._row(raw_id, url, issue) for raw_id, (url, issues) in by_raw.items() for issue in issues])

    def of_pages(self, issues: Sequence[Issue]) -> None:
        """Issues of whole pages, which no item bears."""
        self._put([self._row(0, None, issue) for issue in issues])

    def _put(self, rows: Sequence[dict[str, Any]]) -> None:
        _put(self._connection, self._db, rows)

    def _row(self, raw_id: int, url: str | None, issue: Issue) -> dict[str, Any]:
        told = {"source": self._source, "raw_item": raw_id, "url": url, "last_seen": self._at, "last_run": self._run}
        return _row(issue, told, first_seen=self._at)


class SharedNames:
    """Stores that names are nobody's own, at the entries that claim them: the resolver knows it, no reading does."""

    def __init__(self, connection: sa.Connection, database: Database, *, at: datetime) -> None:
        self._connection = connection
        self._db = database
        self._at = at

    def put(self, records: Sequence[int], by_item: Mapping[int, Sequence[Issue]]) -> None:
        """The issues by raw item, in the place of those that the items of these records had."""
        raw = schema.raw_item
        wanted: dict[tuple[int, str], dict[str, Any]] = {}
        for some in chunks(sorted(by_item)):
            columns = (raw.c.id, raw.c.source, raw.c.url, raw.c.last_seen, raw.c.last_run)
            for row in self._connection.execute(sa.select(*columns).where(raw.c.id.in_(some))):
                seen = {"raw_item": row.id, "source": row.source, "url": row.url}
                seen |= {"last_seen": row.last_seen, "last_run": row.last_run}
                rows = [_row(issue, seen, first_seen=self._at) for issue in by_item[row.id]]
                wanted |= {(row.id, one["digest"]): one for one in rows}
        standing = self._standing(records)
        over = [issue_id for key, issue_id in standing.items() if key not in wanted]
        for some in chunks(over):
            ended = sa.update(schema.issue).where(schema.issue.c.id.in_(some)).values(active=False)
            self._connection.execute(ended)
        _put(self._connection, self._db, [row for key, row in wanted.items() if key not in standing])

    def _standing(self, records: Sequence[int]) -> dict[tuple[int, str], int]:
        issue, record = schema.issue, schema.record
        found: dict[tuple[int, str], int] = {}
        for some in chunks(records):
            query = (
                sa.select(issue.c.id, issue.c.raw_item, issue.c.digest)
                .join(record, record.c.raw_item == issue.c.raw_item)
                .where(record.c.id.in_(some), issue.c.active, issue.c.code == SHARED_NAME)
            )
            found |= {(row.raw_item, row.digest): row.id for row in self._connection.execute(query)}
        return found


def _put(connection: sa.Connection, database: Database, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    distinct = list({(row["raw_item"], row["digest"]): row for row in rows}.values())
    insert = database.insert(schema.issue)
    again = {name: insert.excluded[name] for name in ("last_seen", "last_run", "active", "url")}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["source", "raw_item", "digest"], set_=again), distinct
    )


def _row(issue: Issue, seen: Mapping[str, Any], *, first_seen: datetime) -> dict[str, Any]:
    data = codec.dump(issue)
    return {
        **seen,
        "digest": codec.digest(data),
        "data": data,
        "code": issue.code,
        "severity": issue.severity.value,
        "first_seen": first_seen,
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


def rows(connection: sa.Connection, condition: sa.ColumnElement[bool], *, limit: int | None = None) -> list[IssueRow]:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueGroup:
    """Active issues of one cause: how many there are, and the newest few."""

    code: str
    severity: str
    n: int
    examples: Sequence[IssueRow]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        first = self.examples[0].issue
        return {
            "code": self.code,
            "severity": self.severity,
            "n": self.n,
            "message": first.message,
            "remedy": first.remedy,
            "examples": [{"key": one.raw_key, "url": one.url, "place": one.issue.place} for one in self.examples],
        }


class Issues:
    """The active issues."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._counts = KeptCount(self._count)

    def recent(
        self, *, source: str | None = None, run: int | None = None, code: str | None = None, limit: int = 100
    ) -> list[IssueRow]:
        """The active issues of all sources, of one, or last seen by one run; of one cause where a `code` is given."""
        conditions: list[sa.ColumnElement[bool]] = [sa.true() if code is None else schema.issue.c.code == code]
        if source is not None:
            conditions.append(schema.issue.c.source == source)
        if run is not None:
            conditions.append(schema.issue.c.last_run == run)
        with self._db.read() as connection:
            return rows(connection, sa.and_(*conditions), limit=limit)

    def groups(self, *, source: str | None = None, run: int | None = None, examples: int = 3) -> list[IssueGroup]:
        """The active issues of a source, or those that a run saw last, by cause: errors first, then what is frequent.

        There are as many as codes of issues at the most.
        """
        issue = schema.issue
        which = issue.c.source == source if run is None else issue.c.last_run == run
        query = (
            sa.select(issue.c.code, issue.c.severity, sa.func.count().label("n"))
            .where(issue.c.active, which)
            .group_by(issue.c.code, issue.c.severity)
            .order_by(issue.c.severity, sa.func.count().desc(), issue.c.code)
        )
        found = []
        with self._db.read() as connection:
            for row in connection.execute(query).all():
                mine = sa.and_(which, issue.c.code == row.code, issue.c.severity == row.severity)
                few = rows(connection, mine, limit=examples)
                found.append(IssueGroup(code=row.code, severity=row.severity, n=row.n, examples=few))
        return found

    def count(self, *, run: int) -> int:
        """How many active issues one run saw last."""
        query = sa.select(sa.func.count()).where(schema.issue.c.active, schema.issue.c.last_run == run)
        with self._db.read() as connection:
            return int(connection.execute(query).scalar_one())

    def counts(self) -> dict[str, int]:
        """How many active issues each source has; of a large catalogue some time ago."""
        return self._counts()

    def _count(self) -> dict[str, int]:
        issue = schema.issue
        query = sa.select(issue.c.source, sa.func.count()).where(issue.c.active).group_by(issue.c.source)
        with self._db.read() as connection:
            return dict(connection.execute(query).all())
