"""Collections: an editor's lists of tools, each with a title, a text in several languages, and an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, now
from harvester.catalogue.people import write_audit
from harvester.catalogue.software import _resolve, slug
from harvester.errors import CatalogueError, NotFound

MOST = 200
"""Tools of one collection."""
LONGEST_TITLE, LONGEST_TEXT = 120, 5000
_TABLE, _ITEM = schema.collection, schema.collection_item


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """`title` and `text` by BCP 47 tag; `softwares` are ids in the editor's order, also of what is not shown now."""

    slug: str
    title: Mapping[str, str]
    text: Mapping[str, str] = field(default_factory=dict)
    softwares: tuple[str, ...] = ()


class Collections:
    """Reads and changes them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[Collection]:
        """Every one, by slug."""
        with self._db.read() as connection:
            return _load(connection, sa.true())

    def get(self, wanted: str) -> Collection:
        """One. Raises NotFound."""
        with self._db.read() as connection:
            return _one(connection, wanted)

    def put(
        self,
        wanted: str | None,
        *,
        title: Mapping[str, str],
        text: Mapping[str, str],
        softwares: Sequence[str],
        actor: str,
    ) -> Collection:
        """Make one, or give an existing one all of this; `softwares` are ids or slugs, in order.

        CatalogueError: it has no title, or too much of something. NotFound: no such software, or no such collection.
        """
        title, text = _filled(title, LONGEST_TITLE), _filled(text, LONGEST_TEXT)
        if not title:
            raise CatalogueError("a collection needs a title", remedy="give it one in one language at least")
        if len(softwares) > MOST:
            raise CatalogueError(f"a collection holds at most {MOST} tools", remedy="make two of it")
        with self._db.write() as connection:
            before = _one(connection, wanted) if wanted else None
            name = before.slug if before else _free(connection, slug(next(iter(title.values())), fallback="collection"))
            ids = list(dict.fromkeys(_resolve(connection, one) for one in softwares))
            made = Collection(slug=name, title=title, text=text, softwares=tuple(ids))
            if made == before:
                return made
            if before is None:
                row = {"slug": name, "title": title, "text": text, "made_at": now(), "changed_at": now()}
                connection.execute(sa.insert(_TABLE).values(row))
            else:
                changed = sa.update(_TABLE).where(_TABLE.c.slug == name)
                connection.execute(changed.values(title=title, text=text, changed_at=now()))
                connection.execute(sa.delete(_ITEM).where(_ITEM.c.collection == name))
            if ids:
                rows = [{"collection": name, "software": one, "position": place} for place, one in enumerate(ids)]
                connection.execute(sa.insert(_ITEM), rows)
            action = "collection changed" if before else "collection made"
            _say(connection, name, action, actor=actor, before=before, after=made)
            return made

    def remove(self, wanted: str, actor: str) -> None:
        """Take one away. Raises NotFound."""
        with self._db.write() as connection:
            before = _one(connection, wanted)
            connection.execute(sa.delete(_ITEM).where(_ITEM.c.collection == before.slug))
            connection.execute(sa.delete(_TABLE).where(_TABLE.c.slug == before.slug))
            _say(connection, before.slug, "collection removed", actor=actor, before=before, after=None)


def _filled(texts: Mapping[str, str], most: int) -> dict[str, str]:
    found = {tag: text.strip() for tag, text in texts.items() if text.strip()}
    if any(len(text) > most for text in found.values()):
        raise CatalogueError(f"a text of a collection is longer than {most} characters", remedy="shorten it")
    return found


def _free(connection: sa.Connection, wanted: str) -> str:
    taken = set(connection.execute(sa.select(_TABLE.c.slug)).scalars())
    return next(name for n in range(len(taken) + 1) if (name := wanted if not n else f"{wanted}-{n + 1}") not in taken)


def _one(connection: sa.Connection, wanted: str) -> Collection:
    found = _load(connection, _TABLE.c.slug == wanted)
    if not found:
        raise NotFound(f"no collection {wanted!r}", remedy="harvester collections list")
    return found[0]


def _load(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[Collection]:
    rows = connection.execute(sa.select(_TABLE).where(condition).order_by(_TABLE.c.slug)).all()
    items: dict[str, list[str]] = {}
    query = sa.select(_ITEM).join(_TABLE).where(condition).order_by(_ITEM.c.position)
    for row in connection.execute(query):
        items.setdefault(row.collection, []).append(row.software)
    return [
        Collection(slug=row.slug, title=row.title, text=row.text, softwares=tuple(items.get(row.slug, ())))
        for row in rows
    ]


def _say(
    connection: sa.Connection,
    name: str,
    action: str,
    *,
    actor: str,
    before: Collection | None,
    after: Collection | None,
) -> None:
    def told(one: Collection | None) -> dict[str, Any] | None:
        return {"title": one.title, "text": one.text, "softwares": list(one.softwares)} if one else None

    subject = f"collection:{name}"
    write_audit(connection, actor=actor, action=action, subject=subject, before=told(before), after=told(after))
