"""`harvester audit`, and that every command which changes something is in it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.catalogue.people import SESSION_IDLE
from harvester.cli import cli
from harvester.model import Checked, CheckFinding, Operation

CHANGES = {
    "assess": "listing threshold",
    "bring-back": "run taken back",
    "collections put": "collection made",
    "collections remove": "collection removed",
    "erase": "software erased",
    "harvest": "run queued",
    "index rebuild": "index rebuilt",
    "index revert": "index taken back",
    "renormalize": "entries read again",
    "restore": "catalogue brought back",
    "pins put": "decision pin",
    "pins remove": "decision pin undone",
    "runs accept": "run accepted",
    "runs stop": "run stopped",
    "sources accept": "source changed",
    "sources add": "source added",
    "sources mend": "source changed",
    "sources off": "source changed",
    "sources edit": "source changed",
    "sources give-back": "source given back",
    "sources on": "source changed",
    "sources pause": "source changed",
    "sources remove": "source removed",
    "sources resume": "source changed",
    "sources take-back": "source taken back",
    "sources trust": "source changed",
    "sources untrust": "source changed",
    "stop": "run stopped",
    "user add": "account set",
    "user disable": "account disabled",
    "user enable": "account enabled",
    "user role": "account role",
    "user sign-out": "sessions ended",
    "user invite": "invitation made",
    "user password": "account password",
    "user reset": "account password",
    "withdraw": "decision withdraw",
}
READS = {
    "audit",
    "backup",
    "budget",
    "collections list",
    "dump",
    "export",
    "index check",
    "pins list",
    "notices list",
    "notices send",
    "runs list",
    "runs log",
    "runs show",
    "settings",
    "sources check",
    "sources kinds",
    "sources list",
    "sources preview",
    "sources show",
}
READS |= {"user list", "validate", "vocabulary gaps", "vocabulary list"}
MACHINES = {"demo", "scheduler", "serve", "up", "worker"}
"""They serve what others ask for; the demo adds its sources and accounts by the functions that the others use."""


def _names(command: click.Command, path: str = "") -> list[str]:
    if not isinstance(command, click.Group):
        return [path]
    return [name for word, child in command.commands.items() for name in _names(child, f"{path} {word}".strip())]


def test_every_command_is_known_to_change_something_or_not() -> None:
    assert sorted(_names(cli)) == sorted({*CHANGES, *READS, *MACHINES})


def _lines(harvester) -> list[dict[str, str]]:
    return list(harvester("audit", "--limit", "1000", "--json").json)


def test_every_command_that_changes_something_leaves_its_line(
    harvester, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # they take a crawl, or what it leaves: tests/cli/test_harvest_command.py, tests/catalogue/test_brought_back.py,
    # tests/cli/test_backup_command.py
    seen = {"harvest", "bring-back", "runs accept", "restore"}

    def run(name: str, *words: str) -> None:
        before = len(_lines(harvester))
        assert harvester(*name.split(), *words).code == 0, name
        lines = _lines(harvester)
        mine = [line for line in lines[: len(lines) - before] if line["actor"] == "command line"]
        assert [line["action"] for line in mine] == [CHANGES[name]], name
        seen.add(name)

    monkeypatch.setenv("HARVESTER_NEW_PASSWORD", "analytical engine")
    run("user add", "ada", "--role", "reviewer")
    run("user password", "ada")
    run("user reset", "ada")
    run("user invite", "--role", "reviewer")
    run("user disable", "ada")
    run("user enable", "ada")
    run("user role", "ada", "operator")
    with closing(Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")) as catalogue:
        catalogue.accounts.open_session("ada", "a" * 64, datetime.now(UTC) + SESSION_IDLE)
    run("user sign-out", "ada")
    run("sources add", "sill")
    for name in ("sources accept", "sources off", "sources on", "sources pause", "sources resume", "sources trust"):
        run(name, "sill")
    run("sources untrust", "sill")
    run("sources edit", "sill", "--least", "3")
    with closing(Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")) as catalogue:
        raw, reading = item("tool")
        harvest(catalogue, [(replace(raw, format="sill", payload=b"{}"), reading)], "sill")
        assert catalogue.runs.queue("sill", datetime.now(UTC)) is not None
        tool = by_name(catalogue, "tool").id
    run("assess", "--listed-from", "0.5")
    run("collections put", "--title", "en=Petitions", tool)
    run("collections remove", "petitions")
    run("pins put", "petitions", tool, "--why", "cities ask for it")
    run("pins remove", "Petitions ", tool)  # as the question is compared: case and spaces set aside
    run("withdraw", tool, "--why", "its makers ask for it")
    run("stop", "sill")
    with closing(Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")) as catalogue:
        waits = catalogue.runs.queue("sill", datetime.now(UTC))
        assert waits is not None
        moment = datetime.now(UTC)
        found = Checked(source="sill", at=moment, by="test", finding=CheckFinding.DEAD, proposed={"enabled": False})
        catalogue.checks.keep(found)
    run("sources mend", "sill")
    run("runs stop", str(waits.id))
    for name in ("sources take-back", "sources remove", "sources give-back"):
        run(name, "sill")
    run("renormalize", "sill")  # the reader of today reads nothing of it
    for name in ("index rebuild", "index rebuild", "index revert"):
        run(name)
    run("erase", tool, "--yes")
    assert seen == set(CHANGES)
    assert {line["subject"] for line in harvester("audit", "--subject", "source:sill", "--json").json} == {
        "source:sill"
    }


def test_nobody_forges_a_line_or_gives_the_terminal_orders(harvester, data: Path) -> None:
    harvester("sources", "add", "one", "--spider", "sill", "--title", "[red]all")
    with closing(Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")) as catalogue:
        harvest(catalogue, [item("tool")], "two")
        why = "a copy\n2026-01-01  root\x1b[2J [red]all\u2028is\u202ewell"
        catalogue.review.decide(by_name(catalogue, "tool").id, Operation.REJECT, "ada", why=why)
    lines = harvester("audit", "--json").json
    shown = harvester("audit").out
    assert [line[:10] for line in shown.splitlines() if line[:1] == "2"] == [line["at"][:10] for line in lines], shown
    assert "state: candidate, now rejected" in shown
    assert not {"\x1b", "\u2028", "\u202e"} & set(shown)
    assert "a copy\\n2026-01-01" in shown
    assert "[red]all" in shown
    assert why in {line["why"] for line in lines}
    assert harvester("audit", "--subject", "run:999").err.strip() == "nobody has changed anything yet"
