"""`harvester index` and `harvester audit`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click

from harvester.catalogue import Catalogue
from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import as_json, echo_json, messages, opened, prepare, show
from harvester.cli.exits import EXIT_SUSPICIOUS
from harvester.cli.progress import bar
from harvester.search import Engine, open_engine
from harvester.search.sync import check, rebuild, revert

_LOOK_AGAIN_S = 1.0


@click.group()
def index() -> None:
    """The search index: a projection of the catalogue, always disposable.

    \b
    Example:
      harvester index rebuild
    """


@index.command("rebuild")
@click.option("--force", is_flag=True, help="Take its place although it lost much, or some could not be written.")
def rebuild_index(force: bool) -> None:
    """Build the index anew from the catalogue beside the old one, then swap. Searches go on meanwhile.

    One that lost more than a fifth, or that some softwares could not be written to, takes no place. The index before is
    kept until the next rebuild: `harvester index revert` takes it back.

    \b
    Example:
      harvester index rebuild
    """
    settings = prepare()
    with opened(settings) as (_, catalogue):
        engine = open_engine(settings)
        try:
            with bar() as progress:
                task = progress.add_task(f"{engine.name} index", total=None)

                def tell(done: int, total: int) -> None:
                    progress.update(task, completed=done, total=total)

                count = rebuild(catalogue, engine, progress=tell, force=force, actor=COMMAND_LINE)
        finally:
            engine.close()
    messages.print(f"{count} softwares indexed")


@index.command("revert")
def revert_index() -> None:
    """Search the index before the last rebuild again, brought up to date. Called twice, it is as it was.

    \b
    Example:
      harvester index revert
    """
    with _indexed() as (catalogue, engine):
        generation = revert(catalogue, engine, actor=COMMAND_LINE)
        messages.print(f"{engine.count()} softwares are searched, in the index {generation}")


@index.command("check")
@as_json
def check_index(as_json: bool) -> None:
    """Compare the index with the catalogue, software by software. What differs is told, with exit code 7.

    A worker does so as it starts, and mends what differs.

    \b
    Example:
      harvester index check
    """
    with _indexed() as (catalogue, engine):
        found = check(catalogue, engine)
        if found.differ:  # a worker may write while this reads: what differs still is told
            time.sleep(_LOOK_AGAIN_S)
            found = check(catalogue, engine)
    if as_json:
        echo_json(asdict(found))
    else:
        messages.print(found.told)
    if found.differ:
        raise click.exceptions.Exit(EXIT_SUSPICIOUS)


@contextmanager
def _indexed() -> Iterator[tuple[Catalogue, Engine]]:
    """The catalogue and its index, closed afterwards."""
    with opened() as (settings, catalogue):
        engine = open_engine(settings)
        try:
            yield catalogue, engine
        finally:
            engine.close()


@click.command()
@click.option("--subject", help="Only what was done to this, for example source:NAME.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Lines to show.")
@as_json
def audit(subject: str | None, limit: int, as_json: bool) -> None:
    """Show who changed what, newest first. The actor "harvester" is the machine, "command line" whoever ran a command.

    \b
    Example:
      harvester audit --subject source:sill
    """
    with opened() as (_, catalogue):
        lines = [asdict(line) for line in catalogue.audit.recent(limit, subject=subject)]
    for line in lines:
        line["at"] = line["at"].isoformat(timespec="seconds")
        if not as_json:
            line["actor"] += f" ({line['via']})" if line["via"] else ""
            line["what"] = _difference(line["before"] or {}, line["after"] or {})
    columns = ("at", "actor", "action", "subject", "what", "why")
    show(lines, columns, json_wanted=as_json, empty="nobody has changed anything yet")


def _difference(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What was said of the subject before and is now, as far as it differs: "state: candidate, now published"."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    parts = [f"{name}: " + ", now ".join(str(side[name]) for side in (before, after) if name in side) for name in names]
    return "; ".join(parts)
