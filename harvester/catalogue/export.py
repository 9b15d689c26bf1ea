"""Every software of every state as JSON, with what is concluded of it and where its values come from.

An identifier stands on one line alone: that of what is shown before that of what is not, then of what was known first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.codec import SoftwareFacts
from harvester.catalogue.database import Database, chunks
from harvester.catalogue.relations import said_by
from harvester.catalogue.software import _load
from harvester.model import FIELDS, FieldKind, Fields, Reason, Related, Shelf, Software, SoftwareState, Source
from harvester.resolve.values import to_json

_BATCH = 500
_ORDER = (
    SoftwareState.PUBLISHED,
    SoftwareState.CANDIDATE,
    SoftwareState.REJECTED,
    SoftwareState.WITHDRAWN,
    SoftwareState.GONE,
    SoftwareState.MERGED,
)


class Export:
    """The catalogue as lines."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def count(self) -> int:
        """How many lines there will be."""
        with self._db.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(schema.software)).scalar_one()

    def hidden_since(self, moment: datetime) -> bool:
        """Whether anything that was published is not any more since, or a source was taken back: what was written
        before may hold it. What was merged is published under another's id, and values follow the next day."""
        soft, shown = schema.software, (SoftwareState.PUBLISHED.value, SoftwareState.MERGED.value)
        actions = ("software erased", "source taken back", "source removed")
        erased = sa.and_(schema.audit.c.action.in_(actions), schema.audit.c.at >= moment)
        with self._db.read() as connection:
            found = sa.select(sa.literal(1)).where(
                soft.c.state.not_in(shown), soft.c.published_at.is_not(None), soft.c.changed_at >= moment
            )
            if connection.execute(found.limit(1)).first() is not None:
                return True
            return connection.execute(sa.select(sa.literal(1)).where(erased).limit(1)).first() is not None

    def lines(self) -> Iterator[dict[str, Any]]:
        """Each software as JSON values: fields by the names of publiccode.yml, figures from 0 to 1.

        A `target` of a relation is what the other one is called: all its identifiers, or the one that names what the
        catalogue does not have. Read in one transaction, some hundreds at a time.
        """
        with self._db.read() as connection:
            terms = _terms(connection)
            seen: set[bytes] = set()  # of identifiers that a line had: eight bytes each
            for state in _ORDER:
                for some in _ids(connection, state):
                    yield from self._of(connection, some, terms, seen)

    def _of(
        self, connection: sa.Connection, ids: Sequence[str], terms: Mapping[str, Any], seen: set[bytes]
    ) -> Iterator[dict[str, Any]]:
        softwares = _load(connection, ids)
        sources = said_by(connection, ids)
        others = {one.object for each in softwares for one in each.appraisal.relations if one.object}
        names = _names(connection, sorted(others))
        for one in softwares:
            free = [name for name in map(str, one.identifiers) if _short(name) not in seen]
            seen.update(map(_short, free))
            said = sources.get(one.id, ())
            yield {
                **_line(one, free, names),
                "sources": [list(pair) for pair in said],
                "terms": {name: terms[name] for name, _ in said if name in terms},
            }


def _line(one: Software, identifiers: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    appraisal, fields = one.appraisal, one.fields
    return {
        "id": one.id,
        "slug": one.slug,
        "state": one.state.value,
        "mergedInto": one.merged_into,
        "version": one.version,
        "firstSeen": to_json(one.first_seen),
        "lastSeen": to_json(one.last_seen),
        "identifiers": list(identifiers),
        "artefact": fields.artefact or "unknown",
        "civic": appraisal.civic.value,
        "toolbox": appraisal.toolbox.value,
        "standing": appraisal.standing.value,
        "listed": one.state is SoftwareState.PUBLISHED and appraisal.shelf is Shelf.LISTED,
        "shelf": appraisal.shelf.value,
        "because": _reason(appraisal.because) if appraisal.because else None,
        "reasons": {
            "artefact": _reasons(appraisal.artefact_reasons),
            **{name: _reasons(getattr(appraisal, name).reasons) for name in ("civic", "toolbox", "standing")},
        },
        "useCases": list(fields.use_cases),
        "relations": [_relation(related, names) for related in appraisal.relations],
        "copiedBy": appraisal.copied_by,
        "folded": [str(name) for name in appraisal.folded],
        "fields": {
            declared.json: value for name, declared in FIELDS.items() if (value := _value(fields, name)) is not None
        },
        "evidence": {FIELDS[name].json: [codec.plain(piece) for piece in said] for name, said in one.evidence.items()},
    }


def _value(fields: Fields, name: str) -> Any:
    value = getattr(fields, name)
    empty = value is None or (FIELDS[name].kind is not FieldKind.SCALAR and not value)
    return None if empty else to_json(value)


def _relation(one: Related, names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        "type": one.type.value,
        "target": list(names.get(one.object, ())) if one.object else [one.target],
        "basis": one.basis.value,
        "probability": one.probability,
        "because": _reason(one.because),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "args": dict(reason.args)}


def _reasons(weighed: Sequence[tuple[float, Reason]]) -> list[Any]:
    return [[weight, _reason(reason)] for weight, reason in weighed]


def _short(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()


def _ids(connection: sa.Connection, state: SoftwareState) -> Iterator[list[str]]:
    """Of a state, those known first at first, some hundreds at a time."""
    soft = schema.software
    after: tuple[Any, ...] | None = None
    while True:
        query = sa.select(soft.c.first_seen, soft.c.id).where(soft.c.state == state.value)
        if after is not None:
            query = query.where(sa.tuple_(soft.c.first_seen, soft.c.id) > sa.tuple_(*map(sa.literal, after)))
        rows = connection.execute(query.order_by(soft.c.first_seen, soft.c.id).limit(_BATCH)).all()
        if not rows:
            return
        after = tuple(rows[-1])
        yield [row.id for row in rows]


def _names(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    soft = schema.software
    found = {}
    for some in chunks(ids):
        for row in connection.execute(sa.select(soft.c.id, soft.c.data).where(soft.c.id.in_(some))):
            found[row.id] = [str(name) for name in codec.load(SoftwareFacts, row.data).identifiers]
    return found


def _terms(connection: sa.Connection) -> dict[str, Any]:
    """By source on what terms its data may be used."""
    sources = connection.execute(sa.select(schema.source.c.data)).scalars()
    return {
        (source := codec.load(Source, data)).name: {"title": source.title, **codec.plain(source.terms)}
        for data in sources
    }
