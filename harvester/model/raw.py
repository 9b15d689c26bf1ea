"""What comes from the network: units of work, pages, raw items; and what reading makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from harvester.model.issue import Issue
from harvester.model.record import Record

FORMER = "former:"
"""How keys of units begin that ask a forge where an address leads that only catalogues list; the address follows."""
COPIED = "copied:"
"""How keys of units begin that ask a forge for the origin of copies, which nobody lists; its address follows."""
COPIED_BY = "copied_by"
"""Where the context of what was found so keeps the bodies that copied it: {"n": how many, "names": the first ones}."""
LEADS_TO = "leads_to"
"""Where the data of such a unit keep the key of the repository that the address leads to, which is not stored yet."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a run that is done or not done: a page of a listing, an organisation, a file.

    `key` is unique in its run ("org:italia:after=Y3Vyc29y"); `data` is JSON and all that is needed to ask again.
    """

    key: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """One thing (repository, catalogue entry, file) as its source gave it.

    `key` names it in its source for good (a forge's id, a catalogue's id, a URL); `payload` is canonical bytes
    without what changes by itself (cost, rate limit, fetch time); `format` names the reader of harvester.normalize
    that understands them ("github", "code-json", "publiccode"); `url` is where a person can see it;
    `context` is what reading needs beside the payload (the page's publisher), part of what is digested. `as_of` is the
    source's own date of it (a dump's Last-Modified), None where it states none; it is not digested.
    """

    key: str
    format: str
    payload: bytes
    url: str
    fetched_at: datetime
    context: Mapping[str, Any] = field(default_factory=dict)
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What asking one unit brought. Storing it closes the unit and opens `next_units`, in one transaction.

    `total` is how many items the whole listing says it has, when it says so (for progress).
    `seen` are keys that it listed exactly as they are stored: they cost no payload. `gone` are keys that the source
    confirmed as absent (404 or 410), not merely unmentioned.
    """

    unit: Unit
    raw_items: tuple[RawItem, ...] = ()
    seen: tuple[str, ...] = ()
    next_units: tuple[Unit, ...] = ()
    total: int | None = None
    gone: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitFailed:
    """A unit that could not be asked. It stays open: the next attempt asks it again."""

    unit: Unit
    reason: str
    status: int | None = None
    url: str | None = None
    final: bool = False  # asking again cannot help (404 of the listing itself, refused address)
    capped: bool = False  # the budget is spent: not an error, the rest waits
    retry_at: datetime | None = None  # when a capped unit may be asked again, UTC


class Outcome(StrEnum):
    """Every raw item is exactly one of these."""

    READ = "read"  # it gave one or more records
    REFUSED = "refused"  # it could not be read: its issue says why
    SKIPPED = "skipped"  # it is readable and not for us: `reason` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a raw item means. `reason` is set when skipped; at least one issue of severity error when refused."""

    outcome: Outcome
    records: tuple[Record, ...] = ()
    issues: tuple[Issue, ...] = ()
    reason: str | None = None
