"""Pairs that a reviewer should look at: made anew after each harvest, never a merge."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.codec import SoftwareData
from harvester.catalogue.database import Database
from harvester.model import Identifier, Reason
from harvester.resolve.near import suspected
from harvester.resolve.relations import Node, relations

_Pairs = Mapping[tuple[str, str], tuple[float, Reason]]
_State = tuple[int | None, ...]


class Suggestions:
    """The near-duplicates among published softwares and candidates."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._made_of: _State | None = None
        self._made_at = -math.inf

    @property
    def age_s(self) -> float:
        """How long ago this process made the pairs; infinite when it never did."""
        return time.monotonic() - self._made_at

    def refresh(self) -> int:
        """Compute the pairs anew and store the difference; returns how many there are.

        All softwares are compared, so it costs as much after a small run as after a large one. Nothing is computed
        when this process did so already and nothing that was compared has changed since.
        """
        pair = schema.suggestion
        with self._db.read() as connection:
            state = _state(connection)
            if state == self._made_of:
                self._made_at = time.monotonic()
                return int(connection.execute(sa.select(sa.func.count()).select_from(pair)).scalar_one())
            nodes = nodes_of(connection)
            before = {
                (row.a, row.b): (row.score, codec.of_plain(Reason, row.reason))
                for row in connection.execute(sa.select(pair))
            }
        found = {
            (min(item.a, item.b), max(item.a, item.b)): (round(item.score, 4), item.reason)
            for item in suspected(nodes, relations(nodes))
        }
        self._store(before, found)
        self._made_of, self._made_at = state, time.monotonic()
        return len(found)

    def _store(self, before: _Pairs, found: _Pairs) -> None:
        if found == before:
            return
        pair = schema.suggestion
        with self._db.write() as connection:
            for a, b in before.keys() - found.keys():
                connection.execute(sa.delete(pair).where(pair.c.a == a, pair.c.b == b))
            moved = [key for key, value in found.items() if before.get(key) != value]
            rows = [{"a": a, "b": b, "score": found[a, b][0], "reason": codec.plain(found[a, b][1])} for a, b in moved]
            if rows:
                insert = self._db.insert(pair)
                again = {"score": insert.excluded.score, "reason": insert.excluded.reason}
                connection.execute(insert.on_conflict_do_update(index_elements=["a", "b"], set_=again), rows)


def _state(connection: sa.Connection) -> _State:
    """What moves with every change of a software or a record: versions only grow, and a record that is left out is
    no longer active."""
    soft, record = schema.software, schema.record
    of_softwares = sa.select(sa.func.count(), sa.func.sum(soft.c.version)).select_from(soft)
    of_records = sa.select(
        sa.func.count(), sa.func.sum(record.c.version), sa.func.sum(sa.case((record.c.active, 1), else_=0))
    ).select_from(record)
    return (*connection.execute(of_softwares).one(), *connection.execute(of_records).one())


def nodes_of(connection: sa.Connection) -> list[Node]:
    """What is compared of each published software and each candidate."""
    soft, member, name = schema.software, schema.membership, schema.identifier
    weak: dict[str, list[Identifier]] = {}
    query = (
        sa.select(member.c.software, name.c.scheme, name.c.value)
        .join(name, name.c.record == member.c.record)
        .where(name.c.strong.is_(False))
    )
    for row in connection.execute(query):
        weak.setdefault(row.software, []).append(Identifier(row.scheme, row.value))
    sources = _sources(connection)
    rows = connection.execute(sa.select(soft.c.id, soft.c.data).where(soft.c.state.in_(("published", "candidate"))))
    return [
        Node(
            id=row.id,
            fields=data.fields,
            identifiers=data.identifiers,
            suggests=tuple(sorted(weak.get(row.id, []))),
            sources=tuple(sorted(sources.get(row.id, ()))),
        )
        for row in rows
        for data in (codec.load(SoftwareData, row.data),)
    ]


def _sources(connection: sa.Connection) -> dict[str, set[tuple[str, str]]]:
    """By software, the sources of its records with the formats of their readers."""
    member, record, raw = schema.membership, schema.record, schema.raw_item
    query = (
        sa.select(member.c.software, raw.c.source, record.c.reader)
        .join(record, record.c.id == member.c.record)
        .join(raw, raw.c.id == record.c.raw_item)
        .distinct()
    )
    found: dict[str, set[tuple[str, str]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.software, set()).add((row.source, row.reader.rpartition("/")[0]))
    return found
