"""A simulated Forgejo: the parts of its REST API that list repositories and give what is in them.

What it says when something is not there, and its paging, are as recorded from real instances. No rate limit is its
own: its 429 is what a proxy before it answers by RFC 6585, with Retry-After.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from starlette.responses import PlainTextResponse, Response

from simulators.exchange import Ask, as_json
from simulators.forgejo_objects import (
    file_entry,
    organisation_object,
    owner_object,
    release_object,
    repository_object,
    tree_entries,
)
from simulators.forgejo_store import ForgejoStore, Repository
from simulators.github_limits import Budget

_API = "/api/v1"
_REPO = _API + r"/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)"
_ROUTES: tuple[tuple[str, str, str], ...] = (
    ("GET", _API + r"/version", "version"),
    ("GET", _API + r"/settings/api", "settings"),
    ("GET", _API + r"/repos/search", "search"),
    ("GET", _API + r"/orgs", "organisations"),
    ("GET", _API + r"/orgs/(?P<login>[^/]+)", "organisation"),
    ("GET", _API + r"/orgs/(?P<login>[^/]+)/repos", "repositories_of"),
    ("GET", _API + r"/users/(?P<login>[^/]+)", "user"),
    ("GET", _API + r"/users/(?P<login>[^/]+)/repos", "repositories_of"),
    ("GET", _API + r"/repositories/(?P<number>[^/]+)", "by_id"),
    ("GET", _REPO, "repository"),
    ("GET", _REPO + r"/git/trees/(?P<sha>[^/]+)", "tree"),
    ("GET", _REPO + r"/contents", "contents"),
    ("GET", _REPO + r"/contents/(?P<path>.+)", "content"),
    ("GET", _REPO + r"/raw/(?P<path>.+)", "raw"),
    ("GET", _REPO + r"/languages", "languages"),
    ("GET", _REPO + r"/topics", "topics"),
    ("GET", _REPO + r"/releases", "releases"),
    ("GET", _REPO + r"/releases/latest", "latest_release"),
    ("POST", _REPO + r"/file-contents", "file_contents"),
)
_SORTS: Mapping[str, Callable[[Repository], Any]] = {
    "alpha": lambda repository: repository.full_name.lower(),
    "created": lambda repository: repository.created_at,
    "updated": lambda repository: repository.updated_at,
    "stars": lambda repository: repository.stars,
    "forks": lambda repository: repository.forks,
    "id": lambda repository: repository.id,
}


class Forgejo:
    """A virtual host that speaks the API over the repositories of one instance.

    `most` is its MAX_RESPONSE_ITEMS; `gitea` makes it one of those that give many files at once. `limit` requests a
    minute, beyond it 429; `clock` gives seconds.
    """

    routes = _ROUTES

    def __init__(
        self,
        host: str,
        store: ForgejoStore,
        *,
        most: int = 50,
        gitea: bool = False,
        limit: int = 100_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self.store = store
        self._most = most
        self._gitea = gitea
        self._budget = Budget("forgejo", limit, clock, window_s=60)
        self._routes = [
            (method, re.compile(pattern), pattern, getattr(self, f"_{name}")) for method, pattern, name in self.routes
        ]

    def answer(self, ask: Ask) -> Response:
        """The answer to one request."""
        if ask.path == "/robots.txt":
            return PlainTextResponse("User-agent: *\nDisallow: /api/\n")
        if not self._budget.charge(1):
            wait = max(1, self._budget.resets - int(self._budget.clock()))
            return PlainTextResponse("Too many requests\n", 429, {"retry-after": str(wait)})
        if ask.path == "/swagger.v1.json":
            ask.operation = "GET /swagger.v1.json"
            return as_json(self._definition())
        for method, pattern, template, handler in self._routes:
            match = pattern.fullmatch(ask.path)
            if match and method == ask.method and (self._gitea or handler != self._file_contents):
                ask.operation = f"{method} " + re.sub(r"\(\?P<(\w+)>[^)]+\)", r"{\1}", template)
                ask.unit = f"{ask.path} page={ask.query.get('page', 1)}"
                values = {name: unquote(value) for name, value in match.groupdict().items()}
                if "repo" in values:
                    return self._of_repository(ask, handler, values)
                result: Response = handler(ask, **values)
                return result
        return self._missing()

    def _of_repository(self, ask: Ask, handler: Callable[..., Response], values: dict[str, str]) -> Response:
        name = f"{values.pop('owner')}/{values.pop('repo')}"
        repository = self.store.repository(name)
        if repository is None or repository.private:
            renamed = self.store.renamed(name)
            if renamed is None or renamed.private:
                return self._missing()
            rest = ask.path.split("/", 6)[6:]
            where = "/".join([f"{_API}/repos/{renamed.full_name}", *rest])
            return Response(None, 307, {"location": f"{ask.root}{where}"})
        return handler(ask, repository=repository, **values)

    def _missing(self, message: str = "The target couldn't be found.", *errors: str) -> Response:
        return as_json({"errors": list(errors), "message": message, "url": f"https://{self._host}/api/swagger"}, 404)

    def _definition(self) -> dict[str, Any]:
        """Of the definition that instances serve of themselves only which addresses there are."""
        paths: dict[str, dict[str, Any]] = {}
        for method, pattern, name in _ROUTES:
            if self._gitea or name != "file_contents":
                path = re.sub(r"\(\?P<(\w+)>[^)]+\)", r"{\1}", pattern.removeprefix(_API))
                paths.setdefault(path, {})[method.lower()] = {"responses": {}}
        return {"swagger": "2.0", "basePath": _API, "paths": paths}

    def _version(self, _ask: Ask) -> Response:
        return as_json({"version": "1.24.6" if self._gitea else "12.0.4+gitea-1.22.0"})

    def _settings(self, _ask: Ask) -> Response:
        told = {"max_response_items": self._most, "default_paging_num": min(30, self._most)}
        return as_json({**told, "default_git_trees_per_page": 1000, "default_max_blob_size": 10_485_760})

    def _search(self, ask: Ask) -> Response:
        sort = ask.query.get("sort", "alpha")
        if sort not in _SORTS:
            message = f'Invalid sort mode: "{sort}"'
            return as_json({"message": message, "url": f"https://{self._host}/api/swagger"}, 422)
        word, by_topic = ask.query.get("q", "").lower(), ask.query.get("topic") == "true"
        found = [one for one in self._public() if word in (one.topics if by_topic else one.name.lower())] if word else (
            self._public()
        )  # fmt: skip
        found.sort(key=_SORTS[sort], reverse=ask.query.get("order", "asc") == "desc")
        shown, headers = self._page(ask, found)
        return as_json({"ok": True, "data": [self._object(one) for one in shown]}, headers=headers)

    def _public(self) -> list[Repository]:
        return [repository for repository in self.store if not repository.private]

    def _organisations(self, ask: Ask) -> Response:
        shown, headers = self._page(ask, [one for one in self.store.accounts() if one.organisation])
        return as_json([organisation_object(self._host, one) for one in shown], headers=headers)

    def _organisation(self, _ask: Ask, login: str) -> Response:
        account = self.store.account(login)
        if account is None or not account.organisation:
            return self._missing()
        return as_json(organisation_object(self._host, account))

    def _user(self, _ask: Ask, login: str) -> Response:
        account = self.store.account(login)
        return self._missing("GetUserByName") if account is None else as_json(owner_object(self._host, account))

    def _repositories_of(self, ask: Ask, login: str) -> Response:
        account = self.store.account(login)
        if account is None or (ask.path.startswith(f"{_API}/orgs/") and not account.organisation):
            return self._missing("GetUserByName", f"user redirect does not exist [name: {login}]")
        mine = [one for one in self._public() if one.owner.lower() == login.lower()]
        shown, headers = self._page(ask, sorted(mine, key=_SORTS["alpha"]))
        return as_json([self._object(one) for one in shown], headers=headers)

    def _by_id(self, _ask: Ask, number: str) -> Response:
        repository = self.store.by_id(int(number)) if number.isdecimal() else None
        return self._missing() if repository is None or repository.private else as_json(self._object(repository))

    def _object(self, repository: Repository) -> dict[str, Any]:
        return repository_object(self._host, self.store, repository)

    def _repository(self, _ask: Ask, repository: Repository) -> Response:
        return as_json(self._object(repository))

    def _tree(self, _ask: Ask, repository: Repository, sha: str) -> Response:
        if repository.empty or sha not in ("HEAD", repository.default_branch, repository.head):
            return self._missing("sha not found")
        entries = tree_entries(self._host, repository)
        told = {"sha": repository.head, "tree": entries, "truncated": False, "page": 1, "total_count": len(entries)}
        url = f"https://{self._host}/api/v1/repos/{repository.full_name}/git/trees/{repository.head}"
        return as_json({**told, "url": url})

    def _content(self, _ask: Ask, repository: Repository, path: str) -> Response:
        folder = [one for one in repository.files if one.startswith(f"{path}/")]
        if path not in repository.files:
            return as_json([]) if folder else self._missing(f"object does not exist [id: , rel_path: {path}]")
        return as_json(self._object_of(repository, file_entry(self._host, repository, path), whole=True))

    def _contents(self, _ask: Ask, repository: Repository) -> Response:
        return as_json(
            [self._object_of(repository, entry, whole=False) for entry in tree_entries(self._host, repository)]
        )

    def _object_of(self, repository: Repository, entry: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
        name, file = entry["path"], entry["type"] == "blob"
        page = f"https://{self._host}/{repository.full_name}"
        body = base64.b64encode(repository.files[name].encode()).decode() if file and whole else None
        return {
            "name": name,
            "path": name,
            "sha": entry["sha"],
            "last_commit_sha": repository.head,
            "type": "file" if file else "dir",
            "size": entry["size"],
            "encoding": "base64" if body is not None else None,
            "content": body,
            "target": None,
            "url": f"https://{self._host}{_API}/repos/{repository.full_name}/contents/{name}",
            "html_url": f"{page}/src/branch/{repository.default_branch}/{name}",
            "git_url": entry["url"],
            "download_url": f"{page}/raw/branch/{repository.default_branch}/{name}" if file else None,
            "submodule_git_url": None,
            "_links": {"self": page, "git": page, "html": page},
        }

    def _file_contents(self, ask: Ask, repository: Repository) -> Response:
        wanted = json.loads(ask.body)["files"]
        entries = {path: file_entry(self._host, repository, path) for path in repository.files}
        found = [self._object_of(repository, entries[path], whole=True) if path in entries else None for path in wanted]
        return as_json(found)

    def _raw(self, ask: Ask, repository: Repository, path: str) -> Response:
        known = ask.query.get("ref", repository.default_branch) in (repository.default_branch, repository.head)
        text = repository.files.get(path) if known else None
        if text is None:
            return self._missing("GetBlobForEntry", f"object does not exist [id: , rel_path: {path}]")
        return PlainTextResponse(text)

    def _languages(self, _ask: Ask, repository: Repository) -> Response:
        return as_json(dict(repository.languages))

    def _topics(self, _ask: Ask, repository: Repository) -> Response:
        return as_json({"topics": list(repository.topics)})

    def _releases(self, ask: Ask, repository: Repository) -> Response:
        release = release_object(self._host, repository)
        shown, headers = self._page(ask, [release] if release else [])
        return as_json(shown, headers=headers)

    def _latest_release(self, _ask: Ask, repository: Repository) -> Response:
        release = release_object(self._host, repository)
        return self._missing() if release is None else as_json(release)

    def _page(self, ask: Ask, listed: Sequence[Any]) -> tuple[Sequence[Any], dict[str, str]]:
        """A page, with its headers: links stand only where there are several pages."""
        size = ask.number("limit", min(30, self._most), most=self._most)
        page, pages = ask.number("page", 1), -(-len(listed) // size)
        links = []
        if page < pages:
            links += [ask.link("next", page=page + 1, limit=size), ask.link("last", page=pages, limit=size)]
        if page > 1:
            links += [ask.link("first", page=1, limit=size), ask.link("prev", page=page - 1, limit=size)]
        headers = {"x-total-count": str(len(listed))} | ({"link": ",".join(links)} if links else {})
        return listed[(page - 1) * size : page * size], headers
