"""Bringing an index to where the catalogue is: only what is dirty, or everything into a fresh generation.

The embedded index has one writer: the worker's process calls `sync`, nobody else while it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from harvester.catalogue import Catalogue
from harvester.errors import IndexDamaged, IndexLosses, IndexOutdated, IndexUnavailable, SearchError
from harvester.model import SoftwareState
from harvester.search.document import Document
from harvester.search.engine import Engine
from harvester.search.generations import REBUILD

BATCH = 500
LOSS_SHARE = 0.20
"""An index that lost more than this share takes nobody's place by itself."""
_TOLD = 3  # ids of a kind that differ
_FORCE = "if that is right, `harvester index rebuild --force` takes it all the same"

Progress = Callable[[int, int], None]
"""Called with how many softwares are done, and of how many."""


def sync(catalogue: Catalogue, engine: Engine) -> int:
    """Apply what changed since the last time; returns how many softwares that were.

    An index that is not there yet, is damaged, was written for another mapping, or is not this catalogue's is rebuilt;
    where nothing can be searched, any new one takes the place. Raises IndexLosses as `rebuild` does, and SearchError
    naming the first software that could not be written; the others are.
    """
    try:
        generation = engine.current()
    except (IndexOutdated, IndexDamaged):
        generation = None
    if generation is None:
        return rebuild(catalogue, engine, force=True)
    if not catalogue.feed.knows(engine.name, generation):
        _refuse_losses(len(catalogue.feed.published()), before=engine.count(), built=False)
        return rebuild(catalogue, engine)
    done, failed = _drain(catalogue, engine, generation)
    _complain(failed)
    return done


def rebuild(
    catalogue: Catalogue,
    engine: Engine,
    progress: Progress | None = None,
    *,
    force: bool = False,
    actor: str | None = None,
) -> int:
    """Make a fresh generation of everything published, then search that one. Returns how many softwares were applied.

    The earlier generation is kept, and fed, until the next one takes its place. Raises IndexLosses when the fresh one
    lost more than a fifth of what is published or of what was searched until now, or when softwares could not be
    written; it is thrown away then. `force`: it takes its place all the same, and those that failed are told by
    SearchError. `actor` is the person who had it made, for the audit; None: the machine did.
    """
    before = _searched(engine)
    generation = engine.begin()
    catalogue.feed.begin(engine.name, generation)
    done, failed = _drain(catalogue, engine, generation, progress)
    if not force:
        try:
            if failed:
                raise IndexLosses(_failures(failed), remedy=_FORCE)
            _refuse_losses(engine.count(generation), before=before, published=len(catalogue.feed.published()))
        except IndexLosses:
            engine.discard(generation)
            catalogue.feed.retire(engine.name, _kept(engine))
            raise
    engine.activate(generation)
    catalogue.feed.retire(engine.name, _kept(engine))
    if actor is not None:
        _note(catalogue, engine, generation, actor=actor, action="index rebuilt", before=before, forced=force)
    _complain(failed)
    return done


def _note(
    catalogue: Catalogue, engine: Engine, generation: str, *, actor: str, action: str, before: int, **said: Any
) -> None:
    catalogue.audit.note(
        actor=actor,
        action=action,
        subject=f"index:{engine.name}",
        before={"softwares": before},
        after={"generation": generation, "softwares": _searched(engine), **said},
    )


def revert(catalogue: Catalogue, engine: Engine, *, actor: str | None = None) -> str:
    """Search the generation before again, brought to where the catalogue is now. Returns its name.

    Raises SearchError when none is kept. `actor` as of `rebuild`.
    """
    generation = engine.previous()
    if generation is None:
        raise SearchError("no earlier index is kept", remedy=REBUILD)
    before = _searched(engine)
    engine.activate(generation)
    if actor is not None:
        _note(catalogue, engine, generation, actor=actor, action="index taken back", before=before)
    if catalogue.feed.knows(engine.name, generation):
        _complain(_drain(catalogue, engine, generation)[1])
    return generation


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What an index and its catalogue do not agree on: ids of softwares that are `missing` from the index, are
    `stale` there (older), `ahead` (newer: of a catalogue that was restored), or `extra`, as nobody publishes them.

    `waiting` of them are known to the catalogue, and applied by the next worker.
    """

    published: int
    indexed: int
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    waiting: int = 0

    @property
    def ids(self) -> tuple[str, ...]:
        """All that differ."""
        return (*self.missing, *self.stale, *self.ahead, *self.extra)

    @property
    def differ(self) -> bool:
        """Whether anything does."""
        return bool(self.ids)

    @property
    def told(self) -> str:
        """What differs, in a line."""
        if not self.differ:
            return f"the index and the catalogue agree on {self.published} softwares"
        kinds = {"missing": self.missing, "older": self.stale, "newer": self.ahead, "not published": self.extra}
        parts = [
            f"{len(ids)} {kind} ({', '.join(ids[:_TOLD])}{', …' if len(ids) > _TOLD else ''})"
            for kind, ids in kinds.items()
            if ids
        ]
        waiting = f"; {self.waiting} of them wait for a worker" if self.waiting else ""
        remedy = "a worker mends it as it starts, `harvester index rebuild` at once"
        whole = f"the index holds {self.indexed} softwares, the catalogue publishes {self.published}"
        return f"{whole}: {'; '.join(parts)}{waiting}; {remedy}"


def check(catalogue: Catalogue, engine: Engine) -> Differences:
    """Compare the index that is searched with the catalogue, software by software.

    Raises IndexUnavailable and IndexOutdated as a search does.
    """
    generation = engine.current()
    if generation is None:
        raise IndexUnavailable("there is no index yet", remedy=REBUILD)
    indexed, published = engine.versions(generation), catalogue.feed.published()
    dirt = {software_id for software_id, _ in catalogue.feed.dirty(engine.name, generation, limit=None)}
    both = sorted(indexed.keys() & published.keys())
    found = Differences(
        published=len(published),
        indexed=len(indexed),
        missing=tuple(sorted(published.keys() - indexed.keys())),
        stale=tuple(one for one in both if indexed[one] < published[one]),
        ahead=tuple(one for one in both if indexed[one] > published[one]),
        extra=tuple(sorted(indexed.keys() - published.keys())),
    )
    return replace(found, waiting=len(dirt.intersection(found.ids)))


def mend(catalogue: Catalogue, engine: Engine, found: Differences) -> None:
    """Have what differs applied by the next `sync`. An index that is ahead has to be made anew: late writes never win.

    Raises IndexLosses as `rebuild` does.
    """
    generation = engine.current()
    if found.ahead or generation is None:
        rebuild(catalogue, engine)
        return
    indexed, published = engine.versions(generation), catalogue.feed.published()
    wanted = {one: max(indexed.get(one, 0), published.get(one, 0)) for one in found.ids}
    catalogue.feed.mark(engine.name, generation, wanted)


def _searched(engine: Engine) -> int:
    """How many softwares are searched now; 0 where nothing can be."""
    try:
        return engine.count()
    except SearchError:
        return 0


def _kept(engine: Engine) -> set[str]:
    """The generations that go on to be fed."""
    try:
        current = engine.current()
    except (IndexOutdated, IndexDamaged):
        current = None
    return {generation for generation in (current, engine.previous()) if generation is not None}


def _refuse_losses(count: int, *, before: int, published: int = 0, built: bool = True) -> None:
    """Raises IndexLosses where more than a fifth is gone."""
    if count >= (1 - LOSS_SHARE) * max(before, published):
        return
    more = before if count < (1 - LOSS_SHARE) * before else published
    whose = "the one in use" if more == before else "the catalogue"
    what = "the new index holds" if built else "the catalogue publishes"
    raise IndexLosses(f"{what} {count} softwares, and {whose} {more}: the one in use stays", remedy=_FORCE)


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
        raise SearchError(_failures(failed))


def _failures(failed: dict[str, str]) -> str:
    software_id, why = next(iter(failed.items()))
    return f"{len(failed)} softwares cannot be indexed, first {software_id}: {why}"
