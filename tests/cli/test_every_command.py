"""What holds for every command: help with an example, messages apart from results, JSON that parses, exit codes."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.stored import environment

from harvester.cli import COMMANDS as SHORT
from harvester.cli import cli


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from _commands(child, (*path, name))


COMMANDS = dict(_commands(cli))
NAMES = [" ".join(path) for path in COMMANDS]


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_a_command_does_with_an_example(harvester, name: str) -> None:
    ended = harvester(*name.split(), "--help")
    assert ended.code == 0
    assert ended.err == ""
    assert ended.out.startswith(f"Usage: harvester {name}".strip())
    assert re.search(r"\n  Example:\n    (\w+=\S+ )?harvester ", ended.out), ended.out
    assert harvester(*name.split(), "-h").out == ended.out


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_are_commands_that_exist(harvester, name: str) -> None:
    shown = harvester(*name.split(), "--help").out.partition("Example:\n")[2].partition("\n\n")[0]
    examples = [line.strip() for line in shown.splitlines() if line.strip()]
    assert examples
    for example in examples:
        words = [word for word in shlex.split(example) if not re.fullmatch(r"HARVESTER_\w+=\S+", word)]
        assert words.pop(0) == "harvester"
        _parse(words)


def _parse(words: list[str]) -> None:
    command: click.Command = cli
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context("example", list(words))


def test_the_help_of_the_command_lists_every_command(harvester) -> None:
    shown = harvester("--help").out
    for name, command in cli.commands.items():
        assert re.search(rf"^  {name} +\S", shown, re.MULTILINE), command


def test_the_names_promised_are_there() -> None:
    promised = {"sources list", "sources add", "sources preview", "harvest", "index rebuild", "serve", "up", "user add"}
    assert promised | {"demo", "settings", "runs", "worker", "scheduler"} <= set(NAMES)


@pytest.mark.parametrize("words", ["settings", "sources list", "sources kinds", "runs"])
def test_json_is_all_there_is_on_standard_output(harvester, words: str) -> None:
    ended = harvester(*words.split(), "--json")
    assert ended.code == 0
    assert ended.err == ""
    assert isinstance(ended.json, list)


@pytest.mark.parametrize("words", ["sources list --added", "runs"])
def test_nothing_to_show_is_said_on_standard_error(harvester, words: str) -> None:
    ended = harvester(*words.split())
    assert (ended.code, ended.out) == (0, "")
    assert "yet" in ended.err


@pytest.mark.parametrize("words", [["nonsense"], ["sources", "nonsense"], ["harvest"], ["runs", "--limit", "0"]])
def test_wrong_usage_has_its_own_exit_code(harvester, words: list[str]) -> None:
    ended = harvester(*words)
    assert ended.code == 2
    assert ended.out == ""
    assert "Error: " in ended.err


def test_the_version_is_told(harvester) -> None:
    from harvester import __version__

    assert harvester("--version").out == f"harvester, version {__version__}\n"


def test_a_reader_that_stops_reading_is_no_error(tmp_path) -> None:
    done = subprocess.run(
        f"{shlex.quote(sys.executable)} -m harvester settings --json | head -c 1; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_installation_without_the_demo_says_so(harvester, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("demo", "simulators.server", "demo.sources"):
        monkeypatch.setitem(sys.modules, module, None)
    ended = harvester("demo")
    assert ended.code == 4
    assert "checkout" in ended.told


def test_an_address_that_is_taken_is_said_with_the_setting(harvester, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("HARVESTER_BIND", f"127.0.0.1:{other.getsockname()[1]}")
        for name in ("serve", "up", "demo"):
            ended = harvester(name)
            assert ended.code == 3, ended.err
            assert "HARVESTER_BIND" in ended.err.splitlines()[-1]
            assert "Traceback" not in ended.err


@pytest.mark.parametrize("words", [["sources", "list"], ["runs"], ["serve"], ["worker"], ["index", "rebuild"]])
def test_a_damaged_catalogue_is_one_line_with_the_remedy(harvester, data: Path, words: list[str]) -> None:
    data.mkdir()
    (data / "catalogue.sqlite").write_bytes(b"nonsense " * 2000)
    ended = harvester(*words)
    assert ended.code == 5
    assert "catalogue.sqlite" in ended.told
    assert "its file is damaged or no database" in ended.told
    assert "bring back a backup" in ended.told


def test_the_help_of_all_commands_imports_none_of_them() -> None:
    told = "import sys, harvester.cli as c; c.cli.main(['--help'], standalone_mode=False); print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    help_text, _, loaded = ended.stdout.rstrip().rpartition("\n")
    assert {"harvester.cli.exits", "click"} <= set(loaded.split())
    assert not {"sqlalchemy", "pydantic", "scrapy", "rich", "fastapi", "harvester.cli.serve"} & set(loaded.split())
    assert all(re.search(rf"^  {name} +\w", help_text, re.MULTILINE) for name in SHORT)


@pytest.mark.parametrize("name", SHORT)
def test_the_short_help_is_the_first_sentence_of_a_command(name: str) -> None:
    assert SHORT[name][1] == cli.commands[name].get_short_help_str(1000)
