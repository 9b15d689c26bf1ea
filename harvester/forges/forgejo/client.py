"""The REST API of Forgejo and Gitea, which have no client of their own that is kept up: listings, trees, files.

Nothing is retried or waited for here; the session is ours and does that. A server shows at most so many
repositories a page as its MAX_RESPONSE_ITEMS says (50 unless its operator chose otherwise) whatever is asked for, so
pages are followed by its Link header, or by counting.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import requests

from harvester.errors import BudgetSpent, ForgeError
from harvester.net import NetSession
from harvester.net.waiting import retry_at

PAGE = 50
SEARCH = "/repos/search"
ABSENT = (404, 410)
"""Answers that mean "there is no such thing"; every other refusal says nothing about it."""
_MOST_TREE_PAGES = 20  # of a root folder, a thousand entries each
_MANY_FILES = "/repos/{owner}/{repo}/file-contents"  # Gitea since 1.24; where the definition has it


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """`repositories` as served; `following` is the query of the next page; `total` where the server counts."""

    repositories: tuple[Mapping[str, Any], ...]
    following: Mapping[str, str] | None
    total: int | None


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A file of the root folder: git's id of its content and its size in bytes, None where it is not told."""

    oid: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of the root folder by name, at commit `head` (None: not told), and its folders. Submodules and links
    are left out."""

    head: str | None
    files: Mapping[str, TreeEntry]
    folders: frozenset[str] = frozenset()


class Forgejo:
    """One instance, asked through `session`, which brings its token. `url` is its root ("https://codeberg.org").

    Blocking. `tells_links`: a tree's modes tell links from files.
    """

    tells_links = True

    def __init__(self, session: NetSession, *, url: str, timeout_s: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self.host = urlsplit(url).hostname or ""
        self.session = session
        self._timeout_s = timeout_s
        self._reads_many: bool | None = None

    def repositories(self, path: str, query: Mapping[str, str], *, seen: int = 0) -> RepositoryPage:
        """A page of the listing at `path` ("/orgs/italia/repos", "/repos/search"); `seen` were on earlier pages.

        Raises BudgetSpent, or ForgeError with the status: 404 when there is no such owner.
        """
        answer = self._get(path, query)
        found = self._json(answer)
        if isinstance(found, dict) and found.get("ok", True):  # a search wraps its list
            found = [] if found.get("data") is None else found["data"]
        if not isinstance(found, list) or (found and not any(isinstance(one, dict) for one in found)):
            raise self._error(answer.url, f"an answer that is no list of repositories: {answer.text[:80]!r}", None)
        counted = answer.headers.get("X-Total-Count", "")
        total = int(counted) if counted.isdecimal() else None
        following = _following(answer, query, more=bool(found) and (total is None or seen + len(found) < total))
        return RepositoryPage(tuple(found), following, total)

    def repository(self, number: int | str, *, name: str | None = None) -> Mapping[str, Any] | None:  # noqa: ARG002
        """The repository of that id, under whatever name it has now; None when there is none (404, 410). `name` is
        the one that it had, for a forge that cannot be asked by the id."""
        return self._object(f"/repositories/{encoded(number)}")

    def named(self, full_name: str) -> Mapping[str, Any] | None:
        """The repository of that name, or the one that it leads to; None when there is none."""
        return self._object(f"/repos/{encoded(full_name, '/')}")

    def organisation(self, login: str) -> Mapping[str, Any] | None:
        """The organisation of that name; None when there is none, which may be because it is a person."""
        return self._object(f"/orgs/{encoded(login)}")

    def tree(self, full_name: str, branch: str) -> Tree | None:
        """The root folder of a branch; None when it has no such branch."""
        files: dict[str, TreeEntry] = {}
        folders: set[str] = set()
        seen: set[str] = set()
        page = 1
        while True:
            where = f"/repos/{encoded(full_name, '/')}/git/trees/{encoded(branch)}"
            found = self._object(where, {"page": str(page)} if page > 1 else {})
            if found is None:
                return None
            entries = found.get("tree") or []
            for entry in entries:
                link = self.tells_links and entry.get("mode") == "120000"
                if entry.get("type") == "blob" and not link:  # a link's content is only a path
                    files[str(entry.get("path"))] = TreeEntry(str(entry.get("sha")), entry.get("size"))
                elif entry.get("type") == "tree":
                    folders.add(str(entry.get("path")))
            new = {str(entry.get("path")) for entry in entries} - seen
            seen |= new
            if not (found.get("truncated") and new) or page >= _MOST_TREE_PAGES:
                return Tree(str(found.get("sha") or ""), files, frozenset(folders))
            page += 1

    def entries(self, full_name: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        """Of the files at these paths of the default branch those that are there. A request each."""
        found = {}
        for path in paths:
            one = self._object(f"/repos/{encoded(full_name, '/')}/contents/{encoded(path, '/')}", {}, lists=True)
            if one is not None and one.get("type") == "file":
                found[path] = TreeEntry(str(one.get("sha")), one.get("size"))
        return found

    def files(self, full_name: str, paths: Sequence[str]) -> Mapping[str, bytes | None]:
        """Files of the default branch by path; None for one that is not there any more."""
        found: dict[str, bytes | None] = {}
        if len(paths) > 1 and self._can_read_many():
            found |= self._many(full_name, paths)
        for path in paths:
            if path not in found:
                found[path] = self._raw(full_name, path)
        return found

    def languages(self, full_name: str) -> list[str] | None:
        """Programming languages, the largest first; None when the server cannot tell (404)."""
        sizes = self._object(f"/repos/{encoded(full_name, '/')}/languages")
        return None if sizes is None else sorted(sizes, key=lambda name: (-sizes[name], name))

    def latest_release(self, full_name: str) -> Mapping[str, Any] | None:
        """The newest release that is neither a draft nor a prerelease; None when there is none."""
        return self._object(f"/repos/{encoded(full_name, '/')}/releases/latest")

    def _raw(self, full_name: str, path: str) -> bytes | None:
        try:
            return self._get(f"/repos/{encoded(full_name, '/')}/raw/{encoded(path, '/')}").content
        except ForgeError as error:
            if error.status in ABSENT:
                return None
            raise

    def _can_read_many(self) -> bool:
        """Whether this instance's own definition says that it gives many files at once. Asked once, when it matters."""
        if self._reads_many is None:
            try:
                told = self._json(self._send("GET", f"{self.url}/swagger.v1.json"))
                self._reads_many = "post" in told["paths"][_MANY_FILES]
            except BudgetSpent:
                raise
            except (ForgeError, KeyError, TypeError):
                self._reads_many = False
        return self._reads_many

    def _many(self, full_name: str, paths: Sequence[str]) -> dict[str, bytes]:
        """What one request gives of these files. The server leaves out what is too large for it, or gone."""
        url = f"{self.url}/api/v1/repos/{encoded(full_name, '/')}/file-contents"
        found = self._json(self._send("POST", url, json={"files": list(paths)}))
        read = {}
        for entry in found if isinstance(found, list) else ():
            if isinstance(entry, dict) and entry.get("encoding") == "base64" and isinstance(entry.get("content"), str):
                try:
                    read[str(entry.get("path"))] = base64.b64decode(entry["content"], validate=True)
                except binascii.Error:
                    continue
        return read

    def _object(
        self, path: str, query: Mapping[str, str] | None = None, *, lists: bool = False
    ) -> Mapping[str, Any] | None:
        try:
            answer = self._get(path, query or {})
        except ForgeError as error:
            if error.status in ABSENT:
                return None
            raise
        found = self._json(answer)
        if lists and isinstance(found, list):  # what a folder is answered with
            return None
        if not isinstance(found, dict):
            raise self._error(answer.url, f"an answer that is no JSON object: {answer.text[:80]!r}", None)
        return found

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> requests.Response:
        return self._send("GET", f"{self.url}/api/v1{path}", params=query)

    def _send(self, method: str, url: str, **more: Any) -> requests.Response:
        """The answer, when it is one. A redirect is followed, without the token where it leaves the host."""
        try:
            answer = self.session.request(
                method, url, headers={"Accept": "application/json"}, timeout=self._timeout_s, **more
            )
        except requests.RequestException as error:
            raise self._error(url, f"{type(error).__name__}: {error}", None) from error
        spent = answer.status_code == 403 and answer.headers.get("X-RateLimit-Remaining") == "0"
        if answer.status_code == 429 or spent:  # no limit of Forgejo's own: hosts put one in front of it
            moment = retry_at(answer.headers)
            raise BudgetSpent(f"{url}: rate limit; again at {moment:%H:%M:%S} UTC", retry_at=moment, url=url)
        if answer.status_code != 200:
            raise self._error(url, _message(answer), answer.status_code)
        return answer

    def _json(self, answer: requests.Response) -> Any:
        try:
            return answer.json()
        except ValueError as error:
            what = f"an answer that is no JSON: {answer.text[:80]!r}"
            raise self._error(answer.url, what, answer.status_code) from error

    def _error(self, url: str, message: str, status: int | None) -> ForgeError:
        remedy = "correct the source's url" if status and 300 <= status < 400 else None
        where = url.partition("?")[0]
        return ForgeError(f"{where} answered {status or 'nothing'}: {message}", url=where, status=status, remedy=remedy)


def encoded(part: int | str, safe: str = "") -> str:
    """A part of an address."""
    return quote(str(part), safe=safe)


def _message(answer: requests.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        told = None
    return str(told.get("message") if isinstance(told, dict) else answer.text)[:200]


def _following(answer: requests.Response, query: Mapping[str, str], *, more: bool) -> Mapping[str, str] | None:
    """The next page's query: by the Link header, or, where a proxy dropped that, by what is still to come."""
    number = int(query.get("page", "1"))
    told = dict(parse_qsl(urlsplit(answer.links.get("next", {}).get("url", "")).query)).get("page", "")
    if told.isdecimal() and int(told) > number:
        return {**query, "page": told}
    return {**query, "page": str(number + 1)} if more and "next" not in answer.links else None
