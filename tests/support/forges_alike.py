"""The same folder of thirty files on each kind of forge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha1
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


class GitServer:
    """A server with the repository `ledger.git`, whose pages subclasses write."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def served(self, path: str) -> Response:
        """A file as it is, as text whatever it holds, as these servers do."""
        text = self.files.get(path)
        return HTMLResponse("<p>Not found</p>", 404) if text is None else PlainTextResponse(text)

    def root(self) -> Iterator[tuple[str, str, int]]:
        """(mode, name, size) of what stands at the root."""
        for name in sorted({path.partition("/")[0] for path in self.files}):
            content = self.files.get(name)
            yield ("drwxr-xr-x", name, 0) if content is None else ("-rw-r--r--", name, len(content.encode()))


class Cgit(GitServer):
    """Below /cgit/, without ids."""

    def answer(self, ask: Ask) -> Response:
        """The index, the folder, or a file."""
        below = ask.path.removeprefix("/cgit/town/ledger.git/")
        if ask.path == "/cgit/":
            age = "<span title='2026-03-01 10:00:00 +0000'>now</span>"
            name = "<td class='toplevel-repo'><a href='/cgit/town/ledger.git/'>town/ledger.git</a></td>"
            rows, about = f"<tr><th>Name</th><th>Idle</th></tr><tr>{name}<td>{age}</td></tr>", "repository list"
        elif below == "tree/":
            rows, about = "".join(self._row(*one) for one in self.root()), "tree listing"
        else:
            return self.served(below.removeprefix("plain/"))
        return HTMLResponse(f"<div id='cgit'><table summary='{about}'>{rows}</table></div>")

    def _row(self, mode: str, name: str, size: int) -> str:
        kind = "ls-dir" if mode.startswith("d") else "ls-blob md"
        link = f"<a class='{kind}' href='/cgit/town/ledger.git/tree/{name}'>{name}</a>"
        return f"<tr><td class='ls-mode'>{mode}</td><td>{link}</td><td class='ls-size'>{size}</td></tr>"


class Gitweb(GitServer):
    """At the root, with ids and without sizes. It tells the last change on a page of the project's own."""

    def answer(self, ask: Ask) -> Response:
        """The list, the summary, the folder, or a file: the query says it, with semicolons."""
        asked = dict(part.split("=", 1) for part in "&".join(map("=".join, ask.query.items())).split(";") if part)
        address = "/?p=town/ledger.git;a="
        match asked.get("a"):
            case None:
                link = f"<a class='list' href='{address}summary'>town/ledger.git</a>"
                return HTMLResponse(f"<table class='project_list'><tr><td>{link}</td></tr></table>")
            case "summary":
                changed = "<span class='datetime'>Sun, 1 Mar 2026 10:00:00 +0000</span>"
                urls = "<tr class='metadata_url'><td>URL</td><td>https://git.example/town/ledger.git</td></tr>"
                row = f"<tr id='metadata_lchange'><td>last change</td><td>{changed}</td></tr>{urls}"
                return HTMLResponse(f"<table class='projects_list'>{row}</table>")
            case "tree":
                rows = "".join(self._row(address, mode, name) for mode, name, _ in self.root())
                return HTMLResponse(f"<table class='tree'>{rows}</table>")
        return self.served(asked["f"])

    def _row(self, address: str, mode: str, name: str) -> str:
        oid = sha1(self.files.get(name, name).encode()).hexdigest()
        kind = "<a" if mode.startswith("d") else "<a class='list'"
        action = "tree" if mode.startswith("d") else "blob"
        link = f"{kind} href='{address}{action};f={name};h={oid};hb=HEAD'>{name}</a>"
        return f"<tr><td class='mode'>{mode}</td><td class='list'>{link}</td><td class='link'>raw</td></tr>"


def listing(kind: str, *, status: str = "stable", **params: Any) -> Made:
    """A cgit or gitweb server with the repository."""
    files = folder("git.example", status=status)
    server, url = (
        (Cgit(files), "http://git.example/cgit/") if kind == "cgit" else (Gitweb(files), "http://git.example/")
    )
    clone = {"clone_prefix": "https://git.example"} if kind == "cgit" else {}
    return kind, {"git.example": server}, {"url": url, "files": True, **clone, **params}


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
    "cgit": lambda **more: listing("cgit", **more),
    "gitweb": lambda **more: listing("gitweb", **more),
    "gogs": gogs,
}


def source(made: Made) -> dict[str, Any]:
    """The source of a forge, trusted."""
    spider, _, params = made
    return {"spider": spider, "params": params, "trusted": True}
