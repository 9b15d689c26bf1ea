"""Software: what several records agree to be, laid over by what reviewers decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from harvester.model.appraisal import NOT_APPRAISED, Appraisal
from harvester.model.fields import Fields
from harvester.model.identity import Identifier
from harvester.model.record import Basis
from harvester.model.source import Terms


class SoftwareState(StrEnum):
    CANDIDATE = "candidate"
    PUBLISHED = "published"
    REJECTED = "rejected"
    MERGED = "merged"  # `merged_into` names the one that goes on
    GONE = "gone"
    WITHDRAWN = "withdrawn"  # an operator took it off everything that visitors see


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One source's value of one field. `chosen` is False for the values that lost. `value` is JSON."""

    value: Any
    record: int
    source: str
    basis: Basis = Basis.DECLARED
    because: str | None = None
    chosen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a record comes from, and on what terms. `as_of`: the source's own date of what it says, if it has one."""

    record: int
    source: str
    source_title: str
    terms: Terms
    url: str
    reader: str
    first_seen: datetime
    last_seen: datetime
    changed_at: datetime
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """`id` is opaque and for ever; `version` counts from 1 and moves only when `fields`, `evidence` or state do.

    `asks`: it is published, and a source that is not trusted says otherwise now, or another software claims an
    identifier of its.
    """

    id: str
    slug: str
    state: SoftwareState
    version: int
    fields: Fields
    identifiers: tuple[Identifier, ...] = ()
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    appraisal: Appraisal = NOT_APPRAISED
    merged_into: str | None = None
    asks: bool = False
    first_seen: datetime | None = None
    last_seen: datetime | None = None


class Operation(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    DEFER = "defer"  # it waits at the queue's end, or until a day
    UNSURE = "unsure"  # who says so cannot tell: it goes to others
    WITHDRAW = "withdraw"  # it is shown nowhere, whatever is harvested, until that is undone
    SAME = "same"  # two softwares are one; `value` is the other's id
    DIFFERENT = "different"  # they are not; `value` is the other's id
    TAKE = "take"  # what sources that are not trusted say otherwise now is let into what is published
    LEAVE = "leave"  # it is not
    LIST = "list"  # it is shown in lists, whatever is concluded of it
    SET_ASIDE = "set aside"  # it is not
    PIN = "pin"  # it stands first among what answers a question; `value` is {"question"}
    RELATE = "relate"  # it stands so to another; `value` is {"type", "software", "identifiers"}
    UNRELATE = "unrelate"  # it does not; `value` likewise
    SPLIT = "split"  # some records are another software; `value` is {"records", "stay", "software"}: the new one's id
    SET = "set"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a reviewer decided, keyed to the software and to the identifiers that it then had.

    `seen` is the digest of what the person saw. It is never deleted: undoing sets `undone_at`. Decisions of one `act`
    (the first one's id) are undone together; one with an `until` is undone by the machine then. `saw` is what the
    sources said of a corrected field (JSON values), `contested` whether they say otherwise now; `version` is the
    software's after it.
    """

    id: int
    software: str
    operation: Operation
    actor: str
    at: datetime
    identifiers: tuple[Identifier, ...] = ()
    field: str | None = None
    value: Any = None
    seen: str | None = None
    why: str | None = None
    undone_at: datetime | None = None
    undone_by: str | None = None
    act: int | None = None
    until: datetime | None = None
    saw: Any = None
    version: int | None = None
    contested: bool = False
