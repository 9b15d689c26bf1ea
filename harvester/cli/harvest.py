"""`harvester harvest`, `harvester runs`, `harvester renormalize`."""

from __future__ import annotations

import json
import threading
from typing import Any

import click

from harvester.assess.meaning import understood
from harvester.catalogue import Catalogue, codec
from harvester.catalogue.database import now
from harvester.catalogue.runs import WAITING
from harvester.cli.common import as_json, messages, opened, prepare, show
from harvester.cli.exits import EXIT_RUN_FAILED, EXIT_SUSPICIOUS
from harvester.cli.progress import follow
from harvester.config import Settings
from harvester.errors import Conflict
from harvester.model import Judgement, RawItem, Reading, Run, RunState
from harvester.normalize.readers import read
from harvester.runs.worker import WORKER_LOCK, Worker
from harvester.search import open_engine
from harvester.words import say

_GIVE_BACK_S = 10.0


@click.command()
@click.argument("name")
@as_json
def harvest(name: str, as_json: bool) -> None:
    """Harvest one source now, then resolve and index what came.

    A worker that runs already takes the run; without one this process does. A run whose budget is spent is left
    "capped": the same command, or a worker, goes on with it when the budget is there again.

    \b
    Example:
      harvester harvest italia
    """
    settings = prepare()
    with opened(settings) as (_, catalogue):
        source = catalogue.sources.get(name)
        run = catalogue.runs.queue(source.name, now(), by="command line")
        if run is None:
            waiting = [old for old in catalogue.runs.recent(name, 5) if old.state in WAITING]
            if not waiting:
                raise Conflict(f"a run of {name!r} cannot be queued just now", remedy="try again")
            run = waiting[0]
        if run.resume_at is not None and run.resume_at > now():
            raise Conflict(
                f"run {run.id} of {name!r} waits for its budget until {run.resume_at:%H:%M:%S} UTC",
                remedy="try again then, or stop the run; a worker takes it up by itself",
            )
        ended = _carry_out(catalogue, settings, run)
    if as_json:
        click.echo(json.dumps(codec.plain(ended), ensure_ascii=False, indent=2, default=str))
    if ended.judgement is Judgement.FAILED or ended.state is RunState.STOPPED:
        raise click.exceptions.Exit(EXIT_RUN_FAILED)
    if ended.judgement is Judgement.SUSPICIOUS or ended.state is RunState.CAPPED:
        raise click.exceptions.Exit(EXIT_SUSPICIOUS)


def _carry_out(catalogue: Catalogue, settings: Settings, run: Run) -> Run:
    """Take the run to its end as a worker does, unless one works already: then it takes it."""
    engine = open_engine(settings)
    try:
        worker = Worker(catalogue, settings, engine)
        if not worker.take_place():
            messages.print(f"the worker {catalogue.locks.holder(WORKER_LOCK)} takes it")
            return follow(catalogue, [run])[0]
        broken: list[Exception] = []
        working = threading.Thread(target=_work, args=(worker, run, broken), daemon=True)
        working.start()
        try:
            follow(catalogue, [run], alive=working.is_alive)
            working.join()
        finally:
            worker.stopping.set()  # interrupted: the run is given back for the next worker
            working.join(_GIVE_BACK_S)
        if broken:
            raise broken[0]
    finally:
        engine.close()
    return catalogue.runs.get(run.id)


def _work(worker: Worker, run: Run, broken: list[Exception]) -> None:
    try:
        worker.carry_out(run.id)
    except Exception as error:  # noqa: BLE001 - handed to the thread that waits
        broken.append(error)


@click.command()
@click.argument("name", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
@as_json
def runs(name: str | None, limit: int, as_json: bool) -> None:
    """List the newest runs, of all sources or of one, with why they were judged so.

    \b
    Example:
      harvester runs italia --limit 5
    """
    with opened() as (_, catalogue):
        if name is not None:
            catalogue.sources.get(name)
        rows = [_row(run) for run in catalogue.runs.recent(name, limit)]
    columns = (
        "id",
        "source",
        "due",
        "state",
        "result",
        "attempt",
        "entries",
        "new",
        "changed",
        "issues",
        "requests",
        "why",
    )
    show(rows, columns, json_wanted=as_json, empty="no runs yet")


def _row(run: Run) -> dict[str, Any]:
    counts = run.counts
    return {
        "id": run.id,
        "source": run.source,
        "due": run.due_at.isoformat(timespec="seconds"),
        "state": run.state.value,
        "result": run.judgement.value if run.judgement else None,
        "attempt": run.attempt,
        "entries": counts.entries,
        "new": counts.new,
        "changed": counts.changed,
        "issues": counts.issues,
        "requests": counts.requests,
        "why": "; ".join(say(reason) for reason in run.reasons),
        "spent": dict(run.spent),
        "left": dict(run.left),
    }


@click.command()
@click.argument("name", required=False)
def renormalize(name: str | None) -> None:
    """Read what is stored again with today's readers, without asking the network.

    \b
    Example:
      harvester renormalize italia
    """
    from pipelines.validate import validated  # loads Scrapy, which no other command of this file needs

    with opened() as (_, catalogue):
        chosen = [catalogue.sources.get(name)] if name else catalogue.sources.all()
        forges = frozenset(catalogue.sources.forges().items())

        def reader(raw: RawItem) -> Reading:
            return validated(raw, understood(read(raw, forges=forges)))

        for source in chosen:
            with messages.status(f"reading {source.title} again …"):
                seen, changed = catalogue.rereading.reread(source.name, reader)
            messages.print(f"{source.name}: {seen} items read again, {changed} changed")
        catalogue.resolver.resolve()
        catalogue.suggestions.refresh()
