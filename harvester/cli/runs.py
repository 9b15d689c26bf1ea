"""`harvester runs`: list them, look at one, read its log, stop it, accept it."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict
from typing import Any

import click

from harvester.catalogue import Catalogue
from harvester.catalogue.people import COMMAND_LINE
from harvester.catalogue.shifts import Shift
from harvester.cli.common import as_json, counted, echo_json, messages, opened, show, terminal
from harvester.errors import NotFound
from harvester.log import redact
from harvester.model import Judgement, Run, RunState
from harvester.words import say

_NAMED = 50  # of what goes, where nobody asked for JSON
_LONGEST_LINE = 2000  # characters of a log's line
_COLUMNS = (
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


class _Runs(click.Group):
    """`harvester runs NAME` lists those of a source: what is no word of ours is a source's name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            return "list", self.commands["list"], args
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = ("-h", "--help")
        return super().parse_args(ctx, args if args and (args[0] in own or args[0][:1] != "-") else ["list", *args])


@click.group(cls=_Runs)
def runs() -> None:
    """List the newest runs, look at one, read its log, stop it, or say that it is right.

    \b
    Example:
      harvester runs list italia --limit 5
      harvester runs show 17
    """


@runs.command("list")
@click.argument("name", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
@as_json
def list_runs(name: str | None, limit: int, as_json: bool) -> None:
    """List the newest runs, of all sources or of one, with why they were judged so. The word `list` may be left out.

    \b
    Example:
      harvester runs list italia --limit 5
    """
    with opened() as (_, catalogue):
        if name is not None:
            catalogue.sources.get(name)
        rows = [_row(run) for run in catalogue.runs.recent(name, limit)]
    show(rows, _COLUMNS, json_wanted=as_json, empty="no runs yet")


@runs.command("show")
@click.argument("run_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@as_json
def show_run(run_id: int, as_json: bool) -> None:
    """Show one run: how it was judged and why, what it brought and cost, what went, its issues by cause.

    \b
    Example:
      harvester runs show 17 --json
    """
    with opened() as (_, catalogue):
        run = catalogue.runs.get(run_id)
        told = _told(catalogue, run)
    if as_json:
        echo_json(told)
        return
    out = terminal()
    out.print(f"run {run.id} of {run.source}: {told['result'] or told['state']}, attempt {run.attempt}")
    for name in ("due", "started", "ended"):
        out.print(f"  {name}: {told[name] or 'not yet'}")
    for reason in told["reasons"]:
        out.print(f"  because: {reason}")
    out.print("  " + ", ".join(f"{name} {value}" for name, value in told["counts"].items() if value is not None))
    for name, value in told["spent"].items():
        out.print(f"  spent: {name} {value}")
    for kind, names in (("went", told["went"]), ("would go", told["would_go"]), ("would change", told["would_change"])):
        for one in names[:_NAMED]:
            out.print(f"  {kind}: {one}")
        if len(names) > _NAMED:
            out.print(f"  {kind}: {len(names) - _NAMED} more; --json names all")
    for group in told["issues"]:
        out.print(f"  {group['severity']}: {group['message']} ({group['code']}, {group['n']})")
        if group["remedy"]:
            out.print(f"    {group['remedy']}")


def _told(catalogue: Catalogue, run: Run) -> dict[str, Any]:
    counts = catalogue.runs.progress(run.id) if run.state is RunState.RUNNING else run.counts
    held = run.judgement is Judgement.SUSPICIOUS
    return {
        "id": run.id,
        "source": run.source,
        "state": run.state.value,
        "result": run.judgement.value if run.judgement else None,
        "attempt": run.attempt,
        "worker": run.worker,
        "due": _time(run.due_at),
        "started": _time(run.started_at),
        "ended": _time(run.finished_at),
        "reasons": [say(reason) for reason in run.reasons],
        "counts": asdict(counts),
        "spent": dict(run.spent),
        "left": dict(run.left),
        "went": [one.name for one in catalogue.absence.went(run.id)] if counts.gone else [],
        "would_go": [one.name for one in catalogue.absence.would_remove(run.id)] if held else [],
        "would_change": [_shift(one) for one in catalogue.shifts.would_change(run.id)] if held else [],
        "issues": [group.as_json() for group in catalogue.issues.groups(run=run.id)],
    }


def _shift(shift: Shift) -> str:
    return f"{shift.name}: {shift.kind.value}, {shift.after}"


def _time(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


@runs.command("log")
@click.argument("run_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@click.option("--lines", default=200, show_default=True, type=click.IntRange(1, 100_000), help="The last ones.")
def show_log(run_id: int, lines: int) -> None:
    """Print the end of what a run's crawl wrote, without secrets.

    \b
    Example:
      harvester runs log 17 --lines 50
    """
    with opened() as (settings, catalogue):
        catalogue.runs.get(run_id)
    path = settings.data / "logs" / f"run-{run_id}.log"
    try:
        with path.open(encoding="utf-8", errors="replace") as log:
            last = deque((line[:_LONGEST_LINE] for line in log), maxlen=lines)
    except FileNotFoundError:
        raise NotFound(
            f"this machine has no log of run {run_id}", remedy="it began on another one, never, or long ago"
        ) from None
    out = terminal()
    for line in last:
        out.print(redact(line.rstrip("\n")))


@runs.command("stop")
@click.argument("run_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
def stop_run(run_id: int) -> None:
    """Ask a run to stop. What it stored stays; the next run of its source begins anew.

    \b
    Example:
      harvester runs stop 17
    """
    with opened() as (_, catalogue):
        run = catalogue.runs.get(run_id)
        catalogue.runs.stop(run_id, COMMAND_LINE)
    waits = run.state is not RunState.RUNNING
    messages.print(
        f"run {run_id} of {run.source} " + ("is stopped" if waits else "stops as soon as its worker hears it")
    )


@runs.command("accept")
@click.argument("run_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def accept_run(run_id: int, dry_run: bool) -> None:
    """Say that a suspicious run is right: its absences count, and what was held back goes. `harvester bring-back`
    undoes it. A worker brings the index up to date.

    \b
    Example:
      harvester runs accept 17 --dry-run
    """
    with opened() as (_, catalogue):
        run = catalogue.runs.get(run_id)
        going, changing = catalogue.absence.would_remove(run_id), catalogue.shifts.would_change(run_id)
        if not dry_run:
            catalogue.absence.confirm(run_id, COMMAND_LINE)
            catalogue.resolver.resolve()
    word = "would go" if dry_run else "went"
    messages.print(f"run {run_id} of {run.source}: {counted(len(going), 'entry', 'entries')} {word}")
    for one in going:
        messages.print(f"  {word}: {one.name}")
    for shift in changing:
        messages.print(f"  {'would change' if dry_run else 'changed'}: {_shift(shift)}")


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
