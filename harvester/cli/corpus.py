"""`harvester corpus`: the same spiders over recorded sources, with a report of every stage."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from harvester.catalogue import Catalogue
from harvester.cli.common import EXIT_RUN_FAILED, interruptible, messages, not_installed, opened, prepare, show
from harvester.cli.demo import queue_all, wait_for_index
from harvester.cli.progress import bar, line
from harvester.cli.serve import web_server, worker_process
from harvester.errors import SettingsError
from harvester.model import Judgement, Run, RunState

_COLUMNS = (
    "source",
    "entries",
    "read",
    "refused",
    "skipped",
    "records",
    "issues",
    "candidates",
    "published",
    "seconds",
)


@click.command()
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report as JSON.")
@click.option("--serve/--no-serve", "serving", default=True, help="Go on serving what was harvested.")
def corpus(report: Path | None, serving: bool) -> None:
    """Harvest recorded sources (HARVESTER_CORPUS) as simulated forges, print the counts per source, serve the result.

    \b
    Example:
      HARVESTER_CORPUS=../shared/corpus harvester corpus --no-serve --report report.json
    """
    try:
        from demo.corpus import corpus_sources
        from demo.server import SimulatedServer
        from demo.verdicts import agreement
    except ModuleNotFoundError:
        raise not_installed() from None

    settings = prepare()
    interruptible()
    folder = settings.corpus
    if folder is None or not (folder / "README.md").is_file():
        raise SettingsError(f"HARVESTER_CORPUS={str(folder)!r} holds no recorded sources", remedy="name their folder")
    sources = corpus_sources(folder)
    with SimulatedServer(corpus=folder) as web:
        settings = settings.model_copy(update={"simulated_web": web.address})
        with opened(settings) as (_, catalogue):
            for source in sources:
                catalogue.sources.put(source, "corpus")
            with worker_process(settings, quiet=True):
                rows = _harvest(catalogue, [source.name for source in sources])
                _print(rows, report, agreement(folder))
                if serving:
                    messages.print(f"serving http://{settings.bind}, Ctrl-C ends it")
                    web_server(settings, catalogue).run()
    if any(row["result"] == Judgement.FAILED.value for row in rows):
        raise click.exceptions.Exit(EXIT_RUN_FAILED)


def _harvest(catalogue: Catalogue, names: list[str]) -> list[dict[str, Any]]:
    runs = queue_all(catalogue, names)
    ended: dict[int, Run] = {}
    with bar() as progress:
        task = progress.add_task("sources", total=len(runs))
        while len(ended) < len(runs):
            for run in runs:
                if run.id in ended:
                    continue
                now = catalogue.runs.get(run.id)
                if now.state not in (RunState.QUEUED, RunState.RUNNING):
                    ended[run.id] = now
                    progress.update(task, advance=1, description=run.source)
                    messages.print(line(now), soft_wrap=True, highlight=False)
            time.sleep(0.2)
    wait_for_index(catalogue, limit_s=300)
    return _rows(catalogue, [ended[run.id] for run in runs])


def _rows(catalogue: Catalogue, runs: list[Run]) -> list[dict[str, Any]]:
    states = catalogue.software.count_by_source()
    return [_row(run, states.get(run.source, {})) for run in runs]


def _row(run: Run, states: dict[str, int]) -> dict[str, Any]:
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0
    counts = run.counts
    return {
        "source": run.source,
        "entries": counts.entries,
        "read": counts.read,
        "refused": counts.refused,
        "skipped": counts.skipped,
        "records": counts.records,
        "issues": counts.issues,
        "candidates": states.get("candidate", 0),
        "published": states.get("published", 0),
        "new": counts.new,
        "changed": counts.changed,
        "requests": counts.requests,
        "result": run.judgement.value if run.judgement else run.state.value,
        "seconds": round(took, 2),
    }


def _print(rows: list[dict[str, Any]], report: Path | None, validator: dict[str, dict[str, float]]) -> None:
    show(rows, _COLUMNS, json_wanted=False, empty="nothing was harvested")
    for name, figures in validator.items():
        click.echo(f"validator, {name}: " + ", ".join(f"{key} {value:g}" for key, value in figures.items()))
    if report is not None:
        partial = report.with_name(report.name + ".part")
        partial.write_text(
            json.dumps({"sources": rows, "validator": validator}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
        partial.replace(report)
