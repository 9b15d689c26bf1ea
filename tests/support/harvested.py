"""The whole recorded corpus, harvested by the command that people call: once for all tests and workers of a session."""

from __future__ import annotations

import fcntl
import json
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from support.stored import environment

from harvester.catalogue import codec
from harvester.model import Issue, Outcome, Reading, Record

_ROOT = Path(__file__).parents[2]
Rows = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class HarvestedCorpus:
    """What `make corpus` left in a data folder, its report, and what it said. Who changes anything copies `data`."""

    data: Path
    report: Mapping[str, Any]
    said: str

    @property
    def database(self) -> Path:
        return self.data / "catalogue.sqlite"

    @property
    def rows(self) -> Rows:
        """The report's rows by source."""
        return {row["source"]: row for row in self.report["sources"]}

    def brought(self, source: str) -> Brought:
        """What one source brought."""
        return _brought(self.database, source)


@dataclass(frozen=True)
class Brought:
    """What the catalogue holds of a source: its entries by key, issues of its pages, keys of units that failed."""

    entries: Mapping[str, Reading]
    issues: tuple[Issue, ...]
    failed: tuple[str, ...]

    def count(self, outcome: Outcome) -> int:
        """How many entries ended so."""
        return sum(reading.outcome is outcome for reading in self.entries.values())


@cache
def _brought(database: Path, source: str) -> Brought:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query, (source,)).fetchall()

        records: dict[int, list[Record]] = {}
        for item, data in rows(
            "SELECT raw_item, record.data FROM record JOIN raw_item ON raw_item.id = raw_item"
            " WHERE source = ? AND active ORDER BY record.id"
        ):
            records.setdefault(item, []).append(codec.load(Record, data))
        issues: dict[int, list[Issue]] = {}
        for item, data in rows("SELECT raw_item, data FROM issue WHERE source = ? AND active ORDER BY id"):
            issues.setdefault(item, []).append(codec.load(Issue, data))
        entries = {
            key: Reading(
                records=tuple(records.get(item, ())),
                issues=tuple(issues.get(item, ())),
                outcome=Outcome(outcome),
                reason=reason,
            )
            for item, key, outcome, reason in rows("SELECT id, key, outcome, reason FROM raw_item WHERE source = ?")
        }
        failed = rows(
            "SELECT key FROM unit JOIN run ON run.id = run WHERE source = ? AND unit.state = 'failed' ORDER BY key"
        )
    return Brought(entries, tuple(issues.get(0, ())), tuple(key for (key,) in failed))


def harvest_corpus(corpus: Path, data: Path) -> HarvestedCorpus:
    """Harvest into a data folder, which may hold a harvest already."""
    report = data.with_name(f"{data.name}.report.json")
    done = subprocess.run(
        [sys.executable, "-m", "tools.harvest_corpus", str(corpus), "--no-serve", "--report", str(report)],
        cwd=_ROOT,
        env=environment(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return HarvestedCorpus(data, json.loads(report.read_text(encoding="utf-8")), done.stdout)


def shared_harvest(corpus: Path, folder: Path) -> HarvestedCorpus:
    """The harvest in this folder: made by whoever comes first, whom all others wait for."""
    data, said = folder / "data", folder / "said"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            made = harvest_corpus(corpus, data)
            said.write_text(made.said, encoding="utf-8")
            return made
    report = json.loads((folder / "data.report.json").read_text(encoding="utf-8"))
    return HarvestedCorpus(data, report, said.read_text(encoding="utf-8"))
