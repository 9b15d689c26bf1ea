"""What a run would make of published softwares that its source described before: rename, replace or join them.

A source that an operator trusts changes what it published at once. One that changes much of it in one run may have been
taken over, or have lost its way: as with a mass removal (see Absence) all of that waits for an operator, and what was
published before stands. What it merely says anew of them (a text, a date) is no such change.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, chunks
from harvester.catalogue.harvest import fence
from harvester.model import Identifier, Record, Source

GUARD_SHARE = 0.20
GUARD_LEAST = 10
"""A run that would remove or change more than this share, and more than this many, waits for an operator."""

_raw, _record, _run, _member, _soft = schema.raw_item, schema.record, schema.run, schema.membership, schema.software
_name = schema.identifier


class ShiftKind(StrEnum):
    RENAMED = "renamed"  # the same thing is called otherwise
    REPLACED = "replaced"  # the entry bears nothing of what it was known by: it is another thing
    JOINED = "joined"  # it claims what another published software is known by


class Shift(NamedTuple):
    """A published software that a run would change: as what people know it, how, and what it would be called."""

    name: str
    kind: ShiftKind
    after: str


class Shifts:
    """Holds what a run would change of published softwares, or lets it be."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def settle(self, run_id: int, attempt: int) -> int:
        """Before a run's end is resolved: hold what it would change if that is much, else let it be.

        Returns how many published softwares are held. Raises Fenced.
        """
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            source = _source(connection, run_id)
            shifts = _shifts(connection, source) if _trusted(connection, source) else {}
            held = len(shifts) if _much(connection, source, len(shifts)) else 0
            _let_be(connection, self._db, source, but=list(shifts) if held else ())
            for some in chunks(list(shifts) if held else ()):
                mine = _record.c.id.in_(some)
                connection.execute(sa.update(_record).where(mine).values(held_by=run_id))
                _mark(connection, self._db, mine)
        return held

    def would_change(self, run_id: int) -> list[Shift]:
        """What is held of this run's source since this run, or since one before it that nobody accepted."""
        with self._db.read() as connection:
            found = _shifts(connection, _source(connection, run_id))
            held = sa.select(_record.c.id).where(_record.c.held_by.is_not(None), _record.c.held_by <= run_id)
            mine = {one for one in connection.execute(held).scalars() if one in found}
        return sorted(found[one] for one in mine)


def release(connection: sa.Connection, database: Database, run_id: int) -> list[Shift]:
    """An operator accepts a run: what was held of its source counts from now on. Returns what."""
    source = _source(connection, run_id)
    held = sa.select(_record.c.id).where(_record.c.held_by.is_not(None), _of(source))
    mine = set(connection.execute(held).scalars())
    found = [shift for one, shift in _shifts(connection, source).items() if one in mine]
    _let_be(connection, database, source)
    return sorted(found)


def _source(connection: sa.Connection, run_id: int) -> str:
    return str(connection.execute(sa.select(_run.c.source).where(_run.c.id == run_id)).scalar_one())


def _trusted(connection: sa.Connection, source: str) -> bool:
    """Whether its word counts at once; of another one's every change waits for a reviewer (see resolve.trust)."""
    data = connection.execute(sa.select(schema.source.c.data).where(schema.source.c.name == source)).scalar_one()
    return codec.load(Source, data).trusted


def _of(source: str) -> sa.ColumnElement[bool]:
    return _record.c.raw_item.in_(sa.select(_raw.c.id).where(_raw.c.source == source))


def _much(connection: sa.Connection, source: str, changed: int) -> bool:
    if changed <= GUARD_LEAST:
        return False
    there = (
        sa.select(sa.func.count(sa.distinct(_soft.c.id)))
        .select_from(
            _soft.join(_member, _member.c.software == _soft.c.id)
            .join(_record, _record.c.id == _member.c.record)
            .join(_raw)
        )
        .where(_raw.c.source == source, _record.c.active, _soft.c.state == "published")
    )
    return changed > GUARD_SHARE * int(connection.execute(there).scalar_one())


def _let_be(connection: sa.Connection, database: Database, source: str, *, but: Sequence[int] = ()) -> None:
    """What the source's records say counts, and what they said before is forgotten; but for those of these ids."""
    kept = set(but)
    mine = sa.select(_record.c.id, _record.c.held_by).where(_record.c.former.is_not(None), _of(source))
    rows = connection.execute(mine)
    free = [(row.id, row.held_by) for row in rows if row.id not in kept]
    for some in chunks([one for one, _ in free]):
        connection.execute(sa.update(_record).where(_record.c.id.in_(some)).values(former=None, held_by=None))
    for some in chunks([one for one, held_by in free if held_by is not None]):
        _mark(connection, database, _record.c.id.in_(some))


def _mark(connection: sa.Connection, database: Database, which: sa.ColumnElement[bool]) -> None:
    some = sa.select(_record.c.id).where(which)
    insert = database.insert(schema.dirty_record).from_select(["record"], some)
    connection.execute(insert.on_conflict_do_nothing())


def _shifts(connection: sa.Connection, source: str) -> dict[int, Shift]:
    """By record what the source's entries would change of published softwares."""
    query = (
        sa.select(_record.c.id, _record.c.data, _record.c.former, _soft.c.id.label("software"), _soft.c.name)
        .select_from(
            _record.join(_member, _member.c.record == _record.c.id).join(_soft, _soft.c.id == _member.c.software)
        )
        .where(_record.c.former.is_not(None), _record.c.active, _soft.c.state == "published", _of(source))
    )
    rows = connection.execute(query).all()
    told = {row.id: (codec.load(Record, row.former), codec.load(Record, row.data)) for row in rows}
    claimed = {name for was, now in told.values() for name in set(now.identifiers) - set(was.identifiers)}
    bearers = _bearers(connection, claimed)
    found = {}
    for row in rows:
        was, now = told[row.id]
        kind = _kind(row, was, now, bearers)
        if kind is not None:
            found[row.id] = Shift(row.name, kind, now.fields.name or "")
    return found


def _kind(row: Any, was: Record, now: Record, bearers: dict[Identifier, set[str]]) -> ShiftKind | None:
    before, after = set(was.identifiers), set(now.identifiers)
    if any(bearers.get(name, set()) - {row.software} for name in after - before):
        return ShiftKind.JOINED
    if before and before.isdisjoint(after):
        return ShiftKind.REPLACED
    same = (was.fields.name or "").casefold() == (now.fields.name or "").casefold()
    return None if same else ShiftKind.RENAMED


def _bearers(connection: sa.Connection, names: set[Identifier]) -> dict[Identifier, set[str]]:
    """By identifier the published softwares that are known by it, or by whose other records it is claimed, too."""
    found: dict[Identifier, set[str]] = {}
    by_scheme: dict[str, list[str]] = {}
    for name in sorted(names):
        by_scheme.setdefault(name.scheme, []).append(name.value)
    for scheme, values in by_scheme.items():
        for some in chunks(values):
            query = (
                sa.select(_name.c.value, _member.c.software)
                .select_from(
                    _name.join(_record, _record.c.id == _name.c.record)
                    .join(_member, _member.c.record == _record.c.id)
                    .join(_soft, _soft.c.id == _member.c.software)
                )
                .where(_name.c.scheme == scheme, _name.c.value.in_(some), _name.c.strong)
                .where(_record.c.active, _soft.c.state == "published")
            )
            for row in connection.execute(query):
                found.setdefault(Identifier(scheme, row.value), set()).add(row.software)
    return found
