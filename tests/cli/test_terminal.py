"""What others wrote is printed as text: it colours nothing, ends no line, breaks no command and obeys no bracket."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from support.builders import begin, harvest, item
from support.templates import lay_tables

from harvester.catalogue import Catalogue
from harvester.cli.common import messages
from harvester.cli.progress import line
from harvester.log import configure_logging, printable
from harvester.model import Judgement, Reason, Run, RunCounts

HOSTILE = "[/oops] [red]x[/red] :smile: \x1b[2Jgone\x9b1m\x07 \u202etxt\nharvester: forged\r\u2028 \ud800"
SHOWN = "[/oops] [red]x[/red] :smile: \\x1b[2Jgone\\x9b1m\\x07 \\u202etxt\\nharvester: forged\\r\\u2028 \\ud800"


@pytest.fixture
def failed(data: Path) -> Run:
    """A catalogue in which a run failed with the words of a hostile server."""
    url = f"sqlite:///{data / 'catalogue.sqlite'}"
    data.mkdir()
    lay_tables(url)
    catalogue = Catalogue.open(url, migrate=False)
    harvest(catalogue, [item("[/x]", name="[/x]")], "forge")
    run = begin(catalogue, "forge")
    why = Reason.of("judged.unit-failed", unit="[/page]", why=HOSTILE.replace(" \ud800", ""))
    ended = catalogue.runs.finish(
        run.id, run.attempt, judgement=Judgement.FAILED, reasons=(why,), counts=RunCounts(), spent={}
    )
    catalogue.close()
    return ended


def test_a_run_that_failed_with_hostile_words_is_listed_as_text(failed: Run, harvester, capsys) -> None:
    messages.print(line(failed))
    assert SHOWN.removesuffix(" \\ud800") in capsys.readouterr().err  # as `harvester harvest` tells it
    listed = harvester("runs")
    assert listed.code == 0, listed.err
    assert "[/oops] [red]x[/red] :smile: \\x1b[2Jgone" in listed.out
    told = harvester("runs", "--json")
    assert "\x1b" not in told.out
    assert "\x9b" not in told.out
    assert "\u202e" not in told.out
    assert HOSTILE.replace(" \ud800", "") in told.json[0]["why"]


def test_what_is_no_name_is_told_as_text(harvester) -> None:
    for arguments in (("runs", HOSTILE[:-2]), ("sources", "add", HOSTILE[:-2]), ("user", "disable", HOSTILE[:-2])):
        ended = harvester(*arguments)
        assert ended.code != 0
        assert ended.told
        assert "\x1b" not in ended.err


def test_a_file_that_is_checked_writes_no_lines_of_its_own(harvester, tmp_path: Path) -> None:
    file = tmp_path / "publiccode.yml"
    file.write_text('publiccodeYmlVersion: "0"\n"a\\e[2J\\nb [/x]": 1\n')
    text, whole = harvester("validate", str(file)), harvester("validate", "--format", "json", str(file))
    assert text.code == whole.code == 1
    assert "\x1b" not in text.out
    assert all(one.startswith(f"{file}:") for one in text.out.splitlines())
    assert any("\\x1b[2J" in one for one in text.out.splitlines())
    assert "\x1b[2J" in json.dumps(whole.json, ensure_ascii=False).replace("\\u001b", "\x1b")


def test_an_event_is_one_line_of_the_log(capsys) -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logging()
    try:
        logging.getLogger("test").warning("it said %s", HOSTILE)
        try:
            raise ValueError(HOSTILE)
        except ValueError:
            logging.getLogger("test").exception("broke")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].endswith(f"WARNING test: it said {SHOWN}")
    assert lines[1].endswith("ERROR test: broke")
    assert lines[2].startswith("Traceback")
    assert not any("\x1b" in one for one in lines)


def test_what_is_ordinary_stays_as_it_is() -> None:
    assert printable("Écologie – données [1] \u00a0 日本 😀 \\n") == "Écologie – données [1] \u00a0 日本 😀 \\n"
