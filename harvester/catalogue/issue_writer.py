"""Storing issues: of an item until it changes, of a page until the next good run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
