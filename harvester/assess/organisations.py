"""One organisation under one name, with its kind and country, by tables (data/organisations.json). Pure.

`known` gives for each organisation its one name, kind and country, and the names that sources use for it. `patterns`
are words that tell the kind of a body of which only the name is known ("Comune di …", "… GmbH"), with the country where
only one country names its bodies so. A name that nothing tells of keeps its spelling; nothing is ever guessed from a
resemblance of two names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from harvester.assess.phrases import load
from harvester.assess.words import fold
from harvester.model import Organisation


@dataclass(frozen=True, slots=True)
class _Pattern:
    expression: re.Pattern[str]
    kind: str
    country: str | None


@cache
def _known() -> Mapping[str, Organisation]:
    """By folded name, alone or followed by its country's code for names that several countries have."""
    found: dict[str, Organisation] = {}
    for row in load("organisations.json")["known"]:
        body = Organisation(row["name"], row.get("uri"), row.get("country"), row["kind"])
        for name in (row["name"], *row.get("also", ())):
            found[fold(name)] = body
    return found


@cache
def _patterns() -> tuple[_Pattern, ...]:
    return tuple(
        _Pattern(re.compile(row["words"]), row["kind"], row.get("country"))
        for row in load("organisations.json")["patterns"]
    )


@lru_cache(maxsize=8192)
def folded(organisation: Organisation) -> Organisation:
    """The organisation under its one name; what the source said of its URI, country and kind goes first.

    A known name counts only where it contradicts no country that the source states.
    """
    name = " ".join(organisation.name.split())
    words = fold(name)
    known = _known().get(words)
    if known is not None and not (organisation.country and known.country and organisation.country != known.country):
        return Organisation(
            known.name,
            organisation.uri or known.uri,
            organisation.country or known.country,
            organisation.kind or known.kind,
        )
    for pattern in _patterns():
        if pattern.expression.search(words) and organisation.country in (None, pattern.country or organisation.country):
            kind = organisation.kind or pattern.kind
            return Organisation(name, organisation.uri, organisation.country or pattern.country, kind)
    return replace(organisation, name=name)
