"""The governor: when a host may be asked next, and with which token.

A host has so many requests in flight, a spacing between two of them, and the waits that its own answers asked for; a
token has a budget there. All processes of an installation that share a ledger keep to them together, threads and event
loops alike. A wait that is longer than a request may be held back becomes BudgetSpent: the rest is left to a later run.

Turns are handed out at a desk: this process's part of each host, asked from and given back to the ledger. Where a host
wants no spacing and tells no budget, a slot is handed from one waiter of this process to the next for `FRESH_S` before
the ledger is asked again, which makes such turns cheap. Every other turn is the ledger's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from harvester.errors import BudgetSpent
from harvester.net import budgets, holders, hosts
from harvester.net.counting import Counting
from harvester.net.ledger import Entries, Ledger, MemoryLedger
from harvester.net.limits import POLITE, Limits
from harvester.net.tokens import Payer
from harvester.net.turn import NOTHING, Purse, Turn, choose, host_of, keys, turn_for

FRESH_S = 0.1
"""What others tell of a host, and that they wait for it, is known so much later where slots are handed on."""
_TIDY_S = 0.25

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class HostShare:
    """A host as this process sees it: of its `slots`, which the ledger knows of, `in_use` are. Monotonic times."""

    slots: int = 0
    in_use: int = 0
    fresh_until: float = 0.0
    closed_until: float = 0.0
    spacing_s: float = 0.0
    tells_budget: bool = False
    asking: dict[tuple[Purse, ...], Turn] = field(default_factory=dict)
    waiting: dict[Turn, Callable[[], None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Decision:
    """`wait_s` 0: the turn came. `spent`: it will not, until then (seconds since 1970)."""

    wait_s: float = 0.0
    spent: float | None = None


class Desk:
    """Safe from threads. `ask` and `leave` block for as long as the ledger takes, everything else does not."""

    def __init__(self, limits: Limits, ledger: Ledger, *, holder: str, counting: Counting) -> None:
        self.limits = limits
        self.ledger = ledger
        self.holder = holder
        self.counting = counting
        self._lock = threading.Lock()  # never held while the ledger is asked
        self._places: dict[str, HostShare] = {}
        self._ended = threading.Event()
        self._tidying: threading.Thread | None = None

    @contextlib.contextmanager
    def place(self, host: str) -> Iterator[HostShare]:
        """The host's place, for as long as nobody else may look at it."""
        with self._lock:
            yield self._places.setdefault(host, HostShare())

    def next(self, turn: Turn, wake: Callable[[], None]) -> float | None:
        """0: the turn is yours. None: ask. Else seconds to wait; `wake` is called when it may be sooner."""
        with self.place(turn.host) as place:
            now = time.monotonic()
            closed = place.closed_until - now
            if closed <= 0 and _handed(turn, place) and place.in_use < place.slots and now < place.fresh_until:
                place.in_use += 1
                self.counting.count(turn.url)
                return 0.0
            place.waiting[turn] = wake
            if place.asking.setdefault(turn.purses, turn) is not turn:
                return hosts.LOOK_AGAIN_S
            # what is closed for longer than anybody waits is the ledger's to say
            return closed if 0 < closed <= self.limits.longest_wait_s else None

    def came(self, turn: Turn) -> None:
        """Nobody waits for this turn any more: the next one may ask."""
        with self.place(turn.host) as place:
            if place.waiting.pop(turn, None) is None:
                return
            if place.asking.get(turn.purses) is turn:
                del place.asking[turn.purses]
        self._wake(turn.host)

    def ask(self, turn: Turn) -> float:
        """Ask the ledger for the turn: 0 when it came, else seconds after which to ask again. Raises BudgetSpent."""
        wanted = keys(turn, self.holder)
        try:
            decision = self.ledger.change(wanted, lambda entries, now: self._decide(turn, entries, now))
        except BaseException:
            if turn.purse is not None:  # decided, but not kept
                self._given_back(turn)
                turn.purse = None
            raise
        if decision.spent is not None:
            moment = datetime.fromtimestamp(decision.spent, UTC)
            raise BudgetSpent(
                f"{turn.host} asked for no request before {moment:%H:%M:%S} UTC", retry_at=moment, url=f"//{turn.host}"
            )
        return decision.wait_s

    def leave(self, turn: Turn) -> None:
        """Give the turn back, with what its answer told."""
        told = turn.says(time.time())
        try:
            if turn.booked or told != NOTHING:
                wanted = {*keys(turn, self.holder), turn.paid_from(told[1])}
                self.ledger.change(list(wanted), lambda entries, now: self._settle(turn, entries, now))
        finally:
            self._given_back(turn)
            self._wake(turn.host)

    def end(self) -> None:
        """Give everything back and keep what was spent."""
        self._ended.set()
        self._keep_spent()
        holders.free(self.ledger, self.holder)

    def _decide(self, turn: Turn, entries: Entries, now: float) -> _Decision:
        host, longest = entries[hosts.key(turn.host)], self.limits.longest_wait_s
        purse, refills, wait = choose(turn, entries, now)
        closed = max(hosts.closed_s(host, now), refills)
        with self.place(turn.host) as place:
            handed = _handed(turn, place)
            if closed > longest or wait > 0:  # it stands in nobody's way meanwhile
                place.slots = place.in_use
                hosts.hold(host, self.holder, place.slots, now)
                return _Decision(wait, now + closed if closed > longest else None)
            place.slots, wait = hosts.claim(host, self._claim(turn, place, handed=handed), now)
            if wait > 0:
                return _Decision(wait)
            place.in_use += 1
            place.fresh_until = time.monotonic() + FRESH_S
        turn.purse, turn.booked, turn.account.last = purse, not handed, turn.account.whose(purse.token)
        if turn.booked:
            self._pay(turn, purse, entries, now)
        else:
            self._tidy_later()
        self.counting.count(turn.url)
        entries[holders.spent_key(self.holder)].update(self.counting.spent())
        return _Decision()

    def _claim(self, turn: Turn, place: HostShare, *, handed: bool) -> hosts.Claim:
        return hosts.Claim(
            holder=self.holder,
            in_use=place.in_use,
            want=min(self.limits.in_flight, place.in_use + (max(1, len(place.waiting)) if handed else 1)),
            limit=self.limits.in_flight,
            spacing_s=turn.spacing_s,
            lease_s=self.limits.lease_s,
        )

    def _pay(self, turn: Turn, purse: Purse, entries: Entries, now: float) -> None:
        budget = entries[purse.budget]
        if budget or purse.token:  # of pages whose host tells no budget nothing is kept
            budgets.reserve(budget, self.holder, turn.cost, until=now + self.limits.lease_s, now=now)
        if purse.minute:
            budgets.minute_spend(entries[purse.minute], turn.cost, now)

    def _settle(self, turn: Turn, entries: Entries, now: float) -> None:
        host, (wait, told) = entries[hosts.key(turn.host)], turn.says(now)
        if turn.began:
            hosts.began(host, turn.spacing_s, now - (time.monotonic() - turn.began))
        if wait:
            hosts.close(host, now + wait)
        if turn.booked and turn.purse is not None:
            budgets.paid(entries[turn.purse.budget], self.holder, turn.cost)
        if told is not None:
            budgets.learn(entries[turn.paid_from(told)], told, now)
        self._given_back(turn)
        with self.place(turn.host) as place:
            place.tells_budget |= told is not None
            place.slots, place.fresh_until = place.in_use, 0.0
            hosts.hold(host, self.holder, place.slots, now)

    def _given_back(self, turn: Turn) -> None:
        """Give it back within this process, once."""
        with self.place(turn.host) as place:
            if not turn.over:
                turn.over = True
                place.in_use -= 1

    def _wake(self, host: str) -> None:
        """Wake who asks the ledger, and of the others as many as there are slots to hand on, or one who may ask.

        To wake all of them for each slot costs a signal and a look for each, of which all but one find nothing.
        """
        with self.place(host) as place:
            free, woken, wakes = place.slots - place.in_use, Counter[tuple[Purse, ...]](), []
            for turn, wake in place.waiting.items():
                asks = place.asking.get(turn.purses)
                if asks is not turn:
                    if woken[turn.purses] >= max(free, int(asks is None)):
                        continue
                    woken[turn.purses] += 1
                wakes.append(wake)
        for wake in wakes:
            wake()

    def _tidy_later(self) -> None:
        """Slots that are handed on are given back a moment after nobody needs them, by a thread that then ends."""
        with self._lock:
            if self._tidying is None and not self._ended.is_set():
                self._tidying = threading.Thread(target=self._tidy, name="governor-tidying", daemon=True)
                self._tidying.start()

    def _tidy(self) -> None:
        while not self._ended.wait(_TIDY_S):
            try:
                self._give_back_idle()
                self._keep_spent()
            except Exception:  # noqa: BLE001 - the ledger may be away for a moment; its leases end by themselves
                _log.exception("turns could not be given back")
            with self._lock:
                if not any(place.slots for place in self._places.values()):
                    self._tidying = None
                    return

    def _give_back_idle(self) -> None:
        with self._lock:
            moment = time.monotonic()
            idle = [
                host
                for host, place in self._places.items()
                if place.slots > place.in_use and not place.waiting and moment >= place.fresh_until
            ]
        for host in idle:
            self._shrink(host)

    def _shrink(self, host: str) -> None:
        def step(entries: Entries, now: float) -> None:
            with self.place(host) as place:
                place.slots = place.in_use
                hosts.hold(entries[hosts.key(host)], self.holder, place.slots, now)

        self.ledger.change([hosts.key(host)], step)

    def _keep_spent(self) -> None:
        key = holders.spent_key(self.holder)
        self.ledger.change([key], lambda entries, _: entries[key].update(self.counting.spent()))


def _handed(turn: Turn, place: HostShare) -> bool:
    return turn.handed and not place.tells_budget


_ANYBODY = Payer("")


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
    def turn(self, url: str, *, api: bool = False, account: Payer = _ANYBODY) -> Iterator[Turn]:
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
    async def turn_async(self, url: str, *, api: bool = False, account: Payer = _ANYBODY) -> AsyncIterator[Turn]:
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

    def charged(self, account: Payer, url: str, *, points: int, left: budgets.ToldBudget | None = None) -> None:
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

    def _turn(self, url: str, api: bool, account: Payer) -> Turn:
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
