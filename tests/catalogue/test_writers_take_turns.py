"""SQLite lets one process write at a time, and whoever stores batch after batch lets the others have their turn."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.apart import Fork
from support.builders import source
from support.web import eventually

from harvester.catalogue import Catalogue, schema

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def store_without_pause(url: str, batches: int, stop: Path) -> int:
    """Transactions that each hold the database for a moment, the next one ready as soon as one ends."""
    catalogue = Catalogue.open(url, migrate=False)
    done = 0
    while done < batches and not stop.exists():
        done += 1
        with catalogue.database.write() as connection:
            connection.execute(sa.update(schema.source).where(schema.source.c.name == "alpha").values(data=str(done)))
            connection.exec_driver_sql(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM n"
            ).all()
    catalogue.close()
    return done


def test_a_process_that_never_pauses_lets_another_write_in_between(
    catalogue: Catalogue, database_url: str, tmp_path: Path
) -> None:
    catalogue.sources.put(source(), "test")
    data = sa.select(schema.source.c.data).where(schema.source.c.name == "alpha")

    def stored() -> int:
        with catalogue.database.read() as connection:
            found = connection.execute(data).scalar_one()
        return int(found) if str(found).isdigit() else 0

    busy = Fork(store_without_pause, database_url, 3000, tmp_path / "stop")
    try:
        eventually(stored)
        for _ in range(5):
            before = stored()
            with catalogue.database.write() as connection:
                after = int(connection.execute(data).scalar_one())
            assert busy.runs
            assert after - before < 30, "the other stored batch after batch, and we waited"
    finally:
        (tmp_path / "stop").touch()
        assert busy.answer() > 1


def test_what_ended_in_the_middle_keeps_nobody_waiting(catalogue: Catalogue, database_url: str) -> None:
    with catalogue.database.write():
        other = Fork(_wait_for_a_turn, database_url)
        eventually(lambda: _waits(catalogue))
        other.end()
    catalogue.sources.put(source(), "test")


def _wait_for_a_turn(url: str) -> None:
    with Catalogue.open(url, migrate=False).database.write():
        pass


def _waits(catalogue: Catalogue) -> bool:
    file = Path(catalogue.database.url.database or "")
    with file.with_name(f"{file.name}-next").open("r+b") as there:
        try:
            fcntl.flock(there, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
