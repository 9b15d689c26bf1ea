"""What all commands share: output, the opened catalogue and index."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from harvester.catalogue import Catalogue
from harvester.cli.exits import say_error
from harvester.config import Settings, load_settings, unknown_variables
from harvester.errors import NotFound
from harvester.log import configure_logging, printable


class Terminal(Console):
    """Prints text as text: no mark-up in brackets, no smileys, no control characters, a text a line.

    What is ours to style comes as `rich.text.Text`, made by `styled`.
    """

    def print(self, *objects: Any, **how: Any) -> None:
        super().print(*(printable(one) if isinstance(one, str) else one for one in objects), **how)

    def status(self, status: Any, **how: Any) -> Status:
        return super().status(styled(status) if isinstance(status, str) else status, **how)  # it reads marks in a str


def terminal(**how: Any) -> Terminal:
    """A terminal for what a command says."""
    return Terminal(markup=False, emoji=False, highlight=False, soft_wrap=True, **how)


def styled(*parts: str | tuple[str, str]) -> Text:
    """A line of texts, each alone or with its style."""
    return Text.assemble(*(printable(one) if isinstance(one, str) else (printable(one[0]), one[1]) for one in parts))


messages = terminal(stderr=True)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def prepare() -> Settings:
    """The settings, with logging as they say. A variable that is none of them is told: it may be a slip."""
    os.umask(0o077)  # the catalogue holds hashes of passwords: what a command makes is its owner's alone
    settings = load_settings()
    for name, meant in unknown_variables().items():
        say_error(f"{name} is no setting and was not used" + (f": is {meant} meant?" if meant else ""))
    configure_logging(settings.log_level, settings.log_format)
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


def echo_json(value: Any, *, indent: int | None = 2) -> None:
    """JSON on standard output. What a terminal would obey is escaped, as JSON allows everywhere within its texts."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    click.echo(_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", text))


_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What `json` leaves as it is of the characters that `printable` takes out."""


def show(rows: Sequence[dict[str, Any]], columns: Sequence[str], *, json_wanted: bool, empty: str) -> None:
    """Print rows as a table or as JSON lines of one array; what there is none of is said on standard error."""
    if json_wanted:
        echo_json(rows)
        return
    if not rows:
        messages.print(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        numeric = all(isinstance(row.get(column), int | float | None) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(styled("" if row.get(column) is None else str(row[column])) for column in columns))
    width = None if sys.stdout.isatty() else 200
    terminal(width=width).print(table, soft_wrap=False)
