"""How softwares stand to each other: compared with all others after each harvest, stored, and taken into each one's
appraisal by the resolver.

A reviewer's word goes before what was concluded, and outlives every harvest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.codec import SoftwareFacts
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.decisions import load_decisions
from harvester.errors import CatalogueError
from harvester.model import Basis, Decision, Identifier, Operation, Reason, Related, RelationType, SoftwareState
from harvester.resolve.relation import Relation

MOST_FOLDED = 500
"""Identifiers of copies that are named under their origin."""
_COPIES = (RelationType.COPY.value, RelationType.MIRROR.value)
_BY_REVIEWERS = (Operation.RELATE.value, Operation.UNRELATE.value)
_table = schema.relation
_Key = tuple[str, str, str, str]
_Row = tuple[str, float, Any]


class Relations:
    """The relations among published softwares and candidates."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def store(self, found: Iterable[Relation]) -> None:
        """Store what differs of all relations, with reviewers' word laid over them, and leave those softwares to the
        resolver whose relations changed."""
        with self._db.read() as connection:
            made = {_key(one): _row(one) for one in _with_decisions(connection, found)}
            before = {
                (row.subject, row.type, row.object, row.target): (row.basis, row.probability, row.because)
                for row in connection.execute(sa.select(_table))
            }
        gone = before.keys() - made.keys()
        moved = [key for key, row in made.items() if before.get(key) != row]
        if gone or moved:
            self._store(gone, {key: made[key] for key in moved})

    def of(self, software_id: str) -> list[tuple[str, Related]]:
        """What stands how to a software: (the other's id, its relation), the most certain first."""
        query = sa.select(_table).where(_table.c.object == software_id).order_by(_table.c.probability.desc())
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(_table.c.subject)).all()
        return [(row.subject, _related(row)) for row in rows]

    def _store(self, gone: Collection[_Key], moved: Mapping[_Key, _Row]) -> None:
        at = now()
        with self._db.write() as connection:
            for key in gone:
                connection.execute(sa.delete(_table).where(*_is(key)))
            if moved:
                insert = self._db.insert(_table)
                again = {name: insert.excluded[name] for name in ("basis", "probability", "because")}
                rows = [_values(key, row, at) for key, row in moved.items()]
                connection.execute(
                    insert.on_conflict_do_update(index_elements=list(_table.primary_key), set_=again), rows
                )
            touched = {end for key in (*gone, *moved) for end in (key[0], key[2]) if end}
            targets = {key[3] for key in (*gone, *moved) if key[3]}
            for some in chunks(sorted(targets)):  # the copies of one unknown origin share a place in lists
                found = connection.execute(sa.select(_table.c.subject).where(_table.c.target.in_(some)))
                touched.update(found.scalars())
            mark_dirty(connection, self._db, touched)


def mark_dirty(connection: sa.Connection, database: Database, softwares: Iterable[str]) -> None:
    """Leave softwares to the resolver, which appraises them anew."""
    member, dirty = schema.membership, schema.dirty_record
    for some in chunks(sorted(softwares)):
        records = connection.execute(sa.select(member.c.record).where(member.c.software.in_(some))).scalars().all()
        if records:
            insert = database.insert(dirty).on_conflict_do_nothing()
            connection.execute(insert, [{"record": record} for record in records])


class RelationBook:
    """What is known of the relations of some softwares, in an open transaction."""

    def __init__(self, connection: sa.Connection, ids: Collection[str]) -> None:
        self._connection = connection
        self._of: dict[str, list[Related]] = defaultdict(list)
        self._copies: dict[str, list[str]] = defaultdict(list)
        for some in chunks(sorted(ids)):
            for row in connection.execute(
                sa.select(_table).where(_table.c.subject.in_(some)).order_by(*_table.primary_key)
            ):
                self._of[row.subject].append(_related(row))
            copies = sa.select(_table.c.object, _table.c.subject).where(
                _table.c.object.in_(some), _table.c.type.in_(_COPIES)
            )
            for row in connection.execute(copies.order_by(_table.c.subject)):
                self._copies[row.object].append(row.subject)
        copies_of = sorted({one for copies in self._copies.values() for one in copies})
        self._named = {one: (owner, names) for one, owner, names in _owners(connection, copies_of)}
        self._first = _first_of_families(
            connection, {one.target for rows in self._of.values() for one in rows if one.target}
        )

    def of(self, software_id: str) -> tuple[Related, ...]:
        """How it stands to others."""
        return tuple(self._of.get(software_id, ()))

    def copied(self, software_id: str) -> tuple[int, tuple[Identifier, ...]]:
        """By how many owners it was copied, and what their copies are called."""
        mine = [self._named[one] for one in self._copies.get(software_id, ()) if one in self._named]
        folded = dict.fromkeys(name for _, names in mine for name in names)
        return len({owner for owner, _ in mine}), tuple(folded)[:MOST_FOLDED]

    def shown_elsewhere(self, software_id: str) -> bool:
        """Whether it is a copy of an origin that the catalogue does not have, and another copy is the first."""
        targets = [one.target for one in self.of(software_id) if one.target and one.type.value in _COPIES]
        return any(self._first.get(target, software_id) != software_id for target in targets)


def apply_relation(connection: sa.Connection, decision: Decision, *, undone: bool = False) -> None:
    """Let a reviewer's word on a relation hold at once. What was concluded before comes back with the next harvest.

    CatalogueError: a software cannot stand so to itself.
    """
    one = _decided(decision, _heirs(connection))
    if one.subject == one.object:
        raise CatalogueError("a software stands in no relation to itself", remedy="name another one")
    mine = (_table.c.subject == one.subject, _table.c.type == str(one.type), _table.c.object == one.object)
    connection.execute(sa.delete(_table).where(*mine))
    if (decision.operation is Operation.RELATE) is not undone:
        connection.execute(sa.insert(_table).values(_values(_key(one), _row(one), now())))


def said_by(connection: sa.Connection, ids: Sequence[str] | None = None) -> dict[str, tuple[tuple[str, str], ...]]:
    """By software (of these, or of all) the names of its sources, each with the format that its reader reads."""
    member, record, raw = schema.membership, schema.record, schema.raw_item
    query = (
        sa.select(member.c.software, raw.c.source, record.c.reader)
        .select_from(member.join(record, record.c.id == member.c.record).join(raw))
        .where(record.c.active)
    )
    if ids is not None:
        query = query.where(member.c.software.in_(ids))
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for software, source, reader in connection.execute(query):
        found[software].add((source, reader.partition("/")[0]))
    return {software: tuple(sorted(said)) for software, said in found.items()}


def _owners(connection: sa.Connection, ids: Sequence[str]) -> Iterable[tuple[str, str, tuple[Identifier, ...]]]:
    """Of softwares (id, whose it is, its identifiers), those alone that are published."""
    soft = schema.software
    for some in chunks(ids):
        # by id alone: an engine that goes by the state reads all that is published
        for row in connection.execute(sa.select(soft.c.id, soft.c.state, soft.c.data).where(soft.c.id.in_(some))).all():
            if row.state == SoftwareState.PUBLISHED:
                data = codec.load(SoftwareFacts, row.data)
                yield row.id, owner_of(data) or row.id, data.identifiers


def owner_of(data: SoftwareFacts) -> str | None:
    """Whose a repository is, by its address: the host and the account or group."""
    address = urlsplit(data.fields.code_repository or "")
    account = address.path.strip("/").partition("/")[0]
    return f"{address.netloc}/{account}".casefold() if account else None


def _first_of_families(connection: sa.Connection, targets: Collection[str]) -> dict[str, str]:
    """Of the copies of each unknown origin the one that stands for all: known longest."""
    soft = schema.software
    families: dict[str, list[str]] = defaultdict(list)
    for some in chunks(sorted(targets)):
        query = sa.select(_table.c.target, _table.c.subject).where(
            _table.c.target.in_(some), _table.c.type.in_(_COPIES)
        )
        for target, subject in connection.execute(query):
            families[target].append(subject)
    since: dict[str, datetime] = {}
    for some in chunks(sorted({one for copies in families.values() for one in copies})):
        rows = connection.execute(sa.select(soft.c.id, soft.c.state, soft.c.first_seen).where(soft.c.id.in_(some)))
        since.update({row.id: row.first_seen for row in rows if row.state == SoftwareState.PUBLISHED})
    published = {target: [one for one in copies if one in since] for target, copies in families.items()}
    return {target: min(some, key=lambda one: (since[one], one)) for target, some in published.items() if some}


def _with_decisions(connection: sa.Connection, found: Iterable[Relation]) -> list[Relation]:
    """What was concluded, laid over by what reviewers said of it."""
    table = schema.decision
    wanted = sa.select(table.c.id).where(table.c.operation.in_(_BY_REVIEWERS), table.c.undone_at.is_(None))
    decisions = load_decisions(connection, list(connection.execute(wanted.order_by(table.c.id)).scalars()))
    if not decisions:
        return list(found)
    heirs = _heirs(connection)
    kept = {_key(one): one for one in found}
    for decision in decisions:
        one = _decided(decision, heirs)
        others = [key for key in kept if key[0] == one.subject and key[1] == one.type and key[2] == one.object]
        for key in others:
            del kept[key]
        if decision.operation is Operation.RELATE:
            kept[_key(one)] = one
    return list(kept.values())


def _decided(decision: Decision, heirs: Mapping[str, str]) -> Relation:
    subject, other = decision.software, str(decision.value["software"])
    return Relation(
        subject=heirs.get(subject, subject),
        type=str(decision.value["type"]),
        object=heirs.get(other, other),
        target="",
        basis=Basis.REVIEWED,
        probability=1.0,
        because=Reason.of("relation.reviewer", who=decision.actor),
    )


def _heirs(connection: sa.Connection) -> dict[str, str]:
    """By id of what was merged the software that goes on."""
    soft = schema.software
    rows = connection.execute(sa.select(soft.c.id, soft.c.merged_into).where(soft.c.merged_into.is_not(None)))
    into = {row.id: row.merged_into for row in rows}
    heirs = {}
    for one in into:
        heir, followed = into[one], {one}
        while heir in into and heir not in followed:
            followed.add(heir)
            heir = into[heir]
        heirs[one] = heir
    return heirs


def _key(one: Relation) -> _Key:
    return one.subject, str(one.type), one.object or "", one.target


def _row(one: Relation) -> _Row:
    return one.basis.value, round(one.probability, 4), codec.plain(one.because)


def _values(key: _Key, row: _Row, at: datetime) -> dict[str, Any]:
    ends = dict(zip(("subject", "type", "object", "target"), key, strict=True))
    return {**ends, **dict(zip(("basis", "probability", "because"), row, strict=True)), "since": at}


def _is(key: _Key) -> list[sa.ColumnElement[bool]]:
    return [column == value for column, value in zip(_table.primary_key, key, strict=True)]


def _related(row: Any) -> Related:
    return Related(
        type=RelationType(row.type),
        object=row.object or None,
        target=row.target,
        basis=Basis(row.basis),
        probability=row.probability,
        because=codec.of_plain(Reason, row.because),
    )
