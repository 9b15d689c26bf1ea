"""What a catalogue concluded from what its sources brought: taken away, and to be the same when it is read again."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from support.stored import environment

_BROUGHT = ("source", "run", "raw_item", "payload", "alembic_version", "sqlite_sequence")
"""What a harvest brought; everything else was concluded from it."""
_RECORDS = """
    SELECT 'record ' || raw_item.source || ' ' || raw_item.key || ' ' || record.key, record.data
    FROM record JOIN raw_item ON raw_item.id = raw_item WHERE active
"""
_OUTCOMES = "SELECT 'item ' || source || ' ' || key, outcome || coalesce(': ' || reason, '') FROM raw_item"
_ISSUES = """
    SELECT 'issue ' || raw_item.source || ' ' || raw_item.key || ' ' || issue.data, ''
    FROM issue JOIN raw_item ON raw_item.id = raw_item WHERE active
"""
_SOFTWARES = """
    SELECT software.id, software.state, software.data, raw_item.source || ' ' || raw_item.key || ' ' || record.key
    FROM software JOIN membership ON software = software.id JOIN record ON record = record.id
    JOIN raw_item ON raw_item = raw_item.id WHERE active ORDER BY software.id, 4
"""
Conclusions = Mapping[str, str]


def concluded(database: Path) -> Conclusions:
    """Each record, outcome, issue and software of a SQLite catalogue by what names it, without ids and dates.

    A software is named by the first of its records; which records it has is a part of it.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found: dict[str, str] = dict(
            row for query in (_RECORDS, _OUTCOMES, _ISSUES) for row in connection.execute(query)
        )
        softwares: dict[str, dict[str, Any]] = {}
        for software_id, state, data, record in connection.execute(_SOFTWARES):
            told = json.loads(data)
            said = {"state": state, "fields": told["fields"], "identifiers": told["identifiers"], "records": []}
            softwares.setdefault(software_id, said)["records"].append(record)
    for said in softwares.values():
        found[f"software of {said['records'][0]}"] = json.dumps(said, sort_keys=True)
    return found


def forget(database: Path) -> None:
    """Delete everything that was concluded."""
    with closing(sqlite3.connect(database)) as connection, connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in set(names) - set(_BROUGHT):
            connection.execute(f"DELETE FROM {name}")
        connection.execute("UPDATE raw_item SET outcome = 'skipped', reason = 'forgotten'")


def differences(before: Conclusions, after: Conclusions) -> dict[str, tuple[str | None, str | None]]:
    """(before, after) by what names it."""
    return {
        name: (before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def read_again(data: Path) -> tuple[Conclusions, Conclusions]:
    """What a data folder's catalogue concluded, and what it concludes when all of it is forgotten and read again."""
    database = data / "catalogue.sqlite"
    before = concluded(database)
    forget(database)
    words = [sys.executable, "-m", "harvester", "renormalize"]
    done = subprocess.run(words, env=environment(data), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return before, concluded(database)
