"""Software: its ids and slugs, and reading it with where its values come from, its versions, issues and neighbours."""

from __future__ import annotations

import secrets
from collections import ChainMap
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import sqlalchemy as sa

from harvester.assess.words import fold
from harvester.catalogue import codec, schema
from harvester.catalogue.codec import SoftwareData, SoftwareFacts
from harvester.catalogue.database import Database, chunks
from harvester.catalogue.issues import IssueRow
from harvester.catalogue.issues import rows as issue_rows
from harvester.catalogue.kept import KeptCount
from harvester.catalogue.records import stored_raw
from harvester.errors import NotFound
from harvester.model import Identifier, Provenance, RawItem, Reason, Shelf, Software, SoftwareState, Source
from harvester.normalize.readers import looked_at


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version of a software: what it said from `at` on."""

    version: int
    state: SoftwareState
    at: datetime
    data: SoftwareData


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """What a software might be the same as. `reason` says why ("near.same-name")."""

    id: str
    slug: str
    name: str | None
    state: SoftwareState
    score: float
    reason: Reason


class SoftwareStore:
    """The softwares."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._by_source = KeptCount(self._count_by_source)
        self._by_state = KeptCount(self._count_by_state)

    def get(self, id_or_slug: str) -> Software:
        """One software, by its id or any slug it ever had. Raises NotFound. A merged one is given as it is."""
        with self._db.read() as connection:
            software_id = _resolve(connection, id_or_slug)
            return _load(connection, [software_id])[0]

    def heir(self, id_or_slug: str) -> Software:
        """One software as it goes on: what it was merged into, where it was. Raises NotFound."""
        with self._db.read() as connection:
            software_id = _resolve(connection, id_or_slug)
            return _load(connection, [heirs(connection, [software_id])[software_id]])[0]

    def heirs(self, ids: Sequence[str]) -> list[Software]:
        """As what the softwares of these ids go on, in their order, each once."""
        with self._db.read() as connection:
            into = heirs(connection, ids)
            return _load(connection, list(dict.fromkeys(into[one] for one in ids)))

    def many(self, ids: Sequence[str]) -> list[Software]:
        """The softwares of these ids, in their order; unknown ones are left out."""
        with self._db.read() as connection:
            return _load(connection, ids)

    def published(self, limit: int = 100, offset: int = 0, *, listed: bool = False) -> list[Software]:
        """Published softwares, newest first; with `listed` those of the toolbox alone."""
        table = schema.software
        among = (table.c.state == "published", *([table.c.shelf == Shelf.LISTED.value] if listed else []))
        query = (
            sa.select(table.c.id)
            .where(*among)
            .order_by(table.c.published_at.desc(), table.c.id)
            .limit(limit)
            .offset(offset)
        )
        with self._db.read() as connection:
            return _load(connection, list(connection.execute(query).scalars()))

    def called(self, text: str, limit: int) -> list[Software]:
        """Published softwares and candidates whose name or slug holds a text, or whose id it is; exact ones first."""
        table, wanted = schema.software, text.strip()[:200]
        holds = table.c.name.icontains(wanted, autoescape=True) | table.c.slug.icontains(wanted, autoescape=True)
        found = sa.select(table.c.id).where(
            holds | (table.c.id == wanted), table.c.state.in_(("published", "candidate"))
        )
        exact = sa.case((sa.func.lower(table.c.name) == wanted.lower(), 0), else_=1)
        with self._db.read() as connection:
            ids = connection.execute(found.order_by(exact, table.c.toolbox.desc(), table.c.id).limit(limit)).scalars()
            return _load(connection, list(ids))

    def count_by_state(self) -> dict[str, int]:
        """How many softwares are in each state; of a large catalogue some time ago."""
        return self._by_state()

    def _count_by_state(self) -> dict[str, int]:
        state = schema.software.c.state
        with self._db.read() as connection:
            return dict(connection.execute(sa.select(state, sa.func.count()).group_by(state)).all())

    def count_by_shelf(self) -> dict[str, int]:
        """How many published softwares stand on each shelf."""
        soft = schema.software.c
        query = sa.select(soft.shelf, sa.func.count()).where(soft.state == "published").group_by(soft.shelf)
        with self._db.read() as connection:
            return dict(connection.execute(query).all())

    def count_by_source(self) -> dict[str, dict[str, int]]:
        """For each source, how many softwares it has a record of, by state; of a large catalogue some time ago."""
        return self._by_source()

    def _count_by_source(self) -> dict[str, dict[str, int]]:
        soft, member, record, raw = schema.software, schema.membership, schema.record, schema.raw_item
        query = (
            sa.select(raw.c.source, soft.c.state, sa.func.count(sa.distinct(soft.c.id)))
            .select_from(member.join(soft, soft.c.id == member.c.software))
            .join(record, record.c.id == member.c.record)
            .join(raw)
            .where(_said())
            .group_by(raw.c.source, soft.c.state)
        )
        found: dict[str, dict[str, int]] = {}
        with self._db.read() as connection:
            for source, state, count in connection.execute(query):
                found.setdefault(source, {})[state] = count
        return found

    def provenance(self, software_id: str) -> dict[int, Provenance]:
        """Where each record of a software comes from, by record id."""
        member, record, raw, source = schema.membership, schema.record, schema.raw_item, schema.source
        query = (
            sa.select(
                record.c.id,
                record.c.reader,
                record.c.changed_at,
                source.c.data,
                raw.c.url,
                raw.c.first_seen,
                raw.c.last_seen,
                raw.c.as_of,
            )
            .select_from(member.join(record, record.c.id == member.c.record).join(raw).join(source))
            .where(member.c.software == software_id, _said())
            .order_by(record.c.id)
        )
        with self._db.read() as connection:
            return {row.id: _provenance(row) for row in connection.execute(query)}

    def looked_at(self, ids: Sequence[str]) -> dict[str, datetime]:
        """When each was last looked at by who would know of a newer change (see `looked_at`); absent: never."""
        member, record, raw = schema.membership, schema.record, schema.raw_item
        found: dict[str, datetime] = {}
        with self._db.read() as connection:
            for some in chunks(ids):
                query = (
                    sa.select(
                        member.c.software, record.c.reader, sa.func.max(raw.c.last_seen), sa.func.max(raw.c.as_of)
                    )
                    .select_from(member.join(record, record.c.id == member.c.record).join(raw))
                    .where(member.c.software.in_(some), _said())
                    .group_by(member.c.software, record.c.reader)
                )
                for software, reader, seen, as_of in connection.execute(query):
                    if (at := looked_at(reader, seen, as_of)) is not None:
                        found[software] = max(at, found.get(software, at))
        return found

    def versions(self, software_id: str) -> list[VersionRow]:
        """All versions, newest first."""
        table = schema.software_version
        query = sa.select(table).where(table.c.software == software_id).order_by(table.c.version.desc())
        with self._db.read() as connection:
            return [
                VersionRow(
                    version=row.version,
                    state=SoftwareState(row.state),
                    at=row.at,
                    data=codec.load(SoftwareData, row.data),
                )
                for row in connection.execute(query)
            ]

    def issues(self, software_id: str) -> list[IssueRow]:
        """The active issues of the items that a software was made from."""
        member, record = schema.membership, schema.record
        mine = sa.select(record.c.raw_item).join(schema.raw_item).join(member)
        mine = mine.where(member.c.software == software_id, _said())
        with self._db.read() as connection:
            return issue_rows(connection, schema.issue.c.raw_item.in_(mine))

    def raw_items(self, software_id: str, *, limit: int = 20) -> list[RawItem]:
        """The items that a software was made from, as they were fetched; erased ones are left out."""
        member, record, raw, payload = schema.membership, schema.record, schema.raw_item, schema.payload
        mine = sa.select(record.c.raw_item).join(schema.raw_item).join(member)
        mine = mine.where(member.c.software == software_id, _said())
        query = (
            sa.select(raw, payload.c.body)
            .join(payload, payload.c.digest == raw.c.digest)
            .where(raw.c.id.in_(mine), raw.c.gone_at.is_(None), payload.c.body.is_not(None))
            .order_by(raw.c.id)
            .limit(limit)
        )
        with self._db.read() as connection:
            return [stored_raw(row) for row in connection.execute(query)]

    def neighbours(self, software_id: str) -> list[Neighbour]:
        """What it might be the same as, best first."""
        pair, soft = schema.suggestion, schema.software
        other = sa.case((pair.c.a == software_id, pair.c.b), else_=pair.c.a)
        query = (
            sa.select(soft.c.id, soft.c.slug, soft.c.name, soft.c.state, pair.c.score, pair.c.reason)
            .select_from(pair.join(soft, soft.c.id == other))
            .where(sa.or_(pair.c.a == software_id, pair.c.b == software_id))
            .where(soft.c.state.in_(("published", "candidate", "rejected")))
            .order_by(pair.c.score.desc(), soft.c.id)
        )
        with self._db.read() as connection:
            return [
                Neighbour(
                    id=row.id,
                    slug=row.slug,
                    name=row.name,
                    state=SoftwareState(row.state),
                    score=row.score,
                    reason=codec.of_plain(Reason, row.reason),
                )
                for row in connection.execute(query)
            ]


def _said() -> sa.ColumnElement[bool]:
    """Of records: what counts, and what is gone from its source; not what was taken back or is read otherwise now."""
    return sa.or_(schema.record.c.active, schema.raw_item.c.gone_at.is_not(None))


def heirs(connection: sa.Connection, ids: Iterable[str]) -> dict[str, str]:
    """By id what a software goes on as: the last that it was merged into, or itself."""
    table, into = schema.software, {one: one for one in ids}
    for _ in range(_MERGES):
        led: dict[str, str] = {}
        for some in chunks(sorted(set(into.values()))):
            query = sa.select(table.c.id, table.c.merged_into).where(table.c.id.in_(some))
            led.update(
                (row.id, row.merged_into) for row in connection.execute(query.where(table.c.merged_into.is_not(None)))
            )
        if not led:
            break
        into = {one: led.get(heir, heir) for one, heir in into.items()}
    return into


def with_merged(connection: sa.Connection, software_id: str) -> list[str]:
    """It and all that was merged into it, also by way of others."""
    table, found, ask = schema.software, [software_id], [software_id]
    while ask:
        query = sa.select(table.c.id).where(table.c.merged_into.in_(ask)).order_by(table.c.id)
        ask = [one for one in connection.execute(query).scalars() if one not in found]
        found += ask
    return found


def _resolve(connection: sa.Connection, id_or_slug: str) -> str:
    table = schema.software
    found = connection.execute(sa.select(table.c.id).where(table.c.id == id_or_slug)).scalar_one_or_none()
    if found is None:
        names = schema.software_slug
        found = connection.execute(sa.select(names.c.software).where(names.c.slug == id_or_slug)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"no software {id_or_slug!r}")
    return str(found)


def _load(connection: sa.Connection, ids: Sequence[str]) -> list[Software]:
    table, member, record, raw = schema.software, schema.membership, schema.record, schema.raw_item
    seen: dict[str, datetime] = {}
    rows: dict[str, Any] = {}
    for some in chunks(list(ids)):
        rows.update((row.id, row) for row in connection.execute(sa.select(table).where(table.c.id.in_(some))))
        last = (
            sa.select(member.c.software, sa.func.max(raw.c.last_seen))
            .select_from(member.join(record, record.c.id == member.c.record).join(raw))
            .where(member.c.software.in_(some))
            .group_by(member.c.software)
        )
        seen.update(connection.execute(last).all())
    return [_software(rows[software_id], seen.get(software_id)) for software_id in ids if software_id in rows]


def _software(row: Any, last_seen: datetime | None) -> Software:
    data = codec.load(SoftwareData, row.data)
    return Software(
        id=row.id,
        slug=row.slug,
        state=SoftwareState(row.state),
        version=row.version,
        fields=data.fields,
        identifiers=data.identifiers,
        evidence=data.evidence,
        appraisal=data.appraisal,
        merged_into=row.merged_into,
        asks=row.asks,
        first_seen=row.first_seen,
        last_seen=last_seen,
    )


def _provenance(row: Any) -> Provenance:
    source = codec.load(Source, row.data)
    return Provenance(
        record=row.id,
        source=source.name,
        source_title=source.title,
        terms=source.terms,
        url=row.url,
        reader=row.reader,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        changed_at=row.changed_at,
        as_of=row.as_of,
    )


def mint() -> str:
    """A new software's id: opaque, for ever, and short enough for a URL (60 random bits)."""
    return "".join(secrets.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(12))


def identifiers_of(connection: sa.Connection, software_id: str) -> tuple[Identifier, ...]:
    """The strong identifiers that a software was found to have: not all that its records claim is its own."""
    data = connection.execute(sa.select(schema.software.c.data).where(schema.software.c.id == software_id))
    return tuple(sorted(codec.load(SoftwareFacts, data.scalar_one()).identifiers))


MAX_LENGTH = 60
"""Of a slug: a readable name for URLs. It is no identity: the software's id is, and former slugs redirect."""

_MERGES = 10  # one into another, that are followed
_LAST_RESORT = "software"
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
        owners = ChainMap(self._made, self._owners(column == wanted))
        chosen = wanted
        if owners.get(wanted, software_id) != software_id:
            beginning = f"{wanted}-" if len(wanted) <= _STEM else wanted[:_STEM]
            # of these only GLOB finds a beginning by SQLite's index; a slug has no letter that means more to either
            sqlite = self._connection.dialect.name == "sqlite"
            begins = column.op("GLOB")(f"{beginning}*") if sqlite else column.like(f"{beginning}%")
            owners.maps.append(self._owners(begins))
            chosen = unique(wanted, {known for known, owner in owners.items() if owner != software_id})
        if chosen not in owners:
            self._made[chosen] = software_id
        return chosen

    def _owners(self, condition: sa.ColumnElement[bool]) -> dict[str, str]:
        """The softwares that have slugs, those of this transaction apart."""
        table = schema.software_slug
        found = self._connection.execute(sa.select(table.c.slug, table.c.software).where(condition))
        return {row.slug: row.software for row in found}


def slug(name: str | None, *, fallback: str) -> str:
    """`name` in [a-z0-9-], at most 60 characters, cut between words; `fallback` when no Latin letter is left of it."""
    return _ascii(name or "") or _ascii(fallback) or _LAST_RESORT


def unique(slug: str, taken: Container[str]) -> str:
    """`slug`, or with the first of -2, -3, … that is not in `taken`; never longer than 60 characters."""
    if slug not in taken:
        return slug
    for number in count(2):  # pragma: no branch (count never ends)
        suffix = f"-{number}"
        candidate = slug[: MAX_LENGTH - len(suffix)].rstrip("-") + suffix
        if candidate not in taken:
            return candidate
    raise AssertionError


def _ascii(text: str) -> str:
    words = (_ascii_letters(word) for word in fold(text.replace("'", "").replace("’", "")).split())
    joined = "-".join(word for word in words if word)
    if len(joined) <= MAX_LENGTH:
        return joined
    cut = joined[: MAX_LENGTH + 1].rpartition("-")[0]
    return cut or joined[:MAX_LENGTH]


def _ascii_letters(word: str) -> str:
    return "".join(char for char in word if char.isascii())
