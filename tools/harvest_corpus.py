"""`make corpus`: the same spiders over recorded sources, with a report of every stage.

`python -m tools.harvest_corpus FOLDER`. Settings are those of `harvester`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from harvester.catalogue import Catalogue
from harvester.cli import run
from harvester.cli.common import interruptible, messages, opened, prepare
from harvester.cli.demo import queue_all, wait_for_index
from harvester.cli.exits import EXIT_RUN_FAILED, say_error
from harvester.cli.progress import bar, line
from harvester.cli.serve import web_server, worker_process
from harvester.errors import SettingsError
from harvester.model import Judgement, Run, RunState
from simulators.server import SimulatedServer
from tools import corpus_report
from tools.corpus import corpus_sources
from tools.corpus_counts import counted
from tools.corpus_report import Report
from tools.judged import judged as measured
from tools.licence_report import licence_report
from tools.verdicts import agreement

T = TypeVar("T")
_POLL_S = 2.0  # to count what a run brought so far reads all of it
_INDEX_WAIT_S = 300


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report as JSON.")
@click.option("--judged", type=click.Path(path_type=Path), help="Measure against the judged set of this folder.")
@click.option("--serve/--no-serve", "serving", default=True, help="Go on serving what was harvested.")
def corpus(folder: Path, report: Path | None, judged: Path | None, serving: bool) -> None:
    """Harvest the recorded sources of FOLDER as simulated systems, report on each source, serve the result.

    The report says of each source how many entries its file holds and what became of each, how much they tell, how
    far our validator agrees with the official one, and which licences are not understood; with a judged set, what is
    concluded of softwares beside what careful readers say of them. Ends with 6 when a run failed or an entry vanished.

    \b
    Example:
      make corpus HARVESTER_CORPUS=../shared/corpus SERVE=0 REPORT=report.json
    """
    settings = prepare()
    interruptible()
    if not (folder / "README.md").is_file():
        raise SettingsError(f"HARVESTER_CORPUS={str(folder)!r} holds no recorded sources", remedy="name their folder")
    with messages.status("opening the recorded sources …"):
        sources = corpus_sources(folder)
    with SimulatedServer("tools.corpus:corpus_web", folder=folder) as web:
        settings = settings.model_copy(update={"simulated_web": web.address})
        with opened(settings) as (_, catalogue):
            for source in sources:
                catalogue.sources.put(source, "corpus")
            with worker_process(settings, quiet=True):
                told = _report(catalogue, folder, [source.name for source in sources])
                if judged is not None:
                    with messages.status("measuring what is concluded …"):
                        told = replace(told, judged=measured(settings, catalogue, judged))
                corpus_report.print_out(told)
                if report is not None:
                    corpus_report.write(told, report)
                if serving:
                    messages.print(f"serving http://{settings.bind}, Ctrl-C ends it")
                    web_server(settings, catalogue).run()
    for one in told.vanished:
        say_error(one)
    if told.vanished or any(row["result"] == Judgement.FAILED.value for row in told.sources):
        raise click.exceptions.Exit(EXIT_RUN_FAILED)


def _report(catalogue: Catalogue, folder: Path, names: list[str]) -> Report:

    began = time.monotonic()
    # another process harvests, this one would only look on
    aside = _aside(lambda: (agreement(folder), licence_report(folder), counted(folder)))
    runs = _harvest(catalogue, names)
    wait_for_index(catalogue, limit_s=_INDEX_WAIT_S)
    harvested_s = time.monotonic() - began
    with messages.status("asking our validator and counting licences …"):
        validator, licences, files = aside.result()
    with messages.status("counting what the records tell …"):
        rows = corpus_report.rows(catalogue, runs, files)
    return Report(
        sources=rows,
        validator=validator,
        licences=cast(Mapping[str, Any], licences),
        harvested_s=round(harvested_s, 1),
        seconds=round(time.monotonic() - began, 1),
    )


def _aside(work: Callable[[], T]) -> Future[T]:
    """Do it in a thread that does not keep an interrupted command from ending."""
    future: Future[T] = Future()

    def do() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - raised where the result is asked for
            future.set_exception(error)

    threading.Thread(target=do, name="aside", daemon=True).start()
    return future


def _harvest(catalogue: Catalogue, names: list[str]) -> list[Run]:
    """Run every source; the runs as they ended, in the order of the names."""
    runs = queue_all(catalogue, names)
    waiting = {run.id for run in runs}
    ended: dict[int, Run] = {}
    with bar() as progress:
        task = progress.add_task("sources", total=len(runs))
        while waiting:
            newest = catalogue.runs.last_by_source(limit=1)
            for now in (newest[run.source][0] for run in runs if run.id in waiting):
                if now.state is RunState.RUNNING:
                    came = catalogue.runs.progress(now.id).entries
                    progress.update(task, description=f"{now.source}: {came} entries")
                elif now.state is not RunState.QUEUED:
                    waiting.discard(now.id)
                    ended[now.id] = now
                    progress.update(task, advance=1)
                    messages.print(line(now), soft_wrap=True, highlight=False)
            time.sleep(_POLL_S)
    return [ended[run.id] for run in runs]


if __name__ == "__main__":
    run(corpus, "make corpus")
