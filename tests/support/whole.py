"""Two SQLite catalogues that were filled in different orders, compared table by table.

Ids are minted and rows are numbered as things come, so everything is known by what brought it: a software by the first
of its records, a record by its source and keys, a body by the first of its keys. Moments are left out.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harvester.catalogue import schema

COMPARED: Mapping[str, Collection[str]] = {
    "source": (),
    "run": ("id", "attempt", "worker", "fruitless", "progress", "counts", "spent", "left"),
    "unit": ("position", "tries"),
    "payload": (),
    "raw_item": ("id", "first_run", "changed_run", "last_run"),
    "raw_version": ("run",),
    "record": ("id",),
    "identifier": (),
    "issue": ("id", "last_run"),
    "dirty_record": (),
    "software": ("id", "version", "slug", "digest"),
    "trait": (),
    "membership": ("home",),
    "suggestion": (),
    "relation": (),
    "body": ("id", "slug"),
    "body_key": (),
    "body_link": (),
    "decision": ("id",),
    "decision_identifier": (),
    "matter": ("id",),
    "voice": ("id",),
    "policy": (),
    "opt_out": (),
    "audit": ("id",),
    "collection": (),
    "collection_item": (),
    "saved_filter": (),
    "claim": (),
    "account": (),
    "session": (),
    "factor": (),
    "recovery_code": (),
    "door_link": (),
    "api_token": (),
    "identity": (),
    "oidc_start": (),
    "source_check": (),
    "index_dirt": (),
}
"""The tables that are compared, and which columns of each depend on the order in which things came."""
LEFT_OUT = {
    "software_version": "how many versions there were depends on what was resolved together",
    "software_slug": "of two of one name the earlier one has it without a number, as bodies have theirs",
    "index_generation": "its name is a moment",
    "notice": "who is told of what happened on the way, and a kill is among it",
    "notice_told": "as the notices",
    "lock": "who works at the moment",
    "remembered": "which of a server's answers is kept depends on when it was asked",
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.]*+(?:Z|\+00:00)")
_ID = re.compile(r"\b[0-9a-z]{12}\b")
_RECORDS = """
    SELECT record.id, raw_item.id, raw_item.source || ' ' || raw_item.key, record.key, software
    FROM raw_item LEFT JOIN record ON raw_item = raw_item.id LEFT JOIN membership ON record = record.id
"""
Rows = Counter[str]


@dataclass
class _Names:
    """What things are known by, by the ids that a catalogue minted."""

    items: dict[int, str] = field(default_factory=dict)
    records: dict[int, str] = field(default_factory=dict)
    runs: dict[int, str] = field(default_factory=dict)
    minted: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> _Names:
        names = cls(runs=dict(connection.execute("SELECT id, source FROM run")))
        for record, item, told, key, software in connection.execute(_RECORDS):
            names.items[item] = told
            if record is not None:
                name = names.records[record] = f"{told} {key}"
                if software is not None:
                    names.minted[software] = min(name, names.minted.get(software, name))
        for key, body in connection.execute("SELECT key, body FROM body_key"):
            names.minted[body] = min(key, names.minted.get(body, key))
        return names

    def told(self, text: str) -> str:
        """A text without moments, and with names for ids."""
        return _ID.sub(lambda found: self.minted.get(found[0], found[0]), _MOMENT.sub("then", text))

    def evidence(self, said: Any) -> Any:
        """What is in a software's data, with names for its records."""
        if isinstance(said, dict):
            record = {"record": self.records.get(said["record"])} if isinstance(said.get("record"), int) else {}
            return {name: self.evidence(one) for name, one in said.items()} | record
        return [self.evidence(one) for one in said] if isinstance(said, list) else said


def whole(database: Path) -> Mapping[str, Rows]:
    """How often each row is in each table that is compared, a row as JSON."""
    assert {*COMPARED, *LEFT_OUT} == {*schema.metadata.tables}, "a new table is compared, or left out for a reason"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        names = _Names.of(connection)
        return {table: _rows(connection, table, names) for table in COMPARED}


def shown(database: Path, documents: Iterable[Mapping[str, Any]]) -> Rows:
    """Documents of an index, known by what the catalogue knows its softwares by."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        names = _Names.of(connection)
    rows: Rows = Counter()
    for document in documents:
        said = json.loads(names.told(json.dumps(document, default=str)))
        said = {name: said[name] for name in said if name not in ("version", "slug")}
        rows[json.dumps({**said, "relations": sorted(map(str, said["relations"]))}, sort_keys=True)] += 1
    return rows


def _rows(connection: sqlite3.Connection, name: str, names: _Names) -> Rows:
    table = schema.metadata.tables[name]
    moments = {one.name for one in table.columns if isinstance(one.type, schema.UtcDateTime)}
    kept = [one.name for one in table.columns if one.name not in moments and one.name not in COMPARED[name]]
    known = {"raw_item": names.items, "record": names.records, "run": names.runs}
    rows: Rows = Counter()
    for row in connection.execute(f'SELECT * FROM "{name}"'):
        if name == "software" and row["id"] not in names.minted:
            assert row["merged_into"], f"software {row['id']} has no records, and was merged into none"
            continue  # it was two for a while
        said: dict[str, Any] = {
            column: known[column].get(row[column]) if column in known else row[column] for column in kept
        }
        if name == "software":
            said["what"] = names.minted[row["id"]]
            said["data"] = json.dumps(names.evidence(json.loads(said["data"])), sort_keys=True)
        if name == "body":
            said["data"] = json.dumps({**json.loads(said["data"]), "slug": None}, sort_keys=True)
        if name == "suggestion":
            said["a"], said["b"] = sorted((names.told(said["a"]), names.told(said["b"])))
        rows[names.told(json.dumps(said, sort_keys=True, default=bytes.hex))] += 1
    return rows


def unlike(one: Path, other: Path) -> Mapping[str, tuple[list[str], list[str]]]:
    """By table what is in the one database alone and in the other alone; only tables where anything is."""
    left, right = whole(one), whole(other)
    told = {table: (sorted(left[table] - right[table]), sorted(right[table] - left[table])) for table in COMPARED}
    return {table: both for table, both in told.items() if any(both)}
