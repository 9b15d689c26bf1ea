"""A repository that may only describe another one: a reviewer is asked, however much its source is trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.builders import by_name
from support.runs import running

from harvester.model import Operation, SoftwareState
from simulators.forgejo_store import ForgejoStore, Repository
from simulators.sim_forgejo import Forgejo

AT = "2026-01-01T00:00:00Z"
ABOUT = """publiccodeYmlVersion: "0.5"
name: Letter Desk
url: https://git.suite.example/core
"""
SOURCE = {
    "spider": "forgejo",
    "params": {"url": "http://forge.example", "organisations": ["suite"]},
    "trusted": True,
}


def test_what_names_another_repository_and_holds_no_code_is_published_by_a_reviewer_alone(tmp_path: Path) -> None:
    one = Repository(id=7, owner="suite", name="metadata", updated_at=AT, files={"publiccode.yml": ABOUT})
    store = ForgejoStore([one])
    with running({"forge.example": Forgejo("forge.example", store)}, tmp_path, SOURCE) as runs:
        runs.harvest()
        waiting = by_name(runs.catalogue, "Letter Desk")
        assert waiting.state is SoftwareState.CANDIDATE
        assert "describes-another" in runs.issues()
        assert "url-mismatch" not in runs.issues()
        runs.catalogue.review.decide(waiting.id, Operation.ACCEPT, "ada")
        runs.harvest()
        assert by_name(runs.catalogue, "Letter Desk").state is SoftwareState.PUBLISHED


def test_what_holds_code_is_published_whatever_it_names(tmp_path: Path) -> None:
    one = Repository(id=7, owner="suite", name="metadata", updated_at=AT, files={"publiccode.yml": ABOUT})
    store = ForgejoStore([replace(one, languages={"C++": 1000})])
    with running({"forge.example": Forgejo("forge.example", store)}, tmp_path, SOURCE) as runs:
        runs.harvest()
        assert by_name(runs.catalogue, "Letter Desk").state is SoftwareState.PUBLISHED
        assert "url-mismatch" in runs.issues()
