"""Finding phrases in a text: whole words only, without accents, plural s and hyphens making a difference."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from harvester.assess import words

_Index = Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]

# Texts repeat their words: folding each once makes a text of thirty words some ten times faster.
stem = lru_cache(maxsize=1 << 15)(words.stem)


def load(name: str) -> Any:
    """A table of this room's data folder."""
    return json.loads((resources.files("harvester.assess") / "data" / name).read_text(encoding="utf-8"))


def stems(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared."""
    return tuple([stem(token) for token in words.tokens(text)])


class Phrasebook:
    """Phrases, each with the code that it speaks for, found by their first word: time is linear in the text.

    A star at the end of a phrase stands for any ending of its last word: "bürgerbeteiligung*" is found in
    "Bürgerbeteiligungsportal", "segnalazion*" in both numbers.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """`phrases` are (phrase, code); several codes may share a phrase. The first _KEY letters before a star stay."""
        index: dict[str, dict[tuple[str, ...], set[str]]] = {}
        open_ended: dict[str, dict[tuple[str, ...], set[str]]] = {}
        for phrase, code in phrases:
            if phrase.endswith("*"):
                folded = tuple(words.fold(phrase).split())
                found = tuple([stem(word) for word in folded[:-1]]) + folded[-1:]
                table, first = (open_ended, found[0][:_KEY]) if len(found) == 1 else (index, found[0])
                others = found if len(found) == 1 else (*found[1:-1], found[-1] + "*")
            else:
                (first, *rest), table = stems(phrase), index
                others = tuple(rest)
            table.setdefault(first, {}).setdefault(others, set()).add(code)
        self._index, self._open_ended = _sorted(index), _sorted(open_ended)

    def find(self, text: str) -> Iterator[tuple[str, str]]:
        """(code, the words as the text has them) of every phrase found, in the order of the text."""
        written = words.tokens(text)
        for start, end, code in self.find_in([stem(token) for token in written]):
            yield code, " ".join(written[start:end])

    def find_in(self, found: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """(start, end, code) of every phrase found among the stems of a text's words."""
        index, open_ended = self._index, self._open_ended
        for start, first in enumerate(found):
            for others, codes in index.get(first, ()):
                end = start + 1 + len(others)
                if not others or _stand(tuple(found[start + 1 : end]), others):
                    for code in codes:
                        yield start, end, code
            if open_ended:
                for (beginning,), codes in open_ended.get(first[:_KEY], ()):
                    if first.startswith(beginning):
                        for code in codes:
                            yield start, start + 1, code


_KEY = 4


def _sorted(index: Mapping[str, Mapping[tuple[str, ...], set[str]]]) -> _Index:
    return {
        first: tuple((others, tuple(sorted(codes))) for others, codes in sorted(entries.items()))
        for first, entries in index.items()
    }


def _stand(words: tuple[str, ...], others: tuple[str, ...]) -> bool:
    if words == others:
        return True
    *before, last = others
    return (
        last[-1] == "*"
        and len(words) == len(others)
        and words[-1].startswith(last[:-1])
        and words[:-1] == tuple(before)
    )
