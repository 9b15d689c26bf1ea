"""What a person let into what is published of sources that are not trusted, and what of it is in question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database
from harvester.model import Record, Source
from harvester.resolve.trust import waiting

_record, _member, _raw = schema.record, schema.membership, schema.raw_item


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a source says otherwise than what was let in: by field before and now. `url` is where it was asked."""

    source: str
    title: str
    url: str
    key: str
    fields: dict[str, tuple[Any, Any]]


class Standing:
    """Reads what waits for a reviewer of softwares that are published."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def waiting(self, software_id: str) -> list[Waiting]:
        """What sources that are not trusted say of a published software and nobody let in or declined."""
        source = schema.source
        query = (
            sa.select(_record, _raw.c.source, _raw.c.url, source.c.data.label("settings"))
            .select_from(_member.join(_record, _record.c.id == _member.c.record).join(_raw).join(source))
            .where(_member.c.software == software_id, _record.c.active)
            .order_by(_record.c.id)
        )
        found = []
        with self._db.read() as connection:
            for row in connection.execute(query):
                told = codec.load(Source, row.settings)
                if told.trusted or row.declined == row.digest:
                    continue
                before = codec.load(Record, row.standing) if row.standing is not None else None
                if fields := waiting(codec.load(Record, row.data), before):
                    found.append(Waiting(source=row.source, title=told.title, url=row.url, key=row.key, fields=fields))
        return found


def let_in(connection: sa.Connection, software: Sequence[str]) -> list[list[Any]]:
    """Let all that these softwares' records say in, as a reviewer saw it. Returns [record, what was let in before]."""
    mine = sa.select(_member.c.record).where(_member.c.software.in_(software))
    open_ones = sa.select(_record.c.id, _record.c.standing).where(
        _record.c.id.in_(mine), _record.c.active, _record.c.standing.is_distinct_from(_record.c.data)
    )
    before = [[row.id, row.standing] for row in connection.execute(open_ones.order_by(_record.c.id))]
    connection.execute(
        sa.update(_record).where(_record.c.id.in_(mine), _record.c.active).values(standing=_record.c.data)
    )
    return before


def decline(connection: sa.Connection, software_id: str) -> list[list[Any]]:
    """Leave what a software's records say otherwise out, until they say something else again. Returns [record, what was
    declined before]."""
    mine = sa.select(_member.c.record).where(_member.c.software == software_id)
    rows = connection.execute(sa.select(_record.c.id, _record.c.declined).where(_record.c.id.in_(mine))).all()
    connection.execute(sa.update(_record).where(_record.c.id.in_(mine)).values(declined=_record.c.digest))
    return [[row.id, row.declined] for row in rows]


def keep_what_was_published(connection: sa.Connection, source: str) -> None:
    """What a source said while it was trusted stays in what is published, now that it is not."""
    mine = sa.select(_raw.c.id).where(_raw.c.source == source)
    soft = schema.software
    published = (
        sa.select(_member.c.record).join(soft, soft.c.id == _member.c.software).where(soft.c.state == "published")
    )
    connection.execute(
        sa.update(_record)
        .where(_record.c.raw_item.in_(mine), _record.c.active, _record.c.id.in_(published))
        .values(standing=_record.c.data)
    )
