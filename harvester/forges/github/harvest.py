"""A harvest of GitHub: the units that it is cut into, which of them are asked together, what it will cost, and what
comes of the repositories. Only `Repositories` asks the network.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil
from typing import Any

from harvester.errors import InputError
from harvester.forges.github import cost, payload
from harvester.forges.github.client import MOST_LISTED, GitHub
from harvester.forges.github.queries import MAX_PAGE_SIZE, Listing, Wanted
from harvester.forges.sweep import Found, Sweep
from harvester.model import Issue, RawItem, RunCounts, Unit
from harvester.normalize import repository

MOST_FOUND = 1000
"""Results that GitHub gives of a search, however many there are."""
BEGIN = date(2007, 10, 1)
"""GitHub's first repository was made in this month."""


@dataclass(frozen=True, slots=True)
class Window:
    """A search for repositories that were made from `since` to `until`, both included: halved until each has no more
    results than GitHub gives."""

    query: str
    since: date
    until: date

    def text(self) -> str:
        """What is asked: public repositories only, as the token may see others."""
        return f"{self.query} is:public created:{self.since}..{self.until}"

    def halves(self) -> Iterator[Window]:
        """Two windows that have all of this one, none for a single day."""
        days = (self.until - self.since).days
        if days > 0:
            middle = self.since + timedelta(days=days // 2)
            yield replace(self, until=middle)
            yield replace(self, since=middle + timedelta(days=1))

    def capped(self, total: int) -> Issue:
        """The issue of a day that has more than can be had."""
        return Issue.of("search-capped", place=self.query, value=self.since, found=total, most=MOST_FOUND)


def refuse_dates(query: str) -> None:
    """InputError: the search has a date of creation itself."""
    if "created:" in query:
        raise InputError(f"{query!r} names dates of creation", remedy="leave them out: the search is split by them")


_TOGETHER = {"owner": MAX_PAGE_SIZE, "listing": MOST_LISTED, "details": MAX_PAGE_SIZE}
_TOGETHER |= {"former": MAX_PAGE_SIZE, "copied": MAX_PAGE_SIZE}
"""How much of a kind is asked together: owners, repositories listed, repositories with details, names."""


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
    return Issue.of("search-capped", place=query, found=total, most=MOST_FOUND)


TYPICAL_OWNER = 25
"""Repositories of an owner of whom nothing is known: about what the accounts of French public bodies have."""
TYPICAL_CHANGE = 0.02
"""The share of repositories that have a commit between two harvests, where no earlier run tells."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Requests of GraphQL, and points of its hourly budget."""

    requests: int
    points: int

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.requests + other.requests, self.points + other.points)


def predicted(repositories: int, *, owners: int, detailed: int) -> Spent:
    """A harvest of so many repositories of so many owners, of which some have to be asked for their details.

    At a first harvest these are all; later those with a commit since. Each owner is assumed to have as many.
    """
    return _listed(repositories, owners) + _detailed(detailed)


def _listed(repositories: int, owners: int) -> Spent:
    """How many each owner has is asked for where there are several, then pages of several owners at a time."""
    owners = max(1, owners)
    a_page = MOST_LISTED if owners > 1 else MAX_PAGE_SIZE
    pages = ceil(repositories / a_page)
    sizes = ceil(owners / MAX_PAGE_SIZE) if owners > 1 else 0
    return Spent(sizes + pages, sizes + pages * cost.repositories([a_page]).points)


def _detailed(repositories: int) -> Spent:
    """Repositories by their ids, and the texts of each hundred's files in a query of their own."""
    full, rest = divmod(repositories, MAX_PAGE_SIZE)
    points = full * cost.nodes(MAX_PAGE_SIZE).points + (cost.nodes(rest).points if rest else 0)
    queries = full + bool(rest)
    return Spent(2 * queries, points + queries)


def changed_share(last: RunCounts | None) -> float:
    """The share of repositories that changed at a run, a typical one where it tells nothing of that."""
    if last is None or not last.unchanged:
        return TYPICAL_CHANGE
    return (last.new + last.changed) / last.entries


Node = Mapping[str, Any]


class Repositories:
    """`paths` are files below the root that are read as well."""

    def __init__(self, client: GitHub, sweep: Sweep, *, paths: Sequence[str] = ()) -> None:
        self._client, self._sweep, self._paths = client, sweep, paths

    def listed(self, nodes: Iterable[Node]) -> Found:
        """What a listing comes to, without asking for more."""
        issues: list[Issue] = []
        found = self._sweep.compare(self._sweep.readable(issues, nodes, payload.sweep), payload.again)
        found.issues[:0] = issues
        return found

    def detailed(self, ids: Sequence[str]) -> tuple[Found, Mapping[str, str]]:
        """What repositories come to whose details are asked for, and their keys by node id. One that is not there is
        not mentioned."""
        found, keys = Found(), dict[str, str]()
        for told in self._client.nodes(ids, paths=self._paths):
            found.issues += told.issues
            keys |= self._look_inside(found, told.found)
        return found, keys

    def confirmed(self, items: Sequence[RawItem]) -> Found:
        """What repositories come to that no listing showed: each is asked for by its node id."""
        keys = {str(identifier): raw.key for raw in items if (identifier := told_of(raw).get("id"))}
        found = Found(unlisted=True)
        for told in self._client.nodes(list(keys), paths=self._paths):
            found.issues += told.issues
            found.gone += [keys[identifier] for identifier in told.absent]
            self._look_inside(found, told.found)
        return found

    def _look_inside(self, found: Found, nodes: Sequence[Node]) -> Mapping[str, str]:
        shown = self._sweep.readable(found.issues, nodes, self._shown)
        keyed = {key: (node, wanted) for key, node, wanted in shown}
        before = self._sweep.before(list(keyed))
        every = [file for _, wanted in keyed.values() for file in wanted]
        files = {oid: file for one in before.values() for oid, file in one.repository.by_oid().items()}
        files |= payload.not_asked(every)
        files |= self._client.files([file for file in every if file.oid not in files])

        def keep(key: str) -> None:
            node, wanted = keyed[key]
            now = payload.detailed(node, wanted, files)
            if now is None:
                found.issues.append(_lacking(node))
            else:
                self._sweep.keep(found, now, before[key])

        self._sweep.readable(found.issues, keyed, keep)
        return {str(node["id"]): key for key, (node, _) in keyed.items()}

    def _shown(self, node: Node) -> tuple[str, Node, Sequence[Wanted]]:
        """A node with its key and the files of it that are read."""
        return self._sweep.key(payload.sweep(node)), node, list(payload.wanted(node, self._paths))


def told_of(raw: RawItem) -> Mapping[str, Any]:
    """What GitHub told of a repository that is stored."""
    stored = repository.stored(raw)
    return stored.told if stored else {}


def owner_of(raw: RawItem) -> str:
    """The login of a stored repository's owner."""
    return str((told_of(raw).get("owner") or {}).get("login") or "")


def _lacking(node: Node) -> Issue:
    return Issue.of("files-untold", place=str(node.get("nameWithOwner")))
