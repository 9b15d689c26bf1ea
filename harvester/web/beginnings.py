"""The names that the search box goes on with, kept for a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harvester.errors import HarvesterError
from harvester.search.prefixes import Prefixes

_KEPT_S = 60.0  # as long as anybody may keep an answer of the API
_LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a page: `kind` is a facet's name or "organisation", `value` a facet's value or a body's slug.

    `count` is how many tools it has, `name` a body's.
    """

    kind: str
    value: str
    count: int
    name: str


Tables = Mapping[str, Prefixes[Thing]]
"""By kind."""


class Beginnings:
    """The table of names. Once a minute whoever asks looks whether it is still what it was made of, and makes it anew
    where it is not, or after an hour; meanwhile the old one answers."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looking = threading.Lock()
        self._looked = 0.0
        self._made: tuple[float, object, Tables] | None = None

    def of(self, stamp: Callable[[], object], make: Callable[[], Tables]) -> Tables:
        """The table that is kept, or the one that `make` makes; `stamp` tells what changes with what it is made of."""
        made = self._made
        if made is not None and (self._clock() < self._looked + _KEPT_S or not self._looking.acquire(blocking=False)):
            return made[2]
        if made is None:
            self._looking.acquire()
        try:
            if self._made is None or self._made is made:  # nobody made it while we waited
                self._made = self._anew(stamp(), make)
            return self._made[2]
        except HarvesterError:
            if made is None:
                raise
            return made[2]
        finally:
            self._looking.release()

    def _anew(self, stamp: object, make: Callable[[], Tables]) -> tuple[float, object, Tables]:
        self._looked = self._clock()
        if self._made is not None and self._made[1] == stamp and self._looked < self._made[0] + _LONGEST_S:
            return self._made
        return self._looked, stamp, make()
