"""One attempt of one run, in a process of its own, which ends with the process that started it.

A reactor starts but once in a process, and to import what a crawl needs takes seconds: each crawl is a fork of one
interpreter that has imported it and started nothing (multiprocessing's fork server; harvester.runs.beforehand).
"""

from __future__ import annotations

import logging
import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.errors import Fenced, SourceError
from harvester.log import configure_logging, redact, tell_everywhere
from harvester.model import Page, RawItem, Reading, Source, Unit, UnitFailed
from harvester.net import Net
from harvester.runs import account

EXIT_FENCED = 75
"""Another attempt took the run over (sysexits' EX_TEMPFAIL)."""
NAME = "harvester-run"
"""What `ps` and `top` call such a process on Linux (comm, at most 15 characters)."""
EXIT_LOST = 255
"""The interpreter that crawls are forked from is gone, and nobody can say how this one ended."""
_GRACE_S = 5.0
_FORKS = multiprocessing.get_context("forkserver")
_ENDS = threading.Lock()
"""How a process ended can be read but once, and to start one reads it of all others."""


@dataclass(frozen=True, slots=True)
class Frontier:
    """The catalogue's view of this attempt: its open units and where its pages go."""

    catalogue: Catalogue
    run_id: int
    attempt: int
    caps: list[datetime | None] = field(default_factory=list)
    """When the units that a spent budget left open may be asked again."""

    def open_units(self, first: Iterable[Unit], *, confirms: bool = False) -> Sequence[Unit]:
        """See spiders.base.Frontier."""
        return self.catalogue.harvest.open_units(self.run_id, self.attempt, first, confirms=confirms)

    def forges(self) -> Mapping[str, str]:
        """See spiders.base.Frontier."""
        return self.catalogue.sources.forges()

    def known(self, keys: Sequence[str]) -> Mapping[str, RawItem]:
        """See spiders.base.Frontier."""
        return self.catalogue.harvest.known(self.run_id, keys)

    def brought(self) -> Sequence[RawItem]:
        """See spiders.base.Frontier."""
        return self.catalogue.harvest.brought(self.run_id)

    def unseen(self, *, limit: int) -> Sequence[RawItem]:
        """See spiders.base.Frontier."""
        return self.catalogue.harvest.unseen(self.run_id, limit=limit)

    def claimed(self, host: str, *, limit: int) -> Sequence[str]:
        """See spiders.base.Frontier."""
        return self.catalogue.harvest.claimed(self.catalogue.runs.get(self.run_id).source, host, limit=limit)

    def copied(self, host: str, *, limit: int) -> Mapping[str, Sequence[str]]:
        """See spiders.base.Frontier."""
        return self.catalogue.origins.unlisted(host, limit=limit)

    def store(self, pages: list[tuple[Page, tuple[tuple[RawItem, Reading], ...]]]) -> None:
        """Store pages; raises Fenced when another attempt runs."""
        self.catalogue.harvest.store(self.run_id, self.attempt, pages)

    def unit_failed(self, failed: UnitFailed) -> None:
        """Keep why a unit could not be asked, without the token that a source's own words may repeat."""
        self.catalogue.harvest.unit_failed(
            self.run_id,
            self.attempt,
            failed.unit,
            reason=redact(failed.reason),
            status=failed.status,
            url=failed.url,
            final=failed.final,
            capped=failed.capped,
        )
        if failed.capped:
            self.caps.append(failed.retry_at)


def run_attempt(settings: Settings, run_id: int, attempt: int) -> dict[str, object]:
    """Crawl one attempt; returns the report that the parent reads. Raises Fenced."""
    from harvester.scrapy_process import crawl

    catalogue = Catalogue.open(settings.database_url, migrate=False)
    try:
        source: Source = catalogue.sources.get(catalogue.runs.get(run_id).source)
        tell_everywhere(run=run_id, source=source.name)
        holder = account.holder(run_id, attempt)
        net = Net.of(settings, memory=catalogue.memory, ledger=catalogue.ledger, holder=holder)
        frontier = Frontier(catalogue, run_id, attempt)
        stored = catalogue.entries.stored_bytes(source.name)
        had = catalogue.harvest.counts(run_id)
        outcome = crawl(source, settings=settings, frontier=frontier, net=net, stored=stored, had=had)
        net.close()
        return {
            "finish_reason": outcome.finish_reason,
            "errors": outcome.errors,
            "capped_until": _latest(frontier.caps),
        }
    finally:
        catalogue.close()


def _latest(caps: Sequence[datetime | None]) -> str | None:
    """When all of the spent budgets are there again, ISO 8601; None when none was spent."""
    return max(moment or datetime.now(UTC) for moment in caps).isoformat() if caps else None


class Child:
    """The process of an attempt, as its parent sees it. What it says goes to the end of the log.

    Raises OSError where the log cannot be written.
    """

    def __init__(self, settings: Settings, run_id: int, attempt: int, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.open("ab").close()  # raises here, where somebody hears of it
        _FORKS.set_forkserver_preload(["harvester.runs.beforehand"])
        self._report, sending = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(target=_main, args=(sending, settings, run_id, attempt, log))
        with _ENDS:
            self._process.start()
        sending.close()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within so many seconds."""
        over = multiprocessing.connection.wait([self._process.sentinel], seconds)
        return bool(over) and self._ended() is not None

    def _ended(self) -> int | None:
        with _ENDS:
            return self._process.exitcode

    @property
    def exit_code(self) -> int:
        """Of a process that ended: 0 the crawl ran (whatever it brought), 75 fenced, 255 lost, negative: a signal."""
        return self._ended() or 0

    def report(self) -> Mapping[str, Any] | None:
        """How the crawl ended; None where it could not say so."""
        try:
            return self._report.recv() if self._report.poll() else None
        except (EOFError, OSError):
            return None

    def close(self) -> None:
        """End it, whatever it does."""
        with _ENDS:
            self._process.kill()
        if self.wait(_GRACE_S):
            with _ENDS:
                self._process.close()  # and with it what the crawl watches: one that lost its interpreter ends by that
        self._report.close()


def _main(sending: Connection, settings: Settings, run_id: int, attempt: int, log: Path) -> None:
    if sys.platform == "linux":
        Path("/proc/self/comm").write_text(NAME)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process in order
    said = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.dup2(said, 1)
    os.dup2(said, 2)
    configure_logging(settings.log_level, settings.log_format)
    limit_memory(settings.run_memory_mb)
    try:
        report = run_attempt(settings, run_id, attempt)
    except Fenced as error:
        logging.getLogger(__name__).error("%s", error)
        sys.exit(EXIT_FENCED)
    except SourceError as error:
        logging.getLogger(__name__).error("%s", error)
        report = {"finish_reason": str(error), "errors": 0, "capped_until": None}
    if report["finish_reason"] == "fenced":
        sys.exit(EXIT_FENCED)
    sending.send(report)


def limit_memory(megabytes: int) -> None:
    """Give this process so much address space, on Linux: what asks for more gets a MemoryError, and others go on."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20,) * 2)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    multiprocessing.connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGKILL)
