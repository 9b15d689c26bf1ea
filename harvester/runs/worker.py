"""The worker of an installation: takes runs from the queue one after the other and keeps the index current.

Only the holder of the catalogue's lock works, so that one process owns the embedded index's writer.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.errors import Fenced, SearchError
from harvester.model import Run
from harvester.runs.execute import LEASE_S, Watch, execute
from harvester.search.engine import Engine
from harvester.search.sync import sync
from harvester.words import say

WORKER_LOCK = "worker"
WORKER_LOCK_LEASE_S = 10.0
_IDLE_S = 0.5

_log = logging.getLogger(__name__)


def worker_name() -> str:
    """Who this process is, for people: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Worker:
    """Runs until `stopping` is set. The lock is renewed and the index is fed by a thread, also while a run lasts.

    `lease_s`: after how many silent seconds another worker takes this one's place and its run.
    """

    def __init__(self, catalogue: Catalogue, settings: Settings, engine: Engine, *, lease_s: float = LEASE_S) -> None:
        self.catalogue = catalogue
        self.settings = settings
        self.engine = engine
        self.name = worker_name()
        self.lease_s = lease_s
        self.lock_lease_s = min(lease_s, WORKER_LOCK_LEASE_S)
        self.stopping = threading.Event()
        self._mine = threading.Event()
        self._pairs_due = True  # an earlier worker may have ended before it made them

    def work(self, *, watch: Watch | None = None, done: Callable[[Run], None] | None = None) -> None:
        """Take runs until told to stop."""
        keeper = threading.Thread(target=self._keep, name="index", daemon=True)
        keeper.start()
        try:
            while not self.stopping.is_set():
                run = self._next() if self._mine.is_set() else None
                if run is None:
                    self._idle()
                    continue
                self._pairs_due = True
                self._execute(run, watch=watch, done=done)
        finally:
            self.stopping.set()
            keeper.join(timeout=WORKER_LOCK_LEASE_S)
            self.catalogue.locks.release(WORKER_LOCK, self.name)

    def _idle(self) -> None:
        """Make sure of what the last of a batch does for all of them, then wait a moment."""
        if self._pairs_due and self._mine.is_set():
            self._pairs_due = False
            try:
                self.catalogue.suggestions.refresh()
            except Exception:  # noqa: BLE001 - suggestions must not keep a worker from its runs
                _log.exception("the pairs for reviewers could not be made")
        self.stopping.wait(_IDLE_S)

    def _next(self) -> Run | None:
        return self.catalogue.runs.claim(self.name, self.lease_s)

    def _execute(self, run: Run, *, watch: Watch | None, done: Callable[[Run], None] | None) -> None:
        _log.info("run %s of %s, attempt %s", run.id, run.source, run.attempt)
        try:
            ended = execute(
                self.catalogue, self.settings, run, watch=watch, stopping=self.stopping, lease_s=self.lease_s
            )
        except Fenced as error:
            _log.warning("%s", error)
            return
        except Exception:  # noqa: BLE001 - the run boundary: one broken run must not stop the others
            _log.exception("run %s of %s broke", run.id, run.source)
            return
        _log.info("run %s of %s: %s %s", ended.id, ended.source, ended.judgement, "; ".join(map(say, ended.reasons)))
        if done is not None:
            done(ended)

    def _keep(self) -> None:
        while not self.stopping.is_set():
            try:
                self._hold_and_sync()
            except SearchError as error:
                _log.warning("the index waits: %s", error)
            except Exception:  # noqa: BLE001 - this thread must outlive a database that was away for a moment
                self._mine.clear()
                _log.exception("the lock or the index could not be kept")
            self.stopping.wait(_IDLE_S)

    def _hold_and_sync(self) -> None:
        if self.catalogue.locks.take(WORKER_LOCK, self.name, self.lock_lease_s):
            self._mine.set()
            sync(self.catalogue, self.engine)
        else:
            self._mine.clear()
