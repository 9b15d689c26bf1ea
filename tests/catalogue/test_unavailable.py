"""What a database that is gone, held, damaged or empty becomes: one error of ours that says so, and nothing lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from support.postgresql_server import binaries, postgresql
from support.presence import absent

from harvester.catalogue import Catalogue
from harvester.catalogue.writers import WritersHere
from harvester.errors import CatalogueUnavailable
from harvester.model import Source

TOWN = Source(name="town", spider="sill", title="Town")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a catalogue that holds one source."""
    path = tmp_path / "catalogue.sqlite"
    opened = Catalogue.open(f"sqlite:///{path}")
    opened.sources.put(TOWN, actor="test")
    opened.close()
    return path


def at(file: Path) -> Catalogue:
    return Catalogue.open(f"sqlite:///{file}", migrate=False)


def test_a_file_that_is_taken_away_is_told_and_nothing_is_written_to_nowhere(file: Path) -> None:
    with closing(at(file)) as catalogue:
        assert catalogue.sources.names() == ["town"]
        kept = file.rename(file.with_name("elsewhere"))
        for ask in (catalogue.sources.names, lambda: catalogue.accounts.close_session("x")):
            with pytest.raises(CatalogueUnavailable, match=r"catalogue\.sqlite.*its file was taken away") as told:
                ask()
            assert told.value.what == "its file was taken away"
            assert told.value.remedy
        assert not file.exists()
        kept.rename(file)
        assert catalogue.sources.names() == ["town"]


def test_another_file_in_its_place_is_opened_anew(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    with closing(sqlite3.connect(file)) as connection, closing(sqlite3.connect(backup)) as copy:
        connection.backup(copy)
    with closing(at(file)) as catalogue:
        catalogue.sources.put(Source(name="later", spider="sill", title="Later"), actor="test")
        backup.replace(file)
        for name in ("-wal", "-shm"):
            file.with_name(file.name + name).unlink(missing_ok=True)
        assert catalogue.sources.names() == ["town"]


@pytest.mark.parametrize(
    ("body", "what"),
    [(b"nonsense " * 2000, "its file is damaged or no database"), (b"", "it holds no catalogue")],
)
def test_garbage_or_nothing_in_its_place_is_told(file: Path, body: bytes, what: str) -> None:
    with closing(at(file)) as catalogue:
        assert catalogue.sources.names() == ["town"]
        other = file.with_name("other")
        other.write_bytes(body)
        other.replace(file)
        with pytest.raises(CatalogueUnavailable) as told:
            catalogue.sources.names()
        assert told.value.what == what


def test_a_damaged_file_is_told(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"\xff" * 100)
    for migrate in (False, True):
        with pytest.raises(CatalogueUnavailable, match="damaged"):
            Catalogue.open(f"sqlite:///{file}", migrate=migrate).sources.names()


def test_a_file_that_somebody_holds_is_told(file: Path) -> None:
    with closing(at(file)) as catalogue, closing(sqlite3.connect(file)) as other:
        with catalogue.database.read() as connection:  # this wait is the database's own: no test waits half a minute
            connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CatalogueUnavailable, match="another process holds it"):
            catalogue.sources.put(TOWN, actor="test")


def test_who_shows_pages_does_not_wait_for_a_stranger_who_holds_everything(file: Path) -> None:
    with closing(at(file)) as opened, closing(sqlite3.connect(file, isolation_level=None)) as stranger:
        pages = opened.for_pages(0.05)
        stranger.execute("PRAGMA locking_mode = EXCLUSIVE")
        stranger.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CatalogueUnavailable, match="another process holds it"):
            pages.sources.names()
        stranger.execute("COMMIT")
        stranger.close()
        assert pages.sources.names() == ["town"]


def test_threads_that_wait_for_their_turn_lose_patience_in_turn() -> None:
    turns = WritersHere(0.02, lambda: CatalogueUnavailable("held", what="held"))
    with turns:
        for _ in range(2):
            with pytest.raises(CatalogueUnavailable), turns:
                raise AssertionError("it was never this one's turn")
    with turns:
        pass


@pytest.mark.parametrize(
    ("pragma", "what"), [("max_page_count = 1", "its disk is full"), ("query_only = 1", "it may only be read")]
)
def test_a_database_that_takes_nothing_is_told_and_can_be_read(file: Path, pragma: str, what: str) -> None:
    with closing(at(file)) as catalogue:
        with catalogue.database.read() as connection:
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        with pytest.raises(CatalogueUnavailable) as told:
            catalogue.sources.put(Source(name="long", spider="sill", title="x" * 900_000), actor="test")
        assert told.value.what == what
        assert told.value.remedy
        assert catalogue.sources.names() == ["town"]


def test_one_page_that_is_damaged_is_told_until_it_is_mended(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'run'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    whole = file.read_bytes()
    with file.open("r+b") as opened:
        opened.seek((root - 1) * size)
        opened.write(b"\xa5" * size)
    with closing(at(file)) as catalogue:
        catalogue.database.check()  # nobody has met it yet
        with pytest.raises(CatalogueUnavailable, match="damaged"):
            catalogue.runs.get(1)
        assert catalogue.sources.names() == ["town"]
        with pytest.raises(CatalogueUnavailable, match="damaged"):
            catalogue.database.check()
        with file.open("r+b") as opened:
            opened.write(whole)
        catalogue.database.engine.dispose()
        catalogue.database.check()
        assert catalogue.runs.recent() == []


def test_a_missing_table_is_a_fault_of_ours(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE source RENAME TO hidden")
    with closing(at(file)) as catalogue, pytest.raises(Exception, match="no such table: source") as told:
        catalogue.sources.names()
    assert not isinstance(told.value, CatalogueUnavailable)


@pytest.mark.postgresql
@pytest.mark.xdist_group("postgresql")
def test_a_server_that_is_stopped_is_told_without_its_password() -> None:
    if binaries() is None:
        absent("no PostgreSQL server", "install the package postgresql")
    with postgresql() as server:
        url = f"{server}/postgres".replace("harvester@", "harvester:lovelace@")
        with closing(Catalogue.open(url)) as catalogue:
            catalogue.sources.put(TOWN, actor="test")
            _held(server, catalogue)
            _only_read(catalogue)
            _frozen(server, catalogue)
            with psycopg.connect(f"{server}/postgres".replace("+psycopg", "")) as connection:
                (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
            _stop(Path(folder))
            for ask in (catalogue.sources.names, lambda: catalogue.sources.put(TOWN, actor="test")):
                with pytest.raises(CatalogueUnavailable) as told:
                    ask()
                assert told.value.what == "it does not answer"
                assert "127.0.0.1" in str(told.value)
                assert "lovelace" not in str(told.value)
                assert "HARVESTER_DATABASE" in str(told.value)


def _held(server: str, catalogue: Catalogue) -> None:
    with psycopg.connect(f"{server}/postgres".replace("+psycopg", "")) as stranger:
        stranger.execute("LOCK TABLE source IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(CatalogueUnavailable, match="another process holds it"):
            catalogue.for_pages(0.1).sources.names()
    assert catalogue.for_pages().sources.names() == ["town"]


def _only_read(catalogue: Catalogue) -> None:
    with catalogue.database.engine.connect() as connection:
        connection.exec_driver_sql("SET default_transaction_read_only = on")
        connection.commit()
    with pytest.raises(CatalogueUnavailable, match="it may only be read"):
        catalogue.sources.put(Source(name="later", spider="sill", title="Later"), actor="test")
    catalogue.database.engine.dispose()


def _frozen(server: str, catalogue: Catalogue) -> None:
    """All processes of the server are stopped as a debugger stops them: its connections stay, and nobody answers."""
    with psycopg.connect(f"{server}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
        mine = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL")]
    pages = catalogue.for_pages()
    assert pages.sources.names() == ["town"]
    with catalogue.database.read() as connection:
        pids = [row[0] for row in connection.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL")]
    pids = [pid for pid in {*pids, *mine, _parent(pids[0])} if Path(f"/proc/{pid}").exists()]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        for _ in range(2):  # over a connection that is open, and over a new one
            with pytest.raises(CatalogueUnavailable) as told:
                pages.sources.names()
            assert told.value.what == "it does not answer"
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert pages.sources.names() == ["town"]


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _stop(data: Path) -> None:
    """Stop the server of this folder as its own stop does (SIGINT: at once and in order)."""
    number = int((data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(number, signal.SIGINT)
    deadline = time.monotonic() + 20
    while (data / "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
