"""GitLab's REST API v4: pages of projects of a group, a user or a whole instance, sent by python-gitlab.

Its own retries and waiting are off, its session is ours. A 429 is read in the backend, because python-gitlab's
exceptions lose the headers that tell how long to wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import gitlab
import requests
from gitlab._backends.requests_backend import RequestsBackend, RequestsResponse

from harvester.errors import BudgetSpent, FetchError, ForgeError
from harvester.net import NetSession
from harvester.net.waiting import retry_at

_CURSORS = ("page", "id_after", "id_before", "cursor")
"""What of a `next` link we follow; the rest of the question stays ours."""
_UNREADABLE = (200, 403, 404)
"""By status: one such file (200: larger than we take) does not stop a listing, a broken forge does."""


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """`projects` as served; `following` is the query of the next page; `total` when the instance counts."""

    projects: tuple[Mapping[str, Any], ...]
    following: Mapping[str, str] | None
    total: int | None


class _Backend(RequestsBackend):
    """Reads refusals with their headers."""

    def http_request(self, *args: Any, **kwargs: Any) -> RequestsResponse:
        answer = super().http_request(*args, **kwargs)
        headers = answer.headers
        if answer.status_code == 429 or (answer.status_code == 403 and headers.get("RateLimit-Remaining") == "0"):
            moment = retry_at(headers)
            url = answer.response.url
            raise BudgetSpent(f"{url}: rate limit; again at {moment:%H:%M:%S} UTC", retry_at=moment, url=url)
        return answer


class GitLab:
    """One GitLab instance, asked through `session`, which brings its token. Blocking. `url` is its root."""

    def __init__(self, session: NetSession, *, url: str, user_agent: str, timeout_s: float = 30.0) -> None:
        self.session = session
        self.client = gitlab.Gitlab(
            url,
            timeout=timeout_s,
            user_agent=user_agent,
            retry_transient_errors=False,
            keep_base_url=True,
            session=session,
            backend=_Backend,
        )
        self.host = urlsplit(url).hostname or ""

    def projects(self, path: str, query: Mapping[str, str]) -> ProjectPage:
        """A page of the listing at `path` ("/groups/inria/projects").

        Raises BudgetSpent, or ForgeError with the status: 404 when there is no such group or user.
        """
        response = self._get(path, query)
        found = self._json(response)
        if not isinstance(found, list) or (found and not any(map(_is_project, found))):
            raise self._error(path, f"an answer that is no list of projects: {response.text[:80]!r}", None)
        total = response.headers.get("X-Total", "")
        return ProjectPage(tuple(found), _following(response, query), int(total) if total.isdecimal() else None)

    def project(self, project: int | str, *, license: bool = False) -> Mapping[str, Any]:
        """One project, on request with the licence found in it. Raises ForgeError, 404 when it is absent."""
        path = f"/projects/{_encoded(project)}"
        found = self._json(self._get(path, {"license": "true"} if license else {}))
        if not isinstance(found, dict) or "id" not in found:
            raise self._error(path, "an answer that is no project", None)
        return found

    def entries(self, project: int | str, paths: Sequence[str] = ()) -> Mapping[str, str] | None:
        """Blob ids of the files at a repository's root by name, and of those at `paths` below it, which cost a request
        each where the root has their folder; None when we may not look (403)."""
        path = f"/projects/{_encoded(project)}/repository/tree"
        found: dict[str, str] = {}
        folders: set[str] = set()
        query: Mapping[str, str] | None = {"per_page": "100", "page": "1"}
        while query is not None:
            try:
                response = self._get(path, query)
            except ForgeError as error:
                if error.status in (403, 404):  # 404: it has no commit yet
                    return None if error.status == 403 else found
                raise
            listed = self._json(response)
            found.update({one["name"]: one["id"] for one in listed if one.get("type") == "blob"})
            folders.update(one["name"] for one in listed if one.get("type") == "tree")
            query = _following(response, query)
        for below in (one for one in paths if one.partition("/")[0] in folders):
            where = f"/projects/{_encoded(project)}/repository/files/{_encoded(below)}"
            if (file := self._shown(where, {"ref": "HEAD"})) is not None:
                found[below] = str(file["blob_id"])
        return found

    def blob(self, project: int | str, oid: str) -> str | None:
        """The text of a file by its blob id; None when it is no UTF-8, larger than we take, or not ours to read."""
        try:
            return self._get(f"/projects/{_encoded(project)}/repository/blobs/{oid}/raw", {}).content.decode("utf-8")
        except UnicodeDecodeError:
            return None
        except FetchError as error:
            if error.status in _UNREADABLE:
                return None
            raise

    def release(self, project: int | str) -> tuple[Any, Any] | None:
        """Tag and time of the latest release; None when there is none, or they are closed to us."""
        found = self._shown(f"/projects/{_encoded(project)}/releases", {"per_page": "1"})
        return (found[0].get("tag_name"), found[0].get("released_at")) if found else None

    def languages(self, project: int | str) -> Mapping[str, float] | None:
        """Programming languages with their shares in per cent; None when GitLab cannot tell (403, 404)."""
        shares = self._shown(f"/projects/{_encoded(project)}/languages", {})
        return shares if isinstance(shares, dict) else None

    def post(self, url: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The JSON object that a posted one is answered with. Raises BudgetSpent, ForgeError."""
        found = self._json(self._sent("post", url, post_data=dict(body)))
        if not isinstance(found, dict):
            raise self._error(url, "an answer that is no JSON object", 200)
        return found

    def _shown(self, path: str, query: Mapping[str, str]) -> Any:
        """What is there; None where there is nothing, or it is closed to us (403, 404)."""
        try:
            return self._json(self._get(path, query))
        except ForgeError as error:
            if error.status in (403, 404):
                return None
            raise

    def _get(self, path: str, query: Mapping[str, str]) -> requests.Response:
        return self._sent("get", path, query_data=dict(query))

    def _sent(self, verb: str, path: str, **asked: Any) -> requests.Response:
        try:
            return self.client.http_request(verb, path, obey_rate_limit=False, max_retries=0, **asked)
        except gitlab.GitlabError as error:
            raise self._error(path, str(error.error_message), error.response_code) from error
        except requests.RequestException as error:
            raise self._error(path, f"{type(error).__name__}: {error}", None) from error

    def _json(self, response: requests.Response) -> Any:
        try:
            return response.json()
        except ValueError as error:
            text = f"an answer that is no JSON: {response.text[:80]!r}"
            raise self._error(urlsplit(response.url).path, text, response.status_code) from error

    def _error(self, path: str, message: str, status: int | None) -> ForgeError:
        url = path if "/api/" in path else f"{self.client.api_url}{path}"
        remedy = "correct the source's url" if status and 300 <= status < 400 else None
        return ForgeError(f"{url} answered {status or 'nothing'}: {message}", url=url, status=status, remedy=remedy)


def first_page(kind: str, name: str) -> tuple[str, dict[str, str]]:
    """Path and query of a listing's first page, in order of project ids.

    `kind` is "group" (with its subgroups), "user", "topic" or "instance", which needs no name.
    """
    query = {"order_by": "id", "sort": "asc", "per_page": "100", "visibility": "public"}
    if kind == "group":  # what is shared with a group belongs to another
        query |= {"include_subgroups": "true", "with_shared": "false", "page": "1"}
        return f"/groups/{_encoded(name)}/projects", query
    if kind == "user":
        return f"/users/{_encoded(name)}/projects", query | {"page": "1"}
    return "/projects", query | {"pagination": "keyset"} | ({"topic": name} if name else {})


def _encoded(part: int | str) -> str:
    return quote(str(part), safe="")


def _following(response: requests.Response, query: Mapping[str, str]) -> Mapping[str, str] | None:
    """The next page's query, from the Link header, or from X-Next-Page where a proxy dropped that."""
    link = response.links.get("next", {}).get("url")
    if link:
        told = dict(parse_qsl(urlsplit(link).query))
        moved = {name: told[name] for name in _CURSORS if name in told}
    else:
        moved = {"page": response.headers["X-Next-Page"]} if response.headers.get("X-Next-Page") else {}
    following = {**query, **moved}
    return following if moved and following != dict(query) else None


def _is_project(served: Any) -> bool:
    return isinstance(served, dict) and isinstance(served.get("id"), int)
