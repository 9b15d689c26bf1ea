"""What a data folder holds, as facts that a harvest without news must not change."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

_MOVES = {
    "raw_item": {"last_seen", "last_run", "missing_runs", "absent_run"},
    "issue": {"last_seen", "last_run"},
}
"""Columns that say when a thing was seen last; all others say what it is."""
_OF_RUNS = {"run", "unit", "remembered", "lock", "session"}

Facts = Mapping[str, tuple[int, str]]


def facts(database: Path) -> Facts:
    """Rows and a digest of each table of a SQLite catalogue, but for the runs' own and the columns that move."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {table: _fact(connection, table) for table in sorted(tables - _OF_RUNS)}


def _fact(connection: sqlite3.Connection, table: str) -> tuple[int, str]:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    kept = ", ".join(f'"{column}"' for column in columns if column not in _MOVES.get(table, ()))
    digest, rows = hashlib.sha256(), 0
    for row in connection.execute(f"SELECT {kept} FROM {table} ORDER BY {kept}"):
        digest.update(repr(row).encode())
        rows += 1
    return rows, digest.hexdigest()


def count(database: Path, query: str) -> int:
    """The one number that a query gives."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return int(connection.execute(query).fetchone()[0])


def written(folder: Path) -> Mapping[str, tuple[int, str]]:
    """When each file below a folder was written, and its digest; lock files and the governor's ledger are left out."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock" and ".governor." not in path.name
    }


def environment(data: Path, **more: str) -> dict[str, str]:
    """This process's environment with no setting but the data folder and those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARVESTER_")}
    return {**kept, "HARVESTER_DATA": str(data), **more}


def processes(data: Path) -> dict[int, str]:
    """Process id and command of everything that works on a data folder, by its environment."""
    mark = f"HARVESTER_DATA={data}".encode()
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or folder.name == str(os.getpid()):
            continue
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            continue
    return found
