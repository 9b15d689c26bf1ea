"""Harvests of forges, killed at random requests: nothing is lost, doubled, or asked again that was stored."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.responses import Response
from support.builders import EPOCH
from support.killing import Left, alive, carried_out, crawlers, kept
from support.runs import running
from support.web import eventually

from harvester.catalogue import Catalogue, codec, schema
from harvester.config import Settings
from harvester.model import Judgement, Run, RunState, Source
from harvester.runs import execute as executing
from simulators import github_store, gitlab_store
from simulators.exchange import Ask, Host
from simulators.forgejo_store import ForgejoStore, Repository
from simulators.github_store import GitHubStore
from simulators.server import ThreadedServer
from simulators.sim_forgejo import Forgejo
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab
from simulators.web import create_app

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of forge: `inside` are the repositories whose inside a request asks for, `name` is what it calls one.

    `in_flight` repositories at the most are asked for, and not stored yet, at any moment: those of the request that
    is being answered, and of the one before it, which is being read and stored.
    """

    host: str
    make: Callable[[], Host]
    source: Mapping[str, Any]
    inside: Callable[[Ask], set[str]]
    name: Callable[[Mapping[str, Any]], str]
    count: int
    in_flight: int


def _variables(ask: Ask) -> Mapping[str, Any]:
    variables: Mapping[str, Any] = json.loads(ask.body)["variables"] if ask.body else {}
    return variables


def _on_github(ask: Ask) -> set[str]:
    values = _variables(ask)
    return {*values.get("ids", ()), *(value for name, value in values.items() if name.startswith("in"))}


def _on_forgejo(ask: Ask) -> set[str]:
    parts = ask.path.removeprefix("/api/v1/").split("/")
    return {"/".join(parts[1:3])} if parts[0] == "repos" and len(parts) > 3 else set()


def _without_prose(store: GitHubStore) -> GitHubStore:
    """Without texts whose languages would be told, which is not what is tried here."""
    return GitHubStore.of(
        replace(one, description=None, files={**one.files, "README.md": f"# {one.name}\n"}) for one in store
    )


def _repositories(count: int) -> ForgejoStore:
    times = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    return ForgejoStore(
        Repository(id=n, owner="town", name=f"tool-{n}", files={"README.md": f"# Tool {n}\n"}, **times)
        for n in range(1, count + 1)
    )


_PAGE = 25


def _github(owners: int) -> Kind:
    """A hundred repositories of each owner."""
    return Kind(
        host="api.github.com",
        make=lambda: GitHub(_without_prose(github_store.synthetic(100 * owners, owners=owners))),
        source={
            "spider": "github",
            "params": {
                "owners": [f"org-{n}" for n in range(owners)],
                "api_url": "http://api.github.com",
                "page_size": _PAGE,
            },
        },
        inside=_on_github,
        name=lambda payload: str(payload["id"]),
        count=100 * owners,
        in_flight=2 * _PAGE,
    )


GITLAB = Kind(
    host="gitlab.example",
    make=lambda: GitLab("gitlab.example", gitlab_store.synthetic(400), limit=100_000),
    source={"spider": "gitlab", "params": {"url": "http://gitlab.example", "groups": ["org"]}},
    inside=lambda ask: set(_variables(ask).get("ids") or ()),
    name=lambda payload: f"gid://gitlab/Project/{payload['id']}",
    count=400,
    in_flight=2 * 100,
)
FORGEJO = Kind(
    host="forge.example",
    make=lambda: Forgejo("forge.example", _repositories(400)),
    source={"spider": "forgejo", "params": {"url": "http://forge.example", "organisations": ["town"]}},
    inside=_on_forgejo,
    name=lambda payload: str(payload["full_name"]),
    count=400,
    in_flight=2 * 50,
)


@dataclass
class Killing:
    """A forge that kills its harvester as some requests come in, and keeps what was asked."""

    kind: Kind
    host: Host
    at: set[int] = field(default_factory=set)
    asked: list[set[str]] = field(default_factory=list)
    kills: list[tuple[int, set[str]]] = field(default_factory=list)
    """For each kill how much had been asked by then, and which repositories were stored."""
    stored: Callable[[], set[str]] = set

    def answer(self, ask: Ask) -> Response:
        self.asked.append(self.kind.inside(ask))
        if len(self.asked) in self.at:
            (victim,) = crawlers(os.getpid())
            os.kill(victim, signal.SIGKILL)
            eventually(lambda: not alive(victim))
            self.kills.append((len(self.asked), self.stored()))
        return self.host.answer(ask)


@dataclass(frozen=True)
class Site:
    forge: Killing
    catalogue: Catalogue
    settings: Settings

    def harvest(self) -> Run:
        run = self.catalogue.runs.queue("forge", EPOCH - timedelta(days=1), by="test")
        assert run is not None
        return carried_out(self.catalogue, self.settings, run)

    def stored(self) -> set[str]:
        """What the forge calls the repositories that are stored."""
        raw, payload = schema.raw_item, schema.payload
        query = sa.select(payload.c.body).join(raw, raw.c.digest == payload.c.digest)
        with self.catalogue.database.read() as connection:
            bodies = connection.execute(query).scalars().all()
        return {self.forge.kind.name(json.loads(codec.decompress(body))) for body in bodies}


@contextmanager
def site(kind: Kind, folder: Path) -> Iterator[Site]:
    """A new forge of a kind, and a new catalogue with a source that harvests it."""
    forge = Killing(kind, kind.make())
    url = f"sqlite:///{folder / 'catalogue.sqlite'}"
    catalogue = Catalogue.open(url)
    try:
        with ThreadedServer(create_app({kind.host: forge})) as server:
            settings = Settings(data=folder, database=url, simulated_web=server.address, index=str(folder / "index"))
            catalogue.sources.put(Source(name="forge", title="Forge", **kind.source), "test")
            made = Site(forge, catalogue, settings)
            forge.stored = made.stored
            yield made
    finally:
        catalogue.close()


_FEW = [pytest.param(_github(5), 2, id="github")]
_MANY = [
    pytest.param(kind, kills, id=f"{kind.source['spider']}-often", marks=pytest.mark.long)
    for kind, kills in ((_github(20), 20), (GITLAB, 4), (FORGEJO, 20))
]
"""Each with as many kills as are many for it: GitLab's whole harvest is a few requests."""


@pytest.mark.parametrize(("kind", "kills"), [*_FEW, *_MANY])
def test_killed_at_random_requests_nothing_is_lost_doubled_or_asked_again_that_was_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind, kills: int
) -> None:
    monkeypatch.setattr(executing, "MOST_ATTEMPTS", kills + 1)  # or the run would be given up, rightly
    (tmp_path / "undisturbed").mkdir()
    undisturbed, requests = _undisturbed(kind, tmp_path / "undisturbed")
    seed = random.randrange(10**6)
    points = sorted(random.Random(seed).sample(range(1, requests + 1), kills))
    print(f"seed {seed}: killed at the requests {points} of {requests}")
    (tmp_path / "killed").mkdir()
    with site(kind, tmp_path / "killed") as killed:
        killed.forge.at = set(points)
        run = killed.harvest()
        assert (run.state, run.judgement, run.reasons) == (RunState.FINISHED, Judgement.GOOD, ())
        assert (run.attempt, len(killed.forge.kills)) == (kills + 1, kills)
        assert (run.counts.new, run.counts.changed, run.counts.gone) == (kind.count, 0, 0)
        left = kept(killed.catalogue)
        assert {**left, "software": []} == undisturbed
        assert [version for _, _, version, _ in left["software"]] == [1] * kind.count
        _check_what_was_asked_again(killed.forge)


def _undisturbed(kind: Kind, folder: Path) -> tuple[Left, int]:
    """What a harvest stores that nobody killed, and how many requests it took."""
    forge = Killing(kind, kind.make())
    with running({kind.host: forge}, folder, {"name": "forge", **kind.source}, resolves=False) as quiet:
        run = quiet.harvest("forge")
        assert (run.judgement, run.reasons) == (Judgement.GOOD, ())
        left = kept(quiet.catalogue)
        assert len(left["raw"]) == len(left["versions"]) == kind.count
        return left, len(forge.asked)


def _check_what_was_asked_again(forge: Killing) -> None:
    began = 0
    for ended, stored in forge.kills:
        before = set().union(*forge.asked[began:ended])
        after = set().union(*forge.asked[ended:])
        assert not stored & after, "what was stored was asked for again"
        assert before - stored <= after, "what was in flight was not asked for again"
        assert len(before & after) <= forge.kind.in_flight
        began = ended
