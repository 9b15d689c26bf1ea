"""A simulated Gogs: what its router answers without a token, and with one, over what a simulated Forgejo holds.

A search wants a word of at least one character, of which "_" stands for any, as in SQL, and counts nothing; trees write
one mode for every file; a folder's content is asked for by path; nothing redirects.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from simulators.exchange import Ask, as_json
from simulators.forgejo_objects import release_object, tree_entries
from simulators.forgejo_store import Repository
from simulators.github_store import number
from simulators.sim_forgejo import Forgejo

_API = "/api/v1"
_REPO = _API + r"/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)"
_ATTRIBUTES = (
    "id name full_name description private fork parent empty mirror size html_url ssh_url clone_url website "
    "stars_count forks_count watchers_count open_issues_count default_branch created_at updated_at"
).split()
_OF_AN_ACCOUNT = ("id", "username", "login", "full_name", "email", "avatar_url")
_OF_A_RELEASE = ("id", "tag_name", "target_commitish", "name", "body", "draft", "prerelease", "created_at")


class Gogs(Forgejo):
    """A virtual host, to which every word is a token."""

    routes = (
        ("GET", _API + r"/repos/search", "search"),
        ("GET", _API + r"/orgs/(?P<login>[^/]+)/teams", "teams"),
        ("GET", _API + r"/orgs/(?P<login>[^/]+)", "user"),
        ("GET", _API + r"/users/(?P<login>[^/]+)", "user"),
        ("GET", _REPO, "repository"),
        ("GET", _REPO + r"/releases", "releases"),
        ("GET", _REPO + r"/git/trees/(?P<sha>[^/]+)", "tree"),
        ("GET", _REPO + r"/contents", "contents"),
        ("GET", _REPO + r"/contents/(?P<path>.+)", "content"),
    )

    def _of_repository(self, ask: Ask, handler: Callable[..., Response], values: dict[str, str]) -> Response:
        if handler not in (self._repository, self._releases) and ask.token is None:
            return Response(None, 401)
        repository = self.store.repository(f"{values.pop('owner')}/{values.pop('repo')}")
        if repository is None or repository.private:
            return self._missing()
        return handler(ask, repository=repository, **values)

    def _missing(self, message: str = "", *errors: str) -> Response:  # noqa: ARG002
        return Response(None, 404)

    def _definition(self) -> dict[str, Any]:
        return {}

    def _search(self, ask: Ask) -> Response:
        word = re.escape(ask.query.get("q") or ".").replace("_", ".")  # an empty word's last part is "."
        owner = ask.query.get("uid", "0")
        found = [
            one
            for one in self._public()
            if re.search(word, one.name.lower()) and owner in ("0", str(number(one.owner)))
        ]
        shown, headers = self._page(ask, found)
        headers.pop("x-total-count")
        return as_json({"data": [self._object(one) for one in shown], "ok": True}, headers=headers)

    def _user(self, _ask: Ask, login: str) -> Response:
        account = self.store.account(login)
        if account is None:
            return self._missing()
        return as_json({"id": number(account.login), "username": account.login, "full_name": account.full_name})

    def _teams(self, _ask: Ask, login: str) -> Response:
        account = self.store.account(login)
        if account is None:
            return self._missing()
        owners = {"id": 1, "name": "Owners", "description": "", "permission": "owner"}
        return as_json([owners] if account.organisation else [])

    def _object(self, repository: Repository) -> dict[str, Any]:
        whole = super()._object(repository)
        parent = self.store.repository(repository.parent) if repository.parent else None
        owner = {name: whole["owner"][name] for name in _OF_AN_ACCOUNT}
        told = {name: whole[name] for name in _ATTRIBUTES}
        return {**told, "owner": owner, "parent": self._object(parent) if parent else None}

    def _tree(self, ask: Ask, repository: Repository, sha: str) -> Response:
        if repository.empty or sha not in (repository.default_branch, repository.head):
            return self._missing()
        url = f"{ask.root}{ask.path}"
        entries = tree_entries(self._host, repository)
        modes = {"blob": "120000", "tree": "040000"}
        return as_json({"sha": sha, "url": url, "tree": [{**one, "mode": modes[one["type"]]} for one in entries]})

    def _releases(self, _ask: Ask, repository: Repository) -> Response:
        release = release_object(self._host, repository)
        return as_json([{name: release[name] for name in _OF_A_RELEASE}] if release else [])
