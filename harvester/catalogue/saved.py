"""Filters of the queue that somebody keeps under a name of their own."""

from __future__ import annotations

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database
from harvester.catalogue.people import write_audit
from harvester.errors import CatalogueError, NotFound
from harvester.model import Reason

MOST = 50
"""Of one account."""
LONGEST_NAME = 60
LONGEST_QUERY = 2000
_TABLE = schema.saved_filter


class SavedFilters:
    """By account and name a query of the queue's address."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, login: str) -> list[tuple[str, str]]:
        """(name, query) of each that somebody keeps, by name."""
        query = sa.select(_TABLE.c.name, _TABLE.c.query).where(_TABLE.c.login == login).order_by(_TABLE.c.name)
        with self._db.read() as connection:
            return [(row.name, row.query) for row in connection.execute(query)]

    def keep(self, login: str, name: str, query: str) -> None:
        """Keep one, instead of what had that name. CatalogueError: no name, nothing to keep, or too many."""
        name = name.strip()[:LONGEST_NAME]
        if not name or not query or len(query) > LONGEST_QUERY:
            raise CatalogueError(
                "a filter that is kept needs a name and a filter",
                remedy="set one, and name it",
                reason=Reason("saved.incomplete"),
            )
        insert = self._db.insert(_TABLE).values(login=login, name=name, query=query)
        with self._db.write() as connection:
            mine = {row.name: row.query for row in connection.execute(sa.select(_TABLE).where(_TABLE.c.login == login))}
            if name not in mine and len(mine) >= MOST:
                raise CatalogueError(
                    f"{login} keeps {MOST} filters already",
                    remedy="remove one first",
                    reason=Reason.of("saved.full", n=MOST),
                )
            connection.execute(
                insert.on_conflict_do_update(index_elements=["login", "name"], set_={"query": insert.excluded.query})
            )
            before, after = {"name": name, "query": mine.get(name)}, {"name": name, "query": query}
            self._say(connection, login, "filter saved", before=before, after=after)

    def remove(self, login: str, name: str) -> None:
        """Forget one. Raises NotFound."""
        with self._db.write() as connection:
            gone = sa.delete(_TABLE).where(_TABLE.c.login == login, _TABLE.c.name == name)
            query = connection.execute(gone.returning(_TABLE.c.query)).scalar_one_or_none()
            if query is None:
                raise NotFound(f"{login} keeps no filter {name!r}")
            self._say(connection, login, "filter removed", before={"name": name, "query": query}, after=None)

    @staticmethod
    def _say(connection: sa.Connection, login: str, action: str, *, before: object, after: object) -> None:
        write_audit(
            connection, actor=login, action=action, subject=f"account:{login}", before=before, after=after, why=None
        )
