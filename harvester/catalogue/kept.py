"""What is dear to count is counted now and then, however often it is asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")

DEAR_S = 0.25
"""What takes less is counted each time."""
_SHARE = 20


class KeptCount(Generic[_T]):
    """A count that is kept for twenty times as long as counting took, so that it takes a twentieth of a processor.

    While it is counted anew, whoever asks gets what was counted before. Safe to use from several threads.
    """

    def __init__(self, count: Callable[[], _T], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._clock = clock
        self._counting = threading.Lock()
        self._kept: tuple[float, _T] | None = None  # until when, and what

    def __call__(self) -> _T:
        """What was counted, now or before."""
        kept = self._kept
        if kept and (self._clock() < kept[0] or self._counting.locked()):
            return kept[1]
        with self._counting:
            kept = self._kept
            if kept and self._clock() < kept[0]:  # somebody counted while we waited
                return kept[1]
            began = self._clock()
            found = self._count()
            ended = self._clock()
            self._kept = (ended + _SHARE * (ended - began), found) if ended - began > DEAR_S else None
            return found
