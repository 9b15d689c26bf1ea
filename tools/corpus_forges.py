"""The recorded forges and publiccode.yml files as simulated systems: what was recorded is served, what was not is null
or a placeholder. Nothing recorded is kept here.

A placeholder is a value without meaning where the protocol allows no null, and each source names its own.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from harvester.model import Source
from simulators.exchange import Ask, ByPath, Host, as_json, revalidated
from simulators.github_store import GitHubStore, Owner, Repo, number
from simulators.gitlab_store import Project
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab
from simulators.sim_italia import RecordedPages

GITHUB = "api.github.com"
HEAD = "/publiccode-head"
"""Where the simulated GitHub's API has the publiccode.yml files: some owners have repositories in both recordings, and
each source is to see its own alone. The brigades' are at the root; both name repositories of github.com."""
ITALIA = "api.developers.italia.it"
HISTORY = "history.publiccode.test"
HISTORY_PAGE = 20

_BRANCH = ("defaultBranch", "headOid")
_MOVING = ("forkCount", "isMirror", "isTemplate", "stargazerCount", "updatedAt")
HEAD_PLACEHOLDERS = ("id", "createdAt", "isArchived", "isEmpty", "isFork", *_MOVING, *_BRANCH)
BRIGADE_PLACEHOLDERS = ("isEmpty", *_MOVING)
GITLAB_PLACEHOLDERS = ("id", "default_branch", "empty_repo", "namespace.id", "namespace.kind", "visibility")

_NO_LIMIT = 1_000_000
"""The recordings are replayed at once: whether limits are kept is the demo's and the tests' question."""


def hosts(folder: Path) -> dict[str, Host]:
    """The hosts of these sources, by name."""
    found: dict[str, Host] = {
        GITHUB: ByPath(
            {
                "": GitHub(brigades(folder), limit=_NO_LIMIT),
                HEAD: GitHub(GitHubStore.of(head_repos(folder)), limit=_NO_LIMIT),
            }
        ),
        ITALIA: RecordedPages([path.read_bytes() for path in _italian_pages(folder)]),
        HISTORY: History(history(folder)),
    }
    for host, projects in gitlab_projects(folder).items():
        found[host] = GitLab(host, projects, limit=_NO_LIMIT)
    return found


def sources(folder: Path) -> list[Source]:
    """A source for each recording; of the French dump one for each host. They ask the simulated web over http."""
    heads = sorted({repo.owner.lower(): repo.owner for repo in head_repos(folder)}.values(), key=str.lower)
    head = Source(
        name="publiccode-head",
        spider="github",
        title="Published publiccode.yml files",
        params={
            "api_url": f"http://{GITHUB}{HEAD}",
            "owners": heads,
            "placeholders": list(HEAD_PLACEHOLDERS),
            "publiccode_only": True,
        },
        least=100,
        trusted=True,
    )
    brigade = Source(
        name="code-for-america",
        spider="github",
        title="Code for America brigade projects",
        publisher="Code for America",
        params={
            "api_url": f"http://{GITHUB}",
            "owners": brigades(folder).logins(),
            "placeholders": list(BRIGADE_PLACEHOLDERS),
        },
        least=5000,
        trusted=True,
    )
    italia = Source(
        name="developers-italia",
        spider="developers_italia",
        title="Developers Italia",
        publisher="Dipartimento per la trasformazione digitale",
        country="IT",
        params={"api": f"http://{ITALIA}/v1"},
        least=50,
        trusted=True,
    )
    past = Source(
        name="publiccode-history",
        spider="publiccode_history",
        title="Earlier versions of publiccode.yml files",
        params={"url": f"http://{HISTORY}/v1/texts"},
        least=2000,
    )
    return [head, brigade, italia, past, *(_gitlab_source(host) for host in gitlab_projects(folder))]


def _gitlab_source(host: str) -> Source:
    return Source(
        name=f"gitlab-{host.replace('.', '-')}",
        spider="gitlab",
        title=f"GitLab of {host}",
        country="FR",
        params={
            "url": f"http://{host}",
            "whole_instance": True,
            "country": "FR",
            "placeholders": list(GITLAB_PLACEHOLDERS),
        },
        trusted=True,
    )


def head_repos(folder: Path) -> Iterator[Repo]:
    """A repository for each publiccode.yml file ("owner+repo.yml"); nothing else of it was recorded."""
    for path in sorted((folder / "publiccode" / "head").iterdir()):
        owner, _, name = path.stem.partition("+")
        # bytes as they are: a text read in universal newline mode would not be the recorded one
        yield Repo(owner=owner, name=name, files={f"publiccode{path.suffix}": path.read_bytes().decode()})


@lru_cache(maxsize=2)
def brigades(folder: Path) -> GitHubStore:
    """The repositories of the Code for America index; the first row of each repository counts."""
    repos: dict[str, Repo] = {}
    owners: dict[str, Owner] = {}
    for row in _lines(folder / "catalogues" / "cfa" / "brigade-projects.jsonl.gz"):
        recorded = row.get("github")
        if not recorded or recorded["full_name"].lower() in repos:
            continue
        owner = recorded["owner"]
        login = str(owner["login"])
        known = {"type": owner["type"], "database_id": owner["id"], "node_id": owner["node_id"]}
        owners.setdefault(login.lower(), Owner(login=login, **known))
        repos[recorded["full_name"].lower()] = _brigade_repo(recorded)
    return GitHubStore.of(repos.values(), owners.values())


def _brigade_repo(recorded: Mapping[str, Any]) -> Repo:
    """{} stands for null in the recording. Last pushes and stars were recorded as ranges: they are not served."""
    licence = recorded["license"] or {}
    name = str(recorded["full_name"])
    return Repo(
        owner=name.partition("/")[0],
        name=name.partition("/")[2],
        database_id=recorded["id"],
        node_id=recorded["node_id"],
        description=recorded["description"] or None,
        homepage=recorded["homepage"] or None,
        archived=recorded["archived"],
        fork=recorded["fork"],
        created_at=recorded["created_at"],
        parent=(recorded.get("parent") or {}).get("full_name"),
        primary_language=recorded["language"] or None,
        topics=tuple(recorded["topics"]),
        license=(licence.get("spdx_id"), licence["name"]) if licence else None,
        default_branch=recorded["default_branch"],
    )


@lru_cache(maxsize=2)
def gitlab_projects(folder: Path) -> dict[str, list[Project]]:
    """The GitLab projects of the newest French dump by host; the first row of each project counts."""
    newest = max((folder / "catalogues" / "fr-codes-sources").glob("repositories-*.csv.gz"))
    found: dict[str, dict[str, Project]] = {}
    text = gzip.decompress(newest.read_bytes()).decode()
    for row in csv.DictReader(io.StringIO(text, newline="")):
        if row["platform"] != "GitLab":
            continue
        at = urlsplit(row["repository_url"])
        path = at.path.strip("/")
        of_host = found.setdefault(at.netloc.lower(), {})
        if path.lower() not in of_host:
            of_host[path.lower()] = _project(row, number(f"{at.netloc}/{path}"), path)
    return {host: list(projects.values()) for host, projects in sorted(found.items())}


def _project(row: Mapping[str, str], identifier: int, path: str) -> Project:
    return Project(
        id=identifier,
        path=path,
        name=row["name"] or path.rsplit("/", 1)[-1],
        description=row["description"] or None,
        created_at=row["creation_date"] or None,
        active_at=row["last_modification"] or row["last_update"] or None,
        archived=row["is_archived"] == "True",
        stars=int(row["stars_count"] or 0),
        forks=int(row["forks_count"] or 0),
        issues=int(row["open_issues_count"] or 0),
        topics=tuple(topic.strip() for topic in row["topics"].split(",") if topic.strip()),
    )


def history(folder: Path) -> list[dict[str, Any]]:
    """Every recorded version of a publiccode.yml: `{repo, path, commit, date, blob, text}`."""
    return list(_lines(folder / "publiccode" / "history.jsonl.gz"))


class History:
    """A listing of texts: GET /v1/texts?page=N gives `{"total", "data": [{repo, path, commit, date, blob, text}],
    "links": {"next": "?page=2" or null}}`, 100 a page, in the order of the recording."""

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        self._entries = entries

    def answer(self, ask: Ask) -> Response:
        """A page of texts."""
        if ask.path != "/v1/texts":
            return as_json({"message": "Not Found"}, 404)
        page = ask.number("page", 1)
        ask.operation, ask.unit = "GET /v1/texts", f"page={page}"
        shown = self._entries[(page - 1) * HISTORY_PAGE : page * HISTORY_PAGE]
        following = f"?page={page + 1}" if page * HISTORY_PAGE < len(self._entries) else None
        return revalidated(ask, as_json({"total": len(self._entries), "data": shown, "links": {"next": following}}))


def _italian_pages(folder: Path) -> list[Path]:
    return sorted((folder / "publiccode" / "developers-italia-api").glob("page*.json"))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
