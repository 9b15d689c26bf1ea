"""Decisions as the resolver needs them: by software, and by the identifiers that decided.

A decision is keyed to both, so that it holds when the software is merged, split or harvested anew, and a rejected
tool that comes back under a new id stays rejected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import chunks
from harvester.model import Decision, Identifier, Operation

_decision = schema.decision
_name = schema.decision_identifier
Pair = tuple[Identifier, Identifier]


class DecisionBook:
    """The decisions that concern a set of records and softwares."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        self.decisions = sorted(decisions, key=lambda decision: decision.id)

    @classmethod
    def load(
        cls, connection: sa.Connection, named: Mapping[int, Sequence[Identifier]], owners: Collection[str]
    ) -> DecisionBook:
        """Those that are keyed to one of the softwares or to one of the records' identifiers."""
        if not connection.execute(sa.select(_decision.c.id).limit(1)).first():
            return cls([])
        ids: set[int] = set()
        for some in chunks(sorted(owners)):
            ids.update(connection.execute(sa.select(_decision.c.id).where(_decision.c.software.in_(some))).scalars())
        names = sorted({name for identifiers in named.values() for name in identifiers})
        for some in chunks(names):
            ids.update(connection.execute(sa.select(_name.c.decision).where(_named(_name, some))).scalars())
        return cls(load_decisions(connection, sorted(ids)))

    @staticmethod
    def linked_records(connection: sa.Connection, records: Sequence[int]) -> set[int]:
        """The records that a reviewer's "same" links with these."""
        link, other = _name.alias(), _name.alias()
        mine, theirs = schema.identifier.alias(), schema.identifier.alias()
        joined = (
            mine.join(link, sa.and_(link.c.scheme == mine.c.scheme, link.c.value == mine.c.value))
            .join(_decision, _decision.c.id == link.c.decision)
            .join(other, other.c.decision == _decision.c.id)
            .join(theirs, sa.and_(theirs.c.scheme == other.c.scheme, theirs.c.value == other.c.value))
        )
        found: set[int] = set()
        for some in chunks(records):
            query = (
                sa.select(theirs.c.record)
                .select_from(joined)
                .where(mine.c.record.in_(some), mine.c.strong, theirs.c.strong)
                .where(_decision.c.operation.in_(("same", "different")))
            )
            found.update(connection.execute(query).scalars())
        return found

    def of(self, software_id: str, identifiers: Set[Identifier]) -> list[Decision]:
        """The decisions that hold for a software with these identifiers."""
        return [
            decision
            for decision in self.decisions
            if decision.software == software_id or not identifiers.isdisjoint(decision.identifiers)
        ]


def same_and_different(decisions: Iterable[Decision]) -> tuple[list[Pair], list[Pair]]:
    """The pairs that reviewers joined, and those they keep apart. `value` holds the other side's identifiers."""
    same: list[Pair] = []
    different: list[Pair] = []
    for decision in decisions:
        if decision.undone_at is not None or decision.operation not in (Operation.SAME, Operation.DIFFERENT):
            continue
        others = [Identifier(scheme, value) for scheme, value in decision.value["identifiers"]]
        mine = [name for name in decision.identifiers if name not in others]
        if decision.operation is Operation.SAME and mine and others:
            same.append((mine[0], others[0]))
        elif decision.operation is Operation.DIFFERENT:
            different += [(left, right) for left in mine for right in others]
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
        )
        for row in rows
    ]


def _named(table: sa.FromClause, names: Sequence[Identifier]) -> sa.ColumnElement[bool]:
    by_scheme: dict[str, list[str]] = {}
    for name in names:
        by_scheme.setdefault(name.scheme, []).append(name.value)
    return sa.or_(*(sa.and_(table.c.scheme == scheme, table.c.value.in_(vals)) for scheme, vals in by_scheme.items()))
