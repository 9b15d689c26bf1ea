"""The simulated GitHub's REST: enough for a client that asks for everything one by one."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.responses import Response

from demo.exchange import Ask, as_json, revalidated
from demo.github_limits import Budgets
from demo.github_store import (
    EPOCH,
    GitHubStore,
    Owner,
    Repo,
    blob_oid,
    database_id,
    node_id,
    number,
    owner_id,
    owner_node_id,
)

_REPO_LINKS = (
    "archive:{archive_format}{/ref} assignees:{/user} blobs:/git{/sha} branches:{/branch} collaborators:{/collaborator}"
    " comments:{/number} commits:{/sha} compare:/{base}...{head} contents:/{+path} contributors: deployments:"
    " downloads: events: forks: git_commits:{/sha} git_refs:{/sha} git_tags:{/sha} hooks: issue_comment:{/number}"
    " issue_events:{/number} issues:{/number} keys:{/key_id} labels:{/name} languages: merges: milestones:{/number}"
    " notifications: pulls:{/number} releases:{/id} stargazers: statuses:/{sha} subscribers: subscription: tags:"
    " teams: trees:{/sha}"
)
_OWNER_LINKS = "events followers following gists organizations received_events repos starred subscriptions"
DOCS = "https://docs.github.com/rest"

_ROUTES: Sequence[tuple[str, str]] = (
    (r"/rate_limit", "rate_limit"),
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
        budget = self._budgets.of(ask.token, "core")
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
        return _not_found() if found is None else as_json(_owner_object(found, _ask.root))

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
        return _not_found() if text is None else as_json(_file(repo, path, text, ask.root))

    def _readme(self, ask: Ask, repo: Repo) -> Response:
        path = next((path for path in repo.files if path.lower().startswith("readme")), None)
        return _not_found() if path is None else as_json(_file(repo, path, repo.files[path], ask.root))

    def _license(self, ask: Ask, repo: Repo) -> Response:
        path = next((path for path in repo.files if path.lower().startswith("licen")), None)
        if path is None or repo.license is None:
            return _not_found()
        return as_json({**_file(repo, path, repo.files[path], ask.root), "license": _license(repo, ask.root)})

    def _languages(self, _ask: Ask, repo: Repo) -> Response:
        return as_json(dict(repo.languages or {}))

    def _topics(self, _ask: Ask, repo: Repo) -> Response:
        return as_json({"names": list(repo.topics)})

    def _contributors(self, _ask: Ask, _repo: Repo) -> Response:
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
        rest = {"target_commitish": repo.default_branch, "assets": [], "author": _owner_object(owner, ask.root)}
        return as_json({**names, **links, **state, **rest})


def repository_object(repo: Repo, owner: Owner, root: str) -> dict[str, Any]:
    """A repository as REST gives it, every required field filled."""
    url = f"{root}/repos/{repo.full_name}"
    created = repo.created_at or EPOCH
    links = {}
    for one in _REPO_LINKS.split():
        name, _, rest = one.partition(":")
        links[f"{name}_url"] = f"{url}/{name.replace('git_', 'git/')}{rest}"
    return {
        "id": database_id(repo),
        "node_id": node_id(repo),
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": _owner_object(owner, root),
        "private": False,
        "html_url": repo.url,
        "description": repo.description,
        "fork": repo.fork,
        "url": url,
        **links,
        "clone_url": f"{repo.url}.git",
        "git_url": f"git://github.com/{repo.full_name}.git",
        "ssh_url": f"git@github.com:{repo.full_name}.git",
        "svn_url": repo.url,
        "homepage": repo.homepage,
        "language": repo.primary_language,
        "license": _license(repo, root),
        "topics": list(repo.topics),
        "visibility": "public",
        "default_branch": repo.default_branch,
        "archived": repo.archived,
        "disabled": False,
        "is_template": repo.template,
        "mirror_url": None,
        "created_at": created,
        "pushed_at": repo.pushed_at or created,
        "updated_at": repo.pushed_at or created,
        **dict.fromkeys(("has_downloads", "has_issues", "has_projects", "has_wiki"), True),
        **dict.fromkeys(("has_pages", "has_discussions"), False),
        **dict.fromkeys(("stargazers_count", "watchers_count", "watchers"), repo.stars),
        **dict.fromkeys(("forks_count", "forks"), repo.forks),
        **dict.fromkeys(("open_issues_count", "open_issues", "size"), 0),
    }


def _owner_object(owner: Owner, root: str) -> dict[str, Any]:
    url = f"{root}/users/{owner.login}"
    return {
        "login": owner.login,
        "id": owner_id(owner),
        "node_id": owner_node_id(owner),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{owner_id(owner)}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"https://github.com/{owner.login}",
        **{f"{name}_url": f"{url}/{name}" for name in _OWNER_LINKS.split()},
        "type": owner.type,
        "site_admin": False,
    }


def _license(repo: Repo, root: str) -> dict[str, Any] | None:
    if repo.license is None:
        return None
    spdx, name = repo.license
    key = "other" if spdx in (None, "NOASSERTION") else str(spdx).lower()
    url = None if key == "other" else f"{root}/licenses/{key}"
    return {"key": key, "name": name, "spdx_id": spdx, "url": url, "node_id": f"L_{key}"}


def _file(repo: Repo, path: str, text: str, root: str) -> dict[str, Any]:
    sha = blob_oid(text)
    url = f"{root}/repos/{repo.full_name}/contents/{path}?ref={repo.default_branch}"
    git, page = f"{root}/repos/{repo.full_name}/git/blobs/{sha}", f"{repo.url}/blob/{repo.default_branch}/{path}"
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": sha,
        "size": len(text.encode()),
        "url": url,
        "html_url": page,
        "git_url": git,
        "download_url": f"https://raw.githubusercontent.com/{repo.full_name}/{repo.default_branch}/{path}",
        "type": "file",
        "content": base64.encodebytes(text.encode()).decode(),
        "encoding": "base64",
        "_links": {"self": url, "git": git, "html": page},
    }


def _respond(handler: Callable[..., Response], ask: Ask, **values: Any) -> Response:
    return handler(ask, **values)


def _not_found() -> Response:
    return as_json({"message": "Not Found", "documentation_url": DOCS, "status": "404"}, 404)
