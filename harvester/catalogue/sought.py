"""Which of what waits for a reviewer is looked at, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import now
from harvester.model import SOUGHT, Operation

KINDS = ("new", "question", "contested", "changed", "deferred", "unsure")
"""A candidate; published and in question; corrected, its sources changed since; rejected, and changed since; put off;
somebody could not tell."""
BANDS = ("likely", "open", "unlikely")
"""Of the toolbox: from 0.5, between, below 0.1."""
ORDERS = ("helps", "toolbox", "oldest", "newest")
AGES = {"day": (0, 1), "week": (1, 7), "month": (7, 30), "quarter": (30, 90), "older": (90, 36_500)}
"""Since how many days something waits: from the first on, and less than the second."""
LONGEST_WORDS = 100
LONGEST_VALUE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSought:
    """Filters of the queue, "" where one is not set; unknown values are not set."""

    kind: str = ""
    source: str = ""
    q: str = ""  # words of its name or slug
    band: str = ""
    shelf: str = ""  # "copies", "parts", "other": what the house concluded of it
    near: str = ""  # "1": something may be the same
    issues: str = ""  # "1": its entries have issues
    age: str = ""
    order: str = ""
    traits: Mapping[str, str] = field(default_factory=dict)  # by facet that is sought the value
    reader: str = ""  # whose queue it is: what somebody could not tell goes to others

    @classmethod
    def of(cls, said: Mapping[str, Any], *, reader: str = "") -> QueueSought:
        """The filters that an address means."""
        kept = {name: str(said.get(name) or "").strip()[:LONGEST_WORDS] for name in _PLAIN}
        known = {"kind": KINDS, "band": BANDS, "order": ORDERS, "age": AGES, "near": ("1",), "issues": ("1",)}
        chosen = {one.name: str(said.get(one.name) or "").strip()[:LONGEST_VALUE] for one in SOUGHT}
        kept["order"] = "" if kept["order"] == ORDERS[0] else kept["order"]
        return cls(
            **{name: text for name, text in kept.items() if name not in known or text in known[name]},
            traits={name: value for name, value in chosen.items() if value},
            reader=reader,
        )

    @property
    def said(self) -> dict[str, str]:
        """The filters that are set, as an address carries them."""
        return {**{name: text for name in _PLAIN if (text := getattr(self, name))}, **self.traits}

    @property
    def query(self) -> str:
        """The same as one text."""
        return urlencode(self.said)

    def condition(self) -> sa.ColumnElement[bool]:
        """Which softwares they are."""
        soft = schema.software
        among = [_KINDS[self.kind]()]
        if self.source:
            among.append(soft.c.id.in_(_of_source(self.source)))
        for word in self.q.split():
            words = soft.c.name.icontains(word, autoescape=True) | soft.c.slug.icontains(word, autoescape=True)
            among.append(words)
        if self.band:
            least, below = {"likely": (0.5, 2.0), "open": (0.1, 0.5), "unlikely": (-1.0, 0.1)}[self.band]
            among.append(sa.and_(soft.c.toolbox >= least, soft.c.toolbox < below))
        if self.shelf:
            among.append(soft.c.shelf == self.shelf)
        if self.near:
            pair = schema.suggestion
            among.append(sa.exists().where((pair.c.a == soft.c.id) | (pair.c.b == soft.c.id)))
        if self.issues:
            among.append(soft.c.id.in_(_with_issues()))
        if self.age:
            least, below = AGES[self.age]
            seen, moment = soft.c.first_seen, now()
            among += [seen <= moment - timedelta(days=least), seen > moment - timedelta(days=below)]
        trait = schema.trait
        for name, value in self.traits.items():
            of_value = sa.select(trait.c.software).where(trait.c.facet == name, trait.c.value == value)
            among.append(soft.c.id.in_(of_value))
        if self.reader and self.kind != "unsure":
            among.append(sa.or_(soft.c.state != "candidate", soft.c.id.not_in(_unsure(self.reader))))
        return sa.and_(*among)

    def ordered(self) -> list[sa.ColumnElement[Any]]:
        """What helps most first, or the likeliest tools, or the oldest, or the newest; what was put off last."""
        soft = schema.software
        first: dict[str, list[sa.ColumnElement[Any]]] = {
            "toolbox": [soft.c.toolbox.desc()],
            "oldest": [soft.c.first_seen],
            "newest": [soft.c.first_seen.desc()],
        }
        # what visitors see and a source says otherwise helps before what they do not see yet
        return [soft.c.deferred, *first.get(self.order, [soft.c.asks.desc(), soft.c.helps.desc()]), soft.c.id]


_PLAIN = tuple(one.name for one in fields(QueueSought) if one.name not in ("traits", "reader"))


def _contested() -> sa.ColumnElement[bool]:
    table = schema.decision
    held = sa.select(table.c.software).where(table.c.contested, table.c.undone_at.is_(None))
    return schema.software.c.id.in_(held)


def _unsure(who: str = "") -> sa.Select[Any]:
    """What somebody, or `who`, could not tell."""
    table = schema.decision
    said = sa.select(table.c.software).where(table.c.operation == Operation.UNSURE.value, table.c.undone_at.is_(None))
    return said.where(table.c.actor == who) if who else said


def _changed() -> sa.ColumnElement[bool]:
    """Rejected, and not as the newest decision left it."""
    table, soft = schema.decision, schema.software
    newest = sa.select(sa.func.max(table.c.version)).where(table.c.software == soft.c.id).scalar_subquery()
    return sa.and_(soft.c.state == "rejected", soft.c.version > newest)


_KINDS: Mapping[str, Callable[[], sa.ColumnElement[bool]]] = {
    "": lambda: sa.or_(schema.software.c.state == "candidate", schema.software.c.asks, _contested()),
    "new": lambda: schema.software.c.state == "candidate",
    "question": lambda: schema.software.c.asks,
    "contested": _contested,
    "changed": _changed,
    "deferred": lambda: sa.and_(schema.software.c.state == "candidate", schema.software.c.deferred),
    "unsure": lambda: sa.and_(schema.software.c.state == "candidate", schema.software.c.id.in_(_unsure())),
}


def _of_source(source: str) -> sa.Select[Any]:
    member, record, raw = schema.membership, schema.record, schema.raw_item
    joined = member.join(record, record.c.id == member.c.record).join(raw)
    return sa.select(member.c.software).select_from(joined).where(raw.c.source == source)


def _with_issues() -> sa.Select[Any]:
    member, record, issue = schema.membership, schema.record, schema.issue
    joined = member.join(record, record.c.id == member.c.record).join(issue, issue.c.raw_item == record.c.raw_item)
    return sa.select(member.c.software).select_from(joined).where(issue.c.active, record.c.active)
