"""The recorded corpus, harvested by workers and crawls that are killed at random: the same as if nobody had."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.harvested import HarvestedCorpus
from support.killing import alive, crawlers
from support.web import eventually
from support.whole import shown, unlike

from harvester.catalogue import Catalogue
from harvester.cli.demo import queue_all
from harvester.config import Settings
from harvester.model import RunState
from harvester.runs.execute import child_environment
from harvester.search import Query, open_engine
from harvester.search.sync import check
from simulators.server import SimulatedServer
from tools.corpus import corpus_sources

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("corpus")]

_FEW = ("sill", "catalogue-canada")
_LEASE_S = 1.5
_SILENT_S = 300
_INTEGRITY = ("PRAGMA integrity_check", "PRAGMA foreign_key_check")


@dataclass(frozen=True)
class Harvest:
    """A data folder whose sources are queued, and who works on them."""

    settings: Settings
    catalogue: Catalogue

    def worker(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "harvester", "worker", "--with-parent", "--quiet", "--lease", str(_LEASE_S)],
            env=child_environment(self.settings),
            stdin=subprocess.PIPE,
        )

    def done(self) -> int:
        """Rows of what came and was concluded: they grow while somebody works."""
        return rows(self.settings.data)

    def is_over(self) -> bool:
        """Whether every run has ended and the index knows of everything."""
        runs = [last for (last, *_) in self.catalogue.runs.last_by_source(limit=1).values()]
        waits = any(run.state in (RunState.QUEUED, RunState.RUNNING) for run in runs)
        return not waits and self.catalogue.resolver.pending() == 0 and self.catalogue.feed.current()


def harvest(corpus: Path, data: Path, names: Collection[str], *, kills: int, whole: int, seed: int = 0) -> list[str]:
    """Harvest these sources while something is killed so often, at random points of `whole`. Returns what was killed.

    `whole`: how many rows a harvest leaves that nobody kills.
    """
    chance, killed = random.Random(seed), []
    points = sorted(chance.randrange(whole) for _ in range(kills))
    data.mkdir()
    with SimulatedServer("tools.corpus:corpus_web", folder=corpus) as web:
        url = f"sqlite:///{data / 'catalogue.sqlite'}"
        catalogue = Catalogue.open(url)
        made = Harvest(Settings(data=data, database=url, simulated_web=web.address), catalogue)
        for source in corpus_sources(corpus):
            if source.name in names:
                catalogue.sources.put(source, "corpus")
        queue_all(catalogue, list(names))
        worker = made.worker()
        try:
            for point in points:
                eventually(lambda point=point: made.done() >= point or made.is_over(), within_s=_SILENT_S)
                time.sleep(chance.random() / 2)  # in whatever comes after rows were stored
                victims = crawlers(worker.pid) if chance.random() < 0.5 else []
                victim = victims[0] if victims else worker.pid
                os.kill(victim, signal.SIGKILL)
                killed.append("crawl" if victims else "worker")
                if victims:
                    eventually(lambda victim=victim: not alive(victim))
                else:
                    worker.communicate()
                    worker = made.worker()
            eventually(made.is_over, within_s=10 * _SILENT_S)
        finally:
            worker.terminate()
            worker.communicate()
            catalogue.close()
    return killed


def found(data: Path) -> Mapping[str, int]:
    """What the index of a data folder holds, whose softwares are those of the catalogue."""
    catalogue = Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")
    engine = open_engine(Settings(data=data))
    try:
        agree = check(catalogue, engine)
        assert not agree.differ, agree.told
        documents = shown(data / "catalogue.sqlite", engine.every(Query(aside=True)))
    finally:
        engine.close()
        catalogue.close()
    assert documents.total() == agree.published == agree.indexed
    return documents


def is_the_same(killed: Path, alone: Path) -> None:
    with closing(sqlite3.connect(killed / "catalogue.sqlite")) as connection:
        assert [connection.execute(query).fetchall() for query in _INTEGRITY] == [[("ok",)], []]
        twice = "SELECT source, key FROM raw_item GROUP BY source, key HAVING count(*) > 1"
        assert connection.execute(twice).fetchall() == []
        judged = "SELECT source, state, judgement FROM run ORDER BY source"
        ended = connection.execute(judged).fetchall()
    with closing(sqlite3.connect(alone / "catalogue.sqlite")) as connection:
        assert ended == connection.execute(judged).fetchall()
    assert unlike(killed / "catalogue.sqlite", alone / "catalogue.sqlite") == {}
    assert found(killed) == found(alone)


def rows(data: Path) -> int:
    """How many rows of a catalogue grow while somebody harvests."""
    with closing(sqlite3.connect(data / "catalogue.sqlite")) as connection:
        tables = ("raw_item", "software", "audit")
        return sum(int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in tables)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_harvest_of_a_few_sources_killed_five_times_ends_as_one_left_alone(corpus: Path, tmp_path: Path) -> None:
    harvest(corpus, tmp_path / "alone", _FEW, kills=0, whole=0)
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    killed = harvest(corpus, tmp_path / "killed", _FEW, kills=5, whole=rows(tmp_path / "alone"), seed=seed)
    assert len(killed) == 5
    is_the_same(tmp_path / "killed", tmp_path / "alone")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_corpus_killed_fifty_times_at_random_ends_as_one_left_alone(
    harvested_corpus: HarvestedCorpus, corpus: Path, tmp_path: Path
) -> None:
    alone = harvested_corpus.data
    seed = random.randrange(10**6)
    names = list(harvested_corpus.rows)
    killed = harvest(corpus, tmp_path / "killed", names, kills=50, whole=rows(alone), seed=seed)
    print(f"seed {seed}: killed {killed}")
    assert len(killed) == 50
    is_the_same(tmp_path / "killed", alone)
