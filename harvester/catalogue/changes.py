"""What is new, changed and gone among what visitors see."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.codec import SoftwareFacts
from harvester.catalogue.database import Database, chunks
from harvester.catalogue.software import _load
from harvester.model import FIELDS, Fields, Shelf, Software

_SOFT = schema.software


class ChangeKind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of a software, and when (UTC). `fields` are the names of those that its newest version says
    otherwise than the one before; empty where only who says it changed. `published_at` is when it came in."""

    kind: ChangeKind
    at: datetime
    published_at: datetime
    software: Software
    fields: tuple[str, ...] = ()


class Changes:
    """The newest changes of the toolbox. Copies, parts and what is no tool are left out, unless `among` names them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def newest(
        self,
        kind: ChangeKind,
        *,
        since: datetime | None = None,
        among: Collection[str] | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Change]:
        """The newest first; of `among` these softwares (ids) only."""
        with self._db.read() as connection:
            rows = self._rows(connection, kind, since=since, among=among, limit=limit, offset=offset)
            softwares = {one.id: one for one in _load(connection, [row.id for row in rows])}
            changed = _changed_fields(connection, list(softwares)) if kind is ChangeKind.CHANGED else {}
        return [
            Change(
                kind=kind,
                at=row.at,
                published_at=row.published_at,
                software=softwares[row.id],
                fields=changed.get(row.id, ()),
            )
            for row in rows
            if row.id in softwares
        ]

    def count(self, kind: ChangeKind, since: datetime) -> int:
        """How many there are since then."""
        query = sa.select(sa.func.count()).where(*_which(kind, listed=True), _time(kind) >= since)
        with self._db.read() as connection:
            return int(connection.execute(query).scalar_one())

    def last(self) -> datetime | None:
        """When anything that visitors see last changed."""
        query = sa.select(sa.func.max(_SOFT.c.changed_at)).where(_SOFT.c.state == "published")
        with self._db.read() as connection:
            found: datetime | None = connection.execute(query).scalar_one()
        return found

    def pages(self, beginning: str) -> Iterator[tuple[str, str, datetime]]:
        """Id, slug and time of change of everything published whose id begins so, for a sitemap."""
        query = sa.select(_SOFT.c.id, _SOFT.c.slug, _SOFT.c.changed_at).where(_SOFT.c.state == "published")
        if beginning:
            query = query.where(_SOFT.c.id >= beginning, _SOFT.c.id < f"{beginning}~")
        with self._db.read() as connection:
            for row in connection.execute(query.order_by(_SOFT.c.id)):
                yield row.id, row.slug, row.changed_at

    def published(self) -> int:
        """How many softwares are published."""
        query = sa.select(sa.func.count()).where(_SOFT.c.state == "published")
        with self._db.read() as connection:
            return int(connection.execute(query).scalar_one())

    def _rows(
        self,
        connection: sa.Connection,
        kind: ChangeKind,
        *,
        since: datetime | None,
        among: Collection[str] | None,
        limit: int,
        offset: int,
    ) -> Sequence[Any]:
        at = _time(kind)
        query = sa.select(_SOFT.c.id, at.label("at"), _SOFT.c.published_at).where(*_which(kind, listed=among is None))
        if since is not None:
            query = query.where(at >= since)
        if among is None:
            return connection.execute(query.order_by(at.desc(), _SOFT.c.id).limit(limit).offset(offset)).all()
        found = [row for some in chunks(sorted(among)) for row in connection.execute(query.where(_SOFT.c.id.in_(some)))]
        found.sort(key=lambda row: (-row.at.timestamp(), row.id))
        return found[offset : offset + limit]


def _time(kind: ChangeKind) -> sa.ColumnElement[datetime]:
    return _SOFT.c.published_at if kind is ChangeKind.NEW else _SOFT.c.changed_at


def _which(kind: ChangeKind, *, listed: bool) -> list[sa.ColumnElement[bool]]:
    if kind is ChangeKind.GONE:  # what was never published was never there for visitors
        return [_SOFT.c.state.in_(("gone", "withdrawn")), _SOFT.c.published_at.is_not(None)]
    found = [_SOFT.c.state == "published", _SOFT.c.published_at.is_not(None)]
    if listed:
        found.append(_SOFT.c.shelf == Shelf.LISTED.value)
    if kind is ChangeKind.CHANGED:
        found.append(_SOFT.c.changed_at > _SOFT.c.published_at)
    return found


def changed_fields(newer: Fields, older: Fields) -> tuple[str, ...]:
    """The names of the fields of which one version says otherwise than another."""
    return tuple(name for name in FIELDS if getattr(newer, name) != getattr(older, name))


def _changed_fields(connection: sa.Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    version = schema.software_version
    found = {}
    for one in ids:
        query = sa.select(version.c.data).where(version.c.software == one).order_by(version.c.version.desc()).limit(2)
        told = [codec.load(SoftwareFacts, data).fields for data in connection.execute(query).scalars()]
        if len(told) == 2:
            found[one] = changed_fields(*told)
    return found
