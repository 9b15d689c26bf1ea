"""`harvester dump`: the archive that anybody may download."""

from __future__ import annotations

import click

from harvester.cli.common import messages, opened
from harvester.cli.progress import bar
from harvester.web.dump import write
from harvester.words import packaged


@click.command()
def dump() -> None:
    """Make the archive of all that is published, which pages give away.

    A worker does so once a day by itself, and after something was withdrawn or erased.

    \b
    Example:
      harvester dump
    """
    written = 0
    with opened() as (settings, catalogue), bar() as progress:
        task = progress.add_task("dump", total=catalogue.export.count())
        for written in write(catalogue, settings, packaged()):
            progress.update(task, completed=written)
    messages.print(f"{written} softwares written to {settings.dump_file}")
