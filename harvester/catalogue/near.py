"""Pairs that a reviewer should look at: made anew after each harvest, never a merge."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.codec import SoftwareFacts
from harvester.catalogue.database import Database
from harvester.catalogue.organisations import Organisations
from harvester.catalogue.relations import Relations, said_by
from harvester.catalogue.resolving import Resolver
from harvester.model import Identifier, Reason, SoftwareState
from harvester.resolve.near import suspected
from harvester.resolve.relations import Node, relations

_Pairs = Mapping[tuple[str, str], tuple[float, Reason]]
_State = tuple[int | None, ...]


class Suggestions:
    """The near-duplicates among published softwares and candidates."""

    def __init__(
        self, database: Database, relations: Relations, resolver: Resolver, organisations: Organisations
    ) -> None:
        self._db = database
        self._relations = relations
        self._resolver = resolver
        self._organisations = organisations
        self._made_of: _State | None = None
        self._made_at = -math.inf

    @property
    def age_s(self) -> float:
        """How long ago this process made the pairs; infinite when it never did."""
        return time.monotonic() - self._made_at

    def refresh(self) -> int:
        """Compare all softwares anew: how they stand to each other, what that changes of each, and the pairs for
        reviewers; and who the bodies are that they name. Stores the difference; returns how many pairs there are.

        All softwares are compared, so it costs as much after a small run as after a large one. Nothing is compared
        when this process did so already and nothing that was compared has changed since.
        """
        pair = schema.suggestion
        with self._db.read() as connection:
            state = _state(connection)
            if state == self._made_of:
                self._made_at = time.monotonic()
                return int(connection.execute(sa.select(sa.func.count()).select_from(pair)).scalar_one())
            nodes = nodes_of(connection)
            told = relations(nodes)
            before = {
                (row.a, row.b): (row.score, codec.of_plain(Reason, row.reason))
                for row in connection.execute(sa.select(pair))
            }
        found = {
            (min(item.a, item.b), max(item.a, item.b)): (round(item.score, 4), item.reason)
            for item in suspected(nodes, told)
        }
        self._store(before, found)
        self._relations.store(told)
        changed = self._resolver.resolve()
        self._organisations.refresh()
        with self._db.read() as connection:
            after = _state(connection)
        # what the relations changed is no reason to compare again; what came meanwhile is
        self._made_of = after if after == _moved(state, changed) else state
        self._made_at = time.monotonic()
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


def _moved(state: _State, changed: int) -> _State:
    """The state after so many softwares got another version each, and nothing else happened."""
    softwares, versions, *records = state
    return (softwares, (versions or 0) + changed, *records)


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
    sources = said_by(connection)
    rows = connection.execute(
        sa.select(soft.c.id, soft.c.state, soft.c.data).where(soft.c.state.in_(("published", "candidate")))
    )
    return [
        Node(
            id=row.id,
            fields=data.fields,
            identifiers=data.identifiers,
            suggests=tuple(sorted(weak.get(row.id, []))),
            sources=sources.get(row.id, ()),
            published=row.state == SoftwareState.PUBLISHED,
        )
        for row in rows
        for data in (codec.load(SoftwareFacts, row.data),)
    ]
