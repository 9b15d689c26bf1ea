"""One organisation under one name, with its kind and country, by tables (data/organisations.json). Pure.

`known` gives for each organisation its one name, kind, country and site, the `parent` that it is part of, its official
`names` by language, and what sources call it: `also` names that are its own, `only_there` short ones that mean it only
where the source states its country ("VA" in the United States), and `at`, the addresses of its accounts on forges. A
login proves nothing: anybody can take it, so that a name that only repeats the account's address counts by that address
alone.
`patterns` are words that tell the kind of a body of which only the name is known ("Comune di …", "… GmbH"), with the
country where only one country names its bodies so, and `unless`, words that it is something else with ("Ministry of
Sound"). The first that fits decides. A name that nothing tells of keeps its spelling; nothing is ever guessed from a
resemblance of two names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from harvester.assess.phrases import load
from harvester.assess.words import fold
from harvester.model import Organisation


@dataclass(frozen=True, slots=True)
class _KnownBody:
    """By folded name; by (folded name, country) for names that mean it only there; by address."""

    names: Mapping[str, Organisation]
    names_there: Mapping[tuple[str, str], Organisation]
    addresses: Mapping[str, Organisation]
    rows: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Pattern:
    expression: re.Pattern[str]
    unless: re.Pattern[str] | None
    kind: str
    country: str | None

    def fits(self, words: str, country: str | None) -> bool:
        """Whether the folded name says so, and the stated country does not contradict."""
        if country and self.country and country != self.country:
            return False
        return bool(self.expression.search(words)) and not (self.unless and self.unless.search(words))


@cache
def _known() -> _KnownBody:
    names: dict[str, Organisation] = {}
    there: dict[tuple[str, str], Organisation] = {}
    addresses: dict[str, Organisation] = {}
    for row in load("organisations.json")["known"]:
        body = Organisation(row["name"], row.get("uri"), row.get("country"), row["kind"])
        for name in (row["name"], *row.get("also", ())):
            names[_key(name)] = body
        for name in row.get("only_there", ()):
            there[_key(name), row["country"]] = body
        for address in (*([row["uri"]] if "uri" in row else ()), *row.get("at", ())):
            addresses[address_of(address)] = body
    return _KnownBody(names, there, addresses, {row["name"]: row for row in load("organisations.json")["known"]})


@cache
def _patterns() -> tuple[_Pattern, ...]:
    return tuple(
        _Pattern(
            re.compile(row["words"]),
            re.compile(row["unless"]) if "unless" in row else None,
            row["kind"],
            row.get("country"),
        )
        for row in load("organisations.json")["patterns"]
    )


@lru_cache(maxsize=8192)
def folded(organisation: Organisation) -> Organisation:
    """The organisation under its one name; what the source said of its URI, country and kind goes first.

    A known name or address counts only where it contradicts no country that the source states.
    """
    name = " ".join(organisation.name.split())
    known = _body(name, organisation)
    if known is not None:
        return Organisation(
            known.name,
            organisation.uri or known.uri,
            organisation.country or known.country,
            organisation.kind or known.kind,
        )
    words = fold(name)
    for pattern in () if is_login(name, organisation.uri) else _patterns():
        if pattern.fits(words, organisation.country):
            kind = organisation.kind or pattern.kind
            return Organisation(name, organisation.uri, organisation.country or pattern.country, kind)
    return replace(organisation, name=name)


def is_known(name: str) -> bool:
    """Whether it is a known organisation's one name."""
    return name in _known().rows


def known_at(uri: str) -> str | None:
    """The name of the known organisation whose site or account this address is."""
    found = _known().addresses.get(address_of(uri))
    return found.name if found else None


def parent_of(name: str) -> str | None:
    """The name of the organisation that a known one is part of."""
    found: str | None = _known().rows.get(name, {}).get("parent")
    return found


def names_of(name: str) -> Mapping[str, str]:
    """The official names of a known organisation by BCP 47 tag."""
    found: Mapping[str, str] = _known().rows.get(name, {}).get("names", {})
    return found


def _body(name: str, said: Organisation) -> Organisation | None:
    """The known organisation of that name, of that name in that country, or at that address."""
    known, words = _known(), _key(name)
    found: list[Organisation | None] = []
    if not is_login(name, said.uri):
        found = [known.names.get(words), known.names_there.get((words, said.country or ""))]
    if said.uri:
        found.append(known.addresses.get(address_of(said.uri)))
    return next((one for one in found if one and not (said.country and one.country not in (None, said.country))), None)


def is_login(name: str, uri: str | None) -> bool:
    """Whether the name is but the end of the address that it comes with ("city" of https://forge.example/city)."""
    return uri is not None and "/" in address_of(uri) and address_of(uri).rpartition("/")[2] == name.lower()


def _key(name: str) -> str:
    """A name as it is compared; one in signs that fold to nothing stays as it is."""
    return fold(name) or name.casefold()


def address_of(uri: str) -> str:
    """An address as it is compared: in lower case, without scheme, "www." and the last slash."""
    return re.sub(r"^https?://(?:www\.)?", "", uri.strip().lower()).rstrip("/")
