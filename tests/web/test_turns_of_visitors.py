"""Floods: whoever asks for much at once waits for the others, and keeps nobody out; on every route that is read."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from pages_site import Site
from requests.adapters import HTTPAdapter

from harvester.search.query import Query
from harvester.search.result import Result
from harvester.web import turns
from harvester.web.turns import SHARE, Queue

STUCK = "stuck"
CLIENTS = 50
INSIDE = 20


class _From(HTTPAdapter):
    """Asks from an address of loopback."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__(pool_maxsize=CLIENTS)

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named, source_address=(self._address, 0))


def visitor_from(address: str) -> requests.Session:
    session = requests.Session()
    session.mount("http://", _From(address))
    return session


@pytest.fixture
def gate(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Searches for STUCK end when it is opened."""
    opened, search = threading.Event(), site.engine.search

    def waits(query: Query) -> Result:
        if query.text == STUCK:
            assert opened.wait(120)
        return search(query)

    monkeypatch.setattr(site.engine, "search", waits)
    yield opened
    opened.set()


def test_what_fifty_clients_of_an_address_wait_for_keeps_no_route_from_others(
    site: Site, gate: threading.Event
) -> None:
    software = site.catalogue.software.published(1)[0]
    names = {
        **{"language": "en", "software_id": software.id, "slug": software.slug, "run_id": "1", "source": "forge"},
        **{"part": "all", "value:path": "petition"},
    }
    read = [path for method, path in site.app.state.rules if method == "GET" and path != "/static"]
    assert len(read) > 15
    with ThreadPoolExecutor(CLIENTS) as many, visitor_from("127.0.0.1") as flood, visitor_from("127.0.0.2") as other:
        stuck = [many.submit(flood.get, f"{site.url}/en/software?q={STUCK}", timeout=120) for _ in range(CLIENTS)]
        try:
            for path in read:
                filled = re.sub(r"{([\w:]+)}", lambda name: names.get(name[1], "none"), path)
                assert other.get(site.url + filled, timeout=60).status_code < 500, path
            assert not any(one.done() for one in stuck)
        finally:
            gate.set()
        assert {one.result().status_code for one in stuck} == {200}


def test_who_asks_for_more_than_is_kept_waiting_is_told_to_come_back(
    site: Site, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "INSIDE", INSIDE)
    with ThreadPoolExecutor(2 * INSIDE) as many:
        asked = [
            many.submit(requests.get, f"{site.url}{path}?q={STUCK}", timeout=120)
            for path in ("/api/v1/software", "/fr/software")
            for _ in range(INSIDE)
        ]
        while sum(one.done() for one in asked) < INSIDE:
            threading.Event().wait(0.02)
        refused = [one.result() for one in asked if one.done()]
        gate.set()
        assert {answer.status_code for answer in refused} == {429}
        assert {answer.headers["retry-after"] for answer in refused} == {"10"}
        assert sum(one.result().status_code == 200 for one in asked) == INSIDE


async def _settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


class _Turns:
    """A queue with a clock of its own, and who has had a turn of it."""

    def __init__(self) -> None:
        self.moment = 0.0
        self.queue = Queue(clock=lambda: self.moment)
        self.had: list[str] = []
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}

    async def ask(self, name: str, times: int = 1) -> None:
        for _ in range(times):
            assert self.queue.enter(name)
            self._tasks.setdefault(name, []).append(asyncio.create_task(self._one(name)))
        await _settled()

    async def _one(self, name: str) -> None:
        await self.queue.begin(name)
        self.had.append(name)

    async def end(self, name: str) -> None:
        self.queue.end(name)
        self.queue.leave(name)
        await _settled()

    async def go(self, name: str) -> None:
        """Whoever waits first goes away."""
        task = next(one for one in self._tasks[name] if not one.done())
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        self.queue.leave(name)


def test_an_address_that_floods_begins_nothing_while_others_are_answered() -> None:
    async def play() -> None:
        played = _Turns()
        await played.ask("flood", 50)
        assert played.had == ["flood"] * SHARE, "alone it has all of its share"
        await played.ask("other")
        assert played.had[SHARE:] == ["other"]
        for _ in range(SHARE):
            await played.end("flood")
        assert played.had[SHARE + 1 :] == [], "it waits for whoever came meanwhile"
        await played.end("other")
        assert played.had[SHARE + 1 :] == ["flood"], "and has one at a time for a while"
        await played.ask("other")
        await played.end("flood")
        played.moment = 1.5
        await played.ask("third")
        assert played.had[SHARE + 2 :] == ["other", "third", "flood"], "it waits for a second at most"
        await played.end("other")
        await played.end("third")
        played.moment = 5.0
        await played.end("flood")
        assert played.had[-SHARE:] == ["flood"] * SHARE

    asyncio.run(play())


def test_who_goes_away_takes_no_turn_along() -> None:
    async def play() -> None:
        played = _Turns()
        await played.ask("one", SHARE + 2)
        await played.go("one")
        for _ in range(SHARE + 1):
            await played.end("one")
        assert played.had == ["one"] * (SHARE + 1)
        await played.ask("one", SHARE)
        assert len(played.had) == 2 * SHARE + 1

    asyncio.run(play())
