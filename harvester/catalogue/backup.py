"""A copy of a whole catalogue as it was at one moment, also while a harvest is stored, and bringing one back.

SQLite copies itself page by page; PostgreSQL's own pg_dump and pg_restore do it there, in one snapshot. A password
goes to them in the environment, never in an argument.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database
from harvester.errors import CatalogueError, Conflict
from harvester.log import redact

FILES = {"sqlite": "catalogue.sqlite", "postgresql": "catalogue.pgdump"}
"""The copy's name by what the database is."""
_HOLD = ("source", "software", "decision", "account")
"""Tables that are empty where nothing was ever harvested or decided."""

Counts = Mapping[str, int]


def kind_of(database: Database) -> str:
    """ "sqlite" or "postgresql"."""
    return "sqlite" if database.is_sqlite else "postgresql"


def save(database: Database, folder: Path) -> Counts:
    """Copy the catalogue into a folder; returns how many rows each table has in the copy.

    Raises CatalogueError where that cannot be done, and CatalogueUnavailable.
    """
    path = folder / FILES[kind_of(database)]
    if path.exists():
        raise CatalogueError(f"{str(path)!r} is there already", remedy="name a new folder")
    if not database.is_sqlite:
        return _dump(database, path)
    database.check()
    with closing(sqlite3.connect(_file(database))) as there, closing(sqlite3.connect(path)) as here:
        there.backup(here)
        tables = {row[0] for row in here.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        names = [table.name for table in schema.metadata.sorted_tables if table.name in tables]
        return {name: here.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def bring_back(database: Database, folder: Path, expected: Counts) -> None:
    """Fill an empty catalogue from the copy in a folder, as it was: tables are not brought up to date.

    Raises Conflict where the catalogue holds something, CatalogueError where the copy is not whole or cannot be read.
    """
    path = folder / FILES[kind_of(database)]
    if held := _held(database):
        raise Conflict(
            f"the catalogue at {database.shown} holds something: {held}",
            remedy="bring the backup back into an empty one: HARVESTER_DATA or HARVESTER_DATABASE names it",
        )
    if database.is_sqlite:
        target = _file(database)
        database.close()
        for name in (target, f"{target}-wal", f"{target}-shm"):
            Path(name).unlink(missing_ok=True)
        shutil.copyfile(path, target)
    else:
        _run(database, "pg_restore", "--no-owner", "--clean", "--if-exists", "--single-transaction", str(path))
    found = _counts(database)
    wrong = [f"{name}: {found.get(name, 0)} of {n}" for name, n in expected.items() if found.get(name, 0) != n]
    if wrong:
        raise CatalogueError("what was brought back is not whole: " + ", ".join(wrong), remedy="make another backup")


def _file(database: Database) -> str:
    if not database.url.database or database.url.database == ":memory:":
        raise CatalogueError("a catalogue in memory cannot be copied", remedy="HARVESTER_DATABASE names a file")
    return str(database.url.database)


def _held(database: Database) -> str:
    counts = _counts(database)
    return ", ".join(f"{counts[name]} rows of {name}" for name in _HOLD if counts.get(name))


def _counts(database: Database) -> dict[str, int]:
    """Rows of each table that there is."""
    with database.read() as connection:
        return _counted(connection)


def _counted(connection: sa.Connection) -> dict[str, int]:
    there = set(sa.inspect(connection).get_table_names())
    tables = [table for table in schema.metadata.sorted_tables if table.name in there]
    return {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables
    }


def _dump(database: Database, path: Path) -> Counts:
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        counts = _counted(connection)
        _run(database, "pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={path}")
    return counts


def _run(database: Database, program: str, *words: str) -> None:
    """One of PostgreSQL's programs on this database."""
    found = shutil.which(program)
    if found is None:
        raise CatalogueError(f"{program} is not there", remedy="install PostgreSQL's client, of the server's version")
    url = database.url
    said: dict[str, str | None] = {
        "PGHOST": url.host or _first(url.query.get("host")),
        "PGPORT": str(url.port) if url.port else _first(url.query.get("port")),
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password else None,
        "PGDATABASE": url.database,
    }
    environment = {**os.environ, **{name: value for name, value in said.items() if value}}
    into = ["--dbname", str(url.database)] if program == "pg_restore" else []
    done = subprocess.run([found, *into, *words], env=environment, capture_output=True, check=False)
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        raise CatalogueError(
            f"{program} ended with {done.returncode}: {redact(told[-1]) if told else 'it said nothing'}"
        )


def _first(value: str | Sequence[str] | None) -> str | None:
    return value if isinstance(value, str) or value is None else value[0]
