"""How much a forge is asked at once: halved when it was too much, grown back slowly."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_HOPELESS = 3
"""So many smallest questions in a row that were too much, and none that was not: it is the forge that is down."""


@dataclass(slots=True)
class Pace:
    """`size` is how much may be asked now, of `most`, in whatever unit the questions are weighed."""

    most: int
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = self.most

    def refused(self, weight: int) -> None:
        """So much was too much."""
        self.size = max(1, min(self.size, weight) // 2)

    def served(self) -> None:
        """It was answered. A tenth more may be asked next: doubling would be refused every other time."""
        self.size = min(self.most, self.size + max(1, self.size // 10, self.most // 100))


@dataclass(frozen=True, slots=True)
class Served(Generic[Item, Result]):
    """An answer to `items`. `again` are those of them that it lacks in part; None: all of it was too much."""

    result: Result | None
    again: Sequence[Item] = ()


class Hopeless(Exception):
    """Not even the smallest questions were answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[Item, Result]):
    """A question about items that can be asked for some of them at a time.

    `ask` sends it, `weigh` tells what an item counts against the pace, `fit` cuts an item to a weight (as it is, where
    it cannot be cut).
    """

    pace: Pace
    ask: Callable[[Sequence[Item]], Served[Item, Result]]
    most_items: int
    weigh: Callable[[Item], int] = lambda _: 1
    fit: Callable[[Item, int], Item] = lambda item, _: item

    def about(self, items: Iterable[Item]) -> Iterator[tuple[Sequence[Item], Result | None]]:
        """The answers with the items that were asked for; None for an item that cannot be answered even alone.

        Raises Hopeless when nothing is answered at all.
        """
        left, refused, any_served = deque(items), 0, False
        while left:
            some, weight = self._some(left)
            served = self.ask(some)
            if served.result is not None and len(served.again) < len(some):
                any_served = True
                self.pace.served()
                left.extend(served.again)
                yield some, served.result
                continue
            self.pace.refused(weight)
            if len(some) > 1 or self.weigh(self.fit(some[0], self.pace.size)) < weight:
                left.extendleft(reversed(some))
                continue
            refused += 1
            if not any_served and (refused >= _HOPELESS or not left):
                raise Hopeless
            yield some, None

    def _some(self, left: deque[Item]) -> tuple[list[Item], int]:
        """What is asked next, and its weight."""
        some = [self.fit(left.popleft(), self.pace.size)]
        weight = self.weigh(some[0])
        while left and len(some) < self.most_items and weight + self.weigh(left[0]) <= self.pace.size:
            weight += self.weigh(left[0])
            some.append(left.popleft())
        return some, weight
