"""The export: every software of every state on a line, each identifier on one line alone."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from support.builders import harvest, item

from harvester.catalogue import Catalogue
from harvester.cli import cli
from harvester.errors import InputError
from harvester.model import Operation

REPO = "https://github.com/decidim/decidim"


def filled(catalogue: Catalogue) -> None:
    harvest(
        catalogue,
        [
            item("whole", name="Decidim", names=[f"repo:{REPO}"], code_repository=REPO, use_cases=("consultation",)),
            item("fork", names=["repo:https://github.com/town/decidim"], fork=True, is_based_on=REPO),
        ],
        trusted=True,
    )
    harvest(catalogue, [item("again", names=["catalogue:test:again"])], "beta", trusted=True)  # the younger
    harvest(catalogue, [item("waits"), item("bad")], "heap")
    catalogue.suggestions.refresh()
    ids = {one.fields.name: one.id for one in (*catalogue.software.published(), *catalogue.review.queue())}
    catalogue.review.decide(ids["bad"], Operation.REJECT, "ada", why="no tool")
    catalogue.review.decide(ids["Decidim"], Operation.SAME, "ada", value=ids["again"])


def address_of(catalogue: Catalogue) -> str:
    return catalogue.database.url.render_as_string(hide_password=False)


def lines(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    return {line["slug"]: line for line in catalogue.export.lines()}


def test_every_state_is_there_and_every_identifier_once(catalogue: Catalogue) -> None:
    filled(catalogue)
    found = lines(catalogue)
    assert Counter(one["state"] for one in found.values()) == {
        "published": 2,
        "candidate": 1,
        "rejected": 1,
        "merged": 1,
    }
    assert len(found) == catalogue.export.count() == 5
    names = [name for one in found.values() for name in one["identifiers"]]
    assert len(names) == len(set(names))
    left = next(one for one in found.values() if one["state"] == "merged")
    heir = next(one for one in found.values() if one["id"] == left["mergedInto"])
    assert set(heir["identifiers"]) == {f"repo:{REPO}", "catalogue:test:again"}
    assert left["identifiers"] == []


def test_a_line_holds_what_is_said_by_whom_on_what_terms_and_what_is_concluded(catalogue: Catalogue) -> None:
    filled(catalogue)
    found = lines(catalogue)
    whole, copy = found["decidim"], found["fork"]
    assert (whole["fields"]["name"], whole["fields"]["codeRepository"]) == ("Decidim", REPO)
    assert whole["useCases"] == ["consultation"]
    assert [piece["source"] for piece in whole["evidence"]["name"]] == ["alpha", "beta"]
    assert (whole["sources"], list(whole["terms"])) == ([["alpha", "test"], ["beta", "test"]], ["alpha", "beta"])
    assert all(0 <= whole[name] <= 1 for name in ("civic", "toolbox", "standing"))
    assert {"artefact", "civic", "toolbox", "standing"} == whole["reasons"].keys()
    (relation,) = copy["relations"]
    assert (relation["type"], relation["basis"], relation["target"]) == ("copy", "declared", whole["identifiers"])
    assert (copy["listed"], copy["shelf"], copy["because"]["code"]) == (False, "copies", "shelf.copy")
    assert (whole["copiedBy"], whole["folded"]) == (1, ["repo:https://github.com/town/decidim"])
    assert not any(found[one]["listed"] for one in ("waits", "bad", "again"))


def test_the_command_writes_a_whole_file_or_none(catalogue: Catalogue, tmp_path: Path) -> None:
    filled(catalogue)
    told = list(catalogue.export.lines())
    environment = {"HARVESTER_DATA": str(tmp_path), "HARVESTER_DATABASE": address_of(catalogue)}
    runner, file = CliRunner(), tmp_path / "all.jsonl"
    assert runner.invoke(cli, ["export", str(file)], env=environment).exit_code == 0
    assert [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] == told
    piped = runner.invoke(cli, ["export", "-"], env=environment)
    assert [json.loads(line) for line in piped.stdout.splitlines()] == told
    nowhere = runner.invoke(cli, ["export", str(tmp_path / "no" / "where.jsonl")], env=environment)
    assert nowhere.exit_code != 0
    assert [one.name for one in tmp_path.glob("*.jsonl*")] == ["all.jsonl"]


def test_a_change_of_the_threshold_moves_what_is_listed_and_is_told_beforehand(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    filled(catalogue)
    environment = {"HARVESTER_DATA": str(tmp_path), "HARVESTER_DATABASE": address_of(catalogue)}

    def assess(*options: str) -> Any:
        return CliRunner().invoke(cli, ["assess", *options], env=environment)

    def listed() -> int:
        return sum(line["listed"] for line in catalogue.export.lines())

    before = listed()
    assert assess("--dry", "--listed-from", "0").exit_code == 0
    assert listed() == before
    assert assess("--listed-from", "1").exit_code == 0
    assert listed() == 0
    assert assess("--listed-from", "0").exit_code == 0
    assert listed() == 1, "a copy stays under its origin"
    assert isinstance(assess("--listed-from", "7").exception, InputError)
    assert [line.action for line in catalogue.audit.recent(10) if line.action == "listing threshold"] != []
