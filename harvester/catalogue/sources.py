"""Sources: rows that an operator adds, previews, accepts, schedules and switches off."""

from __future__ import annotations

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, now
from harvester.catalogue.people import write_audit
from harvester.catalogue.standing import keep_what_was_published
from harvester.errors import NotFound
from harvester.model import Source
from harvester.normalize.urls import host_of

_FORGES = {"github": "api_url", "gitlab": "url", "forgejo": "url", "gogs": "url"}
"""Kinds of source that harvest a forge, each with the parameter that leads to it."""


class Sources:
    """The configured sources."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[Source]:
        """Every source, by name."""
        with self._db.read() as connection:
            rows = connection.execute(sa.select(schema.source.c.data).order_by(schema.source.c.name))
            return [codec.load(Source, row.data) for row in rows]

    def names(self) -> list[str]:
        """The names of all sources."""
        with self._db.read() as connection:
            return list(connection.execute(sa.select(schema.source.c.name).order_by(schema.source.c.name)).scalars())

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
        """Insert or update; True when it changed. Only a change is written to the audit."""
        table = schema.source
        with self._db.write() as connection:
            before = connection.execute(sa.select(table.c.data).where(table.c.name == source.name)).scalar_one_or_none()
            data = codec.dump(source)
            if before == data:
                return False
            if before is not None and codec.load(Source, before).trusted and not source.trusted:
                keep_what_was_published(connection, source.name)
            values = {"data": data, "enabled": source.enabled, "updated_at": now()}
            if before is None:
                connection.execute(sa.insert(table).values(name=source.name, created_at=now(), **values))
            else:
                connection.execute(sa.update(table).where(table.c.name == source.name).values(**values))
            write_audit(
                connection,
                actor=actor,
                action="source added" if before is None else "source changed",
                subject=f"source:{source.name}",
                before=codec.plain(codec.load(Source, before)) if before else None,
                after=codec.plain(source),
            )
            return True
