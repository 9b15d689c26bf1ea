"""The governor: when a host may be asked next. Threads and the event loop pass the same one.

A host has so many requests in flight, a spacing between two of them, and the waits that its own answers asked for.
A wait that is longer than a request may be held back becomes BudgetSpent: the rest is left to a later run.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from harvester.errors import BudgetSpent
from harvester.net.limits import POLITE, Limits
from harvester.net.waiting import wait_s

_LOOK_AGAIN_S = 1.0
_JITTER = (1.02, 1.3)
"""A spacing is stretched, never shortened, so that requests of many sources don't fall into step."""


@dataclass(slots=True)
class _Host:
    in_flight: int = 0
    next_at: float = 0.0
    spacing_s: float | None = None
    waiting: list[Callable[[], None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Turn:
    host: str
    budgets: tuple[str, ...]
    spacing_s: float
    url: str


class Governor:
    """Turns at hosts. `monotonic` and `wall` are clocks in seconds, for tests."""

    def __init__(
        self,
        limits: Limits = POLITE,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.limits = limits
        self._monotonic = monotonic
        self._wall = wall
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}
        self._closed_until: dict[str, float] = {}

    @contextlib.contextmanager
    def turn(self, url: str, *, api: bool = False, budget: str = "") -> Iterator[None]:
        """Hold a turn at the URL's host; blocks this thread until it comes. Raises BudgetSpent.

        `budget` names whose budget is spent, where a host gives each token its own.
        """
        turn = self._turn(url, api, budget)
        wake = threading.Event()
        while (wait := self._claim(turn, wake.set)) > 0:
            wake.wait(wait)
            wake.clear()
        try:
            yield
        finally:
            self._leave(turn.host)

    @contextlib.asynccontextmanager
    async def turn_async(self, url: str, *, api: bool = False) -> AsyncIterator[None]:
        """Hold a turn at the URL's host; the event loop goes on meanwhile. Raises BudgetSpent."""
        turn = self._turn(url, api, "")
        await self._come(turn)
        try:
            yield
        finally:
            self._leave(turn.host)

    def heard(self, url: str, status: int, headers: Mapping[str, str], *, budget: str = "") -> None:
        """Take in what an answer says about the next request. Header names in lower case."""
        told = wait_s(status, headers, now=self._wall())
        if told is not None:
            # a spent budget closes its own endpoint; being told to wait closes the host
            spent = "retry-after" not in headers and status != 429
            self.close(_budget(url, budget) if spent else _host(url), told)

    def close(self, what: str, seconds: float) -> None:
        """No request to a host or budget for so long; never shortens what was told before."""
        with self._lock:
            until = self._monotonic() + seconds
            self._closed_until[what] = max(until, self._closed_until.get(what, 0.0))

    def pace(self, host: str, spacing_s: float) -> None:
        """Ask this host more slowly than others, as its robots.txt wants it; never faster."""
        with self._lock:
            self._hosts.setdefault(host, _Host()).spacing_s = spacing_s

    def _turn(self, url: str, api: bool, budget: str) -> _Turn:
        spacing = self.limits.api_spacing_s if api else self.limits.spacing_s
        return _Turn(_host(url), (_host(url), _budget(url, budget)), spacing, url)

    def _claim(self, turn: _Turn, wake: Callable[[], None]) -> float:
        """0: the turn is yours. Else seconds after which to claim again; `wake` is called when it may be sooner."""
        with self._lock:
            now = self._monotonic()
            closed = max(self._closed_until.get(budget, 0.0) for budget in turn.budgets) - now
            if closed > self.limits.longest_wait_s:
                raise self._spent(turn, closed)
            host = self._hosts.setdefault(turn.host, _Host())
            if host.in_flight >= self.limits.in_flight:
                host.waiting.append(wake)
                return _LOOK_AGAIN_S
            wait = max(closed, host.next_at - now)
            if wait > 0:
                return wait
            host.in_flight += 1
            spacing = max(turn.spacing_s, host.spacing_s or 0.0)
            host.next_at = now + spacing * random.uniform(*_JITTER) if spacing else 0.0
            return 0.0

    async def _come(self, turn: _Turn) -> None:
        """Return when the turn is ours. Whoever leaves wakes us from the first claim on, in whatever thread it runs."""
        loop, wake = asyncio.get_running_loop(), asyncio.Event()

        def call() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
                loop.call_soon_threadsafe(wake.set)

        while (wait := self._claim(turn, call)) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), wait)
            wake.clear()

    def _leave(self, host: str) -> None:
        with self._lock:
            place = self._hosts[host]
            place.in_flight -= 1
            waiting, place.waiting = place.waiting, []
        for wake in waiting:
            wake()

    def _spent(self, turn: _Turn, seconds: float) -> BudgetSpent:
        moment = datetime.fromtimestamp(self._wall(), UTC) + timedelta(seconds=seconds)
        return BudgetSpent(
            f"{turn.host} asked for no request before {moment:%H:%M:%S} UTC", retry_at=moment, url=f"//{turn.host}"
        )


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def _budget(url: str, name: str) -> str:
    """GitHub counts GraphQL and REST apart; of other hosts there is one budget."""
    return f"{name} {_host(url)} {'graphql' if urlsplit(url).path.endswith('/graphql') else 'rest'}"
