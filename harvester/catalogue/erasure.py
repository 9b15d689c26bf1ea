"""Erasing a software on request: all that was harvested and decided of it goes, and none of it is stored again.

What stays is its id, with the state "withdrawn" and nothing else; that somebody erased it, and when; and digests of its
identifiers (the opt-out list), by which a later harvest knows what not to store. It cannot be undone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.decisions import load_decisions
from harvester.catalogue.feed import mark_dirty
from harvester.catalogue.opt_out import opt_out
from harvester.catalogue.organisations import forget as forget_bodies
from harvester.catalogue.people import write_audit
from harvester.catalogue.resolving import resolve_records
from harvester.catalogue.software import _load, _resolve, identifiers_of, with_merged
from harvester.model import Fields, Identifier, Operation, Shelf, SoftwareState

_OF_TWO = (Operation.SAME.value, Operation.DIFFERENT.value, Operation.SPLIT.value)
_NOTHING = codec.dump(codec.SoftwareData(fields=Fields()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure takes: records, the entries of sources that held them, and stored versions of the software.

    `shared` counts entries that hold other softwares as well: their payloads stay, and are read without this one.
    """

    software: str
    name: str
    records: int
    entries: int
    versions: int
    shared: int


class Erasure:
    """Erases softwares, and says beforehand what goes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def would_erase(self, software_id: str) -> Erased:
        """What goes if it is erased. Raises NotFound."""
        with self._db.read() as connection:
            return _Traces(connection, software_id).told()

    def erase(self, software_id: str, actor: str) -> Erased:
        """Erase it, and all that was merged into it, in one transaction. Raises NotFound."""
        with self._db.write() as connection:
            if self._db.is_sqlite:
                connection.exec_driver_sql("PRAGMA secure_delete = ON")  # deleted words are overwritten in the file
            traces = _Traces(connection, software_id)
            told = traces.told()
            opt_out(connection, self._db, traces.identifiers)
            traces.remove()
            traces.forget_in_others(self._db)
            mark_dirty(connection, self._db, traces.empty())
            write_audit(connection, actor=actor, action="software erased", subject=f"software:{told.software}")
        return told


class _Traces:
    """Everything that the catalogue holds of one software, in an open transaction."""

    def __init__(self, connection: sa.Connection, software_id: str) -> None:
        self._connection = connection
        self.id = _resolve(connection, software_id)
        self._name = _load(connection, [self.id])[0].fields.name
        self._softwares = with_merged(connection, self.id)
        self._records = self._of(schema.membership.c.record, schema.membership.c.software, self._softwares)
        held = self._of(schema.record.c.raw_item, schema.record.c.id, self._records)
        others = self._of_others(held)
        self._entries = [entry for entry in held if entry not in others]
        self._shared = len(others)
        self._decisions = self._of(schema.decision.c.id, schema.decision.c.software, self._softwares)
        self.identifiers = self._identifiers()
        self._related = self._others_of_relations()

    def told(self) -> Erased:
        versions = self._of(schema.software_version.c.version, schema.software_version.c.software, self._softwares)
        return Erased(
            software=self.id,
            name=self._name or self.id,
            records=len(self._records),
            entries=len(self._entries),
            versions=len(versions),
            shared=self._shared,
        )

    def remove(self) -> None:
        """All rows that tell of it, and the payloads that nothing else needs."""
        versions = schema.raw_version
        payloads = set(self._of(versions.c.digest, versions.c.raw_item, self._entries))
        payloads.update(self._of(schema.raw_item.c.digest, schema.raw_item.c.id, self._entries))
        self._delete(schema.dirty_record.c.record, self._records)
        self._delete(schema.identifier.c.record, self._records)
        self._delete(schema.membership.c.record, self._records)
        self._delete(schema.record.c.id, self._records)
        self._delete(schema.issue.c.raw_item, self._entries)
        self._delete(versions.c.raw_item, self._entries)
        self._delete(schema.raw_item.c.id, self._entries)
        needed = {*self._of(schema.raw_item.c.digest, schema.raw_item.c.digest, sorted(payloads))}
        needed.update(self._of(versions.c.digest, versions.c.digest, sorted(payloads)))
        self._delete(schema.payload.c.digest, sorted(payloads - needed))
        for table in (schema.trait, schema.claim, schema.collection_item):
            self._delete(table.c.software, self._softwares)
        self._delete(schema.suggestion.c.a, self._softwares)
        self._delete(schema.suggestion.c.b, self._softwares)
        self._delete(schema.relation.c.subject, self._softwares)
        self._delete(schema.relation.c.object, self._softwares)
        for some in chunks(self._softwares):
            forget_bodies(self._connection, some)
        self._delete(schema.software_slug.c.software, self._softwares)
        self._delete(schema.software_version.c.software, self._softwares)
        told = schema.software_version.c.data
        for record in self._records:  # what others were while it was joined to them: a reviewer parted them since
            self._connection.execute(sa.delete(schema.software_version).where(told.contains(f'"record":{record},')))
        said = self._of(schema.matter.c.id, schema.matter.c.software, self._softwares)
        said += self._of(schema.matter.c.id, schema.matter.c.key, [str(name) for name in self.identifiers])
        self._delete(schema.voice.c.matter, said)
        self._delete(schema.matter.c.id, said)
        self._delete(schema.decision_identifier.c.decision, self._decisions)
        self._delete(schema.decision.c.id, self._decisions)
        self._forget_in_decisions()
        self._forget_in_lines()

    def forget_in_others(self, database: Database) -> None:
        """Of what stood in a relation to it: it is appraised anew, and what its versions told of this one goes."""
        member, version, soft = schema.membership, schema.software_version, schema.software
        records = self._of(member.c.record, member.c.software, self._related)
        resolve_records(self._connection, database, records)
        for some in chunks(self._related):
            newest = sa.select(soft.c.version).where(soft.c.id == version.c.software).scalar_subquery()
            self._connection.execute(sa.delete(version).where(version.c.software.in_(some), version.c.version < newest))

    def empty(self) -> list[tuple[str, int]]:
        """The softwares' rows without what they said; (id, version) of each, which no index has to hold."""
        table, at = schema.software, now()
        for some in chunks(self._softwares):
            emptied = {
                "state": SoftwareState.WITHDRAWN.value,
                "version": table.c.version + 1,
                "slug": table.c.id,
                "name": None,
                "toolbox": 0.0,
                "helps": 0.0,
                "shelf": Shelf.LISTED.value,
                "deferred": False,
                "asks": False,
                "digest": codec.digest(_NOTHING),
                "data": _NOTHING,
                "merged_into": None,
                "changed_at": at,
            }
            self._connection.execute(sa.update(table).where(table.c.id.in_(some)).values(emptied))
        rows = self._connection.execute(sa.select(table).where(table.c.id.in_(self._softwares))).all()
        version = schema.software_version
        self._connection.execute(
            sa.insert(version),
            [
                {"software": row.id, "version": row.version, "state": row.state, "data": _NOTHING, "at": at}
                for row in rows
            ],
        )
        return [(row.id, row.version) for row in rows]

    def _identifiers(self) -> list[Identifier]:
        """What it is known by, and what persons' decisions on it knew it by."""
        names = [name for each in self._softwares for name in identifiers_of(self._connection, each)]
        table = schema.decision_identifier
        for some in chunks(self._decisions):
            query = sa.select(table.c.scheme, table.c.value).where(table.c.decision.in_(some))
            names += [Identifier(row.scheme, row.value) for row in self._connection.execute(query)]
        return list(dict.fromkeys(names))

    def _others_of_relations(self) -> list[str]:
        relation = schema.relation
        found = self._of(relation.c.object, relation.c.subject, self._softwares)
        found += self._of(relation.c.subject, relation.c.object, self._softwares)
        return sorted({one for one in found if one} - set(self._softwares))

    def _of_others(self, entries: Sequence[int]) -> set[int]:
        record = schema.record
        found: set[int] = set()
        for some in chunks(entries):
            query = sa.select(record.c.raw_item, record.c.id).where(record.c.raw_item.in_(some), record.c.active)
            found.update(row.raw_item for row in self._connection.execute(query) if row.id not in self._records)
        return found

    def _forget_in_lines(self) -> None:
        """Of the audit's lines the words about this one, also where they tell of a decision on another."""
        table = schema.audit
        for some in chunks([f"software:{each}" for each in self._softwares]):
            gone = {"before": None, "after": None, "why": None}
            self._connection.execute(table.update().where(table.c.subject.in_(some)).values(gone))
        self._forget_voices()
        actions = [f"decision {one}{end}" for one in _OF_TWO for end in ("", " undone")]
        query = sa.select(table.c.id, table.c.after).where(table.c.action.in_(actions))
        for row in self._connection.execute(query).all():
            said = (row.after or {}).get("value") or {}
            if said.get("software") in self._softwares:
                told = {**row.after, "value": self._without_words(said)}
                self._connection.execute(table.update().where(table.c.id == row.id).values(after=told))

    def _forget_voices(self) -> None:
        """Of the lines on what visitors said, what it was about and why it was refused."""
        table, names = schema.audit, {str(name) for name in self.identifiers}
        of = tuple(f"{kind}:{one}:" for kind in ("use", "objection") for one in self._softwares)
        query = sa.select(table.c.id, table.c.after).where(table.c.subject.like("voice:%"))
        for row in self._connection.execute(query).all():
            about = str((row.after or {}).get("about", ""))
            if about in names or about.startswith(of):
                gone = {"before": None, "after": None, "why": None}
                self._connection.execute(table.update().where(table.c.id == row.id).values(gone))

    def _forget_in_decisions(self) -> None:
        """Of decisions on other softwares what they say of this one: which names it had."""
        table = schema.decision
        numbers = self._of(table.c.id, table.c.operation, _OF_TWO)
        for decision in load_decisions(self._connection, numbers):
            if decision.value.get("software") in self._softwares:
                told = self._without_words(decision.value)
                self._connection.execute(sa.update(table).where(table.c.id == decision.id).values(value=told))
                names = schema.decision_identifier
                mine = {(name.scheme, name.value) for name in self.identifiers}
                for scheme, value in mine:
                    self._connection.execute(
                        sa.delete(names).where(
                            names.c.decision == decision.id, names.c.scheme == scheme, names.c.value == value
                        )
                    )

    def _without_words(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """What a decision on another holds, without this one's names and what was let in of its records before."""
        kept = [[record, before] for record, before in value.get("let_in", ()) if record not in self._records]
        return {**value, "identifiers": [], "common": [], **({"let_in": kept} if "let_in" in value else {})}

    def _of(self, wanted: sa.Column[object], column: sa.Column[object], values: Collection[object]) -> list[Any]:
        found: list[Any] = []
        for some in chunks(list(values)):
            found += self._connection.execute(sa.select(wanted).where(column.in_(some))).scalars()
        return list(dict.fromkeys(found))

    def _delete(self, column: sa.Column[object], values: Iterable[object]) -> None:
        for some in chunks(list(values)):
            self._connection.execute(sa.delete(column.table).where(column.in_(some)))
