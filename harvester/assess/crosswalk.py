"""From a source's own vocabulary to ours, term by term, as somebody decided it: data/crosswalk.VOCABULARY.json.

A vocabulary is named after the reader whose records use it ("publiccode/3" reads "publiccode"). A table gives for each
term the codes that it certainly means: of USE_CASES, or of AUDIENCES as "audience:healthcare". An empty list says that
the term is known and means none of them. A term without an entry is a gap (`harvester vocabulary gaps`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from harvester.assess.phrases import load
from harvester.assess.words import fold

_AUDIENCE = "audience:"
_LEANS = "~"
_SHARED = {
    "awesome-item": "awesome-list",
    "code-json": "publiccode",  # the one-project schema's categories are publiccode.yml's
    "html-catalogue": "awesome-selfhosted",  # of pages, those whose source we know; other sites' terms are gaps
}
"""Readers whose categories are another vocabulary's terms."""


def vocabulary_of(reader: str) -> str:
    """The vocabulary that a reader's categories are terms of."""
    name = reader.partition("/")[0]
    return _SHARED.get(name, name)


@cache
def vocabularies() -> tuple[str, ...]:
    """The vocabularies that have a table."""
    names = (path.name for path in (resources.files("harvester.assess") / "data").iterdir())
    return tuple(sorted(name.split(".")[1] for name in names if name.startswith("crosswalk.")))


@cache
def table(vocabulary: str) -> Mapping[str, tuple[str, ...]]:
    """Codes by folded term; empty for a vocabulary without a table."""
    if vocabulary not in vocabularies():
        return {}
    return {fold(term): tuple(codes) for term, codes in load(f"crosswalk.{vocabulary}.json").items()}


def is_known(vocabulary: str, term: str) -> bool:
    """Whether somebody decided what the term means."""
    return fold(term) in table(vocabulary)


def use_cases(vocabulary: str, terms: Iterable[str]) -> dict[str, str]:
    """The use cases that the terms mean, each with the first term that means it."""
    return _codes(vocabulary, terms, audiences=False)


def audiences(vocabulary: str, terms: Iterable[str]) -> dict[str, str]:
    """The audiences that the terms mean, each with the first term that means it."""
    return _codes(vocabulary, terms, audiences=True)


def leanings(vocabulary: str, terms: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By term the use cases that it leans towards without deciding: words have to say so too."""
    known = table(vocabulary)
    leaning = {term: tuple(code[1:] for code in known.get(fold(term), ()) if code.startswith(_LEANS)) for term in terms}
    return {term: codes for term, codes in leaning.items() if codes}


def _codes(vocabulary: str, terms: Iterable[str], *, audiences: bool) -> dict[str, str]:
    known = table(vocabulary)
    found: dict[str, str] = {}
    for term in terms:
        for code in known.get(fold(term), ()):
            if code.startswith(_AUDIENCE) is audiences and not code.startswith(_LEANS):
                found.setdefault(code.removeprefix(_AUDIENCE), term)
    return found
