"""What all commands share: output, the opened catalogue and index."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from harvester.catalogue import Catalogue
from harvester.cli.exits import say_error
from harvester.config import Settings, load_settings, unknown_variables
from harvester.errors import NotFound
from harvester.log import configure_logging

messages = Console(stderr=True)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def prepare() -> Settings:
    """The settings, with logging as they say. A variable that is none of them is told: it may be a slip."""
    settings = load_settings()
    for name, meant in unknown_variables().items():
        say_error(f"{name} is no setting and was not used" + (f": is {meant} meant?" if meant else ""))
    configure_logging(settings.log_level)
    return settings


def interruptible() -> None:
    """Let SIGTERM end the command as Ctrl-C does: in order, with everything that it started."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def not_installed() -> NotFound:
    """What to raise where the simulated systems are left out, as in a production image."""
    return NotFound("the simulated systems are no part of this installation", remedy="run it in a checkout")


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[tuple[Settings, Catalogue]]:
    """The settings and the catalogue, closed afterwards."""
    settings = settings or prepare()
    catalogue = Catalogue.open(settings.database_url)
    try:
        yield settings, catalogue
    finally:
        catalogue.close()


def counted(number: int, one: str, many: str) -> str:
    """A number with its word: "1 entry", "2 entries"."""
    return f"{number} {one if number == 1 else many}"


def show(rows: Sequence[dict[str, Any]], columns: Sequence[str], *, json_wanted: bool, empty: str) -> None:
    """Print rows as a table or as JSON lines of one array; what there is none of is said on standard error."""
    if json_wanted:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
        return
    if not rows:
        messages.print(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        numeric = all(isinstance(row.get(column), int | float | None) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if row.get(column) is None else _on_one_line(row[column]) for column in columns))
    width = None if sys.stdout.isatty() else 200
    Console(width=width, highlight=False, markup=False).print(table)


def _on_one_line(value: Any) -> str:
    """What strangers wrote makes no line that looks like another row's, and gives a terminal no orders."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", str(value))
