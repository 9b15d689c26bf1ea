"""`harvester harvest`, `harvester stop`, `harvester bring-back`, `harvester renormalize`."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime

import click

from harvester.assess.meaning import understood
from harvester.catalogue import Catalogue, codec
from harvester.catalogue.database import now
from harvester.catalogue.people import COMMAND_LINE
from harvester.catalogue.runs import OPEN
from harvester.cli.common import as_json, counted, echo_json, messages, opened, prepare
from harvester.cli.exits import EXIT_RUN_FAILED, EXIT_SUSPICIOUS
from harvester.cli.progress import follow
from harvester.config import Settings
from harvester.errors import Conflict, NotFound
from harvester.model import Judgement, RawItem, Reading, Run, RunState
from harvester.normalize.readers import read
from harvester.runs.execute import LEASE_S
from harvester.runs.worker import WORKER_LOCK, Worker
from harvester.search import open_engine

_GIVE_BACK_S = 10.0
_NEWS_EVERY_S = 10.0


@click.command()
@click.argument("name")
@as_json
def harvest(name: str, as_json: bool) -> None:
    """Harvest one source now, then resolve and index what came.

    A worker that runs already takes the run; without one this process does, also when the worker goes. A run of the
    source that is open, as one whose process was killed, is taken up where it ended. A run whose budget is spent is
    left "capped": the same command, or a worker, goes on with it when the budget is there again.

    \b
    Example:
      harvester harvest italia
    """
    settings = prepare()
    with opened(settings) as (_, catalogue):
        source = catalogue.sources.get(name)
        run = catalogue.runs.queue(source.name, now(), by=COMMAND_LINE) or catalogue.runs.open_of(name)
        if run is None:
            raise Conflict(f"a run of {name!r} cannot be queued just now", remedy="try again")
        if run.resume_at is not None and run.resume_at > now():
            raise Conflict(
                f"run {run.id} of {name!r} waits for its budget until {run.resume_at:%H:%M:%S} UTC",
                remedy="try again then, or stop the run; a worker takes it up by itself",
            )
        ended = _carry_out(catalogue, settings, run)
    if as_json:
        echo_json(codec.plain(ended))
    if ended.judgement is Judgement.FAILED or ended.state is RunState.STOPPED:
        raise click.exceptions.Exit(EXIT_RUN_FAILED)
    if ended.judgement in (Judgement.SUSPICIOUS, Judgement.CAPPED) or ended.state is RunState.CAPPED:
        raise click.exceptions.Exit(EXIT_SUSPICIOUS)


def _carry_out(catalogue: Catalogue, settings: Settings, run: Run) -> Run:
    """Take the run to its end as a worker does, unless one works already: then it takes it, or this process once that
    one is gone."""
    engine = open_engine(settings)
    try:
        worker = Worker(catalogue, settings, engine)
        news = _News(catalogue, run, worker)
        if not worker.take_place():
            messages.print(f"the worker {catalogue.locks.holder(WORKER_LOCK)} takes it")
            (ended,) = follow(catalogue, [run], alive=lambda: news.tell() and not worker.take_place())
            if ended.state not in OPEN or not worker.take_place():
                return ended
        broken: list[Exception] = []
        working = threading.Thread(target=_work, args=(worker, run, broken), daemon=True)
        working.start()
        try:
            follow(catalogue, [run], alive=lambda: news.tell() and working.is_alive())
            working.join()
        finally:
            worker.stopping.set()  # interrupted: the run is given back for the next worker
            working.join(_GIVE_BACK_S)
        if broken:
            raise broken[0]
    finally:
        engine.close()
    return catalogue.runs.get(run.id)


class _News:
    """Says who works while somebody else does: on the run, or on another one that keeps it waiting."""

    def __init__(self, catalogue: Catalogue, run: Run, worker: Worker) -> None:
        self._catalogue, self._run, self._worker = catalogue, run, worker
        self._told_at = -_NEWS_EVERY_S

    def tell(self) -> bool:
        """Say it, now and then. True, always."""
        if time.monotonic() >= self._told_at + _NEWS_EVERY_S and (news := self._news()):
            self._told_at = time.monotonic()
            messages.print(news)
        return True

    def _news(self) -> str | None:
        mine = self._catalogue.runs.get(self._run.id)
        other = next((run for run in self._catalogue.runs.running() if run.worker != self._worker.name), None)
        if mine.state is RunState.RUNNING and mine.worker != self._worker.name:
            return (
                f"run {mine.id} is {mine.worker}'s, who was last heard of at {_moment(mine.heartbeat_at)}: "
                f"{self._so_far(mine)}; if it is gone, another takes the run up within {LEASE_S:.0f} s; "
                f"`harvester stop {mine.source}` ends it"
            )
        if mine.state is RunState.QUEUED and other is not None:
            return (
                f"{other.worker} works on run {other.id} of {other.source} since {_moment(other.started_at)}, "
                f"{self._so_far(other)}; `harvester stop {other.source}` ends that one, Ctrl-C leaves this one queued"
            )
        return None

    def _so_far(self, run: Run) -> str:
        counts = self._catalogue.runs.progress(run.id)
        of = f" of {counts.total}" if counts.total else ""
        return f"{counted(counts.entries, 'entry', 'entries')}{of} so far"


def _moment(at: datetime | None) -> str:
    return f"{at:%H:%M:%S} UTC" if at else "an unknown time"


def _work(worker: Worker, run: Run, broken: list[Exception]) -> None:
    try:
        worker.carry_out(run.id)
    except Exception as error:  # noqa: BLE001 - handed to the thread that waits
        broken.append(error)


@click.command()
@click.argument("name")
def stop(name: str) -> None:
    """Ask the open run of a source to stop. What it stored stays; the next run begins anew.

    \b
    Example:
      harvester stop italia
    """
    with opened() as (_, catalogue):
        source = catalogue.sources.get(name)
        run = catalogue.runs.open_of(source.name)
        if run is None:
            raise NotFound(f"no run of {name!r} is open", remedy=f"`harvester runs {name}` lists those that are over")
        catalogue.runs.stop(run.id, COMMAND_LINE)
        waits = run.state is not RunState.RUNNING
        messages.print(f"run {run.id} of {name} " + ("is stopped" if waits else "stops as soon as its worker hears it"))


@click.command("bring-back")
@click.argument("name")
def bring_back(name: str) -> None:
    """Bring back what the last accepted run of a source let go.

    What went is there again as it was last read, and the run is suspicious again. What the source still does not show
    is missing from the next good run on. A worker brings the index up to date.

    \b
    Example:
      harvester bring-back italia
    """
    with opened() as (_, catalogue):
        run_id, came = catalogue.absence.bring_back(catalogue.sources.get(name).name, "command line")
        catalogue.resolver.resolve()
    back = f"{counted(len(came), 'entry is', 'entries are')} back that run {run_id} of {name} let go"
    messages.print(back)


@click.command()
@click.argument("name", required=False)
def renormalize(name: str | None) -> None:
    """Read what is stored again with today's readers, without asking the network.

    \b
    Example:
      harvester renormalize italia
    """
    from harvester.scrapy_process import spider_class
    from pipelines.validate import validated  # loads Scrapy, which no other command of this file needs

    with opened() as (_, catalogue):
        chosen = [catalogue.sources.get(name)] if name else catalogue.sources.all()
        forges = frozenset(catalogue.sources.forges().items())

        for source in (one for one in chosen if one.taken_back is None):
            kind = spider_class(source.spider)
            hosts = kind.own_hosts(kind.Params.model_validate(dict(source.params)))

            def reader(raw: RawItem, hosts: Sequence[str] = hosts) -> Reading:
                return validated(raw, understood(read(raw, forges=forges, hosts=hosts)))

            with messages.status(f"reading {source.title} again …"):
                seen, changed = catalogue.rereading.reread(source.name, reader)
            messages.print(f"{source.name}: {seen} items read again, {changed} changed")
        catalogue.resolver.resolve()
        catalogue.suggestions.refresh()
