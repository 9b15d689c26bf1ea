"""How often somebody may try a password. A try counts before it is checked, so that a thousand at once are a thousand.

Tries from where an account never signed in count by account and address together, and by address alone: whoever shares
an address with somebody who guesses waits with them. A browser that signed in to the account before has tries of its
own, which nobody else can use up: it carries a cookie that says so (`auth.py`).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network

TRIES = 10
TRIES_OF_AN_ADDRESS = 40
TRIES_OF_CODES = 5
"""Of a second factor, by account. A million codes and three that hold at once make that one chance in 230 a day."""
WINDOW_S = 300.0
_REMEMBERED = 50_000


class Throttle:
    """Counts tries within a window, in this process. The oldest keys are forgotten past 50,000."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()

    def reserve(self, login: str, address: str, device: str | None = None) -> int:
        """Count a try; 0: it may be checked. Else the seconds until the next, and it does not count.

        `device` is a browser that signed in to this account before.
        """
        with self._lock:
            limits = _limits(login, address, device)
            waiting = max(self._wait(key, allowed) for key, allowed in limits)
            if not waiting:
                self._count(limits)
            return waiting

    def forgive(self, login: str, address: str, device: str | None = None) -> None:
        """The last reserved try was right: it counts no more."""
        with self._lock:
            for key, _ in _limits(login, address, device):
                if tries := self._tries.get(key):
                    tries.pop()

    def reserve_code(self, login: str, device: str | None = None) -> int:
        """As `reserve`, of a code after the right password: who knows that has five tries, whatever their address."""
        with self._lock:
            limits = _limits_of_codes(login, device)
            waiting = max(self._wait(key, allowed) for key, allowed in limits)
            if not waiting:
                self._count(limits)
            return waiting

    def forgive_code(self, login: str, device: str | None = None) -> None:
        """The last reserved code was right: it counts no more."""
        with self._lock:
            for key, _ in _limits_of_codes(login, device):
                if tries := self._tries.get(key):
                    tries.pop()

    def _count(self, limits: Sequence[tuple[str, int]]) -> None:
        for key, _ in limits:
            self._tries.setdefault(key, deque(maxlen=TRIES_OF_AN_ADDRESS)).append(self._clock())
            self._tries.move_to_end(key)
        while len(self._tries) > _REMEMBERED:
            self._tries.popitem(last=False)

    def _wait(self, key: str, allowed: int) -> int:
        tries = self._tries.get(key)
        if not tries:
            return 0
        while tries and tries[0] <= self._clock() - WINDOW_S:
            tries.popleft()
        if len(tries) < allowed:
            return 0
        return int(tries[-allowed] + WINDOW_S - self._clock()) + 1


SENT = 10
"""Messages that an address may send within the window, which is that of tries."""
DELAY_S = 5.0
"""Between two of them."""


class Senders:
    """Counts what addresses send to reviewers, in this process; nothing else is known of who sends."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: OrderedDict[str, deque[float]] = OrderedDict()
        self.most, self.delay_s = SENT, DELAY_S

    def reserve(self, address: str) -> int:
        """Count a message; 0: it is taken. Else the seconds until the next may come, and it does not count."""
        name, moment = place_of(address), self._clock()
        with self._lock:
            sent = self._sent.setdefault(name, deque())
            self._sent.move_to_end(name)
            while len(self._sent) > _REMEMBERED:
                self._sent.popitem(last=False)
            while sent and sent[0] <= moment - WINDOW_S:
                sent.popleft()
            ends = [sent[-1] + self.delay_s] if sent else []
            ends += [sent[-self.most] + WINDOW_S] if len(sent) >= self.most else []
            waiting = max((end - moment for end in ends), default=0.0)
            if waiting > 0:
                return int(waiting) + 1
            sent.append(moment)
            return 0

    def forgive(self, address: str) -> None:
        """The last message was not taken: it counts no more."""
        with self._lock:
            if sent := self._sent.get(place_of(address)):
                sent.pop()


def _limits(login: str, address: str, device: str | None) -> list[tuple[str, int]]:
    name = login.casefold()[:200]
    if device is not None:
        return [(f"device {device} {name}", TRIES)]
    place = place_of(address)
    return [(f"pair {name} {place}", TRIES), (f"address {place}", TRIES_OF_AN_ADDRESS)]


def _limits_of_codes(login: str, device: str | None) -> list[tuple[str, int]]:
    return [(f"code {device or ''} {login.casefold()[:200]}", TRIES_OF_CODES)]


def place_of(address: str) -> str:
    """The address, of IPv6 the network of 64 bits in which one visitor has them all."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
