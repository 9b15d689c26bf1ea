"""Empty runs a second through the shared queue, beside as many empty jobs through procrastinate alone.

Both on one PostgreSQL, by one worker of two places, until the last has ended: ours makes a job of each run that waits,
claims it, and closes it; the other defers jobs that do nothing, under a lock of their own.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from procrastinate import App, PsycopgConnector

from benchmarks.figure import Figure
from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import Judgement, Run, RunCounts, Source
from harvester.runs.shared_queue import SharedQueue
from harvester.runs.worker import Worker
from harvester.search import open_engine

RUNS = 300
ROUNDS = 5
PLACES = 2
_LEASE_S = 30.0


def _empty(catalogue: Catalogue, settings: Settings, run: Run, *, stopping: threading.Event, lease_s: float) -> Run:
    del settings, stopping, lease_s
    return catalogue.runs.finish(
        run.id, run.attempt, judgement=Judgement.GOOD, reasons=(), counts=RunCounts(), spent={}
    )


def _ours(catalogue: Catalogue, worker: Worker) -> float:
    """Runs a second."""
    stopping, left = threading.Event(), threading.Semaphore(0)

    def carry(run_id: int) -> None:
        worker.carry(run_id)
        left.release()

    moment = datetime.now(UTC)
    for number in range(RUNS):
        assert catalogue.runs.queue(f"source-{number}", moment, by="bench") is not None
    began = time.perf_counter()
    queue = SharedQueue(catalogue, name=worker.name, places=PLACES, lease_s=_LEASE_S)
    thread = threading.Thread(target=queue.work, args=(carry, stopping))
    thread.start()
    for _ in range(RUNS):
        left.acquire()
    took = time.perf_counter() - began
    stopping.set()
    thread.join()
    return RUNS / took


async def _alone(catalogue: Catalogue) -> float:
    """Jobs a second."""
    app = App(connector=PsycopgConnector(**catalogue.database.connecting("alone"), min_size=1, max_size=4))
    left, all_done = RUNS, asyncio.Event()

    @app.task(name="nothing", queue="alone")
    async def nothing(number: int) -> None:
        nonlocal left
        left -= number >= 0
        if not left:
            all_done.set()

    async with app.open_async():
        began = time.perf_counter()
        working = asyncio.ensure_future(
            app.run_worker_async(
                queues=["alone"], concurrency=PLACES, install_signal_handlers=False, delete_jobs="always"
            )
        )
        for number in range(RUNS):
            await nothing.configure(lock=f"source:{number}", queueing_lock=f"run:{number}").defer_async(number=number)
        await all_done.wait()
        took = time.perf_counter() - began
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    return RUNS / took


@contextmanager
def _server() -> Iterator[str]:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from support.postgresql_server import create_database, postgresql

    with postgresql() as url:
        create_database(f"{url}/bench")
        yield f"{url}/bench"


def figures() -> list[Figure]:
    """The median of the rounds' ratios."""
    from procrastinate.schema import SchemaManager

    with tempfile.TemporaryDirectory() as folder, _server() as url:
        catalogue = Catalogue.open(url)
        catalogue.database.lay_apart("alone", SchemaManager.get_schema())
        for number in range(RUNS):
            address = {"url": f"https://host-{number}.example"}  # or two of them would be two of one forge
            source = Source(name=f"source-{number}", spider="html_page", title="Empty", params=address)
            catalogue.sources.put(source, "bench")
        settings = Settings(data=Path(folder), database=url, runs_at_once=PLACES)
        engine = open_engine(settings)
        worker = Worker(catalogue, settings, engine, lease_s=_LEASE_S, execute=_empty)
        rounds = []
        for _ in range(ROUNDS):
            alone = asyncio.run(_alone(catalogue))
            rounds.append((_ours(catalogue, worker) / alone, alone))
        engine.close()
        catalogue.close()
    return [
        Figure(
            name="empty runs through the shared queue, to procrastinate alone",
            value=statistics.median(ratio for ratio, _ in rounds),
            baseline=statistics.median(alone for _, alone in rounds),
            limit=">= 0.5",
            unit="of the jobs a second",
        )
    ]


if __name__ == "__main__":
    print("\n".join(figure.line() for figure in figures()))
