"""Decisions as the resolver needs them: by software, and by the identifiers that decided.

A decision is keyed to both, so that it holds when the software is merged, split or harvested anew, and a rejected
tool that comes back under a new id stays rejected.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import chunks
from harvester.model import PART, Basis, Decision, Evidence, Identifier, Operation, SoftwareState
from harvester.resolve.claims import whole

_decision = schema.decision
_name = schema.decision_identifier
Pair = tuple[Identifier, Identifier]
VERDICTS = (Operation.ACCEPT, Operation.REJECT, Operation.DEFER, Operation.WITHDRAW)


class DecisionBook:
    """The decisions that concern a set of records and softwares."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        self.decisions = sorted(decisions, key=lambda decision: decision.id)
        # of many that were decided together each is asked for by itself
        self._at: dict[str | Identifier, list[int]] = {}
        for place, one in enumerate(self.decisions):
            keys: set[str | Identifier] = {one.software, *one.identifiers}
            for key in keys:
                self._at.setdefault(key, []).append(place)

    @classmethod
    def load(cls, connection: sa.Connection, names: Iterable[Identifier], owners: Collection[str]) -> DecisionBook:
        """Those that are keyed to one of the softwares or to one of the identifiers."""
        if not connection.execute(sa.select(_decision.c.id).limit(1)).first():
            return cls([])
        ids: set[int] = set()
        for some in chunks(sorted(owners)):
            ids.update(connection.execute(sa.select(_decision.c.id).where(_decision.c.software.in_(some))).scalars())
        for some in chunks(sorted(set(names))):
            ids.update(connection.execute(sa.select(_name.c.decision).where(_named(_name, some))).scalars())
        return cls(load_decisions(connection, sorted(ids)))

    @staticmethod
    def linked_records(connection: sa.Connection, records: Sequence[int]) -> set[int]:
        """The records that a reviewer's "same" links with these."""
        link, mine = _name.alias(), schema.identifier
        pairs = sa.select(_decision.c.id).where(_decision.c.operation.in_(("same", "different")))
        if not connection.execute(pairs.limit(1)).first():
            return set()
        # what a record is known by as a part (resolve.claims) is no identifier of a record: the address is
        parts: dict[tuple[str, str], set[int]] = {}
        told = sa.select(_name.c.decision, _name.c.value).where(_name.c.scheme == PART, _name.c.decision.in_(pairs))
        for row in connection.execute(told):
            if address := whole(Identifier(PART, row.value)):
                parts.setdefault((address.scheme, address.value), set()).add(row.decision)
        decisions: set[int] = set()
        for some in chunks(records):
            same_name = sa.and_(link.c.scheme == mine.c.scheme, link.c.value == mine.c.value)
            theirs = sa.select(link.c.decision).select_from(mine.join(link, same_name))
            decisions.update(connection.execute(theirs.where(mine.c.record.in_(some), mine.c.strong)).scalars())
            if parts:
                claimed = sa.select(mine.c.scheme, mine.c.value).where(mine.c.record.in_(some), mine.c.strong)
                for name in connection.execute(claimed.distinct()):
                    decisions |= parts.get((name.scheme, name.value), set())
        return _bearers(connection, sorted(decisions), pairs)

    def of(
        self,
        software_id: str,
        identifiers: Set[Identifier],
        *,
        others: Collection[str] = (),
        before: Any = MappingProxyType({}),
    ) -> list[Decision]:
        """The decisions that hold for a software with these identifiers, those on what it was joined of among them.

        What was decided on one of the `others` that bear such an identifier, too, is said of that one. Nor does what is
        published fall, or a candidate rise, by what was decided on another thing that claimed to be it: `before` are
        the softwares' rows until now.
        """
        mine = before.get(software_id)
        published = mine is not None and mine.state == SoftwareState.PUBLISHED

        def holds(decision: Decision) -> bool:
            if decision.software == software_id:
                return True
            if identifiers.isdisjoint(decision.identifiers):
                return False
            if decision.software in others:  # what claims to be a withdrawn thing is shown no more than that one is
                return decision.operation is Operation.WITHDRAW and not published
            theirs = before.get(decision.software)
            joined = theirs is not None and theirs.merged_into is not None
            return (
                joined
                or decision.operation not in VERDICTS
                or (decision.operation is not Operation.ACCEPT and not published)
            )

        keys: set[str | Identifier] = {software_id, *identifiers}
        places = {place for key in keys for place in self._at.get(key, ())}
        return [decision for decision in map(self.decisions.__getitem__, sorted(places)) if holds(decision)]

    def told_apart(self, membership: Mapping[int, str]) -> list[frozenset[int]]:
        """The records of each two softwares that a reviewer called different."""
        found = []
        for one in self.decisions:
            if one.undone_at is None and one.operation in (Operation.DIFFERENT, Operation.SPLIT):
                both = {one.software, one.value.get("software")}
                found.append(frozenset(record for record, owner in membership.items() if owner in both))
        return found

    @staticmethod
    def pins(decisions: Iterable[Decision]) -> tuple[str, ...]:
        """The questions that editors pinned a software for by these decisions, each once."""
        pins = (one for one in decisions if one.undone_at is None and one.operation is Operation.PIN)
        return tuple(dict.fromkeys(one.value["question"] for one in pins))

    def survivors(self) -> dict[str, int]:
        """By id the softwares that reviewers chose to go on, with the newest such decision."""
        merges = (one for one in self.decisions if one.undone_at is None and one.operation is Operation.SAME)
        return {one.software: one.id for one in merges if one.value.get("survives")}

    def parted(self, membership: Mapping[int, str], heir: Callable[[str], str]) -> dict[int, str]:
        """By record a name of the side on which a reviewer's split put it: sides never meet.

        A part that was split off and joined again by a later word of a reviewer is on one side with the rest. Where a
        part has no software of its own yet, its name holds a "/".
        """
        sides: dict[int, str] = {}
        for one in self.decisions:
            if one.undone_at is not None or one.operation is not Operation.SPLIT:
                continue
            other = one.value.get("software")
            if other and heir(other) == heir(one.software):
                continue
            stay = [record for record in one.value["stay"] if record in membership]
            owners = {membership[record] for record in stay}
            sides.update((record, heir(membership[record])) for record in stay if record not in sides)
            for record in one.value["records"]:
                if record in membership:
                    side = heir(membership[record])
                    sides[record] = f"{side}/{one.id}" if membership[record] in owners else side
        return sides


def same_and_different(
    decisions: Iterable[Decision],
    pick: Callable[[str, Sequence[Identifier]], Identifier | int] = lambda _, names: names[0],
) -> tuple[list[tuple[Identifier | int, Identifier | int]], list[Pair]]:
    """The pairs that reviewers joined, and those they keep apart. `value` holds the other side's identifiers.

    `pick` says for a software which of the names that it had when it was joined, or which record, stands for it.
    """
    same: list[tuple[Identifier | int, Identifier | int]] = []
    different: list[Pair] = []
    for decision in decisions:
        if decision.undone_at is not None or decision.operation not in (Operation.SAME, Operation.DIFFERENT):
            continue
        others = [Identifier(scheme, value) for scheme, value in decision.value["identifiers"]]
        mine = [name for name in decision.identifiers if name not in others]
        common = {Identifier(scheme, value) for scheme, value in decision.value.get("common", ())}
        if decision.operation is Operation.SAME and mine and others:
            same.append((pick(decision.software, mine), pick(decision.value["software"], others)))
        elif decision.operation is Operation.DIFFERENT:
            different += [(left, right) for left in mine for right in others if not {left, right} & common]
    return same, different


def load_decisions(connection: sa.Connection, ids: Sequence[int]) -> list[Decision]:
    """Decisions with their identifiers, by id."""
    names: dict[int, list[Identifier]] = {}
    rows: list[Any] = []
    for some in chunks(ids):
        for row in connection.execute(sa.select(_name).where(_name.c.decision.in_(some)).order_by(*_name.c)):
            names.setdefault(row.decision, []).append(Identifier(row.scheme, row.value))
        rows += connection.execute(sa.select(_decision).where(_decision.c.id.in_(some))).all()
    return [
        Decision(
            id=row.id,
            software=row.software,
            operation=Operation(row.operation),
            actor=row.actor,
            at=row.at,
            identifiers=tuple(names.get(row.id, ())),
            field=row.field,
            value=row.value,
            seen=row.seen,
            why=row.why,
            undone_at=row.undone_at,
            undone_by=row.undone_by,
            act=row.act,
            until=row.until,
            saw=row.saw,
            version=row.version,
            contested=row.contested,
        )
        for row in rows
    ]


def _bearers(connection: sa.Connection, decisions: Sequence[int], pairs: sa.Select[Any]) -> set[int]:
    """The records that bear one of the identifiers of these decisions, those of pairs alone."""
    names: set[Identifier] = set()
    for some in chunks(decisions):
        query = sa.select(_name.c.scheme, _name.c.value).where(_name.c.decision.in_(some), _name.c.decision.in_(pairs))
        for row in connection.execute(query):
            name = Identifier(row.scheme, row.value)
            names.add(whole(name) or name)
    known = schema.identifier
    found: set[int] = set()
    for some_names in chunks(sorted(names)):
        query = sa.select(known.c.record).where(_named(known, some_names), known.c.strong)
        found.update(connection.execute(query).scalars())
    return found


def _named(table: sa.FromClause, names: Sequence[Identifier]) -> sa.ColumnElement[bool]:
    by_scheme: dict[str, list[str]] = {}
    for name in names:
        by_scheme.setdefault(name.scheme, []).append(name.value)
    return sa.or_(*(sa.and_(table.c.scheme == scheme, table.c.value.in_(vals)) for scheme, vals in by_scheme.items()))


def joined(decisions: Iterable[Decision]) -> Callable[[str], str]:
    """Of a software the one that stands for all that reviewers joined with it."""
    heirs: dict[str, str] = {}

    def heir(owner: str) -> str:
        while owner in heirs:
            owner = heirs[owner]
        return owner

    for one in decisions:
        if one.undone_at is None and one.operation is Operation.SAME:
            left, right = heir(one.software), heir(one.value["software"])
            if left != right:
                heirs[right] = left
    return heir


def said_of(evidence: Iterable[Evidence]) -> list[Any]:
    """What the sources say of a field, each value once and in an order of its own: as a correction remembers it."""
    said = {json.dumps(one.value, sort_keys=True): one.value for one in evidence if one.basis is not Basis.REVIEWED}
    return [said[text] for text in sorted(said)]


def withdrawn(decisions: Iterable[Decision]) -> bool:
    """Whether somebody withdrew it; no later verdict changes that, only its undoing."""
    return any(one.operation is Operation.WITHDRAW and one.undone_at is None for one in decisions)


def listing(decisions: Iterable[Decision]) -> bool | None:
    """What a reviewer said last of listing it: True, False, or None where nobody did."""
    said = [
        one for one in decisions if one.undone_at is None and one.operation in (Operation.LIST, Operation.SET_ASIDE)
    ]
    last = max(said, key=lambda one: one.id, default=None)
    return None if last is None else last.operation is Operation.LIST


def verdict(
    decisions: Sequence[Decision], *, trusted: bool, before: SoftwareState | None = None
) -> tuple[SoftwareState, bool]:
    """The state that decisions and trust give, and whether it was put off. The newest verdict holds.

    Trust publishes what is new: what it published `before` stays so when its source is trusted no longer. Only what a
    reviewer published, and then took back, waits again.
    """
    verdicts = [decision for decision in decisions if decision.undone_at is None and decision.operation in VERDICTS]
    if withdrawn(verdicts):
        return SoftwareState.WITHDRAWN, False
    last = max(verdicts, key=lambda decision: decision.id, default=None)
    if last is None:
        by_trust = before is SoftwareState.PUBLISHED and all(one.operation is not Operation.ACCEPT for one in decisions)
        return (SoftwareState.PUBLISHED if trusted or by_trust else SoftwareState.CANDIDATE), False
    if last.operation is Operation.ACCEPT:
        return SoftwareState.PUBLISHED, False
    if last.operation is Operation.REJECT:
        return SoftwareState.REJECTED, False
    return SoftwareState.CANDIDATE, True
