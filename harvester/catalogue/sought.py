"""Which of what waits for a reviewer is looked at, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import schema

KINDS = ("new", "question", "contested", "changed")
"""A candidate; published and in question; corrected, its sources changed since; rejected, and changed since."""
BANDS = ("likely", "open", "unlikely")
"""Of the toolbox: from 0.5, between, below 0.1."""
ORDERS = ("toolbox", "oldest", "newest")
LONGEST_WORDS = 100


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
    order: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> QueueSought:
        """The filters that an address means."""
        kept = {one.name: str(said.get(one.name) or "").strip()[:LONGEST_WORDS] for one in fields(cls)}
        known = {"kind": KINDS, "band": BANDS, "order": ORDERS, "near": ("1",), "issues": ("1",)}
        return cls(**{name: text for name, text in kept.items() if name not in known or text in known[name]})

    @property
    def said(self) -> dict[str, str]:
        """The filters that are set, as an address carries them."""
        return {one.name: text for one in fields(self) if (text := getattr(self, one.name))}

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
        return sa.and_(*among)

    def ordered(self) -> list[sa.ColumnElement[Any]]:
        """The likeliest tools first, or the oldest, or the newest; what was put off last."""
        soft = schema.software
        first = {"oldest": soft.c.first_seen, "newest": soft.c.first_seen.desc()}.get(self.order, soft.c.toolbox.desc())
        return [soft.c.deferred, first, soft.c.id]


def _contested() -> sa.ColumnElement[bool]:
    table = schema.decision
    held = sa.select(table.c.software).where(table.c.contested, table.c.undone_at.is_(None))
    return schema.software.c.id.in_(held)


def _changed() -> sa.ColumnElement[bool]:
    """Rejected, and not as the newest decision left it."""
    table, soft = schema.decision, schema.software
    newest = sa.select(sa.func.max(table.c.version)).where(table.c.software == soft.c.id).scalar_subquery()
    return sa.and_(soft.c.state == "rejected", soft.c.version > newest)


_KINDS = {
    "": lambda: sa.or_(schema.software.c.state == "candidate", schema.software.c.asks, _contested()),
    "new": lambda: schema.software.c.state == "candidate",
    "question": lambda: schema.software.c.asks,
    "contested": _contested,
    "changed": _changed,
}


def _of_source(source: str) -> sa.Select[Any]:
    member, record, raw = schema.membership, schema.record, schema.raw_item
    joined = member.join(record, record.c.id == member.c.record).join(raw)
    return sa.select(member.c.software).select_from(joined).where(raw.c.source == source)


def _with_issues() -> sa.Select[Any]:
    member, record, issue = schema.membership, schema.record, schema.issue
    joined = member.join(record, record.c.id == member.c.record).join(issue, issue.c.raw_item == record.c.raw_item)
    return sa.select(member.c.software).select_from(joined).where(issue.c.active, record.c.active)
