"""Who asks takes turns with all others: no address takes the site from the others, however much it asks for at once.

Pages share one interpreter, so that what one visitor asks for slows all. An address that asks for more than its share
at once waits: while others are answered it has one turn at a time, and begins it where nobody else is being answered.
An answer that is sent in parts (an export) is a turn for each part, and none while a slow reader reads.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harvester.web.throttle import place_of

AT_ONCE = 16
"""Requests of all addresses that are worked on at the same time."""
SHARE = 4
"""Of one address."""
INSIDE = 200
"""Of one address that are answered or wait for that; more are refused."""
_ALONE_S = 2.0  # since anybody else asked
_PATIENCE_S = 1.0  # after which an address that floods has a turn though others are being answered
_IN_SCOPE = "harvester.turn"
_WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(slots=True)
class _Place:
    """An address: how many of its requests are here, have a turn, and wait for one (since when)."""

    inside: int = 0
    running: int = 0
    waiting: deque[tuple[float, asyncio.Future[None]]] = field(default_factory=deque)

    @property
    def floods(self) -> bool:
        """Whether it asks for more than its share."""
        return self.running + len(self.waiting) > SHARE


class Queue:
    """Gives turns, within one event loop. Addresses that wait have them one after the other."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._running = 0
        self._asked: OrderedDict[str, float] = OrderedDict()  # when the last addresses asked

    def enter(self, name: str) -> bool:
        """A request came; False: too many of its address are here."""
        place = self._places.setdefault(name, _Place())
        if place.inside >= INSIDE:
            return False
        place.inside += 1
        self._asked[name] = self._clock()
        self._asked.move_to_end(name)
        while len(self._asked) > 2:  # whether anybody else asked is all that is wanted of it
            self._asked.popitem(last=False)
        return True

    def leave(self, name: str) -> None:
        """It was answered."""
        place = self._places[name]
        place.inside -= 1
        if not place.inside:
            del self._places[name]

    async def begin(self, name: str) -> None:
        """Wait for a turn."""
        place = self._places[name]
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place.waiting.append((self._clock(), turn))
        self._give()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.end(name)
            else:
                place.waiting = deque(one for one in place.waiting if one[1] is not turn)
            raise

    def end(self, name: str) -> None:
        """Give the turn back."""
        self._places[name].running -= 1
        self._running -= 1
        self._give()

    def _give(self) -> None:
        while self._running < AT_ONCE and (name := self._next()) is not None:
            place = self._places[name]
            _, turn = place.waiting.popleft()
            if turn.done():  # who asked has gone
                continue
            self._places.move_to_end(name)
            place.running += 1
            self._running += 1
            turn.set_result(None)

    def _next(self) -> str | None:
        """The address whose turn it is: first those that ask for no more than their share."""
        waiting = [name for name, place in self._places.items() if place.waiting]
        within = next((name for name in waiting if not self._places[name].floods), None)
        return within or next((name for name in waiting if self._may(name)), None)

    def _may(self, name: str) -> bool:
        """Whether an address that floods may have one more turn now."""
        place = self._places[name]
        if self._alone(name):
            return place.running < SHARE
        if place.running:
            return False
        return self._running == 0 or self._clock() - place.waiting[0][0] > _PATIENCE_S

    def _alone(self, name: str) -> bool:
        since = self._clock() - _ALONE_S
        others = (place for other, place in self._places.items() if other != name)
        lately = any(at > since for other, at in self._asked.items() if other != name)
        return not lately and not any(place.running or place.waiting for place in others)


class Turns:
    """Middleware: see the module. `refused` makes the answer for whom has too many requests here."""

    def __init__(self, app: ASGIApp, *, refused: Callable[[Scope], Response]) -> None:
        self._app = app
        self._refused = refused
        self._queue = Queue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] in _WITH_BODY:
            received = await _whole(receive)
            if received is None:
                return  # who sent it has gone
            receive = received
        name = place_of((scope.get("client") or ("unknown",))[0])
        if not self._queue.enter(name):
            await self._refused(scope)(scope, receive, send)
            return
        try:
            turn = scope[_IN_SCOPE] = AnswerTurn(self._queue, name)
            await self._answer(scope, receive, send, turn)
        finally:
            self._queue.leave(name)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, turn: AnswerTurn) -> None:
        async def send_part(message: Message) -> None:
            if message["type"] != "http.response.body" or not message.get("more_body"):
                await send(message)
                return
            async with turn.let_others():
                await send(message)

        await turn.begin()
        try:
            await self._app(scope, receive, send_part)
        finally:
            turn.end()


class AnswerTurn:
    """One request's turn: it may let others go first while it waits for something."""

    def __init__(self, queue: Queue, name: str) -> None:
        self._queue = queue
        self._name = name
        self._has = False

    async def begin(self) -> None:
        """Wait for it."""
        await self._queue.begin(self._name)
        self._has = True

    def end(self) -> None:
        """Give it back, if it is had."""
        if self._has:
            self._has = False
            self._queue.end(self._name)

    def let_others(self) -> _LetOthers:
        """Have no turn within."""
        return _LetOthers(self)


@dataclass(frozen=True, slots=True)
class _LetOthers:
    turn: AnswerTurn

    async def __aenter__(self) -> None:
        self.turn.end()

    async def __aexit__(self, *failed: object) -> None:
        if failed[0] is None:
            await self.turn.begin()


def turn_of(scope: Scope) -> AnswerTurn:
    """The turn that a request has."""
    turn: AnswerTurn = scope[_IN_SCOPE]
    return turn


async def _whole(receive: Receive) -> Receive | None:
    """A body as it comes, received before a turn is taken; None: whoever sent it has gone."""
    parts: deque[Message] = deque()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message)
        if not message.get("more_body"):
            break

    async def again() -> Message:
        return parts.popleft() if parts else await receive()

    return again
