"""The dated dumps of French public repositories: what they say of each address, and simulated forges that hold them.

What is true of a step is read from the dumps alone; the forges are what a harvester is shown of it.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from simulators.exchange import Host
from simulators.github_store import GitHubStore, Owner, Repo, number
from simulators.gitlab_store import GitLabStore, Project
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab

GITHUB = "github.com"
Row = Mapping[str, str]

_BOTH = (
    "name",
    "description",
    "is_archived",
    "creation_date",
    "last_modification",
    "stars_count",
    "forks_count",
    "topics",
)
SERVED = {
    "GitHub": (*_BOTH, "last_update", "is_fork", "homepage", "license", "language"),
    "GitLab": (*_BOTH, "open_issues_count"),
}
"""The dumps' columns that the listings of each kind of forge serve."""
_NOT_OF_THE_FORGE = {
    "platform": "which kind of forge it is",
    "repository_url": "what the rows are told apart by",
    "organization_name": "compared as the set of an address, as some stand under two",
    "software_heritage_exists": "an archive's word, not the forge's",
    "software_heritage_url": "an archive's word, not the forge's",
}
LEFT_OUT = {
    "GitHub": {
        **_NOT_OF_THE_FORGE,
        "open_issues_count": "counted by a connection that doubles a page's points, and in no record (decision 0006)",
    },
    "GitLab": {
        **_NOT_OF_THE_FORGE,
        "last_update": "GitLab has one such time; the dumps write it into both columns",
        **dict.fromkeys(("is_fork", "homepage", "license", "language"), "empty in every row of a GitLab"),
    },
}
"""The other columns, each with the reason."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a dump says of one address: who lists it, and the served columns as they are written."""

    organisations: frozenset[str]
    served: Mapping[str, str]


@dataclass(frozen=True)
class Dump:
    """A dump; of an address that stands twice the rows differ in nothing but the organisation."""

    date: str
    rows: tuple[Row, ...]

    @cached_property
    def truth(self) -> Mapping[str, Mapping[str, Truth]]:
        """What it says, by host and address."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            rows[row["repository_url"]].append(row)
        told: dict[str, dict[str, Truth]] = defaultdict(dict)
        for url, mine in rows.items():
            columns = SERVED[mine[0]["platform"]]
            served = {column: mine[0][column] for column in columns}
            assert all({column: row[column] for column in columns} == served for row in mine), url
            told[host_of(url)][url] = Truth(frozenset(row["organization_name"] for row in mine), served)
        return told


def host_of(url: str) -> str:
    return urlsplit(url).netloc.lower()


def path_of(url: str) -> str:
    return urlsplit(url).path.strip("/")


def dumps(corpus: Path) -> list[Dump]:
    """All of them by date."""
    paths = sorted((corpus / "catalogues" / "fr-codes-sources").glob("repositories-*.csv.gz"))
    return [Dump(path.name.removeprefix("repositories-").removesuffix(".csv.gz"), _rows(path)) for path in paths]


def _rows(path: Path) -> tuple[Row, ...]:
    text = gzip.decompress(path.read_bytes()).decode()
    return tuple(csv.DictReader(io.StringIO(text, newline="")))


@dataclass
class Forges:
    """The simulated forges, which hold what `show` put there."""

    github: GitHubStore = field(default_factory=GitHubStore)
    gitlabs: dict[str, GitLabStore] = field(default_factory=dict)

    @classmethod
    def of(cls, dumped: list[Dump]) -> Forges:
        """Forges for all hosts of these dumps, still empty."""
        hosts = {host for dump in dumped for host in dump.truth} - {GITHUB}
        owners = [Owner(login=login) for login in logins(dumped)]
        return cls(GitHubStore.of((), owners), {host: GitLabStore(()) for host in sorted(hosts)})

    @property
    def hosts(self) -> Mapping[str, Host]:
        """As the simulated web serves them, by name."""
        gitlabs = {host: GitLab(host, store, limit=1_000_000) for host, store in self.gitlabs.items()}
        return {"api.github.com": GitHub(self.github), **gitlabs}

    def show(self, dump: Dump) -> None:
        """Make the forges hold what the dump says, and nothing else."""
        repos = {repo.full_name: repo for row in dump.rows if row["platform"] == "GitHub" for repo in [as_repo(row)]}
        for full_name in {repo.full_name for repo in self.github} - set(repos):
            self.github.remove(full_name)
        for repo in repos.values():
            self.github.put(repo)
        projects: dict[str, dict[int, Project]] = defaultdict(dict)
        for row in dump.rows:
            if row["platform"] == "GitLab":
                project = as_project(row)
                projects[host_of(row["repository_url"])][project.id] = project
        for host, store in self.gitlabs.items():
            for identifier in {project.id for project in store} - set(projects[host]):
                store.delete(identifier)
            for project in projects[host].values():
                store.put(project)


def logins(dumped: list[Dump]) -> list[str]:
    """Owners of repositories at GitHub, in any of the dumps."""
    urls = {url for dump in dumped for url in dump.truth[GITHUB]}
    return sorted({path_of(url).partition("/")[0] for url in urls})


def sources(dumped: list[Dump]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """For each host a source that harvests all of it."""
    params = {"owners": logins(dumped), "api_url": "http://api.github.com"}
    yield GITHUB, {"name": "github", "title": "GitHub", "spider": "github", "params": params}
    for host in sorted({host for dump in dumped for host in dump.truth} - {GITHUB}):
        params = {"url": f"http://{host}", "whole_instance": True}
        yield host, {"name": host.replace(".", "-"), "title": host, "spider": "gitlab", "params": params}


def as_repo(row: Row) -> Repo:
    owner, _, name = path_of(row["repository_url"]).partition("/")
    return Repo(
        owner=owner,
        name=name,
        database_id=number(f"{owner}/{name}"),
        description=row["description"] or None,
        homepage=row["homepage"] or None,
        archived=row["is_archived"] == "True",
        fork=row["is_fork"] == "True",
        created_at=row["creation_date"],
        pushed_at=row["last_modification"],
        updated_at=row["last_update"],
        stars=int(row["stars_count"]),
        forks=int(row["forks_count"]),
        primary_language=row["language"] or None,
        languages={row["language"]: 1} if row["language"] else {},
        topics=tuple(row["topics"].split(",")) if row["topics"] else (),
        license=(None, row["license"]) if row["license"] else None,  # the dumps keep the name alone
    )


def as_project(row: Row) -> Project:
    path = path_of(row["repository_url"])
    return Project(
        id=number(path),
        path=path,
        name=row["name"],
        description=row["description"] or None,
        created_at=row["creation_date"],
        active_at=row["last_modification"],
        archived=row["is_archived"] == "True",
        stars=int(row["stars_count"]),
        forks=int(row["forks_count"]),
        issues=int(row["open_issues_count"]),
        topics=tuple(row["topics"].split(",")) if row["topics"] else (),
    )


def told(payload: Mapping[str, Any]) -> Mapping[str, str]:
    """What is stored of a repository or project, in the dumps' columns and spelling."""
    if "nameWithOwner" in payload:
        names = _GITHUB_NAMES
        found = {**payload, "license": (payload["license"] or {}).get("name")}
    else:
        names, found = _GITLAB_NAMES, dict(payload)
    return {column: _written(found[name]) for column, name in names.items()}


_GITHUB_NAMES = {
    "name": "name",
    "description": "description",
    "is_archived": "isArchived",
    "creation_date": "createdAt",
    "last_modification": "pushedAt",
    "stars_count": "stargazerCount",
    "forks_count": "forkCount",
    "topics": "topics",
    "last_update": "updatedAt",
    "is_fork": "isFork",
    "homepage": "homepageUrl",
    "license": "license",
    "language": "primaryLanguage",
}
_GITLAB_NAMES = {
    "name": "name",
    "description": "description",
    "is_archived": "archived",
    "creation_date": "created_at",
    "last_modification": "last_activity_at",
    "stars_count": "star_count",
    "forks_count": "forks_count",
    "topics": "topics",
    "open_issues_count": "open_issues_count",
}


def _written(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return "" if value is None else str(value)
