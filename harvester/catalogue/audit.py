"""The append-only audit: who did what to what, before and after, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, now

MACHINE = "harvester"
"""The actor of what happens without a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line. `subject` is "software:ID", "source:NAME", "account:LOGIN", "run:ID"."""

    at: datetime
    actor: str
    action: str
    subject: str
    before: Any
    after: Any
    why: str | None


def line(
    *, actor: str, action: str, subject: str, before: Any = None, after: Any = None, why: str | None = None
) -> dict[str, Any]:
    """A line as a row of the table, for those who add many at once."""
    return {
        "at": now(),
        "actor": actor,
        "action": action,
        "subject": subject,
        "before": before,
        "after": after,
        "why": why,
    }


def write(
    connection: sa.Connection,
    *,
    actor: str,
    action: str,
    subject: str,
    before: Any = None,
    after: Any = None,
    why: str | None = None,
) -> None:
    """Add a line, in the transaction that makes the change."""
    row = line(actor=actor, action=action, subject=subject, before=before, after=after, why=why)
    connection.execute(sa.insert(schema.audit), row)


class Audit:
    """Reads the audit."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def recent(self, limit: int = 100, *, subject: str | None = None) -> list[AuditLine]:
        """The newest lines first."""
        table = schema.audit
        query = sa.select(table).order_by(table.c.id.desc()).limit(limit)
        if subject is not None:
            query = query.where(table.c.subject == subject)
        with self._db.read() as connection:
            return [
                AuditLine(
                    at=row.at,
                    actor=row.actor,
                    action=row.action,
                    subject=row.subject,
                    before=row.before,
                    after=row.after,
                    why=row.why,
                )
                for row in connection.execute(query)
            ]

    def count(self) -> int:
        """How many lines there are."""
        with self._db.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(schema.audit)).scalar_one()
