"""The units of a harvest of GitHub: an owner, a page of its listing or of a search, repositories by node id. Pure."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Sequence

from harvester.forges.github.client import MOST_LISTED
from harvester.forges.github.queries import MAX_PAGE_SIZE, Listing
from harvester.forges.github.windows import MOST_FOUND, Window
from harvester.model import Issue, Unit

_TOGETHER = {"owner": MAX_PAGE_SIZE, "listing": MOST_LISTED, "details": MAX_PAGE_SIZE, "former": MAX_PAGE_SIZE}
"""How much of a kind is asked together: owners, repositories listed, repositories with details, former names."""


def take(waiting: deque[Unit], *, details: int) -> list[Unit]:
    """Take the first unit and others of its kind. Details wait until there are so many of them, or nothing else."""
    pending = [unit for unit in waiting if unit.data.get("kind") == "details"]
    first = next((unit for unit in waiting if unit.data.get("kind") != "details"), None)
    if first is None or sum(map(_weight, pending)) >= details:
        first = pending[0]
    kind = first.data.get("kind")
    taken = _fill(first, (unit for unit in waiting if unit.data.get("kind") == kind), _TOGETHER.get(str(kind), 0))
    chosen = set(map(id, taken))
    kept = [unit for unit in waiting if id(unit) not in chosen]
    waiting.clear()
    waiting.extend(kept)
    return taken


def _weight(unit: Unit) -> int:
    return len(unit.data["ids"]) if "ids" in unit.data else int(unit.data.get("first", 1))


def _fill(first: Unit, like: Iterable[Unit], most: int) -> list[Unit]:
    """The first unit and those that fit beside it."""
    taken, weight = [first], _weight(first)
    for unit in like:
        if unit is not first and weight + _weight(unit) <= most and len(taken) < MAX_PAGE_SIZE:
            taken.append(unit)
            weight += _weight(unit)
    return taken


def listing_unit(listing: Listing) -> Unit:
    """The next page of an owner's listing."""
    place = {"login": listing.login, "after": listing.after, "seen": listing.seen, "first": listing.first}
    return Unit(f"owner:{listing.login.lower()}:from={listing.seen}", {"kind": "listing", **place})


def listing_of(unit: Unit) -> Listing:
    """What a unit lists; of an owner alone, its first page."""
    data = unit.data
    return Listing(data["login"], data.get("after"), data.get("seen", 0), data.get("first", MAX_PAGE_SIZE))


def search_unit(window: Window, *, after: str | None = None, number: int = 1) -> Unit:
    """The next page of a search in a window."""
    dates = {"since": window.since.isoformat(), "until": window.until.isoformat()}
    key = f"search:{window.query}:{window.since}..{window.until}:{number}"
    return Unit(key, {"kind": "search", "query": window.query, **dates, "after": after, "number": number})


def code_unit(query: str, page: int) -> Unit:
    """A page of a code search."""
    return Unit(f"code:{query}:{page}", {"kind": "code", "query": query, "page": page})


def details_unit(ids: Sequence[str]) -> Unit:
    """Repositories whose details are wanted, by node id."""
    digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]
    return Unit(f"details:{digest}+{len(ids)}", {"kind": "details", "ids": list(ids)})


def renamed(old: str, new: str) -> Issue:
    """The issue of an owner that nobody has any more, and whose repositories are another's now."""
    return Issue.of("owner-renamed", place=old, value=old, now=new)


def not_all(query: str, total: int) -> Issue:
    """The issue of a code search that finds more than can be had."""
    return Issue.of("search-capped", place=query, found=f"{total} files", most=MOST_FOUND)
