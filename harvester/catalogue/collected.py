"""Collections: an editor's lists of tools, each with a title, a text in several languages, and an order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.people import write_audit
from harvester.catalogue.software import _resolve, heirs, slug
from harvester.errors import CatalogueError, Conflict, NotFound
from harvester.model import Reason, SoftwareState

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

    @property
    def digest(self) -> str:
        """What tells whether it changed."""
        said = [self.slug, sorted(self.title.items()), sorted(self.text.items()), self.softwares]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


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

    def shown(self) -> dict[str, int]:
        """By slug how many of its tools visitors see; one is as good as what it was merged into. None without any."""
        with self._db.read() as connection:
            held = connection.execute(sa.select(_ITEM.c.collection, _ITEM.c.software)).all()
            into = heirs(connection, {row.software for row in held})
            seen = _published(connection, set(into.values()))
        found: dict[str, set[str]] = {}
        for row in held:
            if into[row.software] in seen:
                found.setdefault(row.collection, set()).add(into[row.software])
        return {name: len(ids) for name, ids in sorted(found.items())}

    def put(
        self,
        wanted: str | None,
        *,
        title: Mapping[str, str],
        text: Mapping[str, str],
        softwares: Sequence[str],
        actor: str,
        seen: str | None = None,
    ) -> Collection:
        """Make one, or give an existing one all of this; `softwares` are ids or slugs, in order.

        CatalogueError: it has no title, or too much of something. NotFound: no such software, or no such collection.
        Conflict: its digest is not `seen` any more.
        """
        title, text = _filled(title, LONGEST_TITLE), _filled(text, LONGEST_TEXT)
        if not title:
            raise CatalogueError(
                "a collection needs a title",
                remedy="give it one in one language at least",
                reason=Reason("collections.needs_title"),
            )
        if len(softwares) > MOST:
            raise CatalogueError(
                f"a collection holds at most {MOST} tools",
                remedy="make two of it",
                reason=Reason("collections.too_many"),
            )
        with self._db.write() as connection:
            before = _one(connection, wanted) if wanted else None
            if before is not None and seen not in (None, before.digest):
                raise Conflict(
                    f"collection {before.slug} changed meanwhile",
                    remedy="look at it, and send yours again",
                    reason=Reason("collections.changed"),
                )
            ids = list(dict.fromkeys(_resolve(connection, one) for one in softwares))
            name = before.slug if before else self._new(connection, title, text)
            made = Collection(slug=name, title=title, text=text, softwares=tuple(ids))
            if made == before:
                return made
            if before is not None:
                changed = sa.update(_TABLE).where(_TABLE.c.slug == name)
                connection.execute(changed.values(title=title, text=text, changed_at=now()))
                connection.execute(sa.delete(_ITEM).where(_ITEM.c.collection == name))
            if ids:
                rows = [{"collection": name, "software": one, "position": place} for place, one in enumerate(ids)]
                connection.execute(sa.insert(_ITEM), rows)
            action = "collection changed" if before else "collection made"
            _say(connection, name, action, actor=actor, before=before, after=made)
            return made

    def _new(self, connection: sa.Connection, title: Mapping[str, str], text: Mapping[str, str]) -> str:
        """An empty one under a name that nobody has; of two who make the same at once the second gets another."""
        wanted = slug(next(iter(title.values())), fallback="collection")
        while True:
            row = {"slug": _free(connection, wanted), "title": title, "text": text}
            insert = self._db.insert(_TABLE).values(**row, made_at=now(), changed_at=now())
            free = insert.on_conflict_do_nothing(index_elements=["slug"]).returning(_TABLE.c.slug)
            if (made := connection.execute(free).scalar_one_or_none()) is not None:
                return str(made)

    def remove(self, wanted: str, actor: str) -> None:
        """Take one away. Raises NotFound."""
        with self._db.write() as connection:
            before = _one(connection, wanted)
            connection.execute(sa.delete(_ITEM).where(_ITEM.c.collection == before.slug))
            connection.execute(sa.delete(_TABLE).where(_TABLE.c.slug == before.slug))
            _say(connection, before.slug, "collection removed", actor=actor, before=before, after=None)


def _published(connection: sa.Connection, ids: Iterable[str]) -> set[str]:
    soft, found = schema.software, set[str]()
    for some in chunks(sorted(ids)):
        shown = sa.select(soft.c.id).where(soft.c.id.in_(some), soft.c.state == SoftwareState.PUBLISHED.value)
        found.update(connection.execute(shown).scalars())
    return found


def _filled(texts: Mapping[str, str], most: int) -> dict[str, str]:
    found = {tag: text.strip() for tag, text in texts.items() if text.strip()}
    if any(len(text) > most for text in found.values()):
        raise CatalogueError(
            f"a text of a collection is longer than {most} characters",
            remedy="shorten it",
            reason=Reason("collections.too_long"),
        )
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
