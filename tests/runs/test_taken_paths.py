"""A project is renamed and another takes its path: two things, on every forge and in whatever order they are shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from support.runs import Runs, running

from harvester.catalogue import codec, schema
from harvester.catalogue.codec import SoftwareData
from harvester.model import Judgement
from simulators.exchange import Host
from simulators.forgejo_store import Account, ForgejoStore, Repository
from simulators.github_store import GitHubStore, Owner, Repo
from simulators.gitlab_store import GitLabStore, Project
from simulators.sim_forgejo import Forgejo
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab

TIME = {"created_at": "2020-01-01T00:00:00Z"}
MOVED = 5


class OnGitHub:
    host = "github.com"
    source: ClassVar = {"spider": "github", "params": {"owners": ["town"], "api_url": "http://api.github.com"}}

    def __init__(self) -> None:
        self.store = GitHubStore.of([self._repo("tool", MOVED)], [Owner(login="town")])
        self.hosts: dict[str, Host] = {"api.github.com": GitHub(self.store)}

    def _repo(self, name: str, number: int) -> Repo:
        return Repo(owner="town", name=name, database_id=number, pushed_at="2026-01-01T00:00:00Z", **TIME)

    def rename(self, old: str, new: str) -> None:
        self.store.change(f"town/{old}", name=new)

    def put(self, name: str, number: int) -> None:
        self.store.put(self._repo(name, number))


class OnGitLab:
    host = "lab.example"
    graphql = True

    def __init__(self) -> None:
        self.source: dict[str, Any] = {
            "spider": "gitlab",
            "params": {"url": f"http://{self.host}", "groups": ["town"], "graphql": self.graphql},
        }
        self.store = GitLabStore([])
        self.put("tool", MOVED)
        self.hosts: dict[str, Host] = {self.host: GitLab(self.host, self.store, limit=100_000)}

    def rename(self, old: str, new: str) -> None:
        project = self.store.get(f"town/{old}")
        assert project is not None
        self.store.change(project.id, path=f"town/{new}", name=new)

    def put(self, name: str, number: int) -> None:
        self.store.put(Project(id=number, path=f"town/{name}", name=name, files={"README.md": "Hi"}, **TIME))


class OnGitLabByRest(OnGitLab):
    graphql = False


class OnForgejo:
    host = "forge.example"
    source: ClassVar = {"spider": "forgejo", "params": {"url": f"http://{host}", "organisations": ["town"]}}

    def __init__(self) -> None:
        self.store = ForgejoStore([self._repository("tool", MOVED)], [Account(login="town")])
        self.hosts: dict[str, Host] = {self.host: Forgejo(self.host, self.store)}

    def _repository(self, name: str, number: int) -> Repository:
        return Repository(id=number, owner="town", name=name, files={"README.md": "Hi"}, **TIME)

    def rename(self, old: str, new: str) -> None:
        found = next(one for one in self.store if (one.owner, one.name) == ("town", old))
        self.store.put(replace(found, name=new, former=(*found.former, f"town/{old}")))

    def put(self, name: str, number: int) -> None:
        self.store.put(self._repository(name, number))


def softwares(runs: Runs) -> list[set[str]]:
    """The addresses and numbers of every software that stands."""
    software = schema.software
    query = sa.select(software.c.data).where(software.c.state.in_(("published", "candidate")))
    with runs.catalogue.database.read() as connection:
        stored = [codec.load(SoftwareData, data) for data in connection.execute(query).scalars()]
    return sorted(({str(name) for name in one.identifiers} for one in stored), key=sorted)


@pytest.mark.parametrize("taker", [MOVED - 1, MOVED + 1], ids=["shown-before", "shown-after"])
@pytest.mark.parametrize("between", [True, False], ids=["renamed-first", "at-once"])
@pytest.mark.parametrize("forge", [OnGitHub, OnGitLab, OnGitLabByRest, OnForgejo])
def test_a_path_that_another_project_took_joins_nothing(
    tmp_path: Path, forge: type[Any], between: bool, taker: int
) -> None:
    world = forge()

    def harvest(runs: Runs) -> tuple[int, int]:
        run = runs.harvest()
        assert (run.judgement, run.reasons) == (Judgement.GOOD, ())
        return run.counts.new, run.counts.changed

    def address(name: str) -> str:
        return f"repo:https://{world.host}/town/{name}"

    with running(world.hosts, tmp_path, world.source) as runs:
        assert harvest(runs) == (1, 0)
        world.rename("tool", "better")
        if between:
            assert harvest(runs) == (0, 1)
            assert softwares(runs) == [{f"forge:{world.host}:{MOVED}", address("better"), address("tool")}]
        world.put("tool", taker)
        assert harvest(runs) == (1, 1)
        assert softwares(runs) == [
            {f"forge:{world.host}:{number}", address(name)}
            for number, name in sorted([(MOVED, "better"), (taker, "tool")])
        ]
        assert harvest(runs) == (0, 0)
