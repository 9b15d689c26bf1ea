"""Finding phrases in a text: whole words only, without accents, plural s and hyphens making a difference."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from harvester.assess import words

# Texts repeat their words: folding each once makes a text of thirty words some ten times faster.
stem = lru_cache(maxsize=1 << 15)(words.stem)


def load(name: str) -> Any:
    """A table of this room's data folder."""
    return json.loads((resources.files("harvester.assess") / "data" / name).read_text(encoding="utf-8"))


def stems(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared."""
    return tuple([stem(token) for token in words.tokens(text)])


class Phrasebook:
    """Phrases, each with the code that it speaks for, found by their first word: time is linear in the text."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """`phrases` are (phrase, code); several codes may share a phrase."""
        index: dict[str, dict[tuple[str, ...], set[str]]] = {}
        for phrase, code in phrases:
            first, *others = stems(phrase)
            index.setdefault(first, {}).setdefault(tuple(others), set()).add(code)
        self._index: Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
            first: tuple((others, tuple(sorted(codes))) for others, codes in sorted(entries.items()))
            for first, entries in index.items()
        }

    def find(self, text: str) -> Iterator[tuple[str, str]]:
        """(code, the words as the text has them) of every phrase found, in the order of the text."""
        written = words.tokens(text)
        found = [stem(token) for token in written]
        index = self._index
        for start, first in enumerate(found):
            for others, codes in index.get(first, ()):
                end = start + 1 + len(others)
                if not others or tuple(found[start + 1 : end]) == others:
                    said = " ".join(written[start:end])
                    for code in codes:
                        yield code, said
