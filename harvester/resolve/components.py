"""Which records are one thing, those that share a strong identifier, directly or through others; and under which id it
goes on.

Reviewers' words weigh more than the machine's: `same` joins identifiers that no record joins, `different` keeps
two identifiers apart whatever joins them. Where the two contradict each other, `different` holds: a wrong merge
hides a tool, a missing one only shows it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from harvester.errors import InputError
from harvester.model import PART, STRONG_SCHEMES, Identifier

Pair = tuple[Identifier, Identifier]
_Node = Identifier | int

_RANK = {scheme: rank for rank, scheme in enumerate((*STRONG_SCHEMES, PART))}

# Normalizing keeps landing pages on hosts of many tenants out. These few are checked once more here, because one
# that slipped through would make a single software of everything on the host.
_FORGE_HOSTS = frozenset(
    ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "sourceforge.net", "framagit.org", "salsa.debian.org")
)


def strength(identifier: Identifier) -> tuple[int, str]:
    """Sort key: what names a thing best first ("forge" before "repo"), then by value."""
    return _RANK.get(identifier.scheme, len(_RANK)), identifier.value


class _Forest:
    """Union-find over records and identifiers, in which some sets may never meet: those of foes, and those that are
    published apart."""

    def __init__(self, different: Iterable[Pair], published: Mapping[int, str]) -> None:
        self._published: dict[_Node, str] = {record: owner for record, owner in published.items()}  # noqa: C416
        self._parent: dict[_Node, _Node] = {}
        self._size: dict[_Node, int] = {}
        self._foes: dict[_Node, set[Identifier]] = {}
        self._members: dict[_Node, set[Identifier]] = {}
        for left, right in different:
            if left != right:
                self._foes.setdefault(left, set()).add(right)
                self._foes.setdefault(right, set()).add(left)
        for node in self._foes:
            assert isinstance(node, Identifier)
            self._members[node] = {node}

    def root(self, node: _Node) -> _Node:
        parent = self._parent
        top = parent.setdefault(node, node)
        while parent[top] != top:
            parent[top] = top = parent[parent[top]]
        parent[node] = top
        return top

    def join(self, left: _Node, right: _Node) -> None:
        a, b = self.root(left), self.root(right)
        if a == b or self._apart(a, b):
            return
        if self._size.get(a, 1) < self._size.get(b, 1):
            a, b = b, a
        self._parent[b] = a
        self._size[a] = self._size.get(a, 1) + self._size.get(b, 1)
        for table in (self._foes, self._members):
            if b in table:
                table.setdefault(a, set()).update(table.pop(b))
        if (owner := self._published.pop(b, None)) is not None:
            self._published[a] = owner

    def _apart(self, a: _Node, b: _Node) -> bool:
        foes, members = self._foes.get(a), self._members.get(b)
        if foes and members and not foes.isdisjoint(members):
            return True
        left, right = self._published.get(a), self._published.get(b)
        return left is not None and right is not None and left != right


def _edges(records: Mapping[int, Sequence[Identifier]]) -> Iterator[tuple[Identifier, int]]:
    for record, identifiers in records.items():
        for identifier in identifiers:
            _check(identifier, record)
            yield identifier, record


def _check(identifier: Identifier, record: int) -> None:
    if identifier.scheme not in _RANK:
        raise InputError(
            f"record {record}: {identifier} has the scheme {identifier.scheme!r}, which identifies nothing",
            value=str(identifier),
            remedy=f"use one of {', '.join(STRONG_SCHEMES)}",
        )
    if identifier.scheme == "landing" and (urlsplit(identifier.value).hostname or "") in _FORGE_HOSTS:
        raise InputError(
            f"record {record}: {identifier} is a page of a host that serves many, it would merge them all",
            value=identifier.value,
            remedy="name the repository, or leave the landing page out of the identifiers",
        )


def without_taken(records: Mapping[int, Sequence[Identifier]]) -> Mapping[int, Sequence[Identifier]]:
    """The records without those former addresses of theirs that another repository of the same forge claims, too.

    A forge gives a path to somebody else once its project was renamed. So two numbers of one forge are two things,
    and an address that both claim is his who never called it a former one; of two who did, it is nobody's. A record
    with a forge's number holds its own address first, and former ones after it.
    """
    claims: dict[Identifier, set[Identifier]] = {}
    former: set[tuple[Identifier, Identifier]] = set()
    numbers = {record: _numbers(identifiers) for record, identifiers in records.items()}
    for record, mine in numbers.items():
        addresses = [name for name in records[record] if name.scheme == "repo"] if mine else []
        for place, address in enumerate(dict.fromkeys(addresses)):
            if (number := mine.get(_host(address))) is not None:
                claims.setdefault(address, set()).add(number)
                if place:
                    former.add((number, address))
    lost = {(number, address) for number, address in former if len(claims[address]) > 1}
    if not lost:
        return records
    return {
        record: [name for name in identifiers if (numbers[record].get(_host(name)), name) not in lost]
        for record, identifiers in records.items()
    }


def _numbers(identifiers: Iterable[Identifier]) -> dict[str, Identifier]:
    """A record's numbers at forges, by host."""
    return {name.value.rpartition(":")[0]: name for name in sorted(identifiers) if name.scheme == "forge"}


def _host(address: Identifier) -> str:
    return urlsplit(address.value).netloc if address.scheme == "repo" else ""


def components(
    records: Mapping[int, Sequence[Identifier]],
    *,
    same: Iterable[tuple[_Node, _Node]] = (),
    different: Iterable[Pair] = (),
    published: Mapping[int, str] = MappingProxyType({}),
) -> list[frozenset[int]]:
    """The sets of record ids that are one thing each, smallest id first; every record is in exactly one.

    `published` is by record the software that it is part of and that is published: what is published apart stays so,
    whatever a record claims. A name that records of several claim is there for each of them; a further record that
    claims it goes with the first software that has it.

    The result depends on what is given, not on its order. Time is linear in the identifiers (n log n when
    something is to be kept apart: then the strongest identifiers are joined first). A record that itself holds two
    identifiers that are to be apart goes with the stronger one. Addresses that moved on join nothing (see
    `without_taken`). InputError: an identifier that cannot identify.
    """
    records = without_taken(records)
    apart = tuple(different)
    edges: Iterable[tuple[Identifier, int]] = _edges(records)
    several = len(set(published.values())) > 1
    joined: Iterable[tuple[_Node, _Node]] = same
    if apart or several:  # which of two ways to a forbidden union is cut must not depend on the order of input
        edges = sorted(edges, key=lambda edge: (strength(edge[0]), edge[1]))
        joined = sorted({(min(pair, key=str), max(pair, key=str)) for pair in same}, key=str)
    forest = _Forest(apart, published if several else {})
    for left, right in joined:
        forest.join(left, right)
    if several:
        edges = sorted(edges, key=lambda edge: edge[1] not in published)
    first: dict[Identifier, int] = {}
    of: dict[tuple[Identifier, str], int] = {}
    for identifier, record in edges:
        forest.join(identifier, record)
        if several and (owner := published.get(record)) is not None:
            holder = first.setdefault(identifier, record)
            if published[holder] != owner:  # the name is another's: among its own records it holds all the same
                forest.join(of.setdefault((identifier, owner), record), record)
    groups: dict[_Node, list[int]] = {}
    for record in records:
        groups.setdefault(forest.root(record), []).append(record)
    return [frozenset(group) for group in sorted(groups.values(), key=min)]


def assign(
    groups: Sequence[frozenset[int]],
    membership: Mapping[int, str],
    first_seen: Mapping[str, datetime],
    *,
    homes: Mapping[int, str],
    mint: Callable[[], str],
    survivors: Mapping[str, int] = MappingProxyType({}),
) -> list[tuple[frozenset[int], str]]:
    """Give each component an id for ever: the oldest software that its records belonged to, or a minted one.

    `membership` is each record's software until now, `first_seen` those softwares' dates, `homes` each record's first
    software: a part that is split off goes home, so that undoing a merge brings both ids back. `survivors` are those
    that a reviewer chose, the newest with the highest number: they go before the oldest.
    """
    claims: list[tuple[int, datetime, str, bool, int, int, frozenset[int]]] = []
    for group in groups:
        owners: dict[str, int] = {}
        for record_id in group:
            owner = membership.get(record_id)
            if owner is not None:
                owners[owner] = owners.get(owner, 0) + 1
        for owner, count in owners.items():
            stranger = all(homes.get(record_id) != owner for record_id in group)
            chosen = -survivors.get(owner, 0)
            claims.append((chosen, first_seen[owner], owner, stranger, -count, min(group), group))
    given: dict[frozenset[int], str] = {}
    used: set[str] = set()
    # the oldest id survives a merge; after a split the part that it came from, else that with most records, keeps it
    for _, _, owner, _, _, _, group in sorted(claims, key=lambda claim: claim[:6]):
        if group not in given and owner not in used:
            given[group] = owner
            used.add(owner)
    for group in groups:
        home = next((homes[record] for record in sorted(group) if record in homes and homes[record] not in used), None)
        if group not in given and home is not None:
            given[group] = home
            used.add(home)
    return [(group, given.get(group) or mint()) for group in groups]
