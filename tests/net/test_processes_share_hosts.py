"""Several processes of an installation ask one host, as that host sees it, with the ledger on each database."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.apart import Fork
from support.web import eventually
from turns_child import turns

from harvester.catalogue import Catalogue
from harvester.net import Limits, Net, holders

ONE_AT_A_TIME = {"in_flight": 1, "api_spacing_s": 0.05}
SECRETS = ("a-secret-of-the-first", "a-secret-of-the-second")


@pytest.fixture
def start(catalogue: Catalogue, database_url: str, tmp_path: Path) -> Iterator[Callable[..., Fork]]:
    """Start processes that share the ledger of one catalogue; those that still run at the end are killed."""
    assert catalogue.ledger  # its table or file is there
    running: list[Fork] = []

    def begin(urls: list[str], **asked: Any) -> Fork:
        told = {"database": database_url, "holder": f"test:{len(running) + 1}:", "urls": urls, **asked}
        running.append(Fork(turns, told, tmp_path / f"{len(running) + 1}.log"))
        return running[-1]

    yield begin
    for process in running:
        process.end()


def ended(process: Fork) -> list[tuple[Any, float]]:
    return list(process.answer())


def slowly(*, delay_s: float = 0.02) -> Callable[[object], tuple[int, dict[str, str], bytes]]:
    def answer(_: object) -> tuple[int, dict[str, str], bytes]:
        time.sleep(delay_s)
        return 200, {}, b""

    return answer


@pytest.mark.parametrize(("count", "pages"), [(2, 5), (4, 5), pytest.param(4, 25, marks=pytest.mark.long)])
def test_they_ask_one_at_a_time_with_space_between(serve: Any, start: Any, count: int, pages: int) -> None:
    site = serve({"*": slowly()})
    urls = [site.url(f"/{number}") for number in range(pages)]
    processes = [start(urls, limits=ONE_AT_A_TIME, threads=2) for _ in range(count)]
    statuses = [status for process in processes for status, _ in ended(process)]
    gaps = [later.at - earlier.at for earlier, later in pairwise(site.hits)]
    assert statuses == [200] * (count * 2 * pages)
    assert site.most_in_flight == 1
    assert sum(gaps) >= 0.05 * len(gaps)
    assert min(gaps) >= 0.03  # the spacing, less what a busy machine takes from turn to server


@pytest.mark.parametrize("count", [2, 4])
def test_they_never_have_more_in_flight_than_the_limit_and_all_come(serve: Any, start: Any, count: int) -> None:
    site = serve({"*": slowly(delay_s=0.03)})
    limits = {"in_flight": 3, "api_spacing_s": 0}
    processes = [
        start([site.url(f"/{name}/{number}") for number in range(12)], limits=limits, threads=3)
        for name in range(count)
    ]
    statuses = [status for process in processes for status, _ in ended(process)]
    assert statuses == [200] * (count * 36)
    assert site.most_in_flight == 3


def test_one_that_asks_all_the_time_does_not_keep_the_others_out(serve: Any, start: Any) -> None:
    """Who waits longest comes first, though the one before it would rather go on."""
    site = serve({"*": slowly(delay_s=0.05)})
    limits = {"in_flight": 1, "api_spacing_s": 0}
    greedy = start([site.url(f"/greedy/{number}") for number in range(60)], limits=limits, threads=4)
    while len(site.hits) < 5:
        time.sleep(0.01)
    modest = start([site.url(f"/modest/{number}") for number in range(4)], limits=limits)
    ended(modest)
    assert greedy.runs
    paths = site.paths()
    first = paths.index("/modest/0")
    assert paths[first : paths.index("/modest/3")].count("/modest/1") == 1
    assert site.most_in_flight == 1
    greedy.end()


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_retry_after_that_one_is_told_holds_for_all(serve: Any, start: Any, form: str) -> None:
    site = serve()
    refused: list[float] = []
    until: list[float] = []

    def refuse_once(_: object) -> tuple[int, dict[str, str], bytes]:
        if len(site.hits) != 4:
            return 200, {}, b""
        refused.append(time.monotonic())
        until.append(time.time() + 2 if form == "seconds" else float(int(time.time() + 3)))
        return 429, {"Retry-After": "2" if form == "seconds" else formatdate(until[0], usegmt=True)}, b""

    site.answers = {"*": refuse_once}
    urls = [site.url(f"/{number}") for number in range(4)]
    processes = [start(urls, limits=ONE_AT_A_TIME) for _ in range(3)]
    answers = [answer for process in processes for answer in ended(process)]
    assert sorted(status for status, _ in answers) == [200] * 11 + [429]
    waited = site.hits[4].at - refused[0]
    assert waited >= 1.99 if form == "seconds" else time.time() - (time.monotonic() - site.hits[4].at) >= until[0]


def test_a_retry_after_is_known_to_those_that_hand_turns_on(serve: Any, start: Any) -> None:
    """They ask the ledger ten times a second; what is on its way by then cannot be called back."""
    site, once = serve(), threading.Lock()

    def refuse_once(_: object) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.01)
        if len(site.hits) >= 60 and once.acquire(blocking=False):
            refusals.append(time.monotonic())
            return 429, {"Retry-After": "2"}, b""
        return 200, {}, b""

    site.answers = {"*": refuse_once}
    refusals: list[float] = []
    urls = [site.url(f"/{number}") for number in range(30)]
    processes = [start(urls, limits={"in_flight": 6, "api_spacing_s": 0}, threads=3) for _ in range(3)]
    for process in processes:
        ended(process)
    (refused,) = refusals
    after = [hit.at - refused for hit in site.hits if hit.at > refused]
    early = [one for one in after if one < 1.99]
    assert len(site.hits) == 270
    assert all(one < 1.0 for one in early), early
    # a process has 90 to ask: where more than that come late, those that were not refused have waited as well
    assert len(after) - len(early) > 90
    assert site.most_in_flight <= 6


def test_a_killed_process_is_freed_by_who_saw_it_end(serve: Any, start: Any, catalogue: Catalogue) -> None:
    site = serve({"/slow": slowly(delay_s=1.0), "*": (200, {}, b"")})
    victim = start([site.url("/slow")], limits=ONE_AT_A_TIME, holder="run:7:1:")
    while not site.hits:
        time.sleep(0.01)
    os.kill(victim.pid, signal.SIGKILL)
    eventually(lambda: not victim.runs)
    waiting = start([site.url("/next")], limits=ONE_AT_A_TIME, holder="run:8:1:")
    eventually(lambda: '"run:8:1:"' in json.dumps(catalogue.ledger.read("host ")))
    time.sleep(0.5)
    assert site.paths() == ["/slow"]  # nobody freed it yet
    holders.free(catalogue.ledger, "run:7:")
    freed = time.monotonic()
    assert [status for status, _ in ended(waiting)] == [200]
    assert site.hits[1].at - freed < 2.0
    assert dict(holders.take_spent(catalogue.ledger, "run:7:1:")) == {"127.0.0.1 pages": 1}
    assert dict(holders.take_spent(catalogue.ledger, "run:7:1:")) == {}


class Forge:
    """Answers as GitHub does: each token has so many requests until a moment that is the same for all."""

    def __init__(self, limit: int, resets_in_s: int) -> None:
        self.left = dict.fromkeys((f"Bearer {secret}" for secret in SECRETS), limit)
        self.limit = limit
        self.resets_in_s = resets_in_s
        self.resets_at = 0
        self.refused = 0

    def __call__(self, handler: Any) -> tuple[int, dict[str, str], bytes]:
        token = handler.headers["Authorization"]
        self.resets_at = self.resets_at or int(time.time()) + self.resets_in_s
        spent = self.left[token] <= 0
        self.refused += spent
        self.left[token] -= not spent
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.left[token]),
            "X-RateLimit-Used": str(self.limit - self.left[token]),
            "X-RateLimit-Reset": str(self.resets_at),
            "X-RateLimit-Resource": "core",
        }
        return (403 if spent else 200), headers, b""


def test_processes_spend_several_tokens_evenly_and_stop_before_they_are_refused(serve: Any, start: Any) -> None:
    forge = Forge(limit=8, resets_in_s=900)
    site = serve({"*": forge})
    urls = [site.url(f"/repos/{number}") for number in range(10)]
    limits = {"in_flight": 2, "api_spacing_s": 0.005}
    processes = [start(urls, limits=limits, tokens=SECRETS) for _ in range(2)]
    answers = [answer for process in processes for answer in ended(process)]
    assert [status for status, _ in answers].count(200) == 16
    retry_at = {at for status, at in answers if status == "spent"}
    assert len(answers) == 20
    assert all(abs(at - forge.resets_at) < 2 for at in retry_at)
    assert (forge.refused, sorted(forge.left.values())) == (0, [0, 0])
    first_half = [hit.headers["authorization"] for hit in site.hits[:8]]
    assert 2 <= first_half.count(f"Bearer {SECRETS[0]}") <= 6


def test_a_spent_token_gives_way_to_the_other_and_comes_back_when_it_refills(serve: Any, start: Any) -> None:
    forge = Forge(limit=3, resets_in_s=4)
    forge.left[f"Bearer {SECRETS[0]}"] = 1
    site = serve({"*": forge})
    process = start([site.url(f"/repos/{n}") for n in range(5)], limits=ONE_AT_A_TIME, tokens=SECRETS)
    while len(site.hits) < 4:
        time.sleep(0.01)
    time.sleep(0.3)
    assert len(site.hits) == 4
    forge.left = dict.fromkeys(forge.left, 3)
    before, forge.resets_at = forge.resets_at, forge.resets_at + 900
    assert [status for status, _ in ended(process)] == [200] * 5
    assert time.time() - (time.monotonic() - site.hits[4].at) >= before
    assert forge.refused == 0


def test_no_token_is_in_the_ledger_the_log_or_what_is_counted(
    serve: Any, start: Any, catalogue: Catalogue, tmp_path: Path
) -> None:
    site = serve({"*": Forge(limit=8, resets_in_s=900)})
    process = start([site.url("/a"), site.url("/b")], limits=ONE_AT_A_TIME, tokens=SECRETS, holder="run:1:1:")
    answers = ended(process)
    assert sorted(hit.headers["authorization"] for hit in site.hits) == [f"Bearer {secret}" for secret in SECRETS]
    kept = json.dumps({prefix: catalogue.ledger.read(prefix) for prefix in ("host ", "budget ", "spent ", "minute ")})
    assert all(hashlib.sha256(secret.encode()).hexdigest()[:12] in kept for secret in SECRETS)
    assert (tmp_path / "1.log").read_text(encoding="utf-8").count("/a")
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in SECRETS:
        assert secret not in kept + repr(answers)
        assert secret.encode() not in files


def test_what_a_loss_of_power_left_of_the_ledger_is_begun_anew(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    (tmp_path / "catalogue.governor.sqlite").write_bytes(b"no database" * 1000)
    opened = Catalogue.open(url)
    with contextlib.closing(opened):
        net = Net("CivicHarvester/test", ledger=opened.ledger, limits=Limits())
        with net.governor.turn("http://api.example/"):
            assert list(opened.ledger.read("host ")) == ["host api.example"]
        net.close()
        assert all("holders" not in entry for entry in opened.ledger.read("host ").values())


def test_a_long_transaction_of_a_crawl_blocks_no_turn(catalogue: Catalogue) -> None:
    net = Net("CivicHarvester/test", ledger=catalogue.ledger, limits=Limits(spacing_s=0.001))
    with catalogue.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM lock")
        for _ in range(5):  # whoever waited for the transaction would wait in vain, and be told so
            with net.governor.turn("http://api.example/"):
                pass
    net.close()
