"""Families: a whole with what stands to it as part, copy, mirror or installation; only what visitors may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database
from harvester.catalogue.software import _load
from harvester.model import RelationType, Software

TYPES = (RelationType.PART, RelationType.INSTANCE, RelationType.COPY, RelationType.MIRROR)
_TABLE, _SOFT = schema.relation, schema.software
_NAMES = tuple(one.value for one in TYPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A whole, and how many stand to it, all in all and as its parts."""

    id: str
    slug: str
    name: str
    n: int
    parts: int


class Families:
    """Who belongs together."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def largest(self, limit: int = 100) -> list[Family]:
        """The wholes with most parts, and then most others, that are in the toolbox."""
        whole, other = _SOFT.alias("whole"), _SOFT.alias("other")
        n = sa.func.count(sa.distinct(_TABLE.c.subject))
        part = sa.case((_TABLE.c.type == RelationType.PART.value, _TABLE.c.subject))
        parts = sa.func.count(sa.distinct(part))
        query = (
            sa.select(whole.c.id, whole.c.slug, whole.c.name, n.label("n"), parts.label("parts"))
            .select_from(_TABLE.join(whole, whole.c.id == _TABLE.c.object).join(other, other.c.id == _TABLE.c.subject))
            .where(_TABLE.c.type.in_(_NAMES), whole.c.state == "published", other.c.state == "published")
            .where(whole.c.shelf == "listed")
            .group_by(whole.c.id, whole.c.slug, whole.c.name)
            .order_by(parts.desc(), n.desc(), whole.c.id)
            .limit(limit)
        )
        with self._db.read() as connection:
            return [
                Family(id=row.id, slug=row.slug, name=row.name or row.slug, n=row.n, parts=row.parts)
                for row in connection.execute(query)
            ]

    def members(self, software_id: str, limit: int = 500) -> tuple[Sequence[tuple[RelationType, Software]], int]:
        """Who stands to it, by name, the first `limit`; and how many do."""
        mine = sa.and_(_TABLE.c.object == software_id, _TABLE.c.type.in_(_NAMES), _SOFT.c.state == "published")
        joined = _TABLE.join(_SOFT, _SOFT.c.id == _TABLE.c.subject)
        query = sa.select(_TABLE.c.type, _SOFT.c.id).select_from(joined).where(mine)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(_SOFT.c.name, _SOFT.c.id).limit(limit)).all()
            total = connection.execute(sa.select(sa.func.count()).select_from(joined).where(mine)).scalar_one()
            known = {one.id: one for one in _load(connection, list({row.id for row in rows}))}
        return [(RelationType(row.type), known[row.id]) for row in rows if row.id in known], int(total)
