"""`harvester validate`: is a publiccode.yml right, and what is to be mended where."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import requests

from harvester.cli.common import counted, echo_json, messages, prepare
from harvester.cli.exits import say_error
from harvester.errors import FetchError, HarvesterError, InputError
from harvester.external import Answer, Ask, Surroundings, asking, raw_address
from harvester.log import printable
from harvester.net import Net
from harvester.normalize.yaml_safe import MOST_BYTES
from harvester.validate import Report, validate

EXIT_INVALID, EXIT_UNREADABLE = 1, 2
_STANDARD_INPUT = "-"


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE_OR_URL...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--external", is_flag=True, help="Also look for the files that it names, and ask its addresses.")
def validate_files(files: tuple[str, ...], form: str, external: bool) -> None:
    """Check publiccode.yml files as the standard's official validator does; "-" reads standard input.

    Text is a line a fault, `file:line:column: error: key: text (remedy)`; JSON is an object a line and file. Exit
    codes: 0 all are valid, 1 one is not, 2 wrong usage or one could not be read.

    \b
    Example:
      harvester validate publiccode.yml
      harvester validate --format json --external https://example.org/publiccode.yml
    """
    reader = _Reader()
    invalid = unreadable = 0
    for name in files:
        try:
            payload, base = reader.read(name)
        except HarvesterError as error:
            say_error(str(error))
            unreadable += 1
            continue
        report = validate(payload)
        if external:
            report = _looked_around(report, base, reader.ask)
        invalid += not report.valid
        _show(name, report, form)
    if form == "text":
        messages.print(_summary(len(files), invalid, unreadable))
    if unreadable or invalid:
        raise click.exceptions.Exit(EXIT_UNREADABLE if unreadable else EXIT_INVALID)


def _looked_around(report: Report, base: Path | str, ask: Ask) -> Report:
    here = Surroundings(base, ask)
    report = here.look(report)
    for note in dict.fromkeys(here.notes):
        say_error(note)
    return report


def _show(name: str, report: Report, form: str) -> None:
    if form == "json":
        results = [result.as_json() for result in report.results]
        echo_json({"file": name, "valid": report.valid, "results": results}, indent=None)
        return
    for result in report.results:
        place = f"{name}:{result.line}:{result.column}"
        key = f"{result.key}: " if result.key else ""
        remedy = f" ({result.remedy})" if result.remedy else ""
        click.echo(printable(f"{place}: {result.severity.value}: {key}{result.description}{remedy}"))


def _summary(files: int, invalid: int, unreadable: int) -> str:
    parts = [f"{files - invalid - unreadable} valid", f"{invalid} invalid"]
    if unreadable:
        parts.append(f"{unreadable} not read")
    return f"{counted(files, 'file', 'files')}: " + ", ".join(parts)


class _Reader:
    """Reads files, addresses and standard input; the network is opened when it is first needed."""

    def __init__(self) -> None:
        self._net: Net | None = None
        self._ask: Ask | None = None

    @property
    def net(self) -> Net:
        if self._net is None:
            self._net = Net.of(prepare())
        return self._net

    def ask(self, url: str) -> Answer:
        """What an address says."""
        if self._ask is None:
            self._ask = asking(self.net)
        return self._ask(url)

    def read(self, name: str) -> tuple[bytes, Path | str]:
        """(content, where the files that it names are). Raises HarvesterError when it cannot be read."""
        if name == _STANDARD_INPUT:
            return sys.stdin.buffer.read(MOST_BYTES + 1), Path()
        if name.startswith(("http://", "https://")):
            return self._fetch(raw_address(name)), raw_address(name)
        return _read_file(Path(name)), Path(name).parent

    def _fetch(self, url: str) -> bytes:
        try:
            answer = self.net.session("validate").get(url)
        except requests.RequestException as error:
            raise FetchError(f"{url} cannot be read: {error}", url=url) from error
        if answer.status_code != 200:
            raise FetchError(f"{url} cannot be read: HTTP {answer.status_code}", url=url, remedy="name the raw file")
        return answer.content


def _read_file(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path} is a folder", remedy=f"name the file, {path / 'publiccode.yml'}")
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist", remedy="name a file, an address, or - for standard input") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
