"""The slugs of softwares: each belongs to one software for good, and what it had before goes on redirecting."""

from __future__ import annotations

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.resolve.slugs import slug, unique

_STEM = 50  # of a longer slug only the beginning is sure to stay when a number is appended


class Slugs:
    """Chooses slugs in one open transaction. `made` are the rows that the caller has to insert at its end."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._made: dict[str, str] = {}

    @property
    def made(self) -> list[dict[str, str]]:
        """The slugs that are new."""
        return [{"slug": chosen, "software": owner} for chosen, owner in self._made.items()]

    def choose(self, software_id: str, name: str | None) -> str:
        """A slug for a software of this name: one that it had already, or one that nobody has."""
        wanted = slug(name, fallback=software_id)
        column = schema.software_slug.c.slug
        owners = self._owners(column == wanted)
        if owners.get(wanted, software_id) != software_id:
            # only now: a pattern is compared with every slug that there is
            owners |= self._owners(column.like(f"{wanted}-%" if len(wanted) <= _STEM else f"{wanted[:_STEM]}%"))
        chosen = unique(wanted, {known for known, owner in owners.items() if owner != software_id})
        if chosen not in owners:
            self._made[chosen] = software_id
        return chosen

    def _owners(self, condition: sa.ColumnElement[bool]) -> dict[str, str]:
        """The softwares that have slugs, those of this transaction among them."""
        table = schema.software_slug
        found = self._connection.execute(sa.select(table.c.slug, table.c.software).where(condition))
        return {row.slug: row.software for row in found} | self._made
