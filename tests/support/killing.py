"""Killing the processes of a run, and what a harvest leaves in the catalogue."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import Catalogue, schema
from harvester.config import Settings
from harvester.model import Run, RunState
from harvester.runs.child import NAME
from harvester.runs.execute import execute

Left = dict[str, list[tuple[Any, ...]]]


def alive(pid: int) -> bool:
    """Whether the process runs (one that waits to be reaped does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def crawlers(parent: int) -> list[int]:
    """The crawls that a process started: they are forks of an interpreter that is its child."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "comm").read_text().strip() == NAME and parent_of(parent_of(int(folder.name))) == parent:
                found.append(int(folder.name))
    return found


def parent_of(pid: int) -> int:
    """The id of the process that started it."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def carried_out(catalogue: Catalogue, settings: Settings, run: Run, **options: Any) -> Run:
    """The run as a worker would take it to its end, attempt after attempt."""
    while run.state in (RunState.QUEUED, RunState.RUNNING):
        claimed = catalogue.runs.claim("test", 60, run_id=run.id)
        assert claimed is not None
        run = execute(catalogue, settings, claimed, **options)
    return run


def kept(catalogue: Catalogue) -> Left:
    """All that a harvest leaves, without times and row ids."""
    raw, record, software = schema.raw_item, schema.record, schema.software
    queries = {
        "raw": sa.select(raw.c.key, raw.c.digest, raw.c.outcome, raw.c.missing_runs),
        "records": sa.select(raw.c.key, record.c.key, record.c.data, record.c.version, record.c.active).join_from(
            record, raw
        ),
        "versions": sa.select(raw.c.key, schema.raw_version.c.digest).join_from(schema.raw_version, raw),
        "software": sa.select(software.c.name, software.c.state, software.c.version, software.c.slug),
        "identifiers": sa.select(schema.identifier.c.scheme, schema.identifier.c.value),
    }
    with catalogue.database.read() as connection:
        return {name: sorted(map(tuple, connection.execute(query))) for name, query in queries.items()}
