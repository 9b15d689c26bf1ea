"""Bringing an index to where the catalogue is: only what is dirty, or everything into a fresh generation.

The embedded index has one writer: the worker's process calls `sync`, nobody else while it runs.
"""

from __future__ import annotations

from collections.abc import Callable

from harvester.catalogue import Catalogue
from harvester.errors import IndexDamaged, IndexOutdated, SearchError
from harvester.model import SoftwareState
from harvester.search.document import Document
from harvester.search.engine import Engine

BATCH = 500

Progress = Callable[[int, int], None]
"""Called with how many softwares are done, and of how many."""


def sync(catalogue: Catalogue, engine: Engine) -> int:
    """Apply what changed since the last time; returns how many softwares that were.

    An index that is not there yet, is damaged, was written for another mapping, or is not this catalogue's is rebuilt.
    Raises SearchError naming the first software that could not be written; the others are.
    """
    try:
        generation = engine.current()
    except (IndexOutdated, IndexDamaged):
        generation = None
    if generation is None or not catalogue.feed.knows(engine.name, generation):
        return rebuild(catalogue, engine)
    done, failed = _drain(catalogue, engine, generation)
    _complain(failed)
    return done


def rebuild(catalogue: Catalogue, engine: Engine, progress: Progress | None = None) -> int:
    """Make a fresh generation of everything published, then search that one. Returns how many softwares it holds.

    Raises SearchError as `sync` does, after the generation has taken its place.
    """
    generation = engine.begin()
    catalogue.feed.begin(engine.name, generation)
    done, failed = _drain(catalogue, engine, generation, progress)
    engine.activate(generation)
    catalogue.feed.retire(engine.name, generation)
    _complain(failed)
    return done


def _drain(
    catalogue: Catalogue, engine: Engine, generation: str, progress: Progress | None = None
) -> tuple[int, dict[str, str]]:
    """Apply dirt until there is none but of softwares that fail. Returns how many were applied, and why others not."""
    done = 0
    failed: dict[str, str] = {}
    pending = catalogue.feed.pending(engine.name, generation)
    while True:
        dirt = catalogue.feed.dirty(engine.name, generation, BATCH + len(failed))
        dirt = [(software_id, version) for software_id, version in dirt if software_id not in failed]
        if not dirt:
            return done, failed
        upserts, deletes = _writes(catalogue, dirt)
        applied = engine.apply(generation, upserts, deletes)
        catalogue.feed.applied(engine.name, generation, applied.done)
        failed |= applied.failed
        done += len(applied.done)
        if progress:
            progress(done, max(pending, done))


def _writes(catalogue: Catalogue, dirt: list[tuple[str, int]]) -> tuple[list[Document], list[tuple[str, int]]]:
    """What a batch of dirt means now: the catalogue may be further than the dirt says."""
    stored = {software.id: software for software in catalogue.software.many([software_id for software_id, _ in dirt])}
    upserts: list[Document] = []
    deletes: list[tuple[str, int]] = []
    for software_id, version in dirt:
        software = stored.get(software_id)
        if software is not None and software.state is SoftwareState.PUBLISHED:
            upserts.append(Document(software))
        else:
            deletes.append((software_id, max(version, software.version if software else 0)))
    return upserts, deletes


def _complain(failed: dict[str, str]) -> None:
    if failed:
        software_id, why = next(iter(failed.items()))
        raise SearchError(f"{len(failed)} softwares cannot be indexed, first {software_id}: {why}")
