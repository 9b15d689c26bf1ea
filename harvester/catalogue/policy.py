"""What an operator decided for the whole installation, beside what each source and each software is told."""

from __future__ import annotations

import sqlalchemy as sa

from harvester.assess.assessment import threshold
from harvester.catalogue import schema
from harvester.catalogue.database import Database
from harvester.catalogue.people import write_audit

_LISTED_FROM = "listed_from"


class Policy:
    """The threshold of the toolbox."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def listed_from(self) -> float:
        """The least toolbox, 0 to 1, that is listed."""
        with self._db.read() as connection:
            return listed_from(connection)

    def would_list(self, threshold: float) -> int:
        """How many published softwares reach a threshold, copies and what reviewers moved left out of account."""
        soft = schema.software
        query = sa.select(sa.func.count()).where(soft.c.state == "published", soft.c.toolbox >= threshold)
        with self._db.read() as connection:
            return connection.execute(query.select_from(soft)).scalar_one()

    def list_from(self, threshold: float, *, actor: str) -> None:
        """Set it, and leave every software to the resolver. CatalogueError: it is not between 0 and 1."""
        with self._db.write() as connection:
            before = listed_from(connection)
            insert = self._db.insert(schema.policy).values(name=_LISTED_FROM, value=threshold)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
            )
            appraise_all(connection, self._db)
            write_audit(
                connection,
                actor=actor,
                action="listing threshold",
                subject="policy:listed_from",
                before={"listed_from": before},
                after={"listed_from": threshold},
                why=None,
            )

    def appraise_all(self) -> None:
        """Leave every software to the resolver, as the weights are others now."""
        with self._db.write() as connection:
            appraise_all(connection, self._db)


def listed_from(connection: sa.Connection) -> float:
    """The least toolbox that is listed: what an operator set, else what the weights were fitted for."""
    table = schema.policy
    value = connection.execute(sa.select(table.c.value).where(table.c.name == _LISTED_FROM)).scalar_one_or_none()
    return threshold() if value is None else float(value)


def appraise_all(connection: sa.Connection, database: Database) -> None:
    """Mark every record that counts as dirty."""
    record, dirty = schema.record, schema.dirty_record
    every = sa.select(record.c.id).where(record.c.active)
    insert = database.insert(dirty).from_select(["record"], every)
    connection.execute(insert.on_conflict_do_nothing())
