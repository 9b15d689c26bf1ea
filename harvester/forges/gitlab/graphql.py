"""GitLab's GraphQL: pages of projects with their roots' files, sent by python-gitlab over a session of ours.

python-gitlab's own GraphQL client waits and retries by itself and cannot take our session, so queries are posted
through its REST machinery. How much is asked at once follows what the instance says a query scores (`queryComplexity`)
and shrinks when it refuses one. An instance that does not serve GraphQL, or not so, is `GraphQLRefused`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harvester.errors import MISSHAPEN, FetchError, ForgeError
from harvester.forges.gitlab import items as gitlab_items
from harvester.forges.gitlab import queries as gitlab_queries
from harvester.forges.gitlab.client import GitLab
from harvester.forges.gitlab.items import Details, Listed
from harvester.forges.gitlab.queries import MAX_PAGE_SIZE, Parts

_COMPLEXITY = re.compile(r"complexity of (\d+), which exceeds max complexity of (\d+)")
_TOO_SLOW = re.compile(r"time(?:d\s)?\s?out", re.IGNORECASE)
_FIRST_BATCH = 50
_FIRST_PATHS = 2
_FAILURES = 3
"""So often a query that the instance failed to answer is asked again for less: it may just be down."""


class GraphQLRefused(ForgeError):
    """This instance does not answer our queries: it is to be asked by REST."""


class _TooMuch(Exception):
    """The query was too much at once: the instance `refused` it, or `failed` over it, or its answer was too `large`."""

    def __init__(self, error: FetchError, *, refused: bool = False, failed: bool = False, large: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.refused = refused
        self.failed = failed
        self.large = large


@dataclass(frozen=True, slots=True)
class _Answer:
    data: Mapping[str, Any]
    errors: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What was asked of some projects; `answer` is None where even the smallest one is too large to be held."""

    numbers: tuple[int, ...]
    paths: tuple[str, ...]
    answer: _Answer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPage:
    """`projects` as they were shown; `broken` are numbers of those that were shown with an error.

    `unnamed` are nodes in no form that is understood, of which not even the number is known. `following` is the cursor
    of the next page; `total` is how many there are, where it was asked.
    """

    projects: tuple[Listed, ...]
    broken: tuple[int, ...] = ()
    unnamed: tuple[Any, ...] = ()
    following: str | None = None
    total: int | None = None


class GraphQL:
    """One instance's GraphQL. Blocking. What it learns of the instance's limits holds for the client's life."""

    def __init__(self, forge: GitLab) -> None:
        self._forge = forge
        self._url = f"{forge.client.url}/api/graphql"
        self.page_size = MAX_PAGE_SIZE
        self._batches: dict[str, int] = {}
        """By query, how many projects it asks for by number: what one query scores says nothing of another."""
        self.paths = _FIRST_PATHS
        """Files a project and query: some releases of GitLab charge ten times as much for the second one."""
        self._most = MAX_PAGE_SIZE
        self._tells_origins: bool | None = None

    def group(self, path: str, *, after: str | None, parts: Parts) -> ListedPage | None:
        """A page of a group's projects and its subgroups'; None when it shows us no such group. Raises ForgeError."""
        query = gitlab_queries.group_query(parts)
        answer = self._sized_page(query, {"path": path, "after": after} | _below(parts))
        group = answer.data.get("group")
        return None if group is None else _page(group.get("projects") or {}, answer.errors)

    def instance(self, *, after: str | None, parts: Parts, topic: str | None = None) -> ListedPage:
        """A page of the instance's projects, of those with a topic if one is given. Raises ForgeError."""
        query = gitlab_queries.instance_query(parts, topics=topic is not None)
        variables = {"after": after} | ({"topics": [topic]} if topic is not None else {}) | _below(parts)
        answer = self._sized_page(query, variables)
        return _page(answer.data.get("projects") or {}, answer.errors)

    def numbered(self, numbers: Sequence[int], *, parts: Parts, paths: Sequence[str] = ()) -> ListedPage:
        """Projects by their numbers, with the files at some of `paths`; those that are absent are left out."""
        found: list[Listed] = []
        broken: list[int] = []
        more = _below(parts)
        for piece in self._pieces(numbers, paths, lambda n: gitlab_queries.numbered_query(parts, blobs=n), more=more):
            answer = piece.answer or self._post(gitlab_queries.numbered_query(parts), _by_ids(piece.numbers) | more)
            page = _page(answer.data.get("projects") or {}, answer.errors)
            found += page.projects
            broken += page.broken
        return ListedPage(projects=tuple(found), broken=tuple(broken))

    def with_texts(self, projects: Sequence[Listed], missing: Mapping[int, Sequence[str]]) -> tuple[Listed, ...]:
        """The projects with the texts of the files at the `missing` paths of each.

        Where a file changed since the root was shown, what was given with its text counts; where it has gone, it has.
        """
        shown = {listed.number: listed.details or Details() for listed in projects}
        texts: dict[int, dict[tuple[str, str], str | None]] = {number: {} for number in missing}
        left = {number: list(paths) for number, paths in missing.items() if paths}
        while left:
            asked = _commonest(left.values(), self.paths)
            numbers = [number for number, paths in left.items() if set(paths) & set(asked)]
            for piece in self._pieces(numbers, asked, gitlab_queries.blobs_query):
                for number in piece.numbers:
                    left[number] = [path for path in left[number] if path not in piece.paths]
                if piece.answer is None:  # one file that is too large to be held
                    (number,), (path,) = piece.numbers, piece.paths
                    texts[number][path, (shown[number].entries or {})[path]] = None
                else:
                    for number, had in _blobs(piece.answer.data):
                        texts[number].update(had)
            left = {number: paths for number, paths in left.items() if paths}
        return tuple(_with_texts(one, missing.get(one.number, ()), texts.get(one.number, {})) for one in projects)

    def addresses(self, numbers: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
        """Where projects are, as a fork tells it of its origin; those that are absent are left out."""
        pieces = self._pieces(numbers, (), lambda _: gitlab_queries.ADDRESSES)
        nodes = [node for piece in pieces if piece.answer for node in piece.answer.data["projects"]["nodes"] if node]
        return {(one := gitlab_items.origin(node))["id"]: one for node in nodes}

    def origins(self, numbers: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
        """What projects were forked from, as far as the instance tells: its release may be too old to."""
        if self._tells_origins is None and numbers:
            kind = self._post(gitlab_queries.HAS_ORIGINS, {}).data.get("__type") or {}
            self._tells_origins = any(field["name"] == "forkedFrom" for field in kind.get("fields") or ())
        asked = numbers if self._tells_origins else ()
        pieces = self._pieces(asked, (), lambda _: gitlab_queries.ORIGINS)
        nodes = [node for piece in pieces if piece.answer for node in piece.answer.data["projects"]["nodes"] if node]
        return {
            gitlab_items.number(node["id"]): gitlab_items.origin(node["forkedFrom"])
            for node in nodes
            if node.get("forkedFrom")
        }

    def _pieces(
        self,
        numbers: Sequence[int],
        paths: Sequence[str],
        query: Callable[[int], str],
        *,
        more: dict[str, Any] | None = None,
    ) -> Iterator[_Piece]:
        """The answers to a query for all of these projects, in pieces that the instance takes."""
        at, failures = 0, 0
        while at < len(numbers):
            asked = tuple(paths[: self.paths])
            text = query(len(asked))
            some = tuple(numbers[at : at + min(self._most, self._batches.get(text, _FIRST_BATCH))])
            try:
                answer = self._post(text, _by_ids(some) | ({"paths": list(asked)} if asked else {}) | (more or {}))
            except _TooMuch as error:
                failures += error.failed
                if failures >= _FAILURES or (len(some) == 1 and len(asked) <= 1 and not error.large):
                    raise error.error from error
                if len(asked) > 1 and not error.failed:
                    self.paths = len(asked) // 2
                elif len(some) > 1:
                    self._batches[text] = len(some) // 2
                    self._most = self._most if error.refused else self._batches[text]
                else:
                    yield _Piece(some, asked, None)
                    at += 1
                continue
            self._batches[text] = self._fitting(answer, of=len(some))
            yield _Piece(some, asked, answer)
            at += len(some)

    def _fitting(self, answer: _Answer, *, of: int) -> int:
        """How many may be asked for at once, by what the instance says that `of` scored: each adds 1 %."""
        told = answer.data.get("queryComplexity") or {}
        score, limit = told.get("score"), told.get("limit")
        fits = int((limit / score * (1 + of / 100) - 1) * 100) if score and limit else of
        return max(1, min(self._most, fits))

    def _sized_page(self, query: str, variables: Mapping[str, Any]) -> _Answer:
        failures = 0
        while True:
            size = self.page_size
            try:
                answer = self._post(query, {**variables, "first": size})
            except _TooMuch as error:
                failures += error.failed
                if size == 1 or failures >= _FAILURES:
                    raise error.error from error
                self.page_size = size // 2
                self._most = self._most if error.refused else self.page_size
            else:
                self.page_size = self._fitting(answer, of=size)
                return answer

    def _post(self, query: str, variables: Mapping[str, Any]) -> _Answer:
        """An answer that has data. Raises _TooMuch, GraphQLRefused, BudgetSpent and ForgeError."""
        try:
            body = self._forge.post(self._url, {"query": query, "variables": dict(variables)})
        except ForgeError as error:
            if error.status is None:
                raise
            if error.status >= 500:
                raise _TooMuch(error, failed=True) from error
            raise GraphQLRefused(error.message, url=error.url, status=error.status) from error
        except FetchError as error:
            if error.status == 200:  # the network refused to hold an answer this large
                raise _TooMuch(error, large=True) from error
            raise
        errors = [error for error in body.get("errors") or () if isinstance(error, dict)]
        messages = "; ".join(str(error.get("message")) for error in errors)
        told = f"{self._url} answered: {messages[:300] or 'no data'}"
        if _COMPLEXITY.search(messages):
            raise _TooMuch(GraphQLRefused(told, url=self._url, status=200), refused=True)
        if _TOO_SLOW.search(messages):
            raise _TooMuch(ForgeError(told, url=self._url, status=200), failed=True)
        data = body.get("data")
        if not isinstance(data, dict) or any("nodes" not in (error.get("path") or ()) for error in errors):
            raise GraphQLRefused(told, url=self._url, status=200)
        return _Answer(data, errors)


def _page(connection: Mapping[str, Any], errors: Sequence[Mapping[str, Any]]) -> ListedPage:
    """What a connection shows. A node with an error in it, or in no form that is understood, is as good as not shown:
    it is to be asked by itself. Raises GraphQLRefused where no node is as GitLab documents it."""
    places = [list(error["path"]) for error in errors]
    hit = {path[path.index("nodes") + 1] for path in places if path[-1] != "nodes"}
    nodes = [(place, node) for place, node in enumerate(connection.get("nodes") or ()) if node]
    info = connection.get("pageInfo") or {}
    projects: list[Listed] = []
    broken: list[int] = []
    unnamed: list[Any] = []
    strange: list[Exception] = []
    for place, node in nodes:
        try:
            if place not in hit:
                projects.append(gitlab_items.from_graphql(node))
                continue
        except MISSHAPEN as error:
            strange.append(error)
        try:
            broken.append(gitlab_items.number(node["id"]))
        except MISSHAPEN:
            unnamed.append(node)
    if strange and len(strange) == len(nodes):
        why = f"a project of GraphQL is not as GitLab documents it: {strange[0]!r}"
        raise GraphQLRefused(why, status=200) from strange[0]
    return ListedPage(
        projects=tuple(projects),
        broken=tuple(broken),
        unnamed=tuple(unnamed),
        following=info.get("endCursor") if info.get("hasNextPage") and nodes else None,
        total=connection.get("count"),
    )


def _commonest(paths: Any, most: int) -> list[str]:
    counted = Counter(path for some in paths for path in some)
    return [path for path, _ in counted.most_common(most)]


def _with_texts(listed: Listed, asked: Sequence[str], texts: Mapping[tuple[str, str], str | None]) -> Listed:
    details = listed.details
    if not asked or details is None or details.entries is None:
        return listed
    oids = {path: oid for path, oid in texts}  # noqa: C416 - the keys are pairs
    entries = {name: oid for name, oid in details.entries.items() if name not in asked or name in oids}
    entries |= {path: oid for path, oid in oids.items() if path in entries}
    return replace(listed, details=replace(details, entries=entries, texts={**details.texts, **texts}))


def _below(parts: Parts) -> dict[str, Any]:
    return {"below": list(parts.below)} if parts.below else {}


def _by_ids(numbers: Sequence[int]) -> dict[str, Any]:
    return {"ids": [f"gid://gitlab/Project/{number}" for number in numbers], "first": len(numbers)}


def _blobs(data: Mapping[str, Any]) -> Iterator[tuple[int, dict[tuple[str, str], str | None]]]:
    """Texts by path and blob id, for each project."""
    for node in (data.get("projects") or {}).get("nodes") or ():
        blobs = ((node.get("repository") or {}).get("blobs") or {}).get("nodes") or ()
        yield gitlab_items.number(node["id"]), {(one["path"], one["oid"]): one.get("rawTextBlob") for one in blobs}
