"""Any number of workers and clocks on PostgreSQL, killed at any moment: no run is lost, done twice, or stuck."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.apart import Fork
from support.builders import source
from support.web import eventually

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.errors import Fenced
from harvester.model import Judgement, Run, RunCounts, RunState
from harvester.runs.worker import Worker
from harvester.search import open_engine
from scheduler import Clock

pytestmark = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))], indirect=True
)

LEASE_S = 2.0
SOURCES = [f"source-{number}" for number in range(6)]


def note(folder: Path, *words: object) -> None:
    """A line of what happened, whole, whoever writes at the same time."""
    line = " ".join(map(str, (time.monotonic(), os.getpid(), *words))) + "\n"
    file = os.open(folder / "noted", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, line.encode())
    os.close(file)


def short(catalogue: Catalogue, settings: Settings, run: Run, *, stopping: threading.Event, lease_s: float) -> Run:
    """A run that brings nothing and takes a moment."""
    note(settings.data, "begin", run.source, run.id, run.attempt)
    for _ in range(3):
        if stopping.wait(0.1):
            catalogue.runs.release(run.id, run.attempt, spent={})
            return catalogue.runs.get(run.id)
        catalogue.runs.heartbeat(run.id, run.attempt, lease_s)
    note(settings.data, "ends", run.source, run.id, run.attempt)
    with contextlib.suppress(Fenced):
        ended = catalogue.runs.finish(
            run.id, run.attempt, judgement=Judgement.GOOD, reasons=(), counts=RunCounts(), spent={}
        )
        note(settings.data, "end", run.source, run.id, run.attempt)
        return ended
    return catalogue.runs.get(run.id)


def work(url: str, folder: str) -> None:
    """A worker, until it is killed."""
    catalogue = Catalogue.open(url, migrate=False)
    settings = Settings(data=Path(folder), database=url, index=f"{folder}/index", check_days=0)
    Worker(catalogue, settings, open_engine(settings), lease_s=LEASE_S, execute=short).work()


def tick(url: str, folder: str) -> None:
    """A clock, until it is killed."""
    del folder
    clock = Clock(Catalogue.open(url, migrate=False), began=datetime.now(UTC) - timedelta(minutes=5))
    while True:
        clock.tick()
        time.sleep(0.2)


@dataclass
class Hands:
    """Processes that are killed and begun anew."""

    url: str
    folder: Path
    going: list[tuple[Callable[[str, str], None], Fork]] = field(default_factory=list)

    def begin(self, what: Callable[[str, str], None]) -> None:
        self.going.append((what, Fork(what, self.url, str(self.folder))))

    def kill(self, place: int) -> None:
        what, process = self.going.pop(place)
        assert process.runs
        os.kill(process.pid, signal.SIGKILL)
        note(self.folder, "killed", process.pid)
        process.end()
        self.begin(what)

    def end(self) -> None:
        for _, process in self.going:
            process.end()


def noted(folder: Path) -> list[list[str]]:
    return [line.split() for line in (folder / "noted").read_text().splitlines()]


def overlaps(lines: list[list[str]]) -> list[str]:
    """Sources of which two attempts went at once: nobody had ended or killed the one before."""
    going: dict[str, str] = {}
    found = []
    for _, pid, what, *rest in sorted(lines, key=lambda line: float(line[0])):
        if what == "killed":
            going = {name: worker for name, worker in going.items() if worker != rest[0]}
        elif what == "begin":
            found += [rest[0]] if rest[0] in going else []
            going[rest[0]] = pid
        elif what == "ends" and going.get(rest[0]) == pid:
            del going[rest[0]]
    return found


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.long)])
def test_killed_workers_and_clocks_lose_double_and_hold_nothing(
    catalogue: Catalogue, database_url: str, tmp_path: Path, kills: int
) -> None:
    for name in SOURCES:
        address = {"url": f"https://{name}.example"}  # each a forge of its own
        catalogue.sources.put(source(name=name, schedule="* * * * *", params=address), "test")
    chance = random.Random(kills)
    hands = Hands(database_url, tmp_path)
    try:
        for _ in range(4):
            hands.begin(work)
        for _ in range(2):
            hands.begin(tick)
        eventually(lambda: len(catalogue.runs.recent()) >= len(SOURCES))
        asked: list[int] = []
        for _ in range(kills):
            for name in SOURCES:
                run = catalogue.runs.queue(name, datetime.now(UTC), by="test")
                asked += [run.id] if run is not None else []
            before = len(noted(tmp_path)) if (tmp_path / "noted").exists() else 0
            eventually(lambda before=before: (tmp_path / "noted").exists() and len(noted(tmp_path)) > before + 2, 120)
            time.sleep(chance.random() * 0.3)
            hands.kill(chance.randrange(len(hands.going)))
        eventually(lambda: all(catalogue.runs.get(run).state is RunState.FINISHED for run in asked), 120)
    finally:
        hands.end()
    lines = noted(tmp_path)
    ended = Counter(rest[1] for _, _, what, *rest in lines if what == "end")
    assert set(ended.values()) == {1}, "a run ended twice"
    assert overlaps(lines) == []
    runs = [catalogue.runs.get(run) for run in asked]
    assert {run.judgement for run in runs} == {Judgement.GOOD}
    assert len(asked) >= kills / 4
    slots = Counter((run.source, run.due_at) for run in catalogue.runs.recent(limit=10_000))
    assert max(slots.values()) == 1
