"""A host is never asked sooner than it wants, from threads and from the event loop together."""

from __future__ import annotations

import asyncio
import threading
import time
from email.utils import formatdate
from itertools import pairwise

import pytest
import sqlalchemy as sa

from harvester.catalogue.database import Database
from harvester.catalogue.ledger import CatalogueLedger
from harvester.errors import BudgetSpent
from harvester.net import POLITE, Limits, Net, hosts
from harvester.net.governor import Governor
from harvester.net.ledger import MemoryLedger
from harvester.net.tokens import Payer
from harvester.net.waiting import wait_s

NOW = 1_800_000_000.0
URL = "http://api.example/things"
ANYBODY = Payer("")


class Clock:
    """A clock that the test moves, in seconds since 1970."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {"retry-after": "5"}, 5.0),
        (503, {"retry-after": "7"}, 7.0),
        (403, {"retry-after": "30"}, 30.0),
        (429, {"retry-after": formatdate(NOW + 90, usegmt=True)}, 90.0),
        (429, {"retry-after": formatdate(NOW - 90, usegmt=True)}, 0.0),
        (429, {"retry-after": "soon"}, 60.0),
        (429, {"retry-after": "-5"}, 60.0),
        (429, {"retry-after": "5.5"}, 60.0),
        (429, {"retry-after": "٣"}, 60.0),
        (429, {"retry-after": ""}, 60.0),
        (429, {}, 60.0),
        (429, {"retry-after": "9" * 400}, 3600.0),
        (429, {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 3600.0),
        (503, {"retry-after": "Fri, 99 Foo 2026"}, None),
        (503, {}, None),
        (200, {}, None),
        (200, {"retry-after": "5"}, None),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 40)}, 40.0),
        (200, {"x-ratelimit-remaining": "1", "x-ratelimit-reset": str(int(NOW) + 40)}, None),
        (200, {"ratelimit-remaining": "0", "ratelimit-reset": str(int(NOW) + 20)}, 20.0),
        (200, {"ratelimit-remaining": "0", "ratelimit-reset": "20"}, 20.0),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "NaN"}, None),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 11}, 3600.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) - 40)}, 0.0),
    ],
)
def test_what_headers_ask_for(status: int, headers: dict[str, str], expected: float | None) -> None:
    assert wait_s(status, headers, now=NOW) == expected


def governed(clock: Clock, limits: Limits = POLITE) -> Governor:
    return Governor(limits, MemoryLedger(clock))


def hear(governor: Governor, status: int, headers: dict[str, str], *, url: str = URL, who: Payer = ANYBODY) -> None:
    """Ask once, and be answered so."""
    with governor.turn(url, account=who) as turn:
        turn.heard(status, headers)


def test_a_wait_longer_than_a_request_is_held_back_spends_the_budget() -> None:
    clock = Clock()
    governor = governed(clock)
    hear(governor, 429, {"retry-after": "61"})
    with pytest.raises(BudgetSpent) as told, governor.turn(URL):
        pass
    assert told.value.retry_at.timestamp() == pytest.approx(NOW + 61)
    clock.at += 62
    with governor.turn(URL):
        pass


def test_a_later_shorter_wait_does_not_undercut_an_earlier_one() -> None:
    clock = Clock()
    governor = governed(clock, Limits(in_flight=2, spacing_s=0))
    with governor.turn(URL) as first, governor.turn(URL) as second:
        first.heard(429, {"retry-after": "1000"})
        second.heard(429, {"retry-after": "1"})
    clock.at += 100
    with pytest.raises(BudgetSpent), governor.turn(URL):
        pass


def test_a_spent_graphql_budget_leaves_rest_and_other_hosts_open() -> None:
    clock = Clock()
    governor = governed(clock)
    github = Payer("github")
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 900)}
    hear(governor, 200, spent, url="http://api.example/graphql", who=github)
    with pytest.raises(BudgetSpent), governor.turn("http://api.example/graphql", account=github):
        pass
    for url, account in (
        (URL, github),
        ("http://other.example/graphql", github),
        ("http://api.example/graphql", Payer("b")),
    ):
        clock.at += 10
        with governor.turn(url, account=account):
            pass


def test_threads_and_the_loop_keep_in_flight_and_spacing_together() -> None:
    governor = Governor(Limits(in_flight=1, spacing_s=0.02))
    lock = threading.Lock()
    starts: list[float] = []
    most = [0, 0]

    def began() -> None:
        with lock:
            starts.append(time.monotonic())
            most[0] += 1
            most[1] = max(most)

    def ended() -> None:
        with lock:
            most[0] -= 1

    def blocking() -> None:
        for _ in range(10):
            with governor.turn(URL):
                began()
                time.sleep(0.005)
                ended()

    async def polite() -> None:
        async with governor.turn_async(URL):
            began()
            await asyncio.sleep(0.005)
            ended()

    async def looping() -> None:
        await asyncio.gather(*(polite() for _ in range(10)))

    threads = [threading.Thread(target=blocking) for _ in range(3)]
    for thread in threads:
        thread.start()
    asyncio.run(looping())
    for thread in threads:
        thread.join(30)
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert (len(starts), most[1]) == (40, 1)
    assert min(gaps) >= 0.015  # the spacing, less what a busy machine takes from turn to clock


def test_waiting_for_a_host_does_not_stall_the_loop() -> None:
    governor = Governor(Limits(spacing_s=0))
    began = time.monotonic()
    governor.close("api.example", 0.3)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    async def main() -> float:
        ticking = asyncio.create_task(tick())
        async with governor.turn_async(URL):
            took = time.monotonic() - began
        ticking.cancel()
        return took

    assert asyncio.run(main()) >= 0.3
    assert ticks >= 5


class Heart:
    """Beats in an event loop; others wait for its next beat, which does not come while something holds the loop."""

    def __init__(self) -> None:
        self.beats, self.stalled = 0, 0
        self._beaten = threading.Condition()

    async def beat(self) -> None:
        while True:
            await asyncio.sleep(0.002)
            with self._beaten:
                self.beats += 1
                self._beaten.notify_all()

    def wait_for_one(self) -> None:
        with self._beaten:
            before = self.beats
            self.stalled += not self._beaten.wait_for(lambda: self.beats > before, timeout=30)


def test_the_loop_goes_on_during_a_hundred_blocking_calls_and_a_wait(serve, tmp_path) -> None:
    """Each call is answered once the loop has gone on: a call that held it would get no answer."""
    site, heart = serve(), Heart()
    site.answers = {"*": lambda _: (heart.wait_for_one(), (200, {}, b""))[1], "/busy": (429, {"Retry-After": "1"}, b"")}
    ledger = CatalogueLedger.beside(Database(f"sqlite:///{tmp_path / 'catalogue.sqlite'}"))
    net = Net("x", allow=["127.0.0.1"], limits=Limits(in_flight=8, spacing_s=0, api_spacing_s=0.001), ledger=ledger)
    session = net.session("x")
    loops: set[int] = set()
    sa.event.listen(ledger._db.engine, "before_cursor_execute", lambda *_: loops.add(threading.get_ident()))

    async def busy() -> None:
        calls = [asyncio.to_thread(session.get, site.url(f"/{number}")) for number in range(100)]
        await asyncio.gather(*calls[:50], asyncio.to_thread(session.get, site.url("/busy")), *calls[50:])
        net.governor.close("127.0.0.1", 0.3)
        before = heart.beats
        for _ in range(20):
            async with net.governor.turn_async(site.url()):
                await asyncio.sleep(0)
        assert heart.beats - before > 10

    async def main() -> None:
        beating = asyncio.create_task(heart.beat())
        await busy()
        beating.cancel()

    began = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - began > 1.3  # the second and the third of it were waited
    assert (len(site.hits), heart.stalled) == (101, 0)
    assert loops
    assert threading.get_ident() not in loops  # the loop's own thread never asks the ledger
    net.close()
    ledger.close()


def test_who_is_cancelled_as_its_turn_comes_gives_it_back() -> None:
    governor = Governor(Limits(in_flight=1, spacing_s=0.001))

    async def polite() -> None:
        async with governor.turn_async(URL):
            await asyncio.sleep(0.01)

    async def main() -> None:
        for _ in range(30):
            task = asyncio.create_task(polite())
            await asyncio.sleep(0.001)
            task.cancel()
        async with asyncio.timeout(5):
            await polite()

    asyncio.run(main())


def test_who_waits_in_the_loop_is_called_when_a_turn_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever missed its call would look again after a while: here, in a year."""
    monkeypatch.setattr(hosts, "LOOK_AGAIN_S", 365 * 86_400.0)
    governor = Governor(Limits(in_flight=1, spacing_s=0))
    came = 0

    async def polite() -> None:
        nonlocal came
        async with governor.turn_async(URL):
            await asyncio.sleep(0.002)
            came += 1

    async def main() -> None:
        async with asyncio.timeout(60):  # instead of a year
            await asyncio.gather(*(polite() for _ in range(20)))

    asyncio.run(main())
    assert came == 20


def test_a_turn_is_given_back_when_the_request_fails() -> None:
    governor = Governor(Limits(spacing_s=0))
    for _ in range(3):
        with pytest.raises(KeyError), governor.turn(URL):
            raise KeyError


def test_scrapy_waits_as_long_as_it_is_told(serve, crawl) -> None:
    site = serve()
    asked: list[int] = []

    def refuse_once(_: object) -> tuple[int, dict[str, str], bytes]:
        asked.append(1)
        return (429, {"Retry-After": "2"}, b"") if len(asked) == 1 else (200, {}, b"welcome")

    site.answers = {"/": refuse_once}
    result = crawl({"source": {"spider": "api_probe"}, "net": {"allow": ["127.0.0.1"]}, "urls": [site.url()]})
    assert [seen["body"] for seen in result["seen"]] == ["welcome"]
    assert site.hits[1].at - site.hits[0].at >= 2.0


def test_scrapy_leaves_the_rest_open_when_the_budget_is_spent(serve, crawl) -> None:
    site = serve({"/a": (429, {"Retry-After": "900"}, b""), "*": (200, {}, b"")})
    urls = [site.url(path) for path in ("/a", "/b", "/c")]
    result = crawl({"source": {"spider": "api_probe"}, "net": {"allow": ["127.0.0.1"]}, "urls": urls})
    assert site.paths() == ["/a"]
    assert [(failed["capped"], failed["final"]) for failed in result["failed"]] == [(True, False)] * 3


def test_scrapy_gives_up_after_two_retries_and_tells_the_status(serve, crawl) -> None:
    site = serve({"/": (503, {}, b"")})
    limits = {"back_off_s": 0.05, "spacing_s": 0.01}
    result = crawl(
        {"source": {"spider": "api_probe"}, "net": {"allow": ["127.0.0.1"], "limits": limits}, "urls": [site.url()]}
    )
    assert len(site.hits) == 3
    assert [(failed["status"], failed["final"], failed["capped"]) for failed in result["failed"]] == [
        (503, False, False)
    ]


def test_scrapy_asks_a_host_one_at_a_time_and_with_space_between(serve, crawl) -> None:
    site = serve({"/robots.txt": (404, {}, b""), "*": lambda _: (time.sleep(0.03), (200, {}, b""))[1]})
    urls = [site.url(f"/{number}") for number in range(8)]
    result = crawl({"net": {"allow": ["127.0.0.1"], "limits": {"spacing_s": 0.1}}, "urls": urls})
    # a request arrives a little later than its turn began, the very first one much: by what the machine does meanwhile
    gaps = [later.at - earlier.at for earlier, later in pairwise(site.hits[1:])]
    assert len(result["seen"]) == 8
    assert site.most_in_flight == 1
    assert min(gaps) >= 0.05
    assert sum(gaps) >= 0.1 * len(gaps) - 0.05
    assert "+https://contact.example" in site.hits[0].headers["user-agent"]
