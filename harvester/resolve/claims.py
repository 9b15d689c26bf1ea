"""A name that several entries of one source claim for different software is nobody's own.

A plug-in gives the repository of what it extends, a laboratory one page for all its packages, a list a wrong address.
Such a name is strong and would merge them all; a wrong merge hides a tool, where a missing one only shows it twice. So
each of these entries is known by the name together with what it calls its software ("part"), and the name suggests.
What else holds the name, as another source or the repository itself says, keeps it.

Whether a name is claimed so is told by the entries that bear it, and by nothing else: all of them are in the same
connected component, so that resolving one component gives what resolving everything would.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harvester.assess.words import fold
from harvester.model import PART, Identifier, Issue

SHARED_NAME = "shared-name"
"""Code of the issue of an entry that claims a name which is nobody's own."""

_SIGNS = (re.compile(r"\b([A-Za-z])\+\+"), r"\1plusplus"), (re.compile(r"\b([A-Za-z])#"), r"\1sharp")  # C++ is not C
_STAGE = r"(?:[\s(-]{1,9}(?:alpha|beta|rc\d{0,9}))?"
_NUMBER = (
    r"(?:(?:version|release|ver|rev|v)\b\.?\s{0,9}v?\d[\w.]{0,40}(?:\s\d[\w.]{0,40})?|v\d[\w.]{0,40}"
    rf"|\d{{1,9}}(?:\.\d{{1,9}}){{1,9}}\w{{0,40}}){_STAGE}"
)
_VERSION = re.compile(
    rf"(?:(?<![\s(\[,:_-])[\s(\[,:_-]++{_NUMBER}|(?<=\w)v\.\d[\w.]{{0,40}})[\s)\].]{{0,9}}$", re.IGNORECASE
)
"""A version at the end of a name. A bare number is none: it may be a year, a district, a part."""
_MARKS = re.compile(r"[\u2122\u00ae\u00a9]|\((?:tm|r|c)\)", re.IGNORECASE)  # of trade


@dataclass(frozen=True, slots=True)
class Claimant:
    """The entry that a record was read from: `item` is its raw item, all of whose records are one thing.

    `repository`: the record is that of a repository itself, which has its address however it is called. `absent`: the
    source did not list it any more when it was last harvested well. An entry that a source renames may be another
    item; until the earlier one counts as gone, the two do not contradict each other.
    """

    source: str
    item: int
    name: str | None
    repository: bool = False
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What names each record, and by record the names that it claims and that are nobody's own."""

    names: Mapping[int, Sequence[Identifier]]
    shared: Mapping[int, tuple[Identifier, ...]]


def bare(name: str) -> str:
    """A name as it is compared: folded and written together, without its version ("Open-SIS v2.1" is "opensis")."""
    name = _MARKS.sub("", name).strip()
    while (shorter := _VERSION.sub("", name)) != name and fold(shorter):
        name = shorter
    for sign, spoken in _SIGNS:
        name = sign.sub(spoken, name)
    return fold(name).replace(" ", "") or name.casefold().replace("#", "")


def part(name: Identifier, called: str) -> Identifier:
    """What an entry is known by that calls its software so and claims a name which is nobody's own."""
    return Identifier(PART, f"{name}#{called}")


def whole(name: Identifier) -> Identifier | None:
    """The name that is nobody's own of a part's; None for any other name."""
    if name.scheme != PART:
        return None
    scheme, _, value = name.value.rpartition("#")[0].partition(":")
    return Identifier(scheme, value)


@dataclass(slots=True)
class _Entry:
    source: str
    called: set[str] = field(default_factory=set)
    repository: bool = False
    absent: bool = False


def shared_name(name: Identifier) -> Issue:
    """What is told of an entry that claims a name which is nobody's own."""
    return Issue.of(SHARED_NAME, place=name.scheme, value=name)


def settle(records: Mapping[int, Sequence[Identifier]], claimants: Mapping[int, Claimant]) -> Settled:
    """The records with the names that are theirs. Time is linear in the names.

    Equal names are one software, in one source and across sources: whoever holds the name elsewhere and is called
    like one of the entries is joined with it, unless several of them are found so (then it is not certain which).
    """
    entries = _entries(claimants)
    claims = _claims(records, claimants)
    shared = {
        (name, source)
        for name, by_source in claims.items()
        for source, items in by_source.items()
        if len(items) > 1 and _different([entries[item] for item in items])
    }
    if not shared:
        return Settled(records, {})
    also = _also(shared, claims, entries)
    names: dict[int, Sequence[Identifier]] = {}
    lost: dict[int, tuple[Identifier, ...]] = {}
    for record, identifiers in records.items():
        item = claimants[record].item
        entry = entries[item]
        mine = [name for name in identifiers if entry.repository or (name, entry.source) not in shared]
        if len(mine) < len(identifiers):
            lost[record] = tuple(dict.fromkeys(name for name in identifiers if name not in mine))
        parts = [part(name, called) for name in lost.get(record, ()) for called in sorted(entry.called) or [f"{item}"]]
        joined = [part(name, also[name]) for name in mine if also.get(name) in entry.called]
        names[record] = tuple(dict.fromkeys((*mine, *parts, *joined)))
    return Settled(names, lost)


def _entries(claimants: Mapping[int, Claimant]) -> dict[int, _Entry]:
    """The raw items with what they call their software: the records of one may say it in several ways."""
    entries: dict[int, _Entry] = {}
    for claimant in claimants.values():
        entry = entries.setdefault(claimant.item, _Entry(claimant.source))
        entry.repository |= claimant.repository
        entry.absent |= claimant.absent
        if claimant.name and claimant.name.strip():
            entry.called.add(bare(claimant.name))
    return entries


_Claims = dict[Identifier, dict[str, dict[int, None]]]


def _claims(records: Mapping[int, Sequence[Identifier]], claimants: Mapping[int, Claimant]) -> _Claims:
    """Each name's raw items by source, in order."""
    claims: _Claims = {}
    for record, identifiers in records.items():
        claimant = claimants[record]
        for name in identifiers:
            claims.setdefault(name, {}).setdefault(claimant.source, {})[claimant.item] = None
    return claims


def _different(entries: Sequence[_Entry]) -> bool:
    """Whether they call their software differently. Who gives no name contradicts nobody; a repository is itself."""
    said = [entry.called for entry in entries if entry.called and not entry.repository and not entry.absent]
    reached: set[str] = set(said[0]) if said else set()
    apart = said[1:]
    while near := [called for called in apart if not reached.isdisjoint(called)]:
        apart = [called for called in apart if reached.isdisjoint(called)]
        reached.update(*near)
    return bool(apart)


def _also(
    shared: Iterable[tuple[Identifier, str]], claims: _Claims, entries: Mapping[int, _Entry]
) -> dict[Identifier, str]:
    """What those call their software that hold a name which is nobody's own in another source, where one entry of
    that source calls it so, too."""
    called: dict[Identifier, set[str]] = {}
    apart: dict[Identifier, set[str]] = {}
    for name, source in shared:
        apart.setdefault(name, set()).add(source)
        called.setdefault(name, set()).update(*(entries[item].called for item in claims[name][source]))
    found: dict[Identifier, str] = {}
    for name, theirs in called.items():
        holders = [
            entries[item]
            for source, items in claims[name].items()
            for item in items
            if source not in apart[name] or entries[item].repository
        ]
        both = theirs.intersection(*[set().union(*(holder.called for holder in holders))])
        if len(both) == 1:
            found[name] = both.pop()
    return found
