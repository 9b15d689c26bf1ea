"""Recorded sources, harvested through the real spiders by the command that people call; then the same once more."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.concluded import differences, read_again
from support.harvested import HarvestedCorpus, harvest_corpus
from support.stored import count, facts, written

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("corpus"), pytest.mark.timeout(1800)]

_COUNTS = ("entries", "read", "refused", "skipped")

_GITLABS = 3887
IN_FILE = {
    "publiccode-head": (135, 135),
    "code-for-america": (7665, 6419),
    "developers-italia": (50, 50),
    "publiccode-history": (2548, 2548),
    "sill": (240, 240),
    "digital-public-goods": (228, 228),
    "digital-public-goods-files": (394, 394),
    "codegouv-dumps": (9154, 9063),
    "codegouv-awesome": (20, 20),
    "beta-gouv": (662, 662),
    "catalogue-us-agencies": (5255, 5255),
    "catalogue-canada": (67, 67),
    "catalogue-awesome-open-sustainable-technology": (2801, 2801),
    "catalogue-awesome-mx-codeando": (9, 9),
    "catalogue-awesome-es-cttl": (14, 14),
    "catalogue-awesome-de-digifarm-ms": (28, 28),
    "catalogue-awesome-it-opensource": (116, 116),
    "catalogue-awesome-selfhosted": (1348, 1348),
    "catalogue-awesome-selfhosted-site": (1829, 1829),
    "catalogue-brigades": (7665, 7665),
    "catalogue-taiwan-publiccode": (22, 22),
    "catalogue-world-bank": (38, 38),
}
"""Rows in the recorded file, and how many are entries of their own: some rows repeat an address, some have none."""
REFUSED_OR_SKIPPED = {
    "publiccode-head": (2, 0),
    "code-for-america": (0, 6),  # ".github" and the like
    "publiccode-history": (50, 0),
    "digital-public-goods": (0, 31),
    "digital-public-goods-files": (5, 192),
    "beta-gouv": (0, 202),
    "catalogue-us-agencies": (0, 205),
    "catalogue-awesome-open-sustainable-technology": (0, 106),
    "catalogue-awesome-mx-codeando": (0, 9),
    "catalogue-awesome-es-cttl": (0, 14),
    "catalogue-awesome-de-digifarm-ms": (0, 2),
    "catalogue-awesome-selfhosted": (0, 70),
    "catalogue-awesome-selfhosted-site": (1, 0),
    "catalogue-brigades": (67, 0),
}
"""Where not all entries are read."""
NOT_GOOD = dict.fromkeys(
    ("catalogue-us-agencies", "catalogue-awesome-mx-codeando", "catalogue-awesome-es-cttl"), "suspicious"
)
"""Two of the agencies' inventories are empty; two lists hold nothing but links that are skipped."""


def _refusals(database: Path, source: str) -> list[tuple[int, dict[str, Any]]]:
    """(raw item, issue) of everything of the source that was refused."""
    query = (
        "SELECT raw_item.id, issue.data FROM raw_item JOIN issue ON issue.raw_item = raw_item.id"
        " WHERE raw_item.source = ? AND raw_item.outcome = 'refused' AND issue.active AND issue.severity = 'error'"
    )
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [(item, json.loads(data)) for item, data in connection.execute(query, (source,))]


def test_every_recorded_entry_is_read_refused_or_skipped(harvested_corpus: HarvestedCorpus) -> None:
    first, said = harvested_corpus.rows, harvested_corpus.said
    assert "Traceback" not in said
    licences = harvested_corpus.report["licences"]
    assert licences["distinct"] - licences["mapped"] == len(licences["unmapped"])
    assert f"licences not mapped, 20 of {len(licences['unmapped'])}:" in said
    assert all(name in said for name in first)
    assert "validator, recorded: files 2428, same_verdict 24" in said

    assert {name for name in first if not name.startswith("gitlab-")} == IN_FILE.keys()
    gitlabs = [row for name, row in first.items() if name.startswith("gitlab-")]
    assert (len(gitlabs), sum(row["entries"] for row in gitlabs)) == (31, _GITLABS)
    for name, row in first.items():
        assert row["vanished"] == [], name
        assert row["entries"] == row["read"] + row["refused"] + row["skipped"], name
        assert row["entries"] == row["file"] - sum(row["merged"].values()), name
        assert (row["file"], row["entries"]) == IN_FILE.get(name, (row["file"], row["entries"]))
        assert (row["refused"], row["skipped"]) == REFUSED_OR_SKIPPED.get(name, (0, 0)), name
        assert sum(row["refused_why"].values()) == row["refused"], name
        assert sum(row["skipped_why"].values()) == row["skipped"], name
        assert (row["fields_filled"] is None) == (row["records"] == 0), name
        assert {"records", "issues", "candidates", "published", "seconds"} <= set(row)
    assert {name: row["result"] for name, row in first.items() if row["result"] != "good"} == NOT_GOOD

    for name, codes in (
        ("publiccode-history", {"yaml-syntax": 43, "yaml-form": 7}),
        ("publiccode-head", {"yaml-syntax": 1, "yaml-form": 1}),
    ):
        refusals = _refusals(harvested_corpus.database, name)
        assert Counter(issue["code"] for _, issue in refusals) == codes
        assert len({item for item, _ in refusals}) == sum(codes.values())
        assert all(issue["line"] >= 1 and issue["column"] >= 1 for _, issue in refusals)


@pytest.mark.long
def test_a_second_harvest_stores_nothing_new_and_nothing_twice(
    harvested_corpus: HarvestedCorpus, corpus: Path, tmp_path: Path
) -> None:
    data, first = tmp_path / "data", harvested_corpus.rows
    shutil.copytree(harvested_corpus.data, data)
    database = data / "catalogue.sqlite"
    before, index_before = facts(database), written(data / "index")
    second = harvest_corpus(corpus, data).rows
    after = facts(database)
    assert {table: rows for table, (rows, _) in after.items()} == {table: rows for table, (rows, _) in before.items()}
    assert after == before
    assert written(data / "index") == index_before
    assert after["index_dirt"][0] == after["dirty_record"][0] == 0
    assert {name: row["result"] for name, row in second.items() if row["result"] != "good"} == NOT_GOOD
    for name, row in second.items():
        assert (row["new"], row["changed"]) == (0, 0), name
        assert tuple(row[count] for count in _COUNTS) == tuple(first[name][count] for count in _COUNTS)
        assert row["requests"] <= first[name]["requests"], name
    assert count(database, "SELECT count(*) FROM run") == 2 * len(first)
    assert count(database, "SELECT count(*) FROM raw_item WHERE last_run = first_run") == 0


@pytest.mark.long
def test_everything_is_concluded_again_from_what_was_brought(harvested_corpus: HarvestedCorpus, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(harvested_corpus.data, data)
    before, after = read_again(data)
    assert len(before) > 50_000
    assert differences(before, after) == {}
