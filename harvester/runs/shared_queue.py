"""The queue of an installation on PostgreSQL: each run that can be taken up becomes a job of procrastinate's.

The runs are the record; jobs are made of them and thrown away: one for each run that waits, whose budget is there
again, or whose worker fell silent. Whoever queues a run (a page, a command, a clock) only writes its row, and one
worker at a time makes the jobs. So whatever is killed, nothing is lost: a run without a job gets one. And nothing is
done twice: a job is the run's claim or nothing (`Runs.claim`), whoever holds it, and however late. procrastinate hands
jobs to workers, one of a source at a time, and knows by their heartbeats which workers have gone.

Its tables lie apart, in a schema that bears its version: workers of an earlier release go on in theirs.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from typing import Any

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.schema import SchemaManager

from harvester.catalogue import Catalogue
from harvester.errors import CatalogueUnavailable

FILLER_LOCK = "queue"
"""Held by the worker that makes the jobs."""
_FILLER_LEASE_S = 5.0
_FILL_S = 0.5
_AGAIN_S = 2.0
_QUEUE = "runs"
_SCHEMA = f"queue_{version('procrastinate').replace('.', '_')}"
_AWAY = (ConnectorException, CatalogueUnavailable, OSError)

_log = logging.getLogger(__name__)


class NotNow(Exception):
    """This worker cannot take the run just now; another may, or this one in a moment."""


class _InAMoment(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        return RetryDecision(retry_in={"seconds": int(_AGAIN_S)}) if isinstance(exception, NotNow) else None


class SharedQueue:
    """Hands runs to `carry` (the run's id), `places` of them at a time, until `stopping` is set.

    `lease_s`: a worker that said nothing for so long has gone. `fill_s`: between two looks for runs without a job.
    """

    def __init__(
        self, catalogue: Catalogue, *, name: str, places: int, lease_s: float, fill_s: float = _FILL_S
    ) -> None:
        self._catalogue = catalogue
        self._name = name
        self._places = places
        self._lease_s = lease_s
        self._fill_s = fill_s
        # after the database was away runs go on that no job knows of any more: whoever carries says so (`NotNow`)
        self._threads = ThreadPoolExecutor(2 * places, thread_name_prefix="run")

    def work(self, carry: Callable[[int], None], stopping: threading.Event) -> None:
        """Also after the database was away."""
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # what breaks is told here, or by its run
        try:
            while not stopping.is_set():
                try:
                    self._catalogue.database.lay_apart(_SCHEMA, SchemaManager.get_schema())
                    asyncio.run(self._serve(carry, stopping))
                except _AWAY as error:
                    _log.warning("the queue waits: %s", error)
                    stopping.wait(_AGAIN_S)
        finally:
            self._threads.shutdown(wait=True)

    async def _serve(self, carry: Callable[[int], None], stopping: threading.Event) -> None:
        app = App(connector=PsycopgConnector(**self._catalogue.database.connecting(_SCHEMA), min_size=1, max_size=4))

        async def run(run_id: int) -> None:
            await asyncio.get_running_loop().run_in_executor(self._threads, carry, run_id)

        app.task(name="run", queue=_QUEUE, retry=_InAMoment())(run)
        beat = self._lease_s / 4
        async with app.open_async():
            working = app.run_worker_async(
                queues=[_QUEUE],
                name=self._name,
                concurrency=self._places,
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=min(1.0, beat),
                abort_job_polling_interval=60.0,
                shutdown_graceful_timeout=self._lease_s,
                update_heartbeat_interval=beat,
                stalled_worker_timeout=self._lease_s,
            )
            await _first_of(working, self._fill(app, stopping))

    async def _fill(self, app: App, stopping: threading.Event) -> None:
        """Make the jobs that are missing, until this worker is to stop."""
        while not stopping.is_set():
            if await asyncio.to_thread(self._catalogue.locks.take, FILLER_LOCK, self._name, _FILLER_LEASE_S):
                await self._make_jobs(app)
            await asyncio.sleep(self._fill_s)
        with suppress(CatalogueUnavailable):
            await asyncio.to_thread(self._catalogue.locks.release, FILLER_LOCK, self._name)

    async def _make_jobs(self, app: App) -> None:
        for stalled in await app.job_manager.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=self._lease_s):
            with suppress(ConnectorException):  # its worker ended it just now
                await app.job_manager.finish_job(stalled, status=Status.FAILED, delete_job=True)
        waiting = await asyncio.to_thread(self._catalogue.runs.to_be_taken)
        if not waiting:
            return
        there = {job.task_kwargs["run_id"] for job in await app.job_manager.list_jobs_async(queue=_QUEUE)}
        missing = [(run_id, source) for run_id, source in waiting if run_id not in there]
        for run_id, source in missing:
            with suppress(AlreadyEnqueued):
                await app.configure_task(
                    "run", queue=_QUEUE, lock=f"source:{source}", queueing_lock=f"run:{run_id}"
                ).defer_async(run_id=run_id)


async def _first_of(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Until one of them ends; the others are ended then. What broke one is raised."""
    tasks = [asyncio.ensure_future(one) for one in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
