"""Runs whose processes are killed at any moment: taken up again, nothing asked twice, lost or doubled."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from support.builders import EPOCH, by_name, harvest, item
from support.killing import Left, alive, carried_out, crawlers, kept, parent_of
from support.web import PAGE_SIZE, SlowCatalogue, eventually, slow_catalogue, source

from harvester.catalogue import Catalogue, schema
from harvester.config import Settings
from harvester.errors import Fenced
from harvester.model import Judgement, Page, Run, RunState, SoftwareState, Unit
from harvester.runs import execute as executing
from harvester.runs.child import EXIT_FENCED, Child
from harvester.runs.execute import MOST_ATTEMPTS, child_environment, execute
from harvester.words import say

PAGES = 12
ENTRIES = PAGES * PAGE_SIZE
LEASE_S = 2.0
SLOT = EPOCH - timedelta(days=1)

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))], indirect=True
)


def long(*requests: int) -> Any:
    """Kills that are for `make test-long`."""
    return pytest.param(requests, marks=pytest.mark.long)


def queued(catalogue: Catalogue) -> Run:
    """A run of the slow catalogue that waits."""
    catalogue.sources.put(source(), "test")
    run = catalogue.runs.queue("towns", SLOT, by="test")
    assert run is not None
    return run


def closed_units(catalogue: Catalogue, run_id: int) -> set[str]:
    """The cursors of the pages that are stored."""
    unit = schema.unit
    query = sa.select(unit.c.key).where(unit.c.run == run_id, unit.c.state == "closed")
    with catalogue.database.read() as connection:
        return {key.removeprefix("after=") for key in connection.execute(query).scalars()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """What a harvest leaves that nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    url = f"sqlite:///{folder / 'catalogue.sqlite'}"
    with slow_catalogue(PAGES, delay_s=0) as web:
        catalogue = Catalogue.open(url)
        run = carried_out(catalogue, Settings(data=folder, database=url, simulated_web=web.address), queued(catalogue))
        assert (run.judgement, run.reasons) == (Judgement.GOOD, ())
        found = kept(catalogue)
        catalogue.close()
    assert len(found["raw"]) == len(found["records"]) == len(found["software"]) == ENTRIES
    return found


class Kills:
    """Kills at given requests, and notes what was stored and asked by then."""

    def __init__(self, catalogue: Catalogue, web: SlowCatalogue, run_id: int) -> None:
        self.catalogue, self.web, self.run_id = catalogue, web, run_id
        self.finished: list[tuple[set[str], int]] = []
        self.killed: list[int] = []

    def at(self, request: int, victim: Callable[[], int]) -> None:
        """Kill the victim as the server sees that request."""

        def kill() -> None:
            pid = victim()
            os.kill(pid, signal.SIGKILL)
            self.killed.append(pid)
            eventually(lambda: not alive(pid))
            self.finished.append((closed_units(self.catalogue, self.run_id), len(self.web.asked)))

        self.web.when[request] = kill

    def check(self, run: Run, undisturbed: Left) -> None:
        """Nothing asked again that was stored, nothing lost, nothing doubled, and the run says so."""
        for stored, asked_by_then in self.finished:
            assert not stored & set(self.web.asked[asked_by_then:]), "a finished page was asked again"
        assert (run.state, run.judgement, run.reasons) == (RunState.FINISHED, Judgement.GOOD, ())
        assert run.attempt == len(self.killed) + 1
        assert kept(self.catalogue) == undisturbed
        counts = run.counts
        assert (counts.entries, counts.read, counts.new, counts.records) == (ENTRIES,) * 4
        assert (counts.units_closed, counts.units_open, counts.changed, counts.gone) == (PAGES, 0, 0, 0)


# SIGKILL of the child


def survives_killed_children(
    catalogue: Catalogue,
    settings: Settings,
    web: SlowCatalogue,
    undisturbed: Left,
    *requests: int,
) -> None:
    run = queued(catalogue)
    kills = Kills(catalogue, web, run.id)
    for request in requests:
        kills.at(request, lambda: crawlers(os.getpid())[0])
    kills.check(carried_out(catalogue, settings, run), undisturbed)
    assert len(kills.killed) == len(requests)


@on_sqlite
@pytest.mark.parametrize("requests", [(1, 13), long(1, 4, 8), long(6, 13)])
def test_a_killed_child_is_taken_up_where_it_ended(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, undisturbed: Left, requests: tuple[int, ...]
) -> None:
    survives_killed_children(catalogue, settings, web, undisturbed, *requests)


@on_sqlite
@pytest.mark.long
def test_a_run_is_not_given_up_while_each_attempt_brings_something(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, undisturbed: Left
) -> None:
    run = queued(catalogue)
    kills = Kills(catalogue, web, run.id)
    for number in range(1, MOST_ATTEMPTS + 1):

        def victim(stored: int = number) -> int:
            eventually(lambda: len(closed_units(catalogue, run.id)) >= stored)
            return crawlers(os.getpid())[0]

        kills.at(3 * number, victim)
    kills.check(carried_out(catalogue, settings, run), undisturbed)
    assert len(kills.killed) == MOST_ATTEMPTS


@on_sqlite
def test_a_run_is_taken_up_when_the_interpreter_that_crawls_are_forked_from_is_killed(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, undisturbed: Left
) -> None:
    run = queued(catalogue)
    kills = Kills(catalogue, web, run.id)
    crawling: list[int] = []

    def interpreter() -> int:
        crawling.extend(crawlers(os.getpid()))
        return parent_of(crawling[0])

    kills.at(5, interpreter)
    claimed = catalogue.runs.claim("test", 60, run_id=run.id)
    assert claimed is not None
    web.delay_s = 1.0  # the crawl that lost its interpreter would go on for long
    given_back = execute(catalogue, settings, claimed)
    web.delay_s = 0
    eventually(lambda: not alive(crawling[0]), within_s=2)
    kills.check(carried_out(catalogue, settings, given_back), undisturbed)


@on_postgresql
def test_a_killed_child_is_taken_up_on_postgresql(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, undisturbed: Left
) -> None:
    survives_killed_children(catalogue, settings, web, undisturbed, 5)


@pytest.mark.long
@pytest.mark.parametrize("ten", range(10))
def test_ten_times_killed_as_it_fetches_a_child_is_taken_up_where_it_ended(
    catalogue: Catalogue,
    settings: Settings,
    web: SlowCatalogue,
    undisturbed: Left,
    monkeypatch: pytest.MonkeyPatch,
    ten: int,
) -> None:
    monkeypatch.setattr(executing, "MOST_ATTEMPTS", 11)  # or the run would be given up, rightly
    web.delay_s = 0
    seed = random.randrange(10**6)
    print(f"seed {seed}, {ten}")
    survives_killed_children(
        catalogue, settings, web, undisturbed, *random.Random(seed).sample(range(1, PAGES + 1), 10)
    )


def test_a_run_whose_attempts_all_broke_is_given_up_and_hides_nothing(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue
) -> None:
    harvest(catalogue, [item("old")], "towns", trusted=True)
    run = queued(catalogue)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        claimed = catalogue.runs.claim("test", 60, run_id=run.id)
        assert claimed is not None
        assert claimed.attempt == attempt
        catalogue.runs.release(run.id, attempt, spent={"catalogue.test": 2})
    ended = carried_out(catalogue, settings, run)
    assert (ended.state, ended.judgement) == (RunState.FINISHED, Judgement.FAILED)
    told = f"given up after {MOST_ATTEMPTS} attempts in a row that brought nothing"
    assert [say(reason) for reason in ended.reasons] == [told]
    assert ended.counts.requests == 2 * MOST_ATTEMPTS
    assert web.asked == []
    assert by_name(catalogue, "old").state is SoftwareState.PUBLISHED


# SIGKILL of the worker


@contextlib.contextmanager
def worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harvester", "worker", "--lease", str(LEASE_S)],
        env=child_environment(settings) | {"HARVESTER_LOG_LEVEL": "WARNING"},
        stdin=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(120)


def survives_killed_workers(
    catalogue: Catalogue,
    settings: Settings,
    web: SlowCatalogue,
    undisturbed: Left,
    *requests: int,
) -> None:
    run = queued(catalogue)
    kills = Kills(catalogue, web, run.id)
    for request in requests:
        children: list[int] = []
        asked: list[int] = []
        with worker(settings) as process:

            def victim(pid: int = process.pid, children: list[int] = children, asked: list[int] = asked) -> int:
                children.extend(crawlers(pid))
                asked.append(len(web.asked))
                return pid

            kills.at(request, victim)
            assert process.wait(120) == -signal.SIGKILL
        assert len(children) == 1
        eventually(lambda children=children: not alive(children[0]))
        assert len(web.asked) <= asked[0] + 1, "the child outlived its worker"
    with worker(settings):
        ended = eventually(lambda: _if_ended(catalogue, run.id), within_s=120)
    kills.check(ended, undisturbed)


def _if_ended(catalogue: Catalogue, run_id: int) -> Run | None:
    run = catalogue.runs.get(run_id)
    return None if run.state is RunState.RUNNING else run


@on_sqlite
@pytest.mark.parametrize("requests", [(6,), long(1, 4, 8), long(6, 13)])
def test_a_killed_worker_takes_its_child_with_it_and_the_next_goes_on(
    catalogue: Catalogue,
    settings: Settings,
    web: SlowCatalogue,
    undisturbed: Left,
    requests: tuple[int, ...],
) -> None:
    survives_killed_workers(catalogue, settings, web, undisturbed, *requests)


@on_sqlite
@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("ten", range(5))
def test_ten_times_killed_in_mid_run_a_worker_is_followed_by_others(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, undisturbed: Left, ten: int
) -> None:
    """Each of them stores a page and dies over the next."""
    web.delay_s = ten / 100
    survives_killed_workers(catalogue, settings, web, undisturbed, *range(2, 21, 2))


@on_sqlite
@pytest.mark.long
def test_a_killed_command_is_followed_by_the_next(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, undisturbed: Left
) -> None:
    run = queued(catalogue)
    kills = Kills(catalogue, web, run.id)
    command = [sys.executable, "-m", "harvester", "harvest", "towns"]
    for request in (2, 5, 9):
        children: list[int] = []
        process = subprocess.Popen(command, env=child_environment(settings), stdin=subprocess.DEVNULL)

        def victim(pid: int = process.pid, children: list[int] = children) -> int:
            children.extend(crawlers(pid))
            return pid

        kills.at(request, victim)
        assert process.wait(120) == -signal.SIGKILL
        eventually(lambda children=children: not alive(children[0]))
        assert catalogue.runs.get(run.id).state is RunState.RUNNING
        _leases_end(catalogue)
    done = subprocess.run(command, env=child_environment(settings), stdin=subprocess.DEVNULL, check=False, timeout=120)
    assert done.returncode == 0
    kills.check(catalogue.runs.get(run.id), undisturbed)
    assert catalogue.runs.running() == []


def _leases_end(catalogue: Catalogue) -> None:
    """As when a minute has passed."""
    with catalogue.database.write() as connection:
        connection.execute(sa.update(schema.run).values(lease_until=EPOCH))
        connection.execute(sa.update(schema.lock).values(until=EPOCH))


@on_postgresql
def test_a_killed_worker_is_followed_by_another_on_postgresql(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, undisturbed: Left
) -> None:
    survives_killed_workers(catalogue, settings, web, undisturbed, 5)


# replaced, stopped, absent


@on_sqlite
def test_a_worker_told_to_end_gives_its_run_back_at_once(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, undisturbed: Left
) -> None:
    run = queued(catalogue)
    kills = Kills(catalogue, web, run.id)
    claimed = catalogue.runs.claim("test", 60, run_id=run.id)
    assert claimed is not None
    stopping = threading.Event()
    web.delay_s = 0.2
    web.when[4] = stopping.set
    given_back = execute(catalogue, settings, claimed, stopping=stopping, lease_s=0.3)
    assert (given_back.state, given_back.attempt) == (RunState.RUNNING, 1)
    assert crawlers(os.getpid()) == []
    kills.killed.append(0)
    kills.finished.append((closed_units(catalogue, run.id), len(web.asked)))
    web.delay_s = 0
    kills.check(carried_out(catalogue, settings, given_back), undisturbed)


@pytest.mark.parametrize("stored_first", [0, 4])
@on_sqlite
def test_a_replaced_child_stores_nothing_and_says_so(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, stored_first: int
) -> None:
    run = queued(catalogue)
    assert catalogue.runs.claim("first", 60) is not None
    stored: list[int] = []

    def replace() -> None:
        eventually(lambda: len(closed_units(catalogue, run.id)) >= stored_first)
        catalogue.runs.release(run.id, 1, spent={})
        taken = catalogue.runs.claim("second", 60)
        assert taken is not None
        assert (taken.id, taken.attempt) == (run.id, 2)
        stored.append(len(kept(catalogue)["raw"]))

    web.delay_s = 0.1  # time enough to see that it was replaced before all pages came
    web.when[stored_first + 1] = replace
    child = Child(settings, run.id, 1, settings.data / "log")
    try:
        assert child.wait(30)
        assert child.exit_code == EXIT_FENCED
        assert child.report() is None, "a replaced child reports nothing"
    finally:
        child.close()
    assert stored == [stored_first * PAGE_SIZE]
    assert len(kept(catalogue)["raw"]) == stored_first * PAGE_SIZE
    assert catalogue.runs.get(run.id).attempt == 2
    assert len(web.asked) < PAGES


@on_sqlite
def test_a_worker_whose_run_was_taken_over_ends_its_child(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue
) -> None:
    run = queued(catalogue)
    claimed = catalogue.runs.claim("first", 60)
    assert claimed is not None
    web.delay_s = 0.3

    def taken_over() -> bool:
        catalogue.runs.release(run.id, 1, spent={})
        return catalogue.runs.claim("second", 60) is not None  # not while a heartbeat has just held the lease

    def take_over() -> None:
        eventually(taken_over)

    web.when[2] = take_over
    with pytest.raises(Fenced):
        execute(catalogue, settings, claimed, lease_s=0.3)
    assert crawlers(os.getpid()) == []
    assert catalogue.runs.get(run.id).state is RunState.RUNNING


@on_sqlite
def test_an_operators_stop_ends_a_running_crawl(catalogue: Catalogue, settings: Settings, web: SlowCatalogue) -> None:
    run = queued(catalogue)
    web.delay_s = 0.3
    web.when[3] = lambda: catalogue.runs.stop(run.id, "olga")
    ended = carried_out(catalogue, settings, run, lease_s=0.3)
    assert (ended.state, ended.judgement) == (RunState.STOPPED, Judgement.FAILED)
    assert [say(reason) for reason in ended.reasons] == ["stopped by an operator"]
    assert crawlers(os.getpid()) == []
    assert len(web.asked) < PAGES
    assert ended.counts.entries == len(kept(catalogue)["raw"]), "what was stored stays, and is counted"


@on_sqlite
def test_the_time_limit_ends_a_crawl_as_failed(catalogue: Catalogue, settings: Settings, web: SlowCatalogue) -> None:
    limited = settings.model_copy(update={"run_time_limit_s": 2})
    hanging = threading.Event()
    web.when[1] = lambda: hanging.wait(20)
    ended = carried_out(catalogue, limited, queued(catalogue), lease_s=0.6)
    hanging.set()
    assert (ended.state, ended.judgement) == (RunState.FINISHED, Judgement.FAILED)
    assert [say(reason) for reason in ended.reasons] == ["stopped after 2 s, its time limit"]
    assert crawlers(os.getpid()) == []


def test_a_worker_killed_while_it_closes_a_run_counts_no_absence_twice(
    catalogue: Catalogue, settings: Settings
) -> None:
    harvest(catalogue, [item("old")], "towns", trusted=True)
    run = queued(catalogue)
    claimed = catalogue.runs.claim("first", 60)
    assert claimed is not None
    page = Page(unit=Unit("after=", {"cursor": "", "number": 1}))
    catalogue.harvest.open_units(run.id, 1, [page.unit])
    catalogue.harvest.store(run.id, 1, [(page, [item("new")])])
    assert catalogue.absence.apply(run.id, 1) == 0
    catalogue.runs.release(run.id, 1, spent={})  # as if the worker had been killed here
    ended = carried_out(catalogue, settings, run)
    assert (ended.judgement, ended.counts.gone) == (Judgement.GOOD, 0)
    assert by_name(catalogue, "old").state is SoftwareState.PUBLISHED, "absent once is not gone"
