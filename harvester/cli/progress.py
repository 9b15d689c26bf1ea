"""Progress of runs, drawn from the catalogue: whoever executes them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from harvester.catalogue import Catalogue
from harvester.cli.common import counted, messages, styled
from harvester.model import Judgement, Run, RunState
from harvester.words import say

_POLL_S = 0.3
_STYLE = {Judgement.GOOD: "green", Judgement.CAPPED: "yellow", Judgement.SUSPICIOUS: "yellow", Judgement.FAILED: "red"}


def bar() -> Progress:
    """A progress display on standard error; without a terminal it prints nothing but the closing lines."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=messages,
        disable=not messages.is_terminal,
    )


def follow(catalogue: Catalogue, runs: Sequence[Run], *, alive: Callable[[], bool] = lambda: True) -> list[Run]:
    """Draw the runs until all have ended (or `alive` says no), then say each one's result. Returns them as they are."""
    ended: dict[int, Run] = {}
    with bar() as progress:
        tasks = {run.id: progress.add_task(run.source, total=None) for run in runs}
        while True:
            last_look = not alive()
            for run in runs:
                if run.id in ended:
                    continue
                now = catalogue.runs.get(run.id)
                if not now.lasts(datetime.now(UTC)):
                    ended[run.id] = now
                    progress.update(tasks[run.id], total=now.counts.entries or 1, completed=now.counts.entries or 1)
                    messages.print(line(now))
                elif now.state is RunState.RUNNING:
                    counts = catalogue.runs.progress(run.id)
                    progress.update(tasks[run.id], total=counts.total, completed=counts.entries)
            if last_look or len(ended) == len(runs):
                break
            time.sleep(_POLL_S)
    return [ended.get(run.id) or catalogue.runs.get(run.id) for run in runs]


def line(run: Run) -> Text:
    """A run's result in one line."""
    counts = run.counts
    word = (run.judgement or run.state).value
    style = _STYLE.get(run.judgement, "") if run.judgement else ""
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0
    told = f"; {'; '.join(say(reason) for reason in run.reasons)}" if run.reasons else ""
    return styled(
        f"{run.source}: ",
        (word, style),
        f", {counted(counts.entries, 'entry', 'entries')} ({counts.new} new, "
        f"{counts.changed} changed, {counts.refused} refused, {counts.skipped} skipped), "
        f"{counted(counts.issues, 'issue', 'issues')}, {counted(counts.requests, 'request', 'requests')}, "
        f"{took:.1f} s{told}",
    )
