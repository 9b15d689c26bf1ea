"""What the indexes still have to learn: dirt by engine and generation, never a queue.

An index is a projection: each of its generations has its own dirt, cleared up to the version that was applied.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, now


def mark_dirty(connection: sa.Connection, database: Database, software: Sequence[tuple[str, int]]) -> None:
    """Mark softwares as changed to these versions, for every generation of every engine."""
    generations = connection.execute(sa.select(schema.index_generation)).all()
    rows = [
        {"engine": row.engine, "generation": row.generation, "software": software_id, "version": version}
        for row in generations
        for software_id, version in software
    ]
    if rows:
        insert = database.insert(schema.index_dirt)
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["engine", "generation", "software"], set_={"version": insert.excluded.version}
            ),
            rows,
        )


class IndexFeed:
    """The dirt of the search engines."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, engine: str, generation: str) -> int:
        """A new generation: everything published is dirty for it. Returns how much that is."""
        software, dirt = schema.software, schema.index_dirt
        with self._db.write() as connection:
            connection.execute(
                self._db.insert(schema.index_generation)
                .values(engine=engine, generation=generation, created_at=now())
                .on_conflict_do_nothing()
            )
            all_published = sa.select(
                sa.literal(engine), sa.literal(generation), software.c.id, software.c.version
            ).where(software.c.state == "published")
            made = connection.execute(
                self._db.insert(dirt)
                .from_select(["engine", "generation", "software", "version"], all_published)
                .on_conflict_do_nothing()
            )
            return made.rowcount

    def knows(self, engine: str, generation: str) -> bool:
        """Whether the catalogue feeds this generation."""
        table = schema.index_generation
        query = sa.select(sa.func.count()).where(table.c.engine == engine, table.c.generation == generation)
        with self._db.read() as connection:
            return connection.execute(query).scalar_one() > 0

    def retire(self, engine: str, keep: Collection[str]) -> None:
        """Forget every generation of an engine but these."""
        with self._db.write() as connection:
            for table in (schema.index_dirt, schema.index_generation):
                connection.execute(sa.delete(table).where(table.c.engine == engine, table.c.generation.not_in(keep)))

    def published(self) -> dict[str, int]:
        """What an index has to hold: the version of every published software."""
        software = schema.software
        query = sa.select(software.c.id, software.c.version).where(software.c.state == "published")
        with self._db.read() as connection:
            return dict(connection.execute(query).all())

    def mark(self, engine: str, generation: str, software: Mapping[str, int]) -> None:
        """Have these softwares applied to a generation once more, up to these versions at least."""
        rows = [
            {"engine": engine, "generation": generation, "software": software_id, "version": version}
            for software_id, version in software.items()
        ]
        if rows:
            with self._db.write() as connection:
                connection.execute(self._db.insert(schema.index_dirt).on_conflict_do_nothing(), rows)

    def dirty(self, engine: str, generation: str, limit: int | None = 500) -> list[tuple[str, int]]:
        """(software id, version) still to be applied."""
        dirt = schema.index_dirt
        query = (
            sa.select(dirt.c.software, dirt.c.version)
            .where(dirt.c.engine == engine, dirt.c.generation == generation)
            .order_by(dirt.c.software)
            .limit(limit)
        )
        with self._db.read() as connection:
            return list(connection.execute(query).all())

    def applied(self, engine: str, generation: str, done: Sequence[tuple[str, int]]) -> None:
        """Clear what was applied, unless it has changed again meanwhile."""
        if not done:
            return
        dirt = schema.index_dirt
        with self._db.write() as connection:
            connection.execute(
                sa.delete(dirt).where(
                    dirt.c.engine == engine,
                    dirt.c.generation == generation,
                    dirt.c.software == sa.bindparam("id"),
                    dirt.c.version <= sa.bindparam("upto"),
                ),
                [{"id": software_id, "upto": version} for software_id, version in done],
            )

    def pending(self, engine: str, generation: str) -> int:
        """How many softwares the generation is behind."""
        dirt = schema.index_dirt
        query = sa.select(sa.func.count()).where(dirt.c.engine == engine, dirt.c.generation == generation)
        with self._db.read() as connection:
            return connection.execute(query).scalar_one()

    def current(self) -> bool:
        """Whether every generation of every engine knows everything (and there is one)."""
        dirt, generation = schema.index_dirt, schema.index_generation
        with self._db.read() as connection:
            generations = connection.execute(sa.select(sa.func.count()).select_from(generation)).scalar_one()
            behind = connection.execute(sa.select(sa.func.count()).select_from(dirt)).scalar_one()
        return generations > 0 and behind == 0
