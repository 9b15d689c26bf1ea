"""Recorded sources, harvested through the real spiders by the command that people call; then the same once more."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.stored import count, environment, facts, written

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("corpus"), pytest.mark.timeout(900)]

_COUNTS = ("entries", "read", "refused", "skipped")


def _harvest(data: Path, corpus: Path, report: Path) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "harvester", "corpus", "--no-serve", "--report", str(report)],
        env=environment(data, HARVESTER_CORPUS=str(corpus)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "Traceback" not in done.stdout
    rows = {row["source"]: row for row in json.loads(report.read_text(encoding="utf-8"))["sources"]}
    assert all(name in done.stdout for name in rows)
    assert "validator, recorded: files 2428, same_verdict 24" in done.stdout
    return rows


def _refusals(database: Path, source: str) -> list[tuple[int, dict[str, Any]]]:
    """(raw item, issue) of everything of the source that was refused."""
    query = (
        "SELECT raw_item.id, issue.data FROM raw_item JOIN issue ON issue.raw_item = raw_item.id"
        " WHERE raw_item.source = ? AND raw_item.outcome = 'refused' AND issue.active AND issue.severity = 'error'"
    )
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [(item, json.loads(data)) for item, data in connection.execute(query, (source,))]


def test_every_recorded_entry_is_read_refused_or_skipped_and_nothing_is_stored_twice(
    corpus: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    database = data / "catalogue.sqlite"
    first = _harvest(data, corpus, tmp_path / "first.json")

    for name, row in first.items():
        assert row["entries"] == row["read"] + row["refused"] + row["skipped"], name
        assert {"records", "issues", "candidates", "published", "seconds"} <= set(row), name
    counts = {name: tuple(row[count] for count in _COUNTS) for name, row in first.items()}
    assert counts["publiccode-head"] == (135, 133, 2, 0)
    assert counts["developers-italia"] == (50, 50, 0, 0)
    assert counts["code-for-america"][0] == 6419
    assert counts["publiccode-history"] == (2548, 2498, 50, 0)
    gitlab = [row for name, row in counts.items() if name.startswith("gitlab-")]
    assert len(gitlab) == 31
    assert sum(row[0] for row in gitlab) == 3887
    assert {row["result"] for row in first.values()} == {"good"}

    for name, codes in (
        ("publiccode-history", {"yaml-syntax": 43, "yaml-form": 7}),
        ("publiccode-head", {"yaml-syntax": 1, "yaml-form": 1}),
    ):
        refusals = _refusals(database, name)
        assert Counter(issue["code"] for _, issue in refusals) == codes
        assert len({item for item, _ in refusals}) == sum(codes.values())
        assert all(issue["line"] >= 1 and issue["column"] >= 1 for _, issue in refusals)

    before, index_before = facts(database), written(data / "index")
    second = _harvest(data, corpus, tmp_path / "second.json")
    after = facts(database)
    assert {table: rows for table, (rows, _) in after.items()} == {table: rows for table, (rows, _) in before.items()}
    assert after == before
    assert written(data / "index") == index_before
    assert after["index_dirt"][0] == after["dirty_record"][0] == 0
    assert {row["result"] for row in second.values()} == {"good"}
    for name, row in second.items():
        assert (row["new"], row["changed"]) == (0, 0), name
        assert tuple(row[count] for count in _COUNTS) == counts[name]
        assert row["requests"] <= first[name]["requests"], name
    assert count(database, "SELECT count(*) FROM run") == 2 * len(first)
    assert count(database, "SELECT count(*) FROM raw_item WHERE last_run = first_run") == 0
