"""The simulated GitHub's REST: enough for a client that asks for everything one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.responses import Response

from simulators.exchange import Ask, as_json, revalidated
from simulators.github_limits import Budgets
from simulators.github_objects import file_object, license_object, owner_object, repository_object
from simulators.github_search import MOST_FOUND, code
from simulators.github_store import (
    EPOCH,
    GitHubStore,
    Owner,
    Repo,
    database_id,
    number,
)

DOCS = "https://docs.github.com/rest"

_ROUTES: Sequence[tuple[str, str]] = (
    (r"/rate_limit", "rate_limit"),
    (r"/search/code", "code_search"),
    (r"/(?:orgs|users)/(?P<owner>[^/]+)", "account"),
    (r"/(?:orgs|users)/(?P<owner>[^/]+)/repos", "listing"),
    (r"/repositories/(?P<number>\d+)", "by_number"),
    (r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)", "repository"),
    (r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)/contents/(?P<path>.+)", "contents"),
    (r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)/readme", "readme"),
    (r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)/languages", "languages"),
    (r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)/license", "license"),
    (r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)/contributors", "contributors"),
    (r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)/topics", "topics"),
    (r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)/releases/latest", "latest_release"),
)


class Rest:
    """Answers REST over a store; every answer that is not 304 counts against the hour."""

    def __init__(self, store: GitHubStore, budgets: Budgets) -> None:
        self._store = store
        self._budgets = budgets
        self._routes = [(re.compile(pattern), pattern, getattr(self, f"_{name}")) for pattern, name in _ROUTES]

    def answer(self, ask: Ask) -> Response:
        """The answer, with its ETag and what the hour still allows."""
        budget = self._budgets.of(ask.token, "code_search" if ask.path == "/search/code" else "core")
        if ask.path == "/rate_limit":
            return self._rate_limit(ask)
        if budget.remaining < 1:
            headers = budget.headers()
            return as_json({"message": "API rate limit exceeded", "documentation_url": DOCS}, 403, headers)
        answer = revalidated(ask, self._routed(ask))
        if answer.status_code != 304:
            budget.charge(1)
        answer.headers.update(budget.headers())
        answer.headers.setdefault("cache-control", "public, max-age=60, s-maxage=60")
        return answer

    def _routed(self, ask: Ask) -> Response:
        for pattern, template, handler in self._routes:
            if ask.method == "GET" and (match := pattern.fullmatch(ask.path)):
                ask.operation = "GET " + re.sub(r"\(\?P<(\w+)>[^)]+\)", r"{\1}", template).replace("(?:", "(")
                ask.unit = f"{ask.path} page={ask.query.get('page', 1)}"
                values = match.groupdict()
                if "name" not in values:
                    return _respond(handler, ask, **values)
                return self._of_repository(handler, ask, **values)
        return _not_found()

    def _of_repository(
        self, handler: Callable[..., Response], ask: Ask, owner: str, name: str, **rest: str
    ) -> Response:
        full_name = f"{owner}/{name}"
        repo = self._store.repo(full_name)
        if repo is not None:
            return _respond(handler, ask, repo=repo, **rest)
        moved = self._store.renamed(full_name)
        if moved is None:
            return _not_found()
        url = f"{ask.root}/repositories/{database_id(moved)}"
        body = {"message": "Moved Permanently", "url": url, "documentation_url": DOCS}
        return as_json(body, 301, {"location": url})

    def _rate_limit(self, ask: Ask) -> Response:
        ask.operation = "GET /rate_limit"
        resources = {}
        for name in ("core", "graphql", "search"):
            budget = self._budgets.of(ask.token, name)
            left = {"limit": budget.limit, "remaining": budget.remaining, "reset": budget.resets, "used": budget.used}
            resources[name] = left
        return as_json({"resources": resources, "rate": resources["core"]})

    def _account(self, _ask: Ask, owner: str) -> Response:
        found = self._store.owner(owner)
        return _not_found() if found is None else as_json(owner_object(found, _ask.root))

    def _listing(self, ask: Ask, owner: str) -> Response:
        found = self._store.owner(owner)
        if found is None:
            return _not_found()
        ordered = sorted(self._store.repos_of(owner), key=lambda repo: (repo.created_at or EPOCH, repo.name.lower()))
        size, page = ask.number("per_page", 30, most=100), ask.number("page", 1)
        pages = max(1, -(-len(ordered) // size))
        shown = [self._object(repo, ask.root) for repo in ordered[(page - 1) * size : page * size]]
        links = []
        if page > 1:
            links += [ask.link("prev", page=page - 1, per_page=size), ask.link("first", page=1, per_page=size)]
        if page < pages:
            links += [ask.link("next", page=page + 1, per_page=size), ask.link("last", page=pages, per_page=size)]
        return as_json(shown, headers={"link": ", ".join(links)} if links else None)

    def _code_search(self, ask: Ask) -> Response:
        """A page of files, of 1,000 at the most. It wants a token, as the real one does."""
        if ask.token is None:
            return as_json({"message": "Requires authentication", "documentation_url": DOCS, "status": "401"}, 401)
        found = list(code(self._store, ask.query.get("q", "")))
        size, page = ask.number("per_page", 30, most=100), ask.number("page", 1)
        if (page - 1) * size >= MOST_FOUND:
            message = "Only the first 1000 search results are available"
            return as_json({"message": message, "documentation_url": DOCS, "status": "422"}, 422)
        shown = found[:MOST_FOUND][(page - 1) * size : page * size]
        items = [self._found(repo, path, ask.root) for repo, path in shown]
        more = page * size < min(len(found), MOST_FOUND)
        headers = {"link": ask.link("next", page=page + 1, per_page=size)} if more else None
        return as_json({"total_count": len(found), "incomplete_results": False, "items": items}, headers=headers)

    def _found(self, repo: Repo, path: str, root: str) -> dict[str, Any]:
        """A file as a search gives it, with a part of its repository's object."""
        file = file_object(repo, path, repo.files[path], root)
        whole = self._object(repo, root)
        kept = ("id", "node_id", "name", "full_name", "private", "owner", "html_url", "description", "fork", "url")
        part = {name: value for name, value in whole.items() if name in kept or name.endswith("_url")}
        rest = {name: file[name] for name in ("name", "path", "sha", "url", "git_url", "html_url")}
        dropped = ("clone_url", "git_url", "ssh_url", "svn_url", "mirror_url")
        return {
            **rest,
            "repository": {name: value for name, value in part.items() if name not in dropped},
            "score": 1.0,
        }

    def _by_number(self, ask: Ask, number: str) -> Response:
        repo = self._store.by_id(int(number))
        return _not_found() if repo is None else self._repository(ask, repo)

    def _repository(self, ask: Ask, repo: Repo) -> Response:
        full = self._object(repo, ask.root)
        full |= {"network_count": repo.forks, "subscribers_count": 0}
        if repo.parent and (parent := self._store.repo(repo.parent)):
            full["parent"] = full["source"] = self._object(parent, ask.root)
        return as_json(full)

    def _object(self, repo: Repo, root: str) -> dict[str, Any]:
        owner = self._store.owner(repo.owner) or Owner(login=repo.owner)
        return repository_object(repo, owner, root)

    def _contents(self, ask: Ask, repo: Repo, path: str) -> Response:
        text = repo.files.get(path)
        return _not_found() if text is None else as_json(file_object(repo, path, text, ask.root))

    def _readme(self, ask: Ask, repo: Repo) -> Response:
        path = next((path for path in repo.files if path.lower().startswith("readme")), None)
        return _not_found() if path is None else as_json(file_object(repo, path, repo.files[path], ask.root))

    def _license(self, ask: Ask, repo: Repo) -> Response:
        path = next((path for path in repo.files if path.lower().startswith("licen")), None)
        if path is None or repo.license is None:
            return _not_found()
        return as_json(
            {**file_object(repo, path, repo.files[path], ask.root), "license": license_object(repo, ask.root)}
        )

    def _languages(self, _ask: Ask, repo: Repo) -> Response:
        return as_json(dict(repo.languages or {}))

    def _topics(self, _ask: Ask, repo: Repo) -> Response:
        return as_json({"names": list(repo.topics)})

    def _contributors(self, _ask: Ask, repo: Repo) -> Response:  # noqa: ARG002 - called by name
        """Nobody: the simulated GitHub knows no person."""
        return as_json([])

    def _latest_release(self, ask: Ask, repo: Repo) -> Response:
        if repo.release is None:
            return _not_found()
        tag, published = repo.release
        made = number(f"{repo.full_name} {tag}")
        url = f"{ask.root}/repos/{repo.full_name}/releases/{made}"
        owner = self._store.owner(repo.owner) or Owner(login=repo.owner)
        names = {"id": made, "node_id": f"RE_{made}", "name": tag, "tag_name": tag, "body": None}
        links = {
            "url": url,
            "assets_url": f"{url}/assets",
            "upload_url": f"{url}/assets{{?name,label}}",
            "html_url": f"{repo.url}/releases/tag/{tag}",
            "tarball_url": f"{ask.root}/repos/{repo.full_name}/tarball/{tag}",
            "zipball_url": f"{ask.root}/repos/{repo.full_name}/zipball/{tag}",
        }
        state = {"draft": False, "prerelease": False, "created_at": published, "published_at": published}
        rest = {"target_commitish": repo.default_branch, "assets": [], "author": owner_object(owner, ask.root)}
        return as_json({**names, **links, **state, **rest})


def _respond(handler: Callable[..., Response], ask: Ask, **values: Any) -> Response:
    return handler(ask, **values)


def _not_found() -> Response:
    return as_json({"message": "Not Found", "documentation_url": DOCS, "status": "404"}, 404)
