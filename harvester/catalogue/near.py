"""Pairs that a reviewer should look at: made anew after each harvest, never a merge."""

from __future__ import annotations

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.codec import SoftwareData
from harvester.catalogue.database import Database
from harvester.model import Identifier
from harvester.resolve.near import Card, suggestions


class Suggestions:
    """The near-duplicates among published softwares and candidates."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def refresh(self) -> int:
        """Compute the pairs anew and store the difference; returns how many there are."""
        pair = schema.suggestion
        with self._db.read() as connection:
            cards = _cards(connection)
            before = {(row.a, row.b): (row.score, tuple(row.reason)) for row in connection.execute(sa.select(pair))}
        found = {
            (min(item.a, item.b), max(item.a, item.b)): (round(item.score, 4), tuple(item.reason))
            for item in suggestions(cards)
        }
        if found == before:
            return len(found)
        with self._db.write() as connection:
            for a, b in before.keys() - found.keys():
                connection.execute(sa.delete(pair).where(pair.c.a == a, pair.c.b == b))
            moved = [key for key, value in found.items() if before.get(key) != value]
            rows = [{"a": a, "b": b, "score": found[a, b][0], "reason": list(found[a, b][1])} for a, b in moved]
            if rows:
                insert = self._db.insert(pair)
                again = {"score": insert.excluded.score, "reason": insert.excluded.reason}
                connection.execute(insert.on_conflict_do_update(index_elements=["a", "b"], set_=again), rows)
        return len(found)


def _cards(connection: sa.Connection) -> list[Card]:
    soft, member, name = schema.software, schema.membership, schema.identifier
    weak: dict[str, list[Identifier]] = {}
    query = (
        sa.select(member.c.software, name.c.scheme, name.c.value)
        .join(name, name.c.record == member.c.record)
        .where(name.c.strong.is_(False))
    )
    for row in connection.execute(query):
        weak.setdefault(row.software, []).append(Identifier(row.scheme, row.value))
    rows = connection.execute(sa.select(soft.c.id, soft.c.data).where(soft.c.state.in_(("published", "candidate"))))
    return [_card(row.id, codec.load(SoftwareData, row.data), weak.get(row.id, [])) for row in rows]


def _card(software_id: str, data: SoftwareData, weak: list[Identifier]) -> Card:
    described = data.fields.short_description
    return Card(
        id=software_id,
        name=data.fields.name,
        organisations=tuple(body.name for body in data.fields.organisations),
        description=described.get("en") or next(iter(described.values()), None),
        repository=data.fields.code_repository,
        suggests=tuple(weak),
        identifiers=data.identifiers,
    )
