"""The governor: when a host may be asked next, and with which token.

A host has so many requests in flight, a spacing between two of them, and the waits that its own answers asked for; a
token has a budget there. All processes of an installation that share a ledger keep to them together, threads and event
loops alike. A wait that is longer than a request may be held back becomes BudgetSpent: the rest is left to a later run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

from harvester.net import budgets, holders, hosts
from harvester.net.counting import Counting
from harvester.net.desk import Desk
from harvester.net.ledger import Entries, Ledger, MemoryLedger
from harvester.net.limits import POLITE, Limits
from harvester.net.tokens import Account
from harvester.net.turn import NOTHING, Turn, host_of, keys, turn_for

_ANYBODY = Account("")


class Governor:
    """Turns at hosts. `holder` names this process in the ledger; what it holds can be freed by that name."""

    def __init__(
        self,
        limits: Limits = POLITE,
        ledger: Ledger | None = None,
        *,
        holder: str | None = None,
        counting: Counting | None = None,
    ) -> None:
        self.limits = limits
        self.ledger: Ledger = ledger or MemoryLedger()
        self.counting = counting or Counting()
        self.holder = holder or f"process:{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._desk = Desk(limits, self.ledger, holder=self.holder, counting=self.counting)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="governor")  # they ask the ledger for event loops

    @contextlib.contextmanager
    def turn(self, url: str, *, api: bool = False, account: Account = _ANYBODY) -> Iterator[Turn]:
        """Hold a turn at the URL's host; blocks this thread until it comes. Raises BudgetSpent."""
        turn, wake = self._turn(url, api, account), threading.Event()
        try:
            while wait := self._wait(turn, wake):
                wake.wait(wait)
                wake.clear()
        finally:
            self._desk.came(turn)
        turn.began = time.monotonic()
        try:
            yield turn
        finally:
            self._desk.leave(turn)

    @contextlib.asynccontextmanager
    async def turn_async(self, url: str, *, api: bool = False, account: Account = _ANYBODY) -> AsyncIterator[Turn]:
        """Hold a turn at the URL's host; the event loop goes on meanwhile. Raises BudgetSpent."""
        turn = self._turn(url, api, account)
        await self._come(turn)
        turn.began = time.monotonic()
        try:
            yield turn
        finally:
            if turn.booked or turn.says(time.time()) != NOTHING:
                await asyncio.shield(asyncio.wrap_future(self._threads.submit(self._desk.leave, turn)))
            else:
                self._desk.leave(turn)

    def close(self, host: str, seconds: float) -> None:
        """No request to a host for so long; never shortens what was told before. Does not wait for the ledger."""
        with self._desk.place(host) as place:
            place.closed_until = max(place.closed_until, time.monotonic() + seconds)

        def step(entries: Entries, now: float) -> None:
            hosts.close(entries[hosts.key(host)], now + seconds)

        self._threads.submit(self.ledger.change, [hosts.key(host)], step)

    def pace(self, host: str, spacing_s: float) -> None:
        """Ask this host more slowly than others, as its robots.txt wants it; never faster."""
        with self._desk.place(host) as place:
            place.spacing_s = spacing_s

    def charged(self, account: Account, url: str, *, points: int, left: budgets.Told | None = None) -> None:
        """What this thread's last request really cost, and what is left, where the answer's body says so."""
        self.counting.points(url, points)
        turn = turn_for(url, self.limits, account, spacing_s=0.0)
        purse = next((one for one in turn.purses if account.whose(one.token) == account.last), turn.purses[0])

        def step(entries: Entries, now: float) -> None:
            if left is not None:
                budgets.learn(entries[purse.budget], left, now)
            if purse.minute:
                budgets.minute_spend(entries[purse.minute], points - turn.cost, now)
            entries[holders.spent_key(self.holder)].update(self.counting.spent())

        self.ledger.change(keys(turn, self.holder), step)

    def end(self) -> None:
        """Give everything back and keep what was spent; no turn may be asked for afterwards."""
        self._threads.shutdown(wait=True)
        self._desk.end()

    def _turn(self, url: str, api: bool, account: Account) -> Turn:
        spacing = self.limits.api_spacing_s if api else self.limits.spacing_s
        with self._desk.place(host_of(url)) as place:
            spacing = max(spacing, place.spacing_s)
        return turn_for(url, self.limits, account, spacing_s=spacing)

    def _wait(self, turn: Turn, wake: threading.Event) -> float:
        wait = self._desk.next(turn, wake.set)
        return self._desk.ask(turn) if wait is None else wait

    async def _come(self, turn: Turn) -> None:
        """Return when the turn is ours. Whoever leaves wakes us from the first look on, in whatever thread it runs."""
        loop, wake = asyncio.get_running_loop(), asyncio.Event()

        def call() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
                loop.call_soon_threadsafe(wake.set)

        try:
            while True:
                wait = self._desk.next(turn, call)
                if wait is None:
                    wait = await self._asked(turn)
                if wait == 0:
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(wake.wait(), wait)
                wake.clear()
        finally:
            self._desk.came(turn)

    async def _asked(self, turn: Turn) -> float:
        asked = self._threads.submit(self._desk.ask, turn)
        try:
            return await asyncio.wrap_future(asked)
        except asyncio.CancelledError:
            asked.add_done_callback(lambda _: self._abandon(turn))
            raise

    def _abandon(self, turn: Turn) -> None:
        """Who asked was cancelled meanwhile."""
        if turn.purse is not None:
            with contextlib.suppress(RuntimeError):  # at the very end everything is given back anyway
                self._threads.submit(self._desk.leave, turn)
