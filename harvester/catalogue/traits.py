"""What the queue is narrowed by: of each software a row for each value of a facet that is sought.

The resolver keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from harvester.assess.helps import helps
from harvester.catalogue import schema
from harvester.catalogue.database import chunks
from harvester.model import Appraisal, Fields, traits

_NONE = sa.delete(schema.trait).where(schema.trait.c.software == sa.bindparam("software_id"))
_WORTH = sa.update(schema.software).where(schema.software.c.id == sa.bindparam("software_id"))


class Traits:
    """Those of the softwares that one transaction resolves, written together."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._known: set[str] = set()
        self._said: dict[str, list[tuple[str, str]]] = {}
        self._worth: dict[str, float] = {}

    def load(self, ids: Sequence[str]) -> None:
        """Find out of which softwares there are any."""
        table = schema.trait
        for some in chunks(ids):
            query = sa.select(table.c.software).where(table.c.software.in_(some)).distinct()
            self._known.update(self._connection.execute(query).scalars())

    def put(self, software_id: str, fields: Fields) -> None:
        """It says this now."""
        self._said[software_id] = traits(fields)

    def complete(self, software_id: str, fields: Fields, appraisal: Appraisal) -> None:
        """It is as it was: told only where it was stored before anything told of it."""
        if software_id not in self._known and (said := traits(fields)):
            self._said[software_id] = said
            self._worth[software_id] = helps(appraisal)

    def store(self) -> None:
        """Write what is new."""
        if self._said:
            self._connection.execute(_NONE, [{"software_id": one} for one in self._said])
        if self._worth:
            self._connection.execute(_WORTH, [{"software_id": one, "helps": new} for one, new in self._worth.items()])
        rows = [
            {"software": one, "facet": facet, "value": value}
            for one, said in self._said.items()
            for facet, value in said
        ]
        if rows:
            self._connection.execute(sa.insert(schema.trait), rows)
