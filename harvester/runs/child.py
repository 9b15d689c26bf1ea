"""One attempt of one run, in a process of its own: `python -m harvester.runs.child RUN ATTEMPT`.

The parent holds this process's standard input open; when it closes, the parent is gone and so is this process. The
last line on standard output is JSON: how the crawl ended and what it spent. Everything else is on standard error.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from harvester.catalogue import Catalogue
from harvester.config import Settings, load_settings
from harvester.errors import Fenced, SourceError
from harvester.log import configure_logging
from harvester.model import Page, RawItem, Reading, Source, Unit, UnitFailed
from harvester.net import Net
from harvester.runs import account

EXIT_FENCED = 75
"""Another attempt took the run over (sysexits' EX_TEMPFAIL)."""


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

    def store(self, pages: list[tuple[Page, tuple[tuple[RawItem, Reading], ...]]]) -> None:
        """Store pages; raises Fenced when another attempt runs."""
        self.catalogue.harvest.store(self.run_id, self.attempt, pages)

    def unit_failed(self, failed: UnitFailed) -> None:
        """Keep why a unit could not be asked."""
        self.catalogue.harvest.unit_failed(
            self.run_id,
            self.attempt,
            failed.unit,
            reason=failed.reason,
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
        holder = account.holder(run_id, attempt)
        net = Net.of(settings, memory=catalogue.memory, ledger=catalogue.ledger, holder=holder)
        frontier = Frontier(catalogue, run_id, attempt)
        outcome = crawl(source, settings=settings, frontier=frontier, net=net)
        net.close()
        return {
            "finish_reason": outcome.finish_reason,
            "errors": outcome.errors,
            "spent": dict(net.spent()),
            "capped_until": _latest(frontier.caps),
        }
    finally:
        catalogue.close()


def _latest(caps: Sequence[datetime | None]) -> str | None:
    """When all of the spent budgets are there again, ISO 8601; None when none was spent."""
    return max(moment or datetime.now(UTC) for moment in caps).isoformat() if caps else None


def die_with_parent() -> None:
    """End this process, hard, as soon as the parent's end of standard input closes."""

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(0, 1024):
                pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 0 the crawl ran (whatever it brought), 75 fenced."""
    die_with_parent()
    settings = load_settings()
    configure_logging(settings.log_level)
    run_id, attempt = int(arguments[0]), int(arguments[1])
    try:
        report = run_attempt(settings, run_id, attempt)
    except Fenced as error:
        logging.getLogger(__name__).error("%s", error)
        return EXIT_FENCED
    except SourceError as error:
        logging.getLogger(__name__).error("%s", error)
        report = {"finish_reason": str(error), "errors": 0, "spent": {}, "capped_until": None}
    if report["finish_reason"] == "fenced":
        return EXIT_FENCED
    print(json.dumps(report), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
