"""What somebody decides of softwares, as it is checked, stored, and taken back, in an open transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.corrections import corrected
from harvester.catalogue.database import chunks, now
from harvester.catalogue.decisions import load_decisions, said_of
from harvester.catalogue.software import _resolve, identifiers_of
from harvester.catalogue.standing import decline, let_in
from harvester.errors import CatalogueError, Conflict
from harvester.model import FIELD_KINDS, Decision, Operation, Reason, RelationType, Software, SoftwareState


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody decides of one software.

    `value` is the question for PIN; the other software's id for SAME (which `survives`), DIFFERENT, RELATE and
    UNRELATE, whose `field` is the RelationType; the records that go for SPLIT; the field's JSON value for SET, ADD and
    REMOVE. `seen` is the version that the person saw, `among` the states in which it can be decided so, `until` when
    the decision ends by itself.
    One that is `claimed` needs that nobody else is at it.
    """

    software: str
    operation: Operation
    why: str | None = None
    value: Any = None
    field: str | None = None
    seen: int | None = None
    until: datetime | None = None
    among: Collection[SoftwareState] | None = None
    survives: bool = False
    claimed: bool = False


_CALLED = {Operation.REJECT: "a rejection", Operation.WITHDRAW: "a withdrawal"}
_LONGEST_QUESTION = 500  # characters
_NEEDS_REASON = (Operation.REJECT, Operation.WITHDRAW)
NEEDS_OTHER = (Operation.SAME, Operation.DIFFERENT, Operation.RELATE, Operation.UNRELATE)
OF_RELATIONS = (Operation.RELATE, Operation.UNRELATE)
_OF_QUESTIONS = (Operation.TAKE, Operation.LEAVE)
_NEEDS_FIELD = (Operation.SET, Operation.ADD, Operation.REMOVE)


def objection(act: Act, before: Software) -> Conflict | None:
    """Why it is not any more what the person decided on."""
    name = str(before.fields.name or before.id)
    decided = act.among is not None and before.state not in act.among
    if decided or (act.among is not None and act.operation in _OF_QUESTIONS and not before.asks):
        return Conflict(
            f"somebody decided on {name} already",
            remedy="look at it, and undo that decision if it is wrong",
            reason=Reason("conflict.decided"),
        )
    if act.seen is not None and act.seen != before.version:
        return Conflict(
            f"{name} changed meanwhile (you saw version {act.seen}, now {before.version})",
            remedy="read it again, then decide",
            reason=Reason.of("conflict.changed", name=name),
        )
    return None


def store(connection: sa.Connection, act: Act, before: Software, *, actor: str, act_id: int | None) -> int:
    operation, software_id, field = act.operation, before.id, act.field
    identifiers, stored, saw = list(before.identifiers), _as_stored(act), None
    if operation in NEEDS_OTHER:
        other_id = _resolve(connection, str(act.value))
        other = identifiers_of(connection, other_id)
        common = [name for name in other if name in identifiers]
        stored = {
            "software": other_id,
            "identifiers": [[name.scheme, name.value] for name in other],
            "common": [[name.scheme, name.value] for name in common],
        }
        if operation in OF_RELATIONS:
            stored = {"type": str(field), "software": other_id, "identifiers": stored["identifiers"]}
        else:
            identifiers += [name for name in other if name not in identifiers]
        if operation is Operation.SAME:
            stored |= {"survives": True} if act.survives else {}
            stored |= {"were": were} if (were := _joined_before(connection, software_id, other_id)) else {}
            if _any_published(connection, software_id, other_id):
                stored["let_in"] = let_in(connection, [software_id, other_id])
    elif operation in (Operation.ACCEPT, Operation.TAKE):
        stored = {"let_in": let_in(connection, [software_id])}
    elif operation is Operation.LEAVE:
        stored = {"declined": decline(connection, software_id)}
    elif operation is Operation.SPLIT:
        stored = _sides(connection, software_id, act.value)
    elif field is not None:
        stored, saw = corrected(field, operation, act.value), said_of(before.evidence.get(field, ()))
    decision_id = connection.execute(
        sa.insert(schema.decision)
        .values(
            software=software_id,
            operation=operation.value,
            field=field,
            value=stored,
            seen=str(act.seen) if act.seen is not None else None,
            actor=actor,
            at=now(),
            why=act.why,
            act=act_id,
            until=act.until,
            saw=saw,
        )
        .returning(schema.decision.c.id)
    ).scalar_one()
    names = [{"decision": decision_id, "scheme": name.scheme, "value": name.value} for name in identifiers]
    if names:
        connection.execute(sa.insert(schema.decision_identifier), names)
    return int(decision_id)


def _as_stored(act: Act) -> Any:
    return {"question": str(act.value).strip()} if act.operation is Operation.PIN else act.value


def _joined_before(connection: sa.Connection, *both: str) -> list[list[Any]]:
    """The records that earlier words of reviewers brought to these softwares, each with the one that has it now."""
    member = schema.membership
    query = sa.select(member.c.record, member.c.software)
    query = query.where(member.c.software.in_(both), member.c.home.not_in(both)).order_by(member.c.record)
    return [list(row) for row in connection.execute(query)]


def _sides(connection: sa.Connection, software_id: str, wanted: Any) -> dict[str, Any]:
    """Which of a software's records go, and which stay. CatalogueError: one side would be empty."""
    member, record = schema.membership, schema.record
    query = sa.select(member.c.record).join(record).where(member.c.software == software_id, record.c.active)
    mine = sorted(connection.execute(query).scalars())
    going = sorted(set(mine) & set(wanted))
    if len(going) in (0, len(mine)) or len(going) < len(set(wanted)):
        raise CatalogueError(
            f"{software_id}: some of its records have to go, and some to stay",
            remedy="its page of splitting lists them",
            reason=Reason("conflict.sides"),
        )
    return {"records": going, "stay": [one for one in mine if one not in going]}


def settle_split(connection: sa.Connection, decision: Decision) -> None:
    """Remember the software that was split off, which is its records' home from now on."""
    member, table = schema.membership, schema.decision
    mine = member.c.record.in_(decision.value["records"])
    homes = [[row.record, row.home] for row in connection.execute(sa.select(member).where(mine))]
    new = connection.execute(sa.select(member.c.software).where(mine).limit(1)).scalar_one()
    connection.execute(sa.update(member).where(mine).values(home=new))
    value = {**decision.value, "software": new, "homes": homes}
    connection.execute(sa.update(table).where(table.c.id == decision.id).values(value=value))


def tell_versions(connection: sa.Connection, decisions: Sequence[int]) -> None:
    """Remember of the decisions at which version they left their softwares: what is newer came after them."""
    table, soft = schema.decision, schema.software
    version = sa.select(soft.c.version).where(soft.c.id == table.c.software).scalar_subquery()
    for some in chunks(decisions):
        connection.execute(sa.update(table).where(table.c.id.in_(some)).values(version=version))


def whole_act(connection: sa.Connection, decision_id: int) -> list[Decision]:
    """The decisions of one act that are not undone, in their order."""
    table = schema.decision
    act = connection.execute(sa.select(table.c.act).where(table.c.id == decision_id)).scalar_one_or_none()
    if act is None:
        return load_decisions(connection, [decision_id])
    ids = sa.select(table.c.id).where(table.c.act == act, table.c.undone_at.is_(None)).order_by(table.c.id)
    return sorted(load_decisions(connection, list(connection.execute(ids).scalars())), key=lambda one: one.id)


def stands_on(connection: sa.Connection, act: Sequence[Decision]) -> list[Decision]:
    """Later decisions that would lose their ground with this act: on what it split off, on the same entries that it
    let in or declined, on the same relation."""
    table, ids = schema.decision, {one.id for one in act}
    concerned = {one.software for one in act}
    concerned |= {one.value["software"] for one in act if one.operation is Operation.SPLIT}
    later: list[Decision] = []
    for some in chunks(sorted(concerned)):
        about = sa.or_(table.c.software.in_(some), table.c.value["software"].as_string().in_(some))
        query = sa.select(table.c.id).where(about, table.c.id > min(ids), table.c.undone_at.is_(None))
        later += load_decisions(connection, list(connection.execute(query).scalars()))
    return [
        other for other in later if other.id not in ids and any(other.id > one.id and _leans(other, one) for one in act)
    ]


def _leans(other: Decision, one: Decision) -> bool:
    if one.operation is Operation.SPLIT:
        other_end = other.value["software"] if other.operation in NEEDS_OTHER else None
        if one.value["software"] in (other.software, other_end):
            return True
    if one.operation in OF_RELATIONS and other.operation in OF_RELATIONS:
        return all(one.value[name] == other.value[name] for name in ("type", "software"))
    return bool(_touched(one) & _touched(other))


def _touched(decision: Decision) -> set[tuple[str, int]]:
    """The records of which a decision changed what was let in or declined."""
    value = decision.value if isinstance(decision.value, dict) else {}
    return {(column, record) for column in ("let_in", "declined") for record, _ in value.get(column, ())}


def told_of(decision: Decision) -> dict[str, Any]:
    """What was decided, as the audit keeps it."""
    until = decision.until.isoformat() if decision.until else None
    said = {"decision": decision.id, "field": decision.field, "value": decision.value, "until": until}
    return {name: part for name, part in said.items() if part is not None}


def _any_published(connection: sa.Connection, *ids: str) -> bool:
    soft = schema.software
    found = sa.select(sa.func.count()).where(soft.c.id.in_(ids), soft.c.state == "published")
    return bool(connection.execute(found).scalar_one())


def put_back(connection: sa.Connection, decision: Decision) -> None:
    """What was let in or declined by a decision is as it was before it; what it joined goes home."""
    record, member = schema.record, schema.membership
    value = decision.value if isinstance(decision.value, dict) else {}
    for column in ("let_in", "declined"):
        name = "standing" if column == "let_in" else column
        for record_id, before in value.get(column, ()):
            connection.execute(sa.update(record).where(record.c.id == record_id).values({name: before}))
    if decision.operation is Operation.SPLIT:
        for record_id, home in value["homes"]:
            mine = sa.update(member).where(member.c.record == record_id)
            connection.execute(mine.values(software=home, home=home))
    if decision.operation is Operation.SAME:
        both = (decision.software, value["software"])
        connection.execute(
            sa.update(member).where(member.c.software.in_(both), member.c.home.in_(both)).values(software=member.c.home)
        )
        for record_id, owner in value.get("were", ()):
            mine = sa.update(member).where(member.c.record == record_id, member.c.software.in_(both))
            connection.execute(mine.values(software=owner))


def _fits(question: Any) -> bool:
    return isinstance(question, str) and 0 < len(question.strip()) <= _LONGEST_QUESTION


def check_act(act: Act) -> None:
    operation, field = act.operation, act.field
    if operation is Operation.PIN and not (_fits(act.value) and (act.why or "").strip()):
        raise CatalogueError(
            f"a pin needs its question, of at most {_LONGEST_QUESTION} characters, and its reason",
            remedy="give both",
            reason=Reason("pin.needs_both"),
        )
    if operation in _NEEDS_REASON and not (act.why or "").strip():
        raise CatalogueError(f"{_CALLED[operation]} needs its reason", remedy="say why, in a few words")
    if operation in (*NEEDS_OTHER, Operation.SPLIT) and not act.value:
        raise CatalogueError(f"{operation.value!r} needs the other software", remedy="give its id")
    if operation in OF_RELATIONS and field not in list(RelationType):
        raise CatalogueError(f"{field!r} is no relation", remedy="known: " + ", ".join(RelationType))
    if operation in _NEEDS_FIELD and field not in FIELD_KINDS:
        raise CatalogueError(f"{field!r} is no field", remedy="known: " + ", ".join(FIELD_KINDS))
