"""An origin that only copies name is asked for at its forge, once, and waits for a reviewer with who copied it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.responses import Response
from support.runs import Runs, running

from harvester.assess import helps
from harvester.catalogue import schema
from harvester.model import Operation, Reason, Software, SoftwareState
from simulators.exchange import Ask, Host
from simulators.forgejo_store import Account, ForgejoStore, Repository
from simulators.github_store import GitHubStore, Owner, Repo
from simulators.gitlab_store import Project
from simulators.sim_forgejo import Forgejo
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab
from simulators.sim_gogs import Gogs

AT = "2026-01-01T00:00:00Z"
README = {"README.md": "# Permits\n\nHelps residents.\n"}
BODIES = {"town": "Old Town", "region": "The Region"}


class Counted:
    """A host that keeps which questions named the origin, or what is not there."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.asked: list[str] = []

    def answer(self, ask: Ask) -> Response:
        question = json.loads(ask.body) if ask.body and "graphql" in ask.path else {}
        for owner in ("civic-coop", "nobody"):
            values = question.get("variables", {}).values()
            if owner in map(str, values) or f"/{owner}/" in ask.path or f"/{owner}%2F" in ask.path:
                self.asked.append(owner)
        return self.host.answer(ask)


def github() -> tuple[Counted, dict[str, Any]]:
    forks = {"town": "civic-coop/permits", "region": "Civic-Coop/Permits", "someone": "someone-else/toy"}
    repos = [
        Repo(owner=one, name="permits", fork=True, parent=of, database_id=n)
        for n, (one, of) in enumerate(forks.items())
    ]
    repos.append(Repo(owner="town", name="lost", fork=True, parent="nobody/lost", database_id=8))
    repos.append(Repo(owner="civic-coop", name="permits", database_id=9))
    made = [replace(one, created_at=AT, pushed_at=AT, files=README, description="Handles permits.") for one in repos]
    owners = [Owner(login=login, name=name) for login, name in BODIES.items()]
    host = Counted(GitHub(GitHubStore.of(made, [*owners, Owner(login="someone", type="User")])))
    params = {"country": "FR", "owners": ["town", "region", "someone"], "api_url": "http://api.github.com"}
    return host, {
        "api.github.com": host,
        "spider": "github",
        "params": params,
        "page": "https://github.com/civic-coop/permits",
    }


def gitlab() -> tuple[Counted, dict[str, Any]]:
    made = [
        Project(id=n, path=f"{one}/permits", name="Permits", forked_from="civic-coop/permits")
        for n, one in enumerate(BODIES, 1)
    ]
    made.append(Project(id=9, path="civic-coop/permits", name="Permits", description="Handles permits."))
    host = Counted(GitLab("lab.example", [replace(one, created_at=AT, active_at=AT, files=README) for one in made]))
    params = {"country": "FR", "url": "http://lab.example", "groups": list(BODIES)}
    return host, {
        "lab.example": host,
        "spider": "gitlab",
        "params": params,
        "page": "https://lab.example/civic-coop/permits",
    }


def forgejo(kind: str = "forgejo", simulated: Any = Forgejo) -> tuple[Counted, dict[str, Any]]:
    made = [
        Repository(id=n, owner=one, name="permits", parent="civic-coop/permits", updated_at=AT, files=README)
        for n, one in enumerate(BODIES, 1)
    ]
    made.append(Repository(id=9, owner="civic-coop", name="permits", updated_at=AT, files=README))
    accounts = [Account(login=one) for one in ("civic-coop", *BODIES)]
    host = Counted(simulated("forge.example", ForgejoStore(made, accounts)))
    params = {"country": "FR", "url": "http://forge.example", "organisations": list(BODIES)}
    return host, {
        "forge.example": host,
        "spider": kind,
        "params": params,
        "page": "https://forge.example/civic-coop/permits",
    }


FORGES: dict[str, Callable[[], tuple[Counted, dict[str, Any]]]] = {
    "github": github,
    "forgejo": forgejo,
    "gitlab": gitlab,
    "gogs": lambda: forgejo("gogs", Gogs),
}


def found(runs: Runs, state: SoftwareState = SoftwareState.CANDIDATE) -> list[Software]:
    soft = schema.software
    with runs.catalogue.database.read() as connection:
        ids = connection.execute(sa.select(soft.c.id).where(soft.c.state == state.value)).scalars().all()
    return [runs.catalogue.software.get(one) for one in ids]


@pytest.mark.parametrize("kind", [*FORGES][:2] + [pytest.param(one, marks=pytest.mark.long) for one in [*FORGES][2:]])
def test_an_origin_waits_with_who_copied_it_and_is_asked_once(kind: str, tmp_path: Path) -> None:
    host, given = FORGES[kind]()
    page, source = given.pop("page"), {name: given.pop(name) for name in ("spider", "params")}
    with running(given, tmp_path, {**source, "trusted": True}) as runs:
        runs.harvest()
        (origin,) = found(runs)
        assert (origin.fields.code_repository, origin.fields.countries) == (page, ())
        names = ", ".join(BODIES.values() if kind == "github" else sorted(BODIES))
        assert origin.appraisal.proposed == Reason.of("proposed.copied", n=2, bodies=names)
        assert [one.id for one in runs.catalogue.review.queue()] == [origin.id]
        assert helps.why(origin.appraisal) == [origin.appraisal.proposed], "the queue's line says so"
        again = {"github": ["civic-coop", "nobody"]}.get(kind, ["civic-coop"])
        assert host.asked == again, "GitHub: one query for both; a person's fork proposes nothing"
        host.asked.clear()
        runs.harvest()
        assert "nobody" not in host.asked, "what is not there is remembered"
        assert [one.id for one in found(runs)] == [origin.id], "that it is looked after does not publish it"
        runs.catalogue.review.decide(origin.id, Operation.ACCEPT, "ada")
        runs.catalogue.suggestions.refresh()
        runs.catalogue.resolver.resolve()
        assert runs.catalogue.software.get(origin.id).appraisal.copied_by == 2
