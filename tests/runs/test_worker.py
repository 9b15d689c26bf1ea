"""One worker works at a time, and it outlives what breaks."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import EPOCH, by_name, harvest, item
from support.web import SlowCatalogue, entry, eventually, source

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import Judgement, Operation, RelationType, Run, RunState
from harvester.runs import worker
from harvester.runs.execute import child_environment, execute
from harvester.runs.worker import WORKER_LOCK, Worker
from harvester.search import open_engine
from harvester.search.sync import sync

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def queued(catalogue: Catalogue, name: str) -> Run:
    catalogue.sources.put(source(name=name), "test")
    run = catalogue.runs.queue(name, EPOCH, by="test")
    assert run is not None
    return run


@contextlib.contextmanager
def working(catalogue: Catalogue, settings: Settings) -> Iterator[Worker]:
    """A worker in a thread, until the end of the `with`."""
    engine = open_engine(settings)
    worker = Worker(catalogue, settings, engine)
    thread = threading.Thread(target=worker.work)
    thread.start()
    try:
        yield worker
    finally:
        worker.stopping.set()
        thread.join(30)
        assert not thread.is_alive()
        engine.close()


def ended(catalogue: Catalogue, run: Run) -> Run | None:
    now = catalogue.runs.get(run.id)
    return now if now.state is RunState.FINISHED else None


def test_a_run_that_breaks_does_not_stop_the_next(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, caplog: pytest.LogCaptureFixture
) -> None:
    del web.entries[10:]
    (settings.data / "logs").mkdir(parents=True)
    broken = queued(catalogue, "alpha")
    (settings.data / "logs" / f"run-{broken.id}.log").mkdir()  # its log cannot be opened
    sound = queued(catalogue, "beta")
    with working(catalogue, settings):
        done = eventually(lambda: ended(catalogue, sound), 40)
    assert done.judgement is Judgement.GOOD
    assert "of alpha broke" in caplog.text
    assert catalogue.locks.holder(WORKER_LOCK) is None, "its place is free at once"


def test_a_worker_that_starts_mends_what_a_kill_left_apart(
    catalogue: Catalogue, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    harvest(catalogue, [item("one"), item("two")], trusted=True)
    with contextlib.closing(open_engine(settings)) as engine:
        sync(catalogue, engine)
        engine.apply(engine.current() or "", [], [(by_name(catalogue, "two").id, 1)])
        with working(catalogue, settings):
            eventually(lambda: engine.count() == 2)
    assert "the index holds 1 softwares, the catalogue publishes 2: 1 missing" in caplog.text


def test_a_decision_that_has_ended_and_is_held_is_told_once_and_tried_again_when_somebody_decided(
    catalogue: Catalogue, settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    harvest(catalogue, [item("one"), item("two")], trusted=True)
    one, two = by_name(catalogue, "one").id, by_name(catalogue, "two").id
    review, tried = catalogue.review, []
    end_due = review.end_due
    monkeypatch.setattr(worker, "_IDLE_S", 0.01)
    monkeypatch.setattr(review, "end_due", lambda moment: tried.append(moment) or end_due(moment))
    past = {"value": two, "field": RelationType.PART, "until": EPOCH}
    ended_long_ago = review.decide(one, Operation.RELATE, "ada", **past)
    later = review.decide(one, Operation.UNRELATE, "grace", value=two, field=RelationType.PART)
    turns = iter(range(10**6))
    due = review.due
    monkeypatch.setattr(review, "due", lambda moment: next(turns) >= 0 and due(moment))
    with working(catalogue, settings):
        eventually(lambda: next(turns) > 200)
        assert len(tried) == 1, "nothing had changed"
        review.undo(later.id, "grace")
        eventually(lambda: len(tried) == 2 and not due(EPOCH))
    said = f"decision {ended_long_ago.id} of ada has ended and holds: decision {later.id} of grace stands on it"
    assert caplog.text.count(said) == 1


def test_a_second_worker_waits_until_the_first_is_gone(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue
) -> None:
    del web.entries[10:]
    command = [sys.executable, "-m", "harvester", "worker", "--lease", "2"]
    workers: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(2):
            workers.append(subprocess.Popen(command, env=child_environment(settings), stdin=subprocess.DEVNULL))
            eventually(lambda: catalogue.locks.holder(WORKER_LOCK), 150)
        first, second = workers
        assert str(catalogue.locks.holder(WORKER_LOCK)).endswith(f":{first.pid}")
        run = eventually(functools.partial(ended, catalogue, queued(catalogue, "alpha")), 150)
        assert str(run.worker).endswith(f":{first.pid}")
        assert second.poll() is None
        first.send_signal(signal.SIGKILL)
        run = eventually(functools.partial(ended, catalogue, queued(catalogue, "beta")), 150)
        assert str(run.worker).endswith(f":{second.pid}")
        second.terminate()
        assert second.wait(20) == 0
    finally:
        for process in workers:
            process.kill()
            process.wait()


def pairs(catalogue: Catalogue) -> int:
    """Pairs that a reviewer is shown, each from both sides."""
    return sum(len(catalogue.software.neighbours(one.id)) for one in catalogue.review.queue(100))


def test_pairs_for_reviewers_wait_for_the_last_run_of_a_batch(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue
) -> None:
    """Also when that last run never takes place."""
    del web.entries[5:]
    first, last = queued(catalogue, "alpha"), queued(catalogue, "beta")
    catalogue.suggestions.refresh()  # as after an earlier batch
    claimed = catalogue.runs.claim("a test", 60, run_id=first.id)
    assert claimed is not None
    web.entries[:2] = [entry(0, name="Vigie citoyenne"), entry(1, name="vigie-citoyenne")]
    assert execute(catalogue, settings, claimed).judgement is Judgement.GOOD
    assert (catalogue.review.waiting(), pairs(catalogue)) == (5, 0), "another run waits"
    catalogue.runs.stop(last.id, "ada")
    with working(catalogue, settings):
        eventually(lambda: pairs(catalogue) == 2)


def test_the_last_run_of_a_batch_makes_the_pairs_before_it_ends(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue
) -> None:
    web.entries[:] = [entry(0, name="Vigie citoyenne"), entry(1, name="vigie-citoyenne")]
    first, last = queued(catalogue, "alpha"), queued(catalogue, "beta")
    catalogue.suggestions.refresh()
    for run, made in ((first, 0), (last, 2)):
        claimed = catalogue.runs.claim("a test", 60, run_id=run.id)
        assert claimed is not None
        execute(catalogue, settings, claimed)
        assert pairs(catalogue) == made


def test_the_command_and_the_daemon_share_a_workers_life(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue
) -> None:
    """One run is taken to its end and into the index, another that waits is left, and the place is free again."""
    del web.entries[10:]
    other, mine = queued(catalogue, "alpha"), queued(catalogue, "beta")
    engine = open_engine(settings)
    worker = Worker(catalogue, settings, engine)
    try:
        worker.carry_out(mine.id)
    finally:
        engine.close()
    assert catalogue.runs.get(mine.id).judgement is Judgement.GOOD
    assert catalogue.runs.get(other.id).state is RunState.QUEUED
    assert catalogue.feed.current()
    assert catalogue.locks.holder(WORKER_LOCK) is None


def test_what_breaks_the_one_run_of_a_command_is_raised(catalogue: Catalogue, settings: Settings) -> None:
    broken = queued(catalogue, "alpha")
    (settings.data / "logs" / f"run-{broken.id}.log").mkdir(parents=True)  # its log cannot be opened
    engine = open_engine(settings)
    try:
        with pytest.raises(IsADirectoryError):
            Worker(catalogue, settings, engine).carry_out(broken.id)
    finally:
        engine.close()
    assert catalogue.locks.holder(WORKER_LOCK) is None


def test_a_worker_outlives_a_database_that_is_away(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, caplog: pytest.LogCaptureFixture
) -> None:
    del web.entries[10:]
    file = settings.data / "catalogue.sqlite"
    file = file if file.exists() else Path(catalogue.database.url.database or "")
    run = queued(catalogue, "alpha")
    kept = file.rename(file.with_name("elsewhere"))
    with working(catalogue, settings):
        eventually(lambda: "the lock waits" in caplog.text or None, 20)
        kept.rename(file)
        done = eventually(lambda: ended(catalogue, run), 60)
    assert done.judgement is Judgement.GOOD


def test_the_archive_is_made_by_a_child_once_a_day_and_after_something_went(
    catalogue: Catalogue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    harvest(catalogue, [item("one"), item("two")], trusted=False)
    one, two = (by_name(catalogue, name).id for name in ("one", "two"))
    let_in = [catalogue.review.decide(each, Operation.ACCEPT, "ada").id for each in (one, two)]
    monkeypatch.setattr("harvester.runs.worker._CHECKS_S", 0.0)
    with working(catalogue, settings) as worker:
        assert eventually(lambda: not worker.dump_due())
        made = settings.dump_file.stat().st_mtime
        catalogue.review.undo(let_in[0], "ada")  # it waits again, and visitors do not see it
        assert eventually(lambda: settings.dump_file.stat().st_mtime > made and not worker.dump_due())
    with zipfile.ZipFile(settings.dump_file) as archive:
        assert [json.loads(line)["id"] for line in archive.read("software.jsonl").splitlines()] == [two]
    os.utime(settings.dump_file, (1.6e9, 1.6e9))
    assert Worker(catalogue, settings, open_engine(settings)).dump_due()
