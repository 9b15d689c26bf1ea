"""What the search box understands beside words: `license:MIT`, one of every facet's values chosen in words.

A minus before a word, and quotation marks, are read where words are (harvester.search.words).
"""

from __future__ import annotations

import re

from harvester.model import FACETS

_CHOSEN = re.compile(r'(?<!\S)([A-Za-z_]{2,40}):(?:"([^"]+)"|([^\s"/][^\s"]*))')


def chosen(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without the values that it chooses, and these as (facet, value). Other names stay words."""
    found: list[tuple[str, str]] = []

    def take(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name not in FACETS:
            return match[0]
        found.append((name, _known(name, match[2] or match[3])))
        return " "

    return _CHOSEN.sub(take, text), found


def misnamed(text: str) -> tuple[str, ...]:
    """The names before a colon that are no facet's, as they were typed."""
    return tuple(dict.fromkeys(match[1] for match in _CHOSEN.finditer(text) if match[1].lower() not in FACETS))


def _known(facet: str, value: str) -> str:
    """A value as it is spelt where all of them are known, and countries in capitals: `license:mit` stays as typed."""
    spelt = {one.casefold(): one for one in FACETS[facet].fixed}
    return spelt.get(value.casefold(), value.upper() if facet == "country" and len(value) == 2 else value)
