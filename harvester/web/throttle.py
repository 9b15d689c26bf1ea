"""How often somebody may try a password: by account and address together, so that no owner can be locked out."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

TRIES = 10
TRIES_OF_AN_ADDRESS = 40
WINDOW_S = 300.0
_REMEMBERED = 50_000


class Throttle:
    """Counts failed tries within a window, in this process. The oldest keys are forgotten past 50,000."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, login: str, address: str) -> int:
        """Seconds until this pair may try again; 0: now."""
        with self._lock:
            return max(self._wait(_pair(login, address), TRIES), self._wait(f"address {address}", TRIES_OF_AN_ADDRESS))

    def failed(self, login: str, address: str) -> None:
        """Count a failed try."""
        with self._lock:
            for key in (_pair(login, address), f"address {address}"):
                tries = self._failed.setdefault(key, deque(maxlen=TRIES_OF_AN_ADDRESS))
                tries.append(self._clock())
                self._failed.move_to_end(key)
            while len(self._failed) > _REMEMBERED:
                self._failed.popitem(last=False)

    def _wait(self, key: str, allowed: int) -> int:
        tries = self._failed.get(key)
        if not tries:
            return 0
        while tries and tries[0] <= self._clock() - WINDOW_S:
            tries.popleft()
        if len(tries) < allowed:
            return 0
        return int(tries[-allowed] + WINDOW_S - self._clock()) + 1


def _pair(login: str, address: str) -> str:
    return f"pair {login.casefold()[:200]} {address}"
