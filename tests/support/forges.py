"""Small simulated forges for the sources that ask them: a few invented repositories."""

from __future__ import annotations

from demo.exchange import Host
from demo.github_store import GitHubStore, Owner, Repo
from demo.gitlab_store import Project
from demo.sim_github import GitHub
from demo.sim_gitlab import GitLab

_PUBLICCODE = """publiccodeYmlVersion: '0.4'
name: Town Ledger
url: https://github.com/town-of-examples/ledger
platforms: [web]
categories: [budgeting]
developmentStatus: stable
softwareType: standalone/web
description:
  en:
    shortDescription: The town's accounts, for everybody to read.
    features: [reading]
legal:
  license: EUPL-1.2
maintenance:
  type: internal
localisation:
  localisationReady: true
  availableLanguages: [en]
"""


def github() -> dict[str, Host]:
    """An organisation with a tool, a fork and an archived tool."""
    tool = Repo(
        owner="town-of-examples",
        name="ledger",
        database_id=1001,
        description="Accounts of a town",
        created_at="2020-02-01T10:00:00Z",
        pushed_at="2026-03-01T10:00:00Z",
        languages={"Python": 900, "HTML": 100},
        topics=("open-data",),
        license=("EUPL-1.2", "European Union Public License 1.2"),
        files={"publiccode.yml": _PUBLICCODE},
    )
    past = {"archived": True, "license": ("NOASSERTION", "Other"), "pushed_at": "2019-01-01T00:00:00Z"}
    old = Repo(owner="town-of-examples", name="old", database_id=1002, created_at="2012-01-01T00:00:00Z", **past)
    fork = Repo(
        owner="town-of-examples",
        name="decidim",
        database_id=1003,
        created_at="2021-01-01T00:00:00Z",
        fork=True,
        parent="decidim/decidim",
    )
    owner = Owner(login="town-of-examples", database_id=1000, name="Town of Examples")
    return {"api.github.com": GitHub(GitHubStore.of([tool, old, fork], [owner]))}


def gitlab() -> dict[str, Host]:
    """A group with two projects, one of them in a subgroup."""
    projects = [
        Project(
            id=1,
            path="town/ledger",
            name="Ledger",
            description="Accounts of a town",
            created_at="2020-02-01T10:00:00.000Z",
            active_at="2026-03-01T10:00:00.000Z",
            topics=("open-data",),
            license=("eupl-1.2", "European Union Public License 1.2"),
            files={"publiccode.yml": _PUBLICCODE.replace("github.com/town-of-examples", "gitlab.example/town")},
        ),
        Project(id=2, path="town/inner/old", name="Old", created_at="2012-01-01T00:00:00.000Z", archived=True),
    ]
    return {"gitlab.example": GitLab("gitlab.example", projects)}
