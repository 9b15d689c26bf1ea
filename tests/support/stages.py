"""The stages of a harvest, each as a call for a process of its own that dies on the way."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from support.apart import Fork
from support.web import entry

from harvester.catalogue import Catalogue, resolving
from harvester.model import Operation, Page, RawItem, Unit
from harvester.normalize.readers import read
from harvester.search import sync
from harvester.search.tantivy_engine import TantivyEngine
from scheduler import Clock

PAGES, PAGE_SIZE = 4, 3
_MOMENT_S = 0.001


def normalise(url: str, run_id: int) -> None:
    """Read and store the pages that the run has left, as its next attempt."""
    catalogue = Catalogue.open(url, migrate=False)
    run = catalogue.runs.claim("stage", _MOMENT_S, run_id=run_id)
    assert run is not None
    first = [Unit(str(page), {"page": page}) for page in range(PAGES)]
    for unit in catalogue.harvest.open_units(run.id, run.attempt, first):
        page = int(unit.data["page"])
        items = [_raw(number) for number in range(page * PAGE_SIZE, (page + 1) * PAGE_SIZE)]
        catalogue.harvest.store(run.id, run.attempt, [(Page(unit=unit), [(raw, read(raw)) for raw in items])])
    catalogue.close()


def _raw(number: int) -> RawItem:
    from support.builders import EPOCH

    told = entry(number)
    payload = json.dumps(told).encode()
    return RawItem(key=told["id"], format="developers-italia", payload=payload, url=told["url"], fetched_at=EPOCH)


def resolve(url: str) -> None:
    """Make software of what is dirty, a few records at a time."""
    resolving._BATCH = 5
    catalogue = Catalogue.open(url, migrate=False)
    catalogue.resolver.resolve()
    catalogue.close()


def review(url: str) -> None:
    """Accept each candidate."""
    catalogue = Catalogue.open(url, migrate=False)
    for software in catalogue.review.queue(1000):
        catalogue.review.decide(software.id, Operation.ACCEPT, "rita", seen=software.version)
    catalogue.close()


def index(url: str, folder: str) -> None:
    """Tell the index what it does not know yet, a few softwares at a time."""
    sync.BATCH = 5
    catalogue, engine = Catalogue.open(url, migrate=False), TantivyEngine(Path(folder))
    sync.sync(catalogue, engine)
    engine.close()
    catalogue.close()


def rebuild(url: str, folder: str, times: int = 1) -> None:
    """Make the index anew so often, and bring it to where the catalogue is."""
    sync.BATCH = 50
    catalogue, engine = Catalogue.open(url, migrate=False), TantivyEngine(Path(folder))
    for _ in range(times):
        sync.rebuild(catalogue, engine)
    sync.sync(catalogue, engine)
    engine.close()
    catalogue.close()


def tick(url: str, at: float) -> None:
    """Queue what is due at that moment (seconds since 1970), as a clock that was started a minute before."""
    moment = datetime.fromtimestamp(at, UTC)
    catalogue = Catalogue.open(url, migrate=False)
    Clock(catalogue, began=moment - timedelta(minutes=1)).tick(moment)
    catalogue.close()


def dying(stage: Callable[..., None], at: int, *arguments: Any) -> int:
    """Carry a stage out, and be killed at its `at`-th call of a function, Python's or C's; 0: never.

    Returns how many there were.
    """
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        if event in ("call", "c_call"):
            calls += 1
            if calls == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    try:
        stage(*arguments)
    finally:
        sys.setprofile(None)
    return calls


def dying_in_time(stage: Callable[..., None], after_s: float, *arguments: Any) -> float:
    """Carry a stage out, and die after so many seconds of processor time, also within a library; 0: never.

    Nothing hears of the signal, as of SIGKILL. Returns how many seconds it took.
    """
    began = _spent()
    signal.setitimer(signal.ITIMER_PROF, after_s)
    stage(*arguments)
    signal.setitimer(signal.ITIMER_PROF, 0)
    return _spent() - began


def _spent() -> float:
    times = os.times()
    return times.user + times.system


def killed(how: Callable[..., Any], stage: Callable[..., None], at: float, *arguments: Any) -> bool:
    """Whether it died there, and not because of something else; False when it came to its end before."""
    fork = Fork(how, stage, at, *arguments)
    try:
        fork.answer()
    except RuntimeError as error:
        if f"ended with -{signal.SIGKILL.value}" in str(error) or f"ended with -{signal.SIGPROF.value}" in str(error):
            return True
        raise
    finally:
        fork.end()
    return False
