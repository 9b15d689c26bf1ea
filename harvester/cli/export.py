"""`harvester export`: everything that the catalogue holds, as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

import click

from harvester.cli.common import messages, opened
from harvester.cli.progress import bar


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def write_export(file: Path) -> None:
    """Write every software of every state as JSON lines, with what is concluded of it; "-" is standard output.

    A file takes its place whole, or not at all. What waits, was rejected or withdrawn is among it: it is the
    operator's, not the public's.

    \b
    Example:
      harvester export catalogue.jsonl
    """
    with opened() as (_, catalogue):
        if str(file) == "-":
            for line in catalogue.export.lines():
                click.echo(json.dumps(line, ensure_ascii=False))
            return
        unfinished = file.with_name(f".{file.name}.unfinished")
        written = 0
        try:
            with unfinished.open("w", encoding="utf-8") as out, bar() as progress:
                task = progress.add_task("export", total=catalogue.export.count())
                for line in catalogue.export.lines():
                    out.write(json.dumps(line, ensure_ascii=False) + "\n")
                    written += 1
                    progress.update(task, completed=written)
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
    messages.print(f"{written} softwares written to {file}")
