"""Sources: rows that an operator adds, previews, accepts, schedules and switches off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, now
from harvester.catalogue.people import write_audit
from harvester.catalogue.runs import OPEN
from harvester.catalogue.standing import keep_what_was_published
from harvester.errors import Conflict, NotFound
from harvester.model import Source
from harvester.normalize.urls import host_of

_raw, _record = schema.raw_item, schema.record
_FORGES = {"github": "api_url", "gitlab": "url", "forgejo": "url", "gogs": "url"}
"""Kinds of source that harvest a forge, each with the parameter that leads to it."""


def forge_of(source: Source) -> str:
    """Whom a source asks, so far as its settings say: the host of its first address, else its kind."""
    key = _FORGES.get(source.spider)
    given = [source.params.get(key)] if key else list(source.params.values())
    addresses = [one[0] if isinstance(one, list | tuple) and one else one for one in given]
    hosts = (host_of(one) for one in addresses if isinstance(one, str) and one.startswith(("http://", "https://")))
    return next((host for host in hosts if host), source.spider)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What taking back a source's word means: how many records of it count now, the names of the published softwares
    that nobody else speaks of, which go, and how many stay with what others say."""

    records: int
    going: Sequence[str]
    staying: int


class Sources:
    """The configured sources."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[Source]:
        """Every source that was not removed, by name."""
        with self._db.read() as connection:
            rows = connection.execute(sa.select(schema.source.c.data).order_by(schema.source.c.name))
            return [one for row in rows for one in (codec.load(Source, row.data),) if one.removed is None]

    def names(self) -> list[str]:
        """The names of all sources that were not removed."""
        return [source.name for source in self.all()]

    def forges(self) -> dict[str, str]:
        """The hosts that accepted sources harvest as forges, each with its kind ("gitlab")."""
        found: dict[str, str] = {}
        for source in self.all():
            address = source.params.get(_FORGES.get(source.spider, ""))
            if source.accepted and isinstance(address, str) and (host := host_of(address)):
                found[host] = source.spider
        return found

    def get(self, name: str) -> Source:
        """One source. Raises NotFound that lists what there is."""
        with self._db.read() as connection:
            data = connection.execute(
                sa.select(schema.source.c.data).where(schema.source.c.name == name)
            ).scalar_one_or_none()
        if data is None:
            raise NotFound(f"no source {name!r}", remedy="known: " + (", ".join(self.names()) or "none yet"))
        return codec.load(Source, data)

    def items(self, name: str) -> int:
        """How many items of a source are stored and not gone."""
        raw = schema.raw_item
        query = sa.select(sa.func.count()).where(raw.c.source == name, raw.c.gone_at.is_(None))
        with self._db.read() as connection:
            return int(connection.execute(query).scalar_one())

    def put(self, source: Source, actor: str) -> bool:
        """Insert or update; True when it changed. Only a change is written to the audit. Resolve where trust changed.

        Raises Conflict for one that is switched on although what it said was taken back.
        """
        with self._db.write() as connection:
            return self._put(connection, source, _stored(connection, source.name), actor)

    def change(self, name: str, actor: str, **values: Any) -> tuple[Source, Source]:
        """Change these of a source's values; returns it before and after. Raises as `get` and `put` do."""
        with self._db.write() as connection:
            return self._change(connection, name, actor, **values)

    def _change(self, connection: sa.Connection, name: str, actor: str, **values: Any) -> tuple[Source, Source]:
        before = _stored(connection, name)
        if before is None:
            before = self.get(name)  # which says what there is
        after = replace(before, **values)
        self._put(connection, after, before, actor)
        return before, after

    def _put(self, connection: sa.Connection, source: Source, before: Source | None, actor: str) -> bool:
        table = schema.source
        if before is not None and before.taken_back is not None:
            if source.enabled:
                raise Conflict(
                    f"what {source.name!r} said was taken back", remedy=f"harvester sources give-back {source.name}"
                )
            source = replace(source, taken_back=before.taken_back, removed=before.removed)
        if before == source:
            return False
        values = {"data": codec.dump(source), "enabled": source.enabled, "updated_at": now()}
        if before is None:
            connection.execute(sa.insert(table).values(name=source.name, created_at=now(), **values))
        else:
            if before.trusted and not source.trusted:
                keep_what_was_published(connection, source.name)
            if before.trusted is not source.trusted:
                self._dirty(connection, source.name, _record.c.active)
            if (before.spider, before.params) != (source.spider, source.params):  # what was checked is asked no more
                check = schema.source_check
                connection.execute(sa.delete(check).where(check.c.source == source.name))
            connection.execute(sa.update(table).where(table.c.name == source.name).values(**values))
        write_audit(
            connection,
            actor=actor,
            action="source added" if before is None else "source changed",
            subject=f"source:{source.name}",
            before=codec.plain(before) if before else None,
            after=codec.plain(source),
        )
        return True

    def would_take_back(self, name: str) -> TakenBack:
        """What `take_back` would do now. Raises NotFound."""
        self.get(name)
        with self._db.read() as connection:
            return _counting(connection, name)

    def take_back(self, name: str, actor: str, *, remove: bool = False) -> TakenBack:
        """Switch a source off, and let nothing that it said count until it is given back; it is kept as it was read.

        With `remove` it goes from all lists, too. Raises NotFound, or Conflict where it was taken back already or a
        run of it is open. Resolve afterwards.
        """
        run = schema.run
        open_runs = sa.select(sa.func.count()).where(run.c.source == name, run.c.state.in_(OPEN))
        with self._db.write() as connection:
            source = self.get(name)
            if source.taken_back is not None and (source.removed is not None or not remove):
                raise Conflict(
                    f"what {name!r} said was taken back already", remedy=f"harvester sources give-back {name}"
                )
            if connection.execute(open_runs).scalar_one():
                raise Conflict(f"a run of {name!r} is open", remedy=f"harvester stop {name}, then again")
            found, moment = _counting(connection, name), now()
            after = replace(source, enabled=False, removed=moment if remove else None)
            if source.taken_back is None:
                self._count(connection, name, _record.c.active, active=False, at=moment)
                after = replace(after, taken_back=moment)
            self._changed(connection, source, after, actor, "removed" if remove else "taken back")
        return found

    def give_back(self, name: str, actor: str) -> int:
        """Undo `take_back`: what the source said counts again, as it was last read; it stays switched off. Returns how
        many records those are.

        Raises NotFound, or Conflict where it was not taken back. Resolve afterwards.
        """
        with self._db.write() as connection:
            source = self.get(name)
            if source.taken_back is None:
                raise Conflict(f"what {name!r} said counts: nothing was taken back", remedy="harvester sources list")
            went = _record.c.active.is_(False) & (_record.c.changed_at == source.taken_back)
            self._count(connection, name, went, active=True, at=source.taken_back)
            self._changed(connection, source, replace(source, taken_back=None, removed=None), actor, "given back")
            return _counting(connection, name).records

    def _count(
        self, connection: sa.Connection, name: str, which: sa.ColumnElement[bool], *, active: bool, at: datetime
    ) -> None:
        """Whether these records of a source count, from now on; what they are part of is resolved again."""
        mine = self._dirty(connection, name, which)
        connection.execute(sa.update(_record).where(mine).values(active=active, changed_at=at))

    def _dirty(self, connection: sa.Connection, name: str, which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        """Leave these records of a source to the resolver; returns which those are."""
        mine = which & _record.c.raw_item.in_(sa.select(_raw.c.id).where(_raw.c.source == name))
        dirty = self._db.insert(schema.dirty_record).from_select(["record"], sa.select(_record.c.id).where(mine))
        connection.execute(dirty.on_conflict_do_nothing())
        return mine

    def _changed(self, connection: sa.Connection, before: Source, after: Source, actor: str, what: str) -> None:
        values = {"data": codec.dump(after), "enabled": after.enabled, "updated_at": now()}
        connection.execute(sa.update(schema.source).where(schema.source.c.name == after.name).values(**values))
        write_audit(
            connection,
            actor=actor,
            action=f"source {what}",
            subject=f"source:{after.name}",
            before=codec.plain(before),
            after=codec.plain(after),
        )


def _stored(connection: sa.Connection, name: str) -> Source | None:
    table = schema.source
    data = connection.execute(sa.select(table.c.data).where(table.c.name == name)).scalar_one_or_none()
    return None if data is None else codec.load(Source, data)


def _counting(connection: sa.Connection, name: str) -> TakenBack:
    member, soft, others = schema.membership, schema.software, _record.alias()
    source_of, theirs = _raw.alias(), schema.membership.alias()
    mine = sa.select(_record.c.id).join(_raw).where(_raw.c.source == name, _record.c.active)
    records = connection.execute(sa.select(sa.func.count()).select_from(mine.subquery())).scalar_one()
    else_said = (
        sa.exists()
        .where(theirs.c.software == soft.c.id, theirs.c.record == others.c.id, others.c.active)
        .where(others.c.raw_item == source_of.c.id, source_of.c.source != name)
    )
    query = sa.select(soft.c.name, soft.c.id, else_said.label("stays")).where(
        soft.c.state == "published", soft.c.id.in_(sa.select(member.c.software).where(member.c.record.in_(mine)))
    )
    rows = connection.execute(query).all()
    going = sorted(row.name or row.id for row in rows if not row.stays)
    return TakenBack(records, going, len(rows) - len(going))
