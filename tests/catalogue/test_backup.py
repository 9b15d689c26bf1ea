"""A backup that is taken while a harvest is stored, as docs/operations.md says, opens elsewhere and is searched."""

from __future__ import annotations

import os
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.builders import harvest, item
from support.killing import kept
from support.postgresql_server import binaries, create_database

from harvester.catalogue import Catalogue, schema
from harvester.catalogue.backup import bring_back, save
from harvester.catalogue.database import Database
from harvester.model import Judgement, RunState
from harvester.search import Query
from harvester.search.sync import rebuild
from harvester.search.tantivy_engine import TantivyEngine

HARVESTS, EACH = 12, 8


def backed_up(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A backup of the database, brought back under another name; its URL."""
    other = f"sqlite:///{folder / 'elsewhere.sqlite'}"
    if not url.startswith("sqlite"):
        programs, other = binaries(), f"{url}_elsewhere"
        assert programs is not None
        monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
        create_database(other)
    folder = folder / "backup"
    folder.mkdir()
    with closing(Database(url)) as there, closing(Database(other)) as here:
        bring_back(here, folder, save(there, folder))
    return other


def test_a_backup_of_a_harvest_in_the_middle_is_whole_and_goes_on_elsewhere(
    catalogue: Catalogue, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def store(into: Catalogue, first: int = 0) -> None:
        for n in range(first, HARVESTS):
            harvest(into, [item(f"tool-{n}-{m}") for m in range(EACH)], f"source-{n}", trusted=True)
            some_are_there.set()

    some_are_there = threading.Event()
    storing = threading.Thread(target=store, args=(catalogue,))
    storing.start()
    some_are_there.wait(60)
    elsewhere = backed_up(database_url, tmp_path, monkeypatch)
    in_the_middle = storing.is_alive()
    storing.join()
    with closing(Catalogue.open(elsewhere)) as restored, closing(TantivyEngine(tmp_path / "index")) as engine:
        with restored.database.read() as connection:
            if database_url.startswith("sqlite"):
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            begun = connection.execute(sa.select(sa.func.count()).select_from(schema.source)).scalar_one()
        assert in_the_middle
        assert 0 < begun < HARVESTS
        assert rebuild(restored, engine) == engine.search(Query()).total == len(restored.feed.published())
        for run in restored.runs.recent(None, limit=HARVESTS):  # one was in the middle: its source is harvested anew
            if run.state is RunState.QUEUED:
                restored.runs.stop(run.id, "olga")
            elif run.state is RunState.RUNNING:
                counts = restored.harvest.counts(run.id)
                restored.runs.finish(
                    run.id, run.attempt, judgement=Judgement.FAILED, reasons=(), counts=counts, spent={}
                )
        store(restored, max(0, begun - 1))
        assert kept(restored) == kept(catalogue)
