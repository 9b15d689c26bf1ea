"""The same folder of thirty files on each kind of forge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from simulators.exchange import Ask, Host
from simulators.forgejo_store import ForgejoStore
from simulators.forgejo_store import Repository as OfForgejo
from simulators.github_store import GitHubStore, Repo
from simulators.gitlab_store import Project
from simulators.sim_forgejo import Forgejo
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab
from simulators.sim_gogs import Gogs

MARK = "\ufeff"
AT = "2026-03-01T10:00:00Z"
PUBLICCODE = """publiccodeYmlVersion: '0.4'
name: Town Ledger
url: https://{host}/town/ledger
platforms: [web]
developmentStatus: {status}
softwareType: standalone/web
description:
  en:
    shortDescription: The town's accounts, for everybody to read.
legal:
  license: EUPL-1.2
maintenance:
  type: internal
localisation:
  localisationReady: true
  availableLanguages: [en]
"""
README = "# Ledger\n\nThis tool keeps the accounts of a town, and everybody may read them.\n\n"


def folder(host: str, *, status: str = "stable") -> dict[str, str]:
    """Thirty files, of which some are metadata in odd spellings."""
    own = PUBLICCODE.format(host=host, status=status)
    return {
        "PublicCode.yml": MARK + own,
        "CodeMeta.json": MARK + json.dumps({"name": "Town Ledger", "license": "EUPL-1.2"}),
        "civic.json": MARK + json.dumps({"status": "Beta", "name": "Ledger"}),
        "code.json": json.dumps({"name": "Ledger", "status": "Production"}),
        "citation.cff": MARK + "cff-version: 1.2.0\ntitle: Town Ledger\n",
        "README.md": README + "x" * 90_000,
        "README.fr.md": "# Grand livre\n",
        "README-en.md": "# Ledger\n",
        "README.rdoc": "= Ledger\n",
        "README.mkdn": "# Ledger\n",
        "README.md.bak": "old\n",
        "readme.png": "no picture\n",
        "LICENSE": "European Union Public Licence\n",
        "docs/publiccode.yml": own.replace("Town Ledger", "Ledger Documents"),
        "docs/README.md": "# Documents\n",
        **{f"src/part-{n}.py": f"print({n})\n" for n in range(10)},
        **{f"data-{n}.json": "{}\n" for n in range(5)},
    }


Made = tuple[str, Mapping[str, Host], dict[str, Any]]


def github(*, status: str = "stable", **params: Any) -> Made:
    """A GitHub with the repository."""
    repo = Repo(owner="town", name="ledger", database_id=7, pushed_at=AT, files=folder("github.com", status=status))
    hosts = {"api.github.com": GitHub(GitHubStore.of([repo]))}
    return "github", hosts, {"owners": ["town"], "api_url": "http://api.github.com", **params}


def gitlab(*, graphql: bool, status: str = "stable", **params: Any) -> Made:
    """A GitLab with the project."""
    files = folder("lab.example", status=status)
    one = Project(id=7, path="town/ledger", name="ledger", active_at=AT, files=files)
    asked = {"url": "http://lab.example", "groups": ["town"], "graphql": graphql}
    return "gitlab", {"lab.example": GitLab("lab.example", [one])}, {**asked, **params}


def forgejo(*, gitea: bool, status: str = "stable", **params: Any) -> Made:
    """A Forgejo, or a Gitea, with the repository."""
    files = folder("forge.example", status=status)
    store = ForgejoStore([OfForgejo(id=7, owner="town", name="ledger", updated_at=AT, files=files)])
    asked = {"url": "http://forge.example", "organisations": ["town"]}
    return "forgejo", {"forge.example": Forgejo("forge.example", store, gitea=gitea)}, {**asked, **params}


def gogs(*, status: str = "stable", **params: Any) -> Made:
    """A Gogs with the repository, which shows its files to tokens."""
    files = folder("gogs.example", status=status)
    store = ForgejoStore([OfForgejo(id=7, owner="town", name="ledger", updated_at=AT, files=files)])
    asked = {"url": "http://gogs.example", "organisations": ["town"]}
    return "gogs", {"gogs.example": Gogs("gogs.example", store)}, {**asked, **params}


FORGES: dict[str, Any] = {
    "github": github,
    "gitlab-graphql": lambda **more: gitlab(graphql=True, **more),
    "gitlab-rest": lambda **more: gitlab(graphql=False, **more),
    "forgejo": lambda **more: forgejo(gitea=False, **more),
    "gitea": lambda **more: forgejo(gitea=True, **more),
    "gogs": gogs,
}


def source(made: Made) -> dict[str, Any]:
    """The source of a forge, trusted."""
    spider, _, params = made
    return {"spider": spider, "params": params, "trusted": True}


class Cgit:
    """A cgit server with one repository, of which it shows the publiccode.yml alone."""

    def answer(self, ask: Ask) -> Response:
        """The index, or the file."""
        if ask.path == "/cgit/ledger.git/plain/publiccode.yml":
            return PlainTextResponse(PUBLICCODE.format(host="git.example/git", status="ready").replace("/town", ""))
        row = "<tr><td class='toplevel-repo'><a href='/cgit/ledger.git/'>ledger.git</a></td></tr>"
        table = f"<table summary='repository list'><tr><th>Name</th></tr>{row}</table>"
        return HTMLResponse(f"<div id='cgit'>{table}</div>", 200 if ask.path == "/cgit/" else 404)


def cgit() -> Made:
    """See Cgit."""
    asked = {"url": "http://git.example/cgit/", "clone_prefix": "https://git.example/git", "publiccode": True}
    return "cgit", {"git.example": Cgit()}, asked
