"""Concepts of the field, each with its names in seven languages: what a question's words mean in whichever of them.

The table is data/concepts.json: a concept's names by language (BCP 47), the first of each its label, and the code of
USE_CASES that is the same thing, null where none is. A name is compared as phrases are: without accents and plural s.
Who asks for "Bürgerhaushalt" finds what an English text calls participatory budgeting. data/says_little.json holds, by
language, words that every software might say of itself, and such as join others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from harvester.assess.phrases import load, stem, stems

LANGUAGES = ("en", "fr", "it", "de", "es", "nl", "pt")


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept: its code, all its names, and its use case where it is one."""

    code: str
    names: tuple[str, ...]
    use_case: str | None


def in_words(words: Sequence[str]) -> list[tuple[int, int, Concept]]:
    """(start, end, concept) of the names that stand in the words, none overlapping, the longest first from the left."""
    names, longest = _names()
    folded = [stem(word) for word in words]
    found, start = [], 0
    while start < len(folded):
        for end in range(min(len(folded), start + longest), start, -1):
            if code := names.get(tuple(folded[start:end])):
                found.append((start, end, concepts()[code]))
                start = end
                break
        else:
            start += 1
    return found


def label(code: str, language: str) -> str:
    """What a concept is called in a language; in English where we know no name."""
    named: Mapping[str, Any] = _table()[code]
    return str((named.get(language) or named["en"])[0])


def says_little(word: str) -> bool:
    """Whether every software might say this of itself ("logiciel", "tool", "für")."""
    return stem(word) in _little()


@cache
def concepts() -> Mapping[str, Concept]:
    """All of them by code."""
    return {
        code: Concept(
            code, tuple(dict.fromkeys(name for language in LANGUAGES for name in told[language])), told["use_case"]
        )
        for code, told in _table().items()
    }


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    table: Mapping[str, Mapping[str, Any]] = load("concepts.json")
    return table


@cache
def _names() -> tuple[Mapping[tuple[str, ...], str], int]:
    """Concepts' codes by the stems of their names, the first that claims one; and the longest name's words."""
    names: dict[tuple[str, ...], str] = {}
    for code, concept in concepts().items():
        for name in concept.names:
            names.setdefault(stems(name), code)
    return names, max(map(len, names))


@cache
def _little() -> frozenset[str]:
    return frozenset(stem(word) for words in load("says_little.json").values() for word in words)
