"""Several runs go at a time on one machine: of different sources and forges, and what follows them one at a time."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.types import ASGIApp, Receive, Scope, Send
from support.builders import EPOCH
from support.killing import crawlers, kept
from support.web import PAGE_SIZE, SlowCatalogue, entry, eventually, source

from harvester.catalogue import Catalogue, schema
from harvester.catalogue.sources import forge_of
from harvester.config import Settings
from harvester.model import Judgement, Run, RunState, Source
from harvester.runs.execute import child_environment
from harvester.runs.worker import Worker
from harvester.search import open_engine
from simulators.server import ThreadedServer
from simulators.web import create_app

ALPHA, BETA = "alpha.test", "beta.test"
PAGES = 3
LIMIT_S = 150.0

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Webs:
    """Two hosts with a catalogue each, of three pages, nothing in common. `came` counts what they were asked.

    An answer waits until `may(host)` says so; what it sees are the requests that came, and no clock.
    """

    hosts: dict[str, SlowCatalogue]
    app: ASGIApp
    may: Callable[[str], bool] = lambda _: True
    came: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = dict(scope["headers"])[b"host"].decode()
            self.came[host] += 1
            while not self.may(host):  # noqa: ASYNC110 - what it waits for is no event
                await asyncio.sleep(0.02)
        await self.app(scope, receive, send)


@pytest.fixture
def webs() -> Iterator[Webs]:
    numbers = range(PAGES * PAGE_SIZE)
    hosts = {
        host: SlowCatalogue([entry(first + number) for number in numbers]) for host, first in ((ALPHA, 0), (BETA, 100))
    }
    made = Webs(hosts, create_app(dict(hosts)))
    with ThreadedServer(made) as server:
        for one in hosts.values():
            one.address = server.address
        yield made
        made.may = lambda _: True


@pytest.fixture
def settings(webs: Webs, database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data",
        database=database_url,
        simulated_web=webs.hosts[ALPHA].address,
        index=str(tmp_path / "index"),
    )


def at(host: str, name: str | None = None) -> Source:
    return source(
        name=name or host.partition(".")[0], params={"api": f"http://{host}/v1", "page_size": PAGE_SIZE}, trusted=True
    )


def queued(catalogue: Catalogue, of: Source) -> Run:
    catalogue.sources.put(of, "test")
    run = catalogue.runs.queue(of.name, EPOCH, by="test")
    assert run is not None
    return run


def ended(catalogue: Catalogue, *runs: Run) -> list[Run] | None:
    now = [catalogue.runs.get(run.id) for run in runs]
    return now if all(run.state is RunState.FINISHED for run in now) else None


def work_until(catalogue: Catalogue, settings: Settings, *runs: Run) -> list[Run]:
    """A worker in a thread, until these runs have ended."""
    engine = open_engine(settings)
    worker = Worker(catalogue, settings, engine)
    thread = threading.Thread(target=worker.work)
    thread.start()
    try:
        found: list[Run] = eventually(functools.partial(ended, catalogue, *runs), LIMIT_S)
    finally:
        worker.stopping.set()
        thread.join(30)
        assert not thread.is_alive()
        engine.close()
    return found


@on_sqlite
def test_two_sources_are_harvested_at_the_same_time(catalogue: Catalogue, settings: Settings, webs: Webs) -> None:
    """Each host gives its first two answers only once the other was asked as often: one run alone would not end."""
    webs.may = lambda host: min(webs.came.values()) >= min(2, webs.came[host]) if len(webs.came) == 2 else False
    runs = [queued(catalogue, at(host)) for host in webs.hosts]
    done = work_until(catalogue, settings, *runs)
    assert [run.judgement for run in done] == [Judgement.GOOD] * 2
    assert [run.counts.entries for run in done] == [PAGES * PAGE_SIZE] * 2
    found = kept(catalogue)
    assert len(found["raw"]) == len(found["software"]) == 2 * PAGES * PAGE_SIZE
    assert catalogue.resolver.pending() == 0


@on_sqlite
def test_a_forge_with_many_sources_leaves_a_place_for_others(
    catalogue: Catalogue, settings: Settings, webs: Webs
) -> None:
    """Two sources of a forge that answers nothing more come first in the queue, and the third is harvested."""
    release = threading.Event()
    webs.may = lambda host: host != ALPHA or release.is_set()
    first, second = (queued(catalogue, at(ALPHA, name)) for name in ("one", "two"))
    other = queued(catalogue, at(BETA))

    def look() -> None:
        eventually(functools.partial(ended, catalogue, other), LIMIT_S)
        assert catalogue.runs.get(second.id).state is RunState.QUEUED
        assert webs.came[ALPHA] <= 1
        release.set()

    looking = threading.Thread(target=look)
    looking.start()
    work_until(catalogue, settings, first, second, other)
    looking.join()
    assert release.is_set()


def test_two_workers_never_have_two_runs_of_one_source(catalogue: Catalogue) -> None:
    """Not even where an older version, or a hand, left two that wait."""
    run = queued(catalogue, at(ALPHA))
    again = sa.insert(schema.run).from_select(
        ["source", "due_at", "queued_by", "queued_at", "state", "reasons", "counts", "spent"],
        sa.select(
            schema.run.c.source,
            sa.literal(EPOCH.replace(year=2027), schema.run.c.due_at.type),
            *(schema.run.c[name] for name in ("queued_by", "queued_at", "state", "reasons", "counts", "spent")),
        ).where(schema.run.c.id == run.id),
    )
    with catalogue.database.write() as connection:
        connection.execute(again)
    begin, claimed = threading.Barrier(4), []

    def claim(name: str) -> None:
        begin.wait()
        claimed.append(catalogue.runs.claim(name, 60))

    workers = [threading.Thread(target=claim, args=(f"worker {number}",)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [one.id for one in claimed if one is not None] == [run.id]


def test_what_follows_a_run_is_done_by_one_at_a_time(catalogue: Catalogue, database_url: str) -> None:
    """Of threads, and on PostgreSQL of processes, which another connection stands for."""
    other = catalogue if catalogue.database.is_sqlite else Catalogue.open(database_url, migrate=False)
    order: list[str] = []

    def second() -> None:
        with other.locks.alone("after a run"):
            order.append("second")

    waiting = threading.Thread(target=second)
    with catalogue.locks.alone("after a run"):
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        order.append("first")
    waiting.join(20)
    assert order == ["first", "second"]
    if other is not catalogue:
        other.close()


@on_sqlite
def test_two_crawls_killed_at_once_lose_nothing(catalogue: Catalogue, settings: Settings, webs: Webs) -> None:
    runs = [queued(catalogue, at(host)) for host in webs.hosts]
    killed = threading.Event()
    webs.may = lambda host: webs.came[host] < 2 or killed.is_set()

    def kill() -> None:
        eventually(lambda: webs.came[ALPHA] == webs.came[BETA] == 2, LIMIT_S)
        for pid in crawlers(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        killed.set()

    killing = threading.Thread(target=kill)
    killing.start()
    done = work_until(catalogue, settings, *runs)
    killing.join()
    assert [(run.attempt, run.judgement, run.counts.entries) for run in done] == [
        (2, Judgement.GOOD, PAGES * PAGE_SIZE)
    ] * 2
    assert len(kept(catalogue)["software"]) == 2 * PAGES * PAGE_SIZE


@on_sqlite
@pytest.mark.long
def test_a_worker_killed_with_two_runs_loses_nothing(catalogue: Catalogue, settings: Settings, webs: Webs) -> None:
    command = [sys.executable, "-m", "harvester", "worker", "--lease", "2"]
    runs = [queued(catalogue, at(host)) for host in webs.hosts]
    killed = threading.Event()
    webs.may = lambda host: webs.came[host] < 2 or killed.is_set()
    environment = child_environment(settings)
    first = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        eventually(lambda: webs.came[ALPHA] == webs.came[BETA] == 2, LIMIT_S)
        first.send_signal(signal.SIGKILL)
        first.wait()
        killed.set()
        done = work_until(catalogue, settings, *runs)
    finally:
        first.kill()
        first.wait()
    assert [(run.judgement, run.counts.entries) for run in done] == [(Judgement.GOOD, PAGES * PAGE_SIZE)] * 2
    found = kept(catalogue)
    assert len(found["raw"]) == len(set(found["raw"])) == len(found["software"]) == 2 * PAGES * PAGE_SIZE


def test_whom_a_source_asks_is_told_by_its_settings() -> None:
    def of(spider: str, **params: object) -> str:
        return forge_of(source(spider=spider, params=params))

    assert of("gitlab", url="https://gitlab.example.org/git", groups=("a",)) == "gitlab.example.org"
    assert of("github", publishers="https://raw.githubusercontent.com/a/b/main/list.yml") == "github"
    assert of("code_json", urls=("https://www.example.gov/code.json",), country="US") == "example.gov"
    assert of("sill") == "sill"
