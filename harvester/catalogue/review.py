"""The review queue and its verdicts. A verdict is laid over what is harvested; undoing it brings back what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, now
from harvester.catalogue.decisions import DecisionBook, load_decisions
from harvester.catalogue.people import write_audit
from harvester.catalogue.relations import apply_relation
from harvester.catalogue.resolving import resolve_records
from harvester.catalogue.software import _load, _resolve, identifiers_of
from harvester.catalogue.standing import decline, let_in
from harvester.errors import CatalogueError, Conflict, NotFound
from harvester.model import FIELD_KINDS, Decision, Operation, Reason, RelationType, Software

_CALLED = {Operation.REJECT: "a rejection", Operation.WITHDRAW: "a withdrawal"}
_NEEDS_REASON = (Operation.REJECT, Operation.WITHDRAW)
_NEEDS_OTHER = (Operation.SAME, Operation.DIFFERENT, Operation.RELATE, Operation.UNRELATE)
_OF_RELATIONS = (Operation.RELATE, Operation.UNRELATE)
_NEEDS_FIELD = (Operation.SET, Operation.ADD, Operation.REMOVE)


class Review:
    """Candidates, decisions, undo."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def queue(self, limit: int = 50, offset: int = 0, *, source: str | None = None) -> list[Software]:
        """Candidates, and what is published and in question; likeliest tools first, what was put off last."""
        soft = schema.software
        query = (
            sa.select(soft.c.id)
            .where(_waiting(source))
            .order_by(soft.c.deferred, soft.c.toolbox.desc(), soft.c.id)
            .limit(limit)
            .offset(offset)
        )
        with self._db.read() as connection:
            return _load(connection, list(connection.execute(query).scalars()))

    def waiting(self, *, source: str | None = None) -> int:
        """How many there are in the queue."""
        query = sa.select(sa.func.count()).select_from(schema.software).where(_waiting(source))
        with self._db.read() as connection:
            return connection.execute(query).scalar_one()

    def oldest(self) -> datetime | None:
        """Since when the oldest candidate waits."""
        query = sa.select(sa.func.min(schema.software.c.first_seen)).where(_waiting(None))
        with self._db.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def decide(
        self,
        software_id: str,
        operation: Operation,
        actor: str,
        *,
        why: str | None = None,
        value: Any = None,
        field: str | None = None,
        seen: int | None = None,
    ) -> Decision:
        """Store a decision and resolve the software again, in one transaction.

        `seen` is the version that the person saw: Conflict when it has changed since. `value` is the other software's
        id for SAME, DIFFERENT, RELATE and UNRELATE, whose `field` is the RelationType; the field's JSON value for SET,
        ADD and REMOVE. CatalogueError: a part is missing.
        """
        _check(operation, why=why, value=value, field=field)
        with self._db.write() as connection:
            software_id = _resolve(connection, software_id)
            before = _load(connection, [software_id])[0]
            if seen is not None and seen != before.version:
                name = before.fields.name or software_id
                raise Conflict(
                    f"{name} changed meanwhile (you saw version {seen}, now {before.version})",
                    remedy="read it again, then decide",
                    reason=Reason.of("conflict.changed", name=str(name)),
                )
            identifiers = list(identifiers_of(connection, software_id))
            stored = value
            if operation in _NEEDS_OTHER:
                other_id = _resolve(connection, str(value))
                other = identifiers_of(connection, other_id)
                common = [name for name in other if name in identifiers]
                stored = {
                    "software": other_id,
                    "identifiers": [[name.scheme, name.value] for name in other],
                    "common": [[name.scheme, name.value] for name in common],
                }
                if operation in _OF_RELATIONS:
                    stored = {"type": str(field), "software": other_id, "identifiers": stored["identifiers"]}
                else:
                    identifiers += [name for name in other if name not in identifiers]
                if operation is Operation.SAME and _any_published(connection, software_id, other_id):
                    stored["let_in"] = let_in(connection, [software_id, other_id])
            elif operation in (Operation.ACCEPT, Operation.TAKE):
                stored = {"let_in": let_in(connection, [software_id])}
            elif operation is Operation.LEAVE:
                stored = {"declined": decline(connection, software_id)}
            decision_id = connection.execute(
                sa.insert(schema.decision)
                .values(
                    software=software_id,
                    operation=operation.value,
                    field=field,
                    value=stored,
                    seen=str(seen) if seen is not None else None,
                    actor=actor,
                    at=now(),
                    why=why,
                )
                .returning(schema.decision.c.id)
            ).scalar_one()
            names = [{"decision": decision_id, "scheme": name.scheme, "value": name.value} for name in identifiers]
            if names:
                connection.execute(sa.insert(schema.decision_identifier), names)
            made = load_decisions(connection, [decision_id])[0]
            if operation in _OF_RELATIONS:
                apply_relation(connection, made)
                self._resolve_again(connection, stored["software"])
            self._resolve_again(connection, software_id)
            said = _said(decision_id, field, stored)
            action = f"decision {operation.value}"
            self._audit(connection, actor=actor, action=action, before=before, why=why, said=said)
            return made

    def undo(self, decision_id: int, actor: str) -> Software:
        """Take a decision back. Raises NotFound, or Conflict when it was undone already."""
        table = schema.decision
        with self._db.write() as connection:
            found = load_decisions(connection, [decision_id])
            if not found:
                raise NotFound(f"no decision {decision_id}")
            if found[0].undone_at is not None:
                raise Conflict(
                    f"decision {decision_id} was undone already by {found[0].undone_by}",
                    reason=Reason.of("conflict.undone", by=str(found[0].undone_by)),
                )
            software_id = found[0].software
            before = _load(connection, [software_id])[0]
            _put_back(connection, found[0])
            connection.execute(
                sa.update(table).where(table.c.id == decision_id).values(undone_at=now(), undone_by=actor)
            )
            if found[0].operation in _OF_RELATIONS:
                apply_relation(connection, found[0], undone=True)
                self._resolve_again(connection, found[0].value["software"])
            self._resolve_again(connection, software_id)
            action = f"decision {found[0].operation.value} undone"
            said = _said(decision_id, found[0].field, found[0].value)
            self._audit(connection, actor=actor, action=action, before=before, why=None, said=said)
            return _load(connection, [software_id])[0]

    def last_decision(self, actor: str) -> Decision | None:
        """The newest decision of somebody that is not undone."""
        table = schema.decision
        query = sa.select(sa.func.max(table.c.id)).where(table.c.actor == actor, table.c.undone_at.is_(None))
        with self._db.read() as connection:
            newest = connection.execute(query).scalar_one_or_none()
            return load_decisions(connection, [newest])[0] if newest is not None else None

    def history(self, software_id: str) -> list[Decision]:
        """All decisions on a software or on its identifiers, newest first."""
        with self._db.read() as connection:
            book = DecisionBook.load(connection, identifiers_of(connection, software_id), [software_id])
        return book.decisions[::-1]

    def decided_since(self, actor: str, since: datetime) -> int:
        """How many decisions somebody has made since a time."""
        table = schema.decision
        query = sa.select(sa.func.count()).where(
            table.c.actor == actor, table.c.at >= since, table.c.undone_at.is_(None)
        )
        with self._db.read() as connection:
            return connection.execute(query).scalar_one()

    def _resolve_again(self, connection: sa.Connection, software_id: str) -> None:
        member, soft = schema.membership, schema.software
        owner: str | None = software_id
        records: Sequence[int] = ()
        followed: set[str] = set()
        while owner is not None and owner not in followed:
            records = list(connection.execute(sa.select(member.c.record).where(member.c.software == owner)).scalars())
            if records:
                break
            followed.add(owner)  # it was merged, perhaps into one that was merged as well: its records are the heir's
            owner = connection.execute(sa.select(soft.c.merged_into).where(soft.c.id == owner)).scalar_one()
        resolve_records(connection, self._db, records)

    def _audit(
        self,
        connection: sa.Connection,
        *,
        actor: str,
        action: str,
        before: Software,
        why: str | None,
        said: Mapping[str, Any],
    ) -> None:
        after = _load(connection, [before.id])[0]
        write_audit(
            connection,
            actor=actor,
            action=action,
            subject=f"software:{before.id}",
            before={"state": before.state.value, "version": before.version},
            after={"state": after.state.value, "version": after.version, **said},
            why=why,
        )


def _said(decision_id: int, field: str | None, value: Any) -> dict[str, Any]:
    """What was decided, as the audit keeps it."""
    said = {"decision": decision_id, "field": field, "value": value}
    return {name: part for name, part in said.items() if part is not None}


def _waiting(source: str | None) -> sa.ColumnElement[bool]:
    soft, member, record, raw = schema.software, schema.membership, schema.record, schema.raw_item
    condition = sa.or_(soft.c.state == "candidate", soft.c.asks)
    if source is None:
        return condition
    mine = (
        sa.select(member.c.software)
        .select_from(member.join(record, record.c.id == member.c.record).join(raw))
        .where(raw.c.source == source)
    )
    return sa.and_(condition, soft.c.id.in_(mine))


def _any_published(connection: sa.Connection, *ids: str) -> bool:
    soft = schema.software
    found = sa.select(sa.func.count()).where(soft.c.id.in_(ids), soft.c.state == "published")
    return bool(connection.execute(found).scalar_one())


def _put_back(connection: sa.Connection, decision: Decision) -> None:
    """What was let in or declined by a decision is as it was before it; what it joined goes home."""
    record, member = schema.record, schema.membership
    value = decision.value if isinstance(decision.value, dict) else {}
    for column in ("let_in", "declined"):
        name = "standing" if column == "let_in" else column
        for record_id, before in value.get(column, ()):
            connection.execute(sa.update(record).where(record.c.id == record_id).values({name: before}))
    if decision.operation is Operation.SAME:
        both = (decision.software, value["software"])
        connection.execute(
            sa.update(member).where(member.c.software.in_(both), member.c.home.in_(both)).values(software=member.c.home)
        )


def _check(operation: Operation, *, why: str | None, value: Any, field: str | None) -> None:
    if operation in _NEEDS_REASON and not (why or "").strip():
        raise CatalogueError(f"{_CALLED[operation]} needs its reason", remedy="say why, in a few words")
    if operation in _NEEDS_OTHER and not value:
        raise CatalogueError(f"{operation.value!r} needs the other software", remedy="give its id")
    if operation in _OF_RELATIONS and field not in list(RelationType):
        raise CatalogueError(f"{field!r} is no relation", remedy="known: " + ", ".join(RelationType))
    if operation in _NEEDS_FIELD and field not in FIELD_KINDS:
        raise CatalogueError(f"{field!r} is no field", remedy="known: " + ", ".join(FIELD_KINDS))
