"""The life of a worker: it holds the installation's lock, executes runs, and keeps the index current.

On SQLite only the holder of the catalogue's lock works, so that one process owns the embedded index's writer. A daemon
takes run after run from the queue, several at a time, each in a thread that looks after its crawl; a command takes one
run and ends with it. On PostgreSQL all workers work: a shared queue hands them runs, and the holder of the lock is the
one that keeps the index, checks addresses and makes the day's archive.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

from harvester.catalogue import Catalogue
from harvester.catalogue.database import now
from harvester.catalogue.sources import forge_of
from harvester.config import Settings
from harvester.errors import CatalogueUnavailable, Fenced, IndexLosses, SearchError
from harvester.log import telling
from harvester.model import Run
from harvester.runs import check as checks
from harvester.runs.execute import AFTER_A_RUN, LEASE_S, child_environment, execute
from harvester.runs.notices import Teller
from harvester.search.engine import Engine
from harvester.search.sync import check, mend, sync
from harvester.words import say

WORKER_LOCK = "worker"
WORKER_LOCK_LEASE_S = 10.0
_IDLE_S = 0.5
_CHECKS_S = 60.0  # between two checks of addresses, and two looks at the day's archive
_DUMP_AGE = timedelta(days=1)
_DUMP_REST_S = 3600.0  # after one that failed
_REST_S = 300.0  # of an index that would lose much
_REST_SHARE = 2.0  # of the time that the index was written: few large commits cost less than many small ones

_log = logging.getLogger(__name__)


class Execute(Protocol):
    """Takes a claimed run to its end (see `harvester.runs.execute.execute`)."""

    def __call__(
        self, catalogue: Catalogue, settings: Settings, run: Run, *, stopping: threading.Event, lease_s: float
    ) -> Run: ...


class Worker:
    """Works until `stopping` is set. The lock is renewed and the index is fed by a thread, also while runs last.

    `lease_s`: after how many silent seconds another worker takes this one's place and its run. `execute` is how it
    carries out a run that it claimed.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        engine: Engine,
        *,
        lease_s: float = LEASE_S,
        execute: Execute = execute,
    ) -> None:
        self._execute_run = execute
        self.catalogue = catalogue
        self.settings = settings
        self.engine = engine
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.lease_s = lease_s
        self.lock_lease_s = min(lease_s, WORKER_LOCK_LEASE_S)
        self.stopping = threading.Event()
        self._mine = threading.Event()
        self._going: dict[int, tuple[threading.Thread, str]] = {}  # by run: who carries it out, and which forge it asks
        self._forges: dict[str, str] = {}
        self._choosing = threading.Lock()
        self._ended = threading.Event()
        self._indexing = threading.Lock()
        self._agreed = False  # whether the index was compared with the catalogue
        self._stays = False  # whether it takes run after run, and what else a day needs
        self._check: subprocess.Popen[bytes] | None = None
        self._checked = ""
        self._look_at = time.monotonic() + _CHECKS_S
        self._dump: subprocess.Popen[bytes] | None = None
        self._dump_look_at = time.monotonic() + _CHECKS_S
        self._teller = Teller(catalogue, settings)
        self._pairs_due = True  # an earlier worker may have ended before it made them
        self._ends_tried: object = None  # which ended decisions were tried, and what was decided by then
        self._ends_told: set[tuple[int, int]] = set()

    def take_place(self) -> bool:
        """Hold the installation's lock from now on; False while another worker does."""
        mine = self.catalogue.locks.take(WORKER_LOCK, self.name, self.lock_lease_s)
        (self._mine.set if mine else self._mine.clear)()
        return mine

    def work(self) -> None:
        """Take runs from the queue until told to stop. A run that breaks, or a database that is away, stops nothing."""
        self._stays = True
        with self._place_kept():
            next_step = self._take_next if self.catalogue.database.is_sqlite else self._idle
            queue = None if self.catalogue.database.is_sqlite else self._join_queue()
            try:
                while not self.stopping.is_set():
                    try:
                        next_step()
                    except CatalogueUnavailable as error:
                        _log.warning("the worker waits: %s", error)
                        self.stopping.wait(_IDLE_S)
            finally:
                self.stopping.set()
                for thread in filter(None, (queue, *(thread for thread, _ in list(self._going.values())))):
                    thread.join()

    def carry_out(self, run_id: int) -> None:
        """Take this one run to its end, and let the index know of it. What breaks it is raised.

        When told to stop, the run is given back for another worker.
        """
        with self._place_kept():
            while not self.stopping.is_set() and self._lasts(run_id):
                run = self._claimed(run_id)
                if run is None:  # an earlier run of the source holds a lease, perhaps of a process that is gone
                    self.stopping.wait(_IDLE_S)
                else:
                    self._execute(run)
            if not self.stopping.is_set():
                self._sync()

    def _take_next(self) -> None:
        self._ended.clear()
        run = self._next()
        if run is None:
            self._idle()
            return
        self._pairs_due = True
        thread = threading.Thread(target=self._carry, args=(run,), name=f"run {run.id}")
        self._going[run.id] = thread, self._forge(run.source)
        thread.start()

    def _join_queue(self) -> threading.Thread:
        """Take runs as the installation's queue hands them out, in a thread."""
        from harvester.runs.shared_queue import SharedQueue  # of workers on PostgreSQL alone

        places = self.settings.runs_at_once
        queue = SharedQueue(self.catalogue, name=self.name, places=places, lease_s=self.lease_s)
        thread = threading.Thread(target=queue.work, args=(self.carry, self.stopping), name="queue")
        thread.start()
        return thread

    def carry(self, run_id: int) -> None:
        """Take up this run, unless another worker has it or it is over. Raises NotNow."""
        from harvester.runs.shared_queue import NotNow

        with self._choosing:
            waiting = self.catalogue.runs.get(run_id)
            if run_id in self._going:
                return
            if self.stopping.is_set() or not self._has_place(waiting.source):
                raise NotNow
            run = self.catalogue.runs.claim(self.name, self.lease_s, run_id=run_id)
            if run is None:
                return
            self._pairs_due = True
            self._going[run.id] = threading.current_thread(), self._forge(run.source)
        self._carry(run)

    def _carry(self, run: Run) -> None:
        try:
            self._execute(run)
        except Exception:  # noqa: BLE001 - the run boundary: one broken run must not stop the others
            _log.exception("run %s of %s broke", run.id, run.source)
        finally:
            del self._going[run.id]
            self._ended.set()

    def _claimed(self, run_id: int) -> Run | None:
        return self.catalogue.runs.claim(self.name, self.lease_s, run_id=run_id) if self._mine.is_set() else None

    def _next(self) -> Run | None:
        """The oldest run that there is a place for, claimed."""
        if not self._mine.is_set() or len(self._going) >= self.settings.runs_at_once:
            return None
        for run_id, source in self.catalogue.runs.to_be_taken():
            # one that goes on here is no other's, however long the database kept it from saying so
            if run_id not in self._going and self._has_place(source) and (run := self._claimed(run_id)):
                return run
        return None

    def _has_place(self, source: str) -> bool:
        """Whether a run of it may begin. The last place is for other forges than those of which runs go: a slow one
        with many sources would keep everybody waiting."""
        places = self.settings.runs_at_once
        going = [forge for _, forge in list(self._going.values())]
        return len(going) < places and going.count(self._forge(source)) < max(1, places - 1)

    def _forge(self, source: str) -> str:
        """Whom it asks, as it was when this worker first met it: it is about whose turn it is, and no more."""
        if source not in self._forges:
            self._forges[source] = forge_of(self.catalogue.sources.get(source))
        return self._forges[source]

    def _lasts(self, run_id: int) -> bool:
        return self.catalogue.runs.get(run_id).lasts(now())

    def _idle(self) -> None:
        """Make sure of what the last of a batch does for all of them, then wait a moment."""
        if self._mine.is_set():
            self._end_decisions()
        if self._pairs_due and not self._going and (self._mine.is_set() or not self.catalogue.database.is_sqlite):
            self._pairs_due = False
            try:
                with self.catalogue.locks.alone(AFTER_A_RUN):
                    self.catalogue.suggestions.refresh()
            except Exception:  # noqa: BLE001 - suggestions must not keep a worker from its runs
                _log.exception("the pairs for reviewers could not be made")
        (self._ended if self._going else self.stopping).wait(_IDLE_S)

    def _end_decisions(self) -> None:
        """Undo the decisions whose end has come. Those that later ones hold are told once, and tried again when
        somebody has decided or undone anything."""
        review, moment = self.catalogue.review, now()
        due = review.due(moment)
        if not due or (due, review.newest()) == self._ends_tried:
            return
        review.end_due(moment)
        for held in review.held_ends(moment):
            if (held.decision.id, held.by.id) not in self._ends_told:
                self._ends_told.add((held.decision.id, held.by.id))
                _log.warning(
                    "decision %s of %s has ended and holds: decision %s of %s stands on it, undo that one first",
                    held.decision.id,
                    held.decision.actor,
                    held.by.id,
                    held.by.actor,
                )
        self._ends_tried = (review.due(moment), review.newest())

    def _check_addresses(self) -> None:
        """Now and then, beside the runs: ask a source that nobody checked for long whether it is still there."""
        if self._check is not None and self._check.poll() is None:
            return
        if self._check is not None and self._check.returncode:
            checks.broke(self.catalogue, self._checked, by="clock")
        self._check = None
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + _CHECKS_S
        days = self.settings.check_days
        name = self.catalogue.checks.due(now(), timedelta(days=days), again=checks.SECOND_LOOK) if days else None
        if name is not None:
            self._checked = name
            self._check = checks.begin(self.settings, name, by="clock")

    def _make_dump(self) -> None:
        """Once a day, beside the runs, and after something was taken off the pages: the archive for everybody."""
        if self._dump is not None and self._dump.poll() is None:
            return
        if self._dump is not None and self._dump.returncode:
            _log.warning("the archive of the day could not be made (%s)", self._dump.returncode)
            self._dump_look_at = time.monotonic() + _DUMP_REST_S
        self._dump = None
        if time.monotonic() < self._dump_look_at:
            return
        self._dump_look_at = time.monotonic() + _CHECKS_S
        if self.dump_due():
            self._dump = subprocess.Popen(
                [sys.executable, "-m", "harvester", "dump"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=child_environment(self.settings),
            )

    def dump_due(self) -> bool:
        """Whether there is no archive of today, or one that holds what may not be shown."""
        try:
            made = datetime.fromtimestamp(self.settings.dump_file.stat().st_mtime, UTC)
        except OSError:
            return True
        return now() - made >= _DUMP_AGE or self.catalogue.export.hidden_since(made)

    def _execute(self, run: Run) -> None:
        with telling(run=run.id, source=run.source):
            self._attempt(run)

    def _attempt(self, run: Run) -> None:
        _log.info("run %s of %s, attempt %s", run.id, run.source, run.attempt)
        try:
            ended = self._execute_run(self.catalogue, self.settings, run, stopping=self.stopping, lease_s=self.lease_s)
        except Fenced as error:
            _log.warning("%s", error)
            return
        _log.info("run %s of %s: %s %s", ended.id, ended.source, ended.judgement, "; ".join(map(say, ended.reasons)))

    @contextmanager
    def _place_kept(self) -> Iterator[None]:
        threads = [threading.Thread(target=each, daemon=True) for each in (self._keep_place, self._keep_index)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join(timeout=WORKER_LOCK_LEASE_S)
            for child in filter(None, (self._check, self._dump)):
                child.kill()
                child.wait()
            self._teller.end()
            self.catalogue.locks.release(WORKER_LOCK, self.name)

    def _keep_place(self) -> None:
        """Renew the lock, however long the index takes."""
        while not self.stopping.is_set():
            try:
                self.take_place()
            except CatalogueUnavailable as error:
                self._mine.clear()
                _log.warning("the lock waits: %s", error)
            except Exception:  # noqa: BLE001 - this thread must outlive what happens to the catalogue
                self._mine.clear()
                _log.exception("the lock could not be kept")
            self.stopping.wait(_IDLE_S)

    def _keep_index(self) -> None:
        rests_until = 0.0
        self._mine.wait(_IDLE_S)
        while not self.stopping.is_set():
            try:
                began = time.monotonic()
                if self._mine.is_set() and began >= rests_until:
                    self._sync()
                    self._agree()
                    rests_until = time.monotonic() + _REST_SHARE * (time.monotonic() - began)
                if self._stays and self._mine.is_set():
                    self._check_addresses()
                    self._make_dump()
                    self._teller.turn(now())
            except IndexLosses as error:  # only a person can say that it is right: it is not built again and again
                rests_until = time.monotonic() + _REST_S
                _log.warning("the index stays as it is: %s", error)
            except SearchError as error:
                _log.warning("the index waits: %s", error)
            except CatalogueUnavailable as error:
                _log.warning("the index waits: %s", error)
            except Exception:  # noqa: BLE001 - this thread must outlive what happens to the index
                _log.exception("the index could not be kept")
            self.stopping.wait(_IDLE_S)

    def _sync(self) -> None:
        with self._indexing:
            sync(self.catalogue, self.engine)

    def _agree(self) -> None:
        """Once, as the worker starts: whatever was killed before, the index is as the catalogue is."""
        if self._agreed:
            return
        with self._indexing:
            found = check(self.catalogue, self.engine)
            if found.differ:
                _log.warning("%s", found.told)
                mend(self.catalogue, self.engine, found)
                sync(self.catalogue, self.engine)
        self._agreed = True
