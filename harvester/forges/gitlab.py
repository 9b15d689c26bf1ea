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

from harvester.errors import BudgetSpent, ForgeError
from harvester.forges import limits
from harvester.net import NetSession

PUBLICCODE = "publiccode.yml"
_CURSORS = ("page", "id_after", "id_before", "cursor")
"""What of a `next` link we follow; the rest of the question stays ours."""


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """`projects` as served; `following` is the query of the next page; `total` when the instance counts."""

    projects: tuple[Mapping[str, Any], ...]
    following: Mapping[str, str] | None
    total: int | None


class _Backend(RequestsBackend):
    """Reads refusals with their headers, and lets no redirect carry a token to another host."""

    follows_redirects = True

    def http_request(self, *args: Any, **kwargs: Any) -> RequestsResponse:
        answer = super().http_request(*args, allow_redirects=self.follows_redirects, **kwargs)
        headers = answer.headers
        if answer.status_code == 429 or (answer.status_code == 403 and headers.get("RateLimit-Remaining") == "0"):
            moment = limits.retry_at(headers)
            url = answer.response.url
            raise BudgetSpent(f"{url}: rate limit; again at {moment:%H:%M:%S} UTC", retry_at=moment, url=url)
        return answer


class _BackendWithToken(_Backend):
    follows_redirects = False


class GitLab:
    """One GitLab instance, asked through `session`. Blocking. `url` is its root, http or https."""

    def __init__(
        self,
        session: NetSession,
        *,
        url: str,
        user_agent: str,
        token: str | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        self.session = session
        self.client = gitlab.Gitlab(
            url,
            private_token=token,
            timeout=timeout_s,
            user_agent=user_agent,
            retry_transient_errors=False,
            keep_base_url=True,
            session=session,
            backend=_BackendWithToken if token else _Backend,
        )
        self.host = urlsplit(url).hostname or ""

    def projects(self, path: str, query: Mapping[str, str]) -> ProjectPage:
        """A page of the listing at `path` ("/groups/inria/projects").

        Raises BudgetSpent, or ForgeError with the status: 404 when there is no such group or user.
        """
        response = self._get(path, query)
        found = self._json(response)
        if not isinstance(found, list) or not all(isinstance(project, dict) for project in found):
            raise self._error(path, f"an answer that is no list of projects: {response.text[:80]!r}", None)
        total = response.headers.get("X-Total", "")
        return ProjectPage(tuple(found), _following(response, query), int(total) if total.isdecimal() else None)

    def file(self, project: int | str, path: str, *, ref: str = "HEAD") -> bytes | None:
        """A file of a repository; None when it has none of that name (404)."""
        where = f"/projects/{_encoded(project)}/repository/files/{_encoded(path)}/raw"
        try:
            return self._get(where, {"ref": ref}).content
        except ForgeError as error:
            if error.status == 404:
                return None
            raise

    def languages(self, project: int | str) -> Sequence[str] | None:
        """Programming languages, the largest share first; None when GitLab cannot tell (404)."""
        shares = self._detail(f"/projects/{_encoded(project)}/languages", {})
        return sorted(shares, key=lambda name: (-shares[name], name)) if isinstance(shares, dict) else None

    def license(self, project: int | str) -> Mapping[str, Any] | None:
        """The licence that GitLab found in the repository, which listings leave out; None when it found none."""
        found = self._detail(f"/projects/{_encoded(project)}", {"license": "true"})
        return found.get("license") if isinstance(found, dict) else None

    def _detail(self, path: str, query: Mapping[str, str]) -> Any:
        """What one project adds; None when it has gone since it was listed."""
        try:
            return self._json(self._get(path, query))
        except ForgeError as error:
            if error.status == 404:
                return None
            raise

    def _get(self, path: str, query: Mapping[str, str]) -> requests.Response:
        try:
            return self.client.http_request("get", path, query_data=dict(query), obey_rate_limit=False, max_retries=0)
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
        url = path if "/api/v4" in path else f"{self.client.api_url}{path}"
        remedy = "correct the source's url" if status and 300 <= status < 400 else None
        return ForgeError(f"{url} answered {status or 'nothing'}: {message}", url=url, status=status, remedy=remedy)


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
