"""The review queue and its verdicts. A verdict is laid over what is harvested; undoing it brings back what was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import claims, schema
from harvester.catalogue.acts import (
    NEEDS_OTHER,
    OF_RELATIONS,
    Act,
    check_act,
    objection,
    put_back,
    settle_split,
    stands_on,
    store,
    tell_versions,
    told_of,
    whole_act,
)
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.decisions import VERDICTS, DecisionBook, load_decisions
from harvester.catalogue.kept import KeptCount
from harvester.catalogue.people import MACHINE, write_audit
from harvester.catalogue.relations import apply_relation
from harvester.catalogue.resolving import resolve_records
from harvester.catalogue.software import _load, _resolve, identifiers_of
from harvester.catalogue.sought import QueueSought
from harvester.errors import Conflict, NotFound
from harvester.model import Decision, Operation, Reason, Software

_NOTHING: Mapping[str, Sequence[int]] = MappingProxyType({})


EVERYTHING = QueueSought()
"""What waits, whole."""
MOST_CHOICES = 200
"""Of one facet's values, by which the queue is narrowed."""


@dataclass(frozen=True, slots=True)
class HeldEnd:
    """A decision whose end has come, and the newest of the later decisions that stand on it."""

    decision: Decision
    by: Decision


class Review:
    """Candidates, decisions, undo."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._choices = KeptCount(self._count_choices)
        self._oldest = KeptCount(self._find_oldest)

    def queue(self, limit: int = 50, offset: int = 0, *, sought: QueueSought = EVERYTHING) -> list[Software]:
        """Candidates, and what is published and in question or contested, in the order that is sought."""
        soft = schema.software
        query = sa.select(soft.c.id).where(sought.condition()).order_by(*sought.ordered()).limit(limit).offset(offset)
        with self._db.read() as connection:
            return _load(connection, list(connection.execute(query).scalars()))

    def waiting(self, *, sought: QueueSought = EVERYTHING) -> int:
        """How many there are in the queue."""
        query = sa.select(sa.func.count()).select_from(schema.software).where(sought.condition())
        with self._db.read() as connection:
            return connection.execute(query).scalar_one()

    def listed(
        self, sought: QueueSought, limit: int, *, before: datetime, among: Collection[str] | None = None
    ) -> dict[str, int]:
        """By id the versions of those candidates of the queue that were as they are at a time, in its order."""
        soft = schema.software
        query = sa.select(soft.c.id, soft.c.version).where(sought.condition(), soft.c.state == "candidate")
        query = query.where(soft.c.changed_at <= before)
        if among is not None:
            query = query.where(soft.c.id.in_(among))
        with self._db.read() as connection:
            return dict(connection.execute(query.order_by(*sought.ordered()).limit(limit)).all())

    def decided_together(self, decision: Decision) -> int:
        """How many decisions its act has that are not undone."""
        if decision.act is None:
            return 1
        table = schema.decision
        query = sa.select(sa.func.count()).where(table.c.act == decision.act, table.c.undone_at.is_(None))
        with self._db.read() as connection:
            return connection.execute(query).scalar_one()

    def choices(self) -> dict[str, list[tuple[str, int]]]:
        """By facet that is sought the values of what waits with how many there are, the most frequent first; of a large
        queue some time ago."""
        return self._choices()

    def _count_choices(self) -> dict[str, list[tuple[str, int]]]:
        trait, n = schema.trait, sa.func.count()
        query = sa.select(trait.c.facet, trait.c.value, n).join(schema.software).where(EVERYTHING.condition())
        found: dict[str, list[tuple[str, int]]] = {}
        with self._db.read() as connection:
            for facet, value, count in connection.execute(query.group_by(trait.c.facet, trait.c.value)):
                found.setdefault(facet, []).append((value, count))
        return {name: sorted(said, key=lambda one: (-one[1], one[0]))[:MOST_CHOICES] for name, said in found.items()}

    def put_off(self, ids: Sequence[str]) -> dict[str, datetime]:
        """Of those that are put off until a time, that time."""
        table, found = schema.decision, dict[str, datetime]()
        for some in chunks(ids):
            query = sa.select(table.c.software, table.c.until).where(
                table.c.software.in_(some),
                table.c.operation == Operation.DEFER.value,
                table.c.until.is_not(None),
                table.c.undone_at.is_(None),
            )
            with self._db.read() as connection:
                found.update(connection.execute(query.order_by(table.c.id)).all())
        return found

    def oldest(self) -> datetime | None:
        """Since when the oldest candidate waits; of a large catalogue some time ago."""
        return self._oldest()

    def _find_oldest(self) -> datetime | None:
        query = sa.select(sa.func.min(schema.software.c.first_seen)).where(EVERYTHING.condition())
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
        until: datetime | None = None,
    ) -> Decision:
        """Store a decision and resolve the software again, in one transaction; see `Act` for what it takes."""
        act = Act(software=software_id, operation=operation, why=why, value=value, field=field, seen=seen, until=until)
        return self.together([act], actor)[0]

    def together(self, acts: Sequence[Act], actor: str, *, still: bool = False) -> list[Decision]:
        """Store decisions as one act: one transaction, one line of the audit, one undo.

        Conflict, and nothing is decided, when one of the softwares is not any more what the person saw; with `still`
        those are left out instead, as somebody else decided them. CatalogueError: a part is missing.
        """
        with self._db.write() as connection:
            return self._carry_out(connection, acts, actor, still=still)

    def tried(self, acts: Sequence[Act], actor: str) -> list[Software]:
        """What these decisions would make of the softwares that they touch; nothing of it is kept."""
        with self._db.write() as connection:
            kept = connection.begin_nested()
            made = self._carry_out(connection, acts, actor)
            touched = [one.software for one in made]
            touched += [one.value["software"] for one in made if one.operation in (*NEEDS_OTHER, Operation.SPLIT)]
            found = _load(connection, list(dict.fromkeys(touched)))
            kept.rollback()
        return found

    def _carry_out(
        self, connection: sa.Connection, acts: Sequence[Act], actor: str, *, still: bool = False, told: bool = True
    ) -> list[Decision]:
        """See `together`; not `told`: who called says in the audit what was done."""
        going, loaded = _still_open(connection, acts, actor, still=still)
        numbers: list[int] = []
        claims.release(connection, [before.id for act, before in going if act.claimed])
        for act, before in going:
            first = numbers[0] if numbers else None
            numbers.append(store(connection, act, before, actor=actor, act_id=first))
        if not numbers:
            return []
        if len(numbers) > 1:
            table = schema.decision
            connection.execute(sa.update(table).where(table.c.id == numbers[0]).values(act=numbers[0]))
        made = load_decisions(connection, numbers)
        touched = [one.software for one in made]
        for one in made:
            if one.operation in OF_RELATIONS:
                apply_relation(connection, one)
                touched.append(one.value["software"])
        self._resolve_again(connection, touched)
        splits = [one for one in made if one.operation is Operation.SPLIT]
        for one in splits:
            settle_split(connection, one)
        tell_versions(connection, numbers)
        made = load_decisions(connection, numbers) if splits else made
        if told:
            self._audit(connection, made, actor=actor, before=loaded)
        return made

    def pins(self) -> list[Decision]:
        """The pins that hold, the newest first."""
        table = schema.decision
        query = sa.select(table.c.id).where(table.c.operation == Operation.PIN.value, table.c.undone_at.is_(None))
        with self._db.read() as connection:
            found = load_decisions(connection, list(connection.execute(query).scalars()))
        return sorted(found, key=lambda one: -one.id)

    def stands_on(self, decision_id: int) -> list[Decision]:
        """The later decisions that have to be undone before this one can be."""
        with self._db.read() as connection:
            return stands_on(connection, whole_act(connection, decision_id))

    def undo(self, decision_id: int, actor: str, *, alone: bool = False) -> Software:
        """Take a decision back with all of its act, or it `alone`, and tell what its software is now.

        NotFound. Conflict: it was undone already, later decisions stand on it (`stands_on`), or it is what a visitor
        asked for, which is undone there.
        """
        with self._db.write() as connection:
            act = [decision_id] if alone else [one.id for one in whole_act(connection, decision_id)]
            _leave_to_voices(connection, act)
            return self._undo(connection, decision_id, actor, alone=alone)

    def reopen(self, software_id: str, actor: str) -> Software:
        """Undo what took it off the pages or out of the queue: it is shown, or waits, as before that verdict.

        Conflict: there is no such verdict.
        """
        with self._db.write() as connection:
            software_id = _resolve(connection, software_id)
            book = DecisionBook.load(connection, identifiers_of(connection, software_id), [software_id])
            standing = [one for one in book.decisions if one.undone_at is None and one.operation in VERDICTS]
            out = [one for one in standing if one.operation is Operation.WITHDRAW] or standing[-1:]
            if not out:
                raise Conflict(
                    f"nobody decided on {software_id}, so there is nothing to reopen",
                    reason=Reason("conflict.not-decided"),
                )
            _leave_to_voices(connection, [one.id for one in out])
            return [self._undo(connection, one.id, actor, alone=True) for one in reversed(out)][-1]

    def due(self, moment: datetime) -> Sequence[int]:
        """The decisions that hold though their end has come, by number."""
        table = schema.decision
        due = sa.select(table.c.id).where(table.c.until <= moment, table.c.undone_at.is_(None)).order_by(table.c.id)
        with self._db.read() as connection:
            return connection.execute(due).scalars().all()

    def end_due(self, moment: datetime) -> int:
        """Undo the decisions whose end has come, in the machine's name; returns how many. One on which later decisions
        stand holds until those are undone (`held_ends`)."""
        undone = 0
        for decision in self.due(moment):
            with suppress(Conflict), self._db.write() as connection:
                self._undo(connection, decision, MACHINE, alone=True)
                undone += 1
        return undone

    def held_ends(self, moment: datetime, limit: int = 20) -> list[HeldEnd]:
        """The first of the decisions whose end has come and on which later ones stand."""
        due = self.due(moment)[:limit]
        with self._db.read() as connection:
            ended = sorted(load_decisions(connection, due), key=lambda one: one.id)
            return [HeldEnd(one, later[-1]) for one in ended if (later := stands_on(connection, [one]))]

    def newest(self) -> tuple[int, datetime | None]:
        """The number of the newest decision, and when one was undone last: what is the same while nobody decides."""
        table = schema.decision
        with self._db.read() as connection:
            row = connection.execute(sa.select(sa.func.max(table.c.id), sa.func.max(table.c.undone_at))).one()
        return row[0] or 0, row[1]

    def _undo(
        self, connection: sa.Connection, decision_id: int, actor: str, *, alone: bool = False, told: bool = True
    ) -> Software:
        table = schema.decision
        found = load_decisions(connection, [decision_id])
        if not found:
            raise NotFound(f"no decision {decision_id}")
        if found[0].undone_at is not None:
            raise Conflict(
                f"decision {decision_id} was undone already by {found[0].undone_by}",
                reason=Reason.of("conflict.undone", by=str(found[0].undone_by)),
            )
        act = found if alone else whole_act(connection, decision_id)
        if later := stands_on(connection, act):
            raise Conflict(
                f"decision {later[-1].id} ({later[-1].operation.value}, {later[-1].actor}) stands on {decision_id}",
                remedy="undo that one first",
                reason=Reason.of("conflict.stands-on", id=later[-1].id, who=later[-1].actor),
            )
        softwares = list(dict.fromkeys(one.software for one in act))
        before = {one.id: one for one in _load(connection, softwares)}
        for one in reversed(act):
            put_back(connection, one)
        numbers = [one.id for one in act]
        for some in chunks(numbers):
            undone = sa.update(table).where(table.c.id.in_(some))
            connection.execute(undone.values(undone_at=now(), undone_by=actor, contested=False))
        touched = list(softwares)
        for one in reversed(act):
            if one.operation in OF_RELATIONS:
                apply_relation(connection, one, undone=True)
                touched.append(one.value["software"])
        splits = [one for one in act if one.operation is Operation.SPLIT]
        left = {one.value["software"]: one.value["records"] for one in splits}
        self._resolve_again(connection, touched, left=left)
        tell_versions(connection, numbers)
        if told:
            self._audit(connection, act, actor=actor, before=before, undone=True)
        return _load(connection, [found[0].software])[0]

    def last_decision(self, actor: str) -> Decision | None:
        """The newest decision of somebody that is not undone."""
        table = schema.decision
        mine = (table.c.actor == actor, table.c.undone_at.is_(None), table.c.id.not_in(_asked_by_visitors()))
        query = sa.select(sa.func.max(table.c.id)).where(*mine)
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

    def _resolve_again(
        self, connection: sa.Connection, softwares: Sequence[str], *, left: Mapping[str, Sequence[int]] = _NOTHING
    ) -> None:
        member, soft = schema.membership, schema.software
        owners, records = dict.fromkeys(softwares), [record for some in left.values() for record in some]
        followed = set(owners)
        while owners:
            held: set[str] = set()
            for some in chunks(list(owners)):
                query = sa.select(member.c.record, member.c.software).where(member.c.software.in_(some))
                for row in connection.execute(query):
                    records.append(row.record)
                    held.add(row.software)
            # it was merged, perhaps into one that was merged as well: its records are the heir's
            merged = [owner for owner in owners if owner not in held]
            owners = {}
            for some in chunks(merged):
                heirs = sa.select(soft.c.merged_into).where(soft.c.id.in_(some), soft.c.merged_into.is_not(None))
                owners |= dict.fromkeys(one for one in connection.execute(heirs).scalars() if one not in followed)
            followed |= owners.keys()
        resolve_records(connection, self._db, list(dict.fromkeys(records)), left=left)

    def _audit(
        self,
        connection: sa.Connection,
        made: Sequence[Decision],
        *,
        actor: str,
        before: Mapping[str, Software],
        undone: bool = False,
    ) -> None:
        """One line for one act; where it is about several softwares, with all of them."""
        first, action = made[0], f"decision {made[0].operation.value}" + (" undone" if undone else "")
        after = {one.id: one for one in _load(connection, list(before))}
        line: dict[str, Any] = {"actor": actor, "action": action, "why": None if undone else first.why}
        if len(before) == 1:
            said = told_of(first) if len(made) == 1 else {**told_of(first), "also": [told_of(one) for one in made[1:]]}
            line["subject"] = f"software:{first.software}"
        else:
            said = {"decision": first.id, "n": len(before)}
            line["subject"] = f"decision:{first.id}"
        sides = [
            {"state": one.state.value, "version": one.version}
            if len(before) == 1
            else {"softwares": {each.id: each.state.value for each in side.values()}}
            for side in (before, after)
            for one in [side[first.software]]
        ]
        write_audit(connection, before=sides[0], after={**sides[1], **said}, **line)


def _still_open(
    connection: sa.Connection, acts: Sequence[Act], actor: str, *, still: bool
) -> tuple[list[tuple[Act, Software]], dict[str, Software]]:
    """The acts with what their softwares are, those alone that can be decided where `still`; and these softwares."""
    for act in acts:
        check_act(act)
    ids = [_resolve(connection, act.software) for act in acts]
    _hold(connection, ids)
    loaded = {one.id: one for one in _load(connection, list(dict.fromkeys(ids)))}
    going = []
    for act, each in zip(acts, ids, strict=True):
        conflict = objection(act, loaded[each])
        if conflict is None and act.claimed:
            conflict = claims.others(connection, each, actor)
        if conflict is None:
            going.append((act, loaded[each]))
        elif not still:
            raise conflict
    return going, {before.id: before for _, before in going}


def _hold(connection: sa.Connection, softwares: Sequence[str]) -> None:
    """Whoever decides on one of these meanwhile waits, and then meets what was decided here."""
    soft = schema.software.c.id
    for some in chunks(sorted(set(softwares))):
        held = sa.select(soft).where(soft.in_(some)).order_by(soft).with_for_update(key_share=True)
        connection.execute(held).all()


def _asked_by_visitors() -> sa.Select[Any]:
    """The decisions that are what a visitor asked for."""
    table = schema.matter
    taken_up = (table.c.state == "accepted", table.c.kind != "objection", table.c.decision.is_not(None))
    return sa.select(table.c.decision).where(*taken_up)


def _leave_to_voices(connection: sa.Connection, decisions: Sequence[int]) -> None:
    """Conflict: one of them is what a visitor asked for, whose receipt would go on saying that it was accepted."""
    for some in chunks(decisions):
        asked = _asked_by_visitors().where(schema.matter.c.decision.in_(some))
        if (found := connection.execute(asked.limit(1)).scalar_one_or_none()) is not None:
            raise Conflict(
                f"a visitor asked for decision {found}",
                remedy="undo it among what visitors say",
                reason=Reason("conflict.of-visitors"),
            )
