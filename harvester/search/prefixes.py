"""Names that begin as what was typed: a table in memory, made once and asked many times.

Any of a name's words may be where it begins; accents and case do not count. The best for a short beginning are known
before anybody asks, so that an answer costs the same however many names there are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from harvester.assess.words import fold

T = TypeVar("T")

LONGEST = 60
"""Letters of a name, and of what was typed, that are compared."""
_WORDS = 8  # of a name at which it may begin
_SHORT = 4  # letters of a beginning whose best are known
_BEST = 12  # that are known of one
_LOOKED_INTO = 2 * LONGEST  # letters of a name, signs among them
_LOOKED_AT = 500  # names that go on from a longer one


@dataclass(frozen=True, slots=True)
class Named(Generic[T]):
    """Something with its names, the better the greater its weight; `also` are names that it is not shown by."""

    what: T
    weight: int
    names: tuple[str, ...]
    also: tuple[str, ...] = ()


class Prefixes(Generic[T]):
    """What is named so that a word of a name begins as typed; where the name itself does first, then by weight."""

    def __init__(self, named: Iterable[Named[T]]) -> None:
        things = list(named)
        self._things = [one.what for one in things]
        ranked = sorted(_keys(things))
        self._short: dict[str, list[int]] = {}
        for _, _, key, place in ranked:
            for end in range(1, min(_SHORT, len(key)) + 1):
                known = self._short.setdefault(key[:end], [])
                if len(known) < _BEST and place not in known:
                    known.append(place)
        self._long = sorted((key, rank, place) for rank, (_, _, key, place) in enumerate(ranked))

    def going_on(self, typed: str, most: int = _BEST) -> list[T]:
        """The first `most` (at most twelve), each once."""
        start = fold(typed[:LONGEST])
        if len(start) <= _SHORT:
            found = self._short.get(start, [])
        else:
            first = bisect_left(self._long, (start,))
            near = [one for one in self._long[first : first + _LOOKED_AT] if one[0].startswith(start)]
            found = list(dict.fromkeys(place for _, _, place in sorted(near, key=lambda one: one[1])))
        return [self._things[place] for place in found[: min(most, _BEST)]]


def _keys(things: Sequence[Named[Any]]) -> Iterator[tuple[bool, int, str, int]]:
    """(whether it is within a name or another one, minus the weight, how it goes on from there, the thing's place)."""
    for place, one in enumerate(things):
        names = _folded(one.names)
        for name in names | _folded(one.also):
            starts = [0, *(at + 1 for at, letter in enumerate(name) if letter == " ")]
            for start in starts[:_WORDS]:
                yield start > 0 or name not in names, -one.weight, name[start:], place


def _folded(names: Iterable[str]) -> set[str]:
    return {fold(name[:_LOOKED_INTO])[:LONGEST] for name in names} - {""}
