"""Locks with a lease: who is the one worker of an embedded installation."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, now


class Locks:
    """Named locks; a holder that stops renewing loses its lock when the lease ends."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def take(self, name: str, holder: str, lease_s: float) -> bool:
        """Take or renew; False while somebody else holds it."""
        table = schema.lock
        until = now() + timedelta(seconds=lease_s)
        insert = self._db.insert(table).values(name=name, holder=holder, until=until)
        free = sa.or_(table.c.holder == holder, table.c.until < now())
        with self._db.write() as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["name"], set_={"holder": holder, "until": until}, where=free
                )
            )
            current = connection.execute(sa.select(table.c.holder).where(table.c.name == name)).scalar_one()
        return bool(current == holder)

    def holder(self, name: str) -> str | None:
        """Who holds the lock now."""
        table = schema.lock
        query = sa.select(table.c.holder).where(table.c.name == name, table.c.until >= now())
        with self._db.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def release(self, name: str, holder: str) -> None:
        """Give it back."""
        table = schema.lock
        with self._db.write() as connection:
            connection.execute(sa.delete(table).where(table.c.name == name, table.c.holder == holder))
