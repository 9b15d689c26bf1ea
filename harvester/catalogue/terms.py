"""The terms that sources use of their own vocabularies, as the standing records hold them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database

_BATCH = 500


@dataclass(frozen=True, slots=True)
class DeclaredTerm:
    """One record's use of a term: `reader` as in Record ("sill/1"), `url` where a person can see the entry."""

    source: str
    reader: str
    term: str
    url: str


class DeclaredTerms:
    """Reads the categories of the records that stand."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, source: str | None = None) -> Iterator[DeclaredTerm]:
        """Every use of a category by a record that stands, in order of the records; of one source or of all."""
        record, raw = schema.record, schema.raw_item
        query = (
            sa.select(record.c.id, record.c.reader, record.c.data, raw.c.source, raw.c.url)
            .join_from(record, raw)
            .where(record.c.active)
            .order_by(record.c.id)
            .limit(_BATCH)
        )
        if source is not None:
            query = query.where(raw.c.source == source)
        last = 0
        while True:
            with self._db.read() as connection:
                rows = connection.execute(query.where(record.c.id > last)).all()
            if not rows:
                return
            for row in rows:
                for term in json.loads(row.data)["fields"].get("categories", ()):
                    yield DeclaredTerm(row.source, row.reader, term, row.url)
            last = rows[-1].id
