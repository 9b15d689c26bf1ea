"""Small simulated forges for the sources that ask them: a few invented repositories."""

from __future__ import annotations

from collections.abc import Iterable

from simulators.exchange import Host
from simulators.forgejo_store import Account, ForgejoStore, Repository
from simulators.github_store import GitHubStore, Owner, Repo
from simulators.gitlab_store import Project
from simulators.sim_forgejo import Forgejo
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab

_LEDGER = """publiccodeYmlVersion: '0.4'
name: Town Ledger
url: https://{}/ledger
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


def _publiccode(owner: str) -> str:
    return _LEDGER.format(owner)


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
        files={"publiccode.yml": _publiccode("github.com/town-of-examples")},
    )
    past = {"archived": True, "license": ("NOASSERTION", "Other"), "pushed_at": "2019-01-01T00:00:00Z"}
    old = Repo(owner="town-of-examples", name="old", database_id=1002, created_at="2012-01-01T00:00:00Z", **past)
    fork = Repo(
        owner="town-of-examples",
        name="decidim",
        database_id=1003,
        created_at="2021-01-01T00:00:00Z",
        pushed_at="2021-01-01T00:00:00Z",
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
            files={"publiccode.yml": _publiccode("gitlab.example/town")},
        ),
        Project(id=2, path="town/inner/old", name="Old", created_at="2012-01-01T00:00:00.000Z", archived=True),
    ]
    return {"gitlab.example": GitLab("gitlab.example", projects)}


def forgejo() -> dict[str, Host]:
    """An organisation with a tool, a person's fork of it, a mirror, an archived tool and an empty repository."""
    ledger = Repository(
        id=1,
        owner="town",
        name="ledger",
        description="Accounts of a town",
        website="https://ledger.town.example/",
        created_at="2020-02-01T10:00:00Z",
        updated_at="2026-03-01T10:00:00Z",
        stars=3,
        topics=("open-data",),
        languages={"Go": 900, "HTML": 100},
        release=("v1.2", "2026-02-01T10:00:00Z"),
        files={"publiccode.yml": _publiccode("forge.example/town")},
    )
    times = {"created_at": "2021-01-01T00:00:00Z", "updated_at": "2022-01-01T00:00:00Z"}
    fork = Repository(id=2, owner="someone", name="ledger", parent="town/ledger", files={"a": "b"}, **times)
    mirror = Repository(
        id=3,
        owner="town",
        name="decidim",
        mirror=True,
        original_url="https://github.com/decidim/decidim.git",
        files={"a": "b"},
        **times,
    )
    old = Repository(id=4, owner="town", name="old", archived=True, files={"a": "b"}, **times)
    soon = Repository(id=5, owner="town", name="soon", **times)
    accounts = [
        Account(login="town", full_name="Town of Examples", location="Italy"),
        Account(login="someone", organisation=False, full_name="A Person"),
    ]
    return {"forge.example": Forgejo("forge.example", ForgejoStore([ledger, fork, mirror, old, soon], accounts))}


def github_of(owners: Iterable[str], topics: Iterable[str]) -> GitHub:
    """A GitHub where each owner has a tool with a publiccode.yml and all the topics."""
    times = {"created_at": "2020-02-01T10:00:00Z", "pushed_at": "2026-03-01T10:00:00Z"}
    about = {"topics": tuple(topics), **times}
    files = {owner: {"publiccode.yml": _publiccode(f"github.com/{owner}")} for owner in owners}
    return GitHub(GitHubStore.of(Repo(owner=owner, name="ledger", files=files[owner], **about) for owner in files))


def gitlab_of(host: str, groups: Iterable[str]) -> GitLab:
    """A GitLab where each group has a tool with a publiccode.yml."""
    times = {"created_at": "2020-02-01T10:00:00.000Z", "active_at": "2026-03-01T10:00:00.000Z"}
    files = {group: {"publiccode.yml": _publiccode(f"{host}/{group}")} for group in groups}
    projects = [
        Project(id=number, path=f"{group}/ledger", name="Ledger", files=files[group], **times)
        for number, group in enumerate(files, 1)
    ]
    return GitLab(host, projects)


def forgejo_of(host: str, topics: Iterable[str]) -> Forgejo:
    """A Forgejo where an organisation has a tool with a publiccode.yml and all the topics."""
    tool = Repository(
        id=1,
        owner="town",
        name="ledger",
        topics=tuple(topics),
        created_at="2020-02-01T10:00:00Z",
        updated_at="2026-03-01T10:00:00Z",
        files={"publiccode.yml": _publiccode(f"{host}/town")},
    )
    return Forgejo(host, ForgejoStore([tool]))
