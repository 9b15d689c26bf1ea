"""The opt-out list: digests of the identifiers of what was erased, which no harvest stores again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, chunks
from harvester.model import Identifier, Outcome, RawItem, Reading

ERASED = "erased"
"""The format of what is left of an entry that was erased: that it was there."""
_WHY = "it was erased on request"


def opt_out(connection: sa.Connection, database: Database, names: Iterable[Identifier]) -> None:
    """Put identifiers on the list."""
    rows = [{"digest": digest} for digest in sorted({codec.digest(str(name)) for name in names})]
    if rows:
        connection.execute(database.insert(schema.opt_out).on_conflict_do_nothing(), rows)


def without_erased(
    connection: sa.Connection, items: Sequence[tuple[RawItem, Reading]]
) -> list[tuple[RawItem, Reading]]:
    """The items without what was erased on request; of one that holds nothing else only that it was there."""
    names = {name for _, reading in items for record in reading.records for name in record.identifiers}
    erased = _opted_out(connection, names) if names else set()
    if not erased:
        return list(items)
    return [_without(raw, reading, erased) for raw, reading in items]


def _without(raw: RawItem, reading: Reading, erased: set[Identifier]) -> tuple[RawItem, Reading]:
    kept = tuple(record for record in reading.records if erased.isdisjoint(record.identifiers))
    if kept or not reading.records:
        return raw, replace(reading, records=kept)
    key = f"erased:{codec.digest(raw.key)[:24]}"
    nameless = replace(raw, key=key, format=ERASED, payload=b"", url="", context={})
    return nameless, Reading(outcome=Outcome.SKIPPED, reason=_WHY)


def _opted_out(connection: sa.Connection, names: Iterable[Identifier]) -> set[Identifier]:
    table = schema.opt_out
    if connection.execute(sa.select(table.c.digest).limit(1)).first() is None:
        return set()
    by_digest = {codec.digest(str(name)): name for name in names}
    found: set[Identifier] = set()
    for some in chunks(list(by_digest)):
        rows = connection.execute(sa.select(table.c.digest).where(table.c.digest.in_(some))).scalars()
        found.update(by_digest[digest] for digest in rows)
    return found
