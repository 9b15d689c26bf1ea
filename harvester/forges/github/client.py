"""GitHub: listings, searches, repositories and files by GraphQL, code search by REST; PyGithub sends, over our session.

PyGithub's `graphql_query` makes an exception of partial data and takes text that is no JSON for data, so every question
goes through its `requestJson` and the answer is read here. A question that was too much is asked in parts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import requests
from github.Requester import Requester

from harvester.errors import BudgetSpent, FetchError, ForgeError
from harvester.forges.github import answer as github_answer
from harvester.forges.github import cost, queries
from harvester.forges.github.answer import CodePage, Nodes, OwnerPage, OwnerSize, SearchPage
from harvester.forges.github.pace import Hopeless, Pace, Question, Served
from harvester.forges.github.pygithub import API_VERSION, requester
from harvester.forges.github.queries import MAX_PAGE_SIZE, Listing, Wanted
from harvester.net import NetSession
from harvester.net.waiting import retry_at
from harvester.normalize.repository import File

API_URL = "https://api.github.com"
MOST_LISTED = 200
"""Repositories that one query lists, of all its owners."""
MOST_OWNERS = 100
"""Owners whose repositories one query lists."""
MOST_FILES = 150
MOST_FILE_BYTES = 1_500_000
"""Files, and bytes of them by GitHub's count, that one query asks for: an answer may have 4 MiB. A file weighs a
hundred-and-fiftieth of that at the least, so that one pace bounds both."""
_TOO_SLOW = (502, 504)
"""How GitHub answers a query that it gave up after ten seconds."""
_WITHOUT_TOKEN = "GitHub's GraphQL answers to tokens only: set HARVESTER_GITHUB_TOKEN"

Item = TypeVar("Item")
Result = TypeVar("Result")
Data = Mapping[str, Any]
Errors = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Paces:
    owners: Pace
    listed: Pace
    searched: Pace
    nodes: Pace
    files: Pace


class GitHub:
    """A GitHub, asked through `session`, which brings its token. Blocking; for one thread at a time, as GitHub asks.

    Everything raises BudgetSpent when the token's budget is spent, and ForgeError when the answer is none.
    """

    def __init__(
        self, session: NetSession, *, user_agent: str, api_url: str = API_URL, page_size: int = MAX_PAGE_SIZE
    ) -> None:
        self.session = session
        self.requester: Requester = requester(session, api_url=api_url, user_agent=user_agent)
        self.host = web_host(api_url)
        self.points = 0
        listed = Pace(MOST_LISTED * page_size // MAX_PAGE_SIZE or 1)
        self._paces = _Paces(Pace(MAX_PAGE_SIZE), listed, Pace(page_size), Pace(page_size), Pace(MOST_FILE_BYTES))
        self._page_size = page_size

    def owners(self, logins: Sequence[str]) -> Iterator[OwnerSize]:
        """How many public repositories each owner has; one of which GitHub would not say is left out."""

        def ask(some: Sequence[str]) -> Served[str, tuple[OwnerSize, ...]]:
            query = queries.owners_query(len(some))
            return self._served(
                query,
                {f"login{n}": login for n, login in enumerate(some)},
                lambda data, errors: github_answer.sizes(data, errors, some),
                points=cost.owners(len(some)).points,
            )

        for _, sizes in self._about(logins, pace=self._paces.owners, ask=ask, most=MAX_PAGE_SIZE):
            yield from sizes or ()

    def repositories(self, listings: Sequence[Listing]) -> Iterator[OwnerPage]:
        """A page of each listing, of `first` repositories or fewer; a listing that gives nothing is left out."""

        def ask(some: Sequence[Listing]) -> Served[Listing, tuple[OwnerPage, ...]]:
            smallest = len(some) == 1 and some[0].first == 1
            return self._served(
                queries.repositories_query(len(some)),
                queries.variables(some),
                lambda data, errors: github_answer.pages(data, errors, some, give_up=smallest),
                points=cost.repositories([one.first for one in some]).points,
            )

        question = Question(
            pace=self._paces.listed, ask=ask, most_items=MOST_OWNERS, weigh=lambda one: one.first, fit=self._fit
        )
        for _, pages in self._asked(question, listings):
            yield from pages or ()

    def named(self, names: Sequence[str]) -> dict[str, Data]:
        """The repositories that names ("owner/name") lead to, also former ones: number and address by name."""
        return self._named(names, queries.names_query)

    def origins(self, names: Sequence[str]) -> dict[str, Data]:
        """What a listing would tell of the repositories that names ("owner/name") lead to, by name."""
        return self._named(names, queries.origins_query, points=lambda count: cost.origins(count).points)

    def _named(
        self, names: Sequence[str], query: Callable[[int], str], *, points: Callable[[int], int] = lambda _: 1
    ) -> dict[str, Data]:
        def ask(some: Sequence[str]) -> Served[str, dict[str, Data]]:
            return self._served(
                query(len(some)),
                queries.name_variables(some),
                lambda data, errors: github_answer.named(data, errors, some),
                points=points(len(some)),
            )

        answers = self._about(names, pace=self._paces.owners, ask=ask, most=MAX_PAGE_SIZE)
        return {name: node for _, found in answers for name, node in (found or {}).items()}

    def search(self, query: str, *, after: str | None = None) -> SearchPage:
        """A page of a search for repositories, of 1,000 found at the most whatever its total."""

        def ask(some: Sequence[int]) -> Served[int, SearchPage]:
            variables = {"query": query, "first": some[0], "after": after}
            points = cost.search(some[0]).points
            return self._served(queries.search_query(), variables, github_answer.search, points=points)

        question = Question(pace=self._paces.searched, ask=ask, most_items=1, weigh=lambda first: first, fit=min)
        for _, page in self._asked(question, [self._page_size]):
            if page is not None:
                return page
        raise self._too_much()

    def nodes(self, ids: Sequence[str], *, paths: Sequence[str] = ()) -> Iterator[Nodes]:
        """Repositories by node id with their details, and what is known of the others. See `queries.nodes_query`."""
        expressions = {f"path{n}": f"HEAD:{path}" for n, path in enumerate(paths)}

        def ask(some: Sequence[str]) -> Served[str, Nodes]:
            query = queries.nodes_query(len(paths))
            return self._served(
                query,
                {"ids": list(some), **expressions},
                lambda data, errors: github_answer.nodes(data, errors, some),
                points=cost.nodes(len(some)).points,
            )

        for some, found in self._about(ids, pace=self._paces.nodes, ask=ask, most=MAX_PAGE_SIZE):
            yield found if found is not None else github_answer.untold(some)

    def files(self, wanted: Sequence[Wanted]) -> dict[str, File]:
        """Files by object id, each asked for once; one that could not be had is absent."""
        texts: dict[str, str | None] = {}

        def ask(some: Sequence[Wanted]) -> Served[Wanted, dict[str, str | None]]:
            return self._served(
                queries.files_query(len(some)),
                queries.file_variables(some),
                lambda data, errors: github_answer.texts(data, errors, some),
            )

        question = Question(
            pace=self._paces.files,
            ask=ask,
            most_items=MOST_FILES,
            weigh=lambda file: max(file.size, MOST_FILE_BYTES // MOST_FILES),
        )
        for _, found in self._asked(question, {file.oid: file for file in wanted}.values()):
            texts |= found or {}
        return {one.oid: File.of(one.path, texts[one.oid], oid=one.oid) for one in wanted if one.oid in texts}

    def code(self, query: str, *, page: int) -> CodePage:
        """A page of a code search (REST: 100 a page, 1,000 at the most; asked again by its ETag)."""
        url = f"{self.requester.base_url}/search/code"
        asked = urlencode({"q": query, "per_page": MAX_PAGE_SIZE, "page": page})
        status, headers, text = self._send("GET", f"/search/code?{asked}", url)
        return github_answer.code(self._json(status, headers, text, url))

    def headers_for(self, url: str) -> dict[str, str]:
        """What a request without PyGithub says: to this API its version, and that a file is wanted as it is."""
        ours = urlsplit(url).netloc == urlsplit(self.requester.base_url).netloc
        return {"X-GitHub-Api-Version": API_VERSION, "Accept": "application/vnd.github.raw+json"} if ours else {}

    def _fit(self, listing: Listing, most: int) -> Listing:
        return replace(listing, first=max(1, min(listing.first, most, self._page_size)))

    def _about(
        self, items: Sequence[Item], *, pace: Pace, ask: Callable[[Sequence[Item]], Served[Item, Result]], most: int
    ) -> Iterator[tuple[Sequence[Item], Result | None]]:
        return self._asked(Question(pace=pace, ask=ask, most_items=most), items)

    def _asked(self, question: Question[Item, Result], items: Any) -> Iterator[tuple[Sequence[Item], Result | None]]:
        try:
            yield from question.about(items)
        except Hopeless:
            raise self._too_much() from None

    def _served(
        self,
        query: str,
        variables: Data,
        read: Callable[[Data, Errors], tuple[Result, Sequence[Item]]],
        *,
        points: int = 1,
    ) -> Served[Item, Result]:
        with self.session.expecting(points):
            answer = self._graphql(query, variables)
        return Served(None) if answer is None else Served(*read(*answer))

    def _graphql(self, query: str, variables: Data) -> tuple[Data, Errors] | None:
        """What the answer holds, and its errors; None when it was too much."""
        url = self.requester.graphql_url
        try:
            status, headers, text = self._send("POST", url, url, {"query": query, "variables": dict(variables)})
        except FetchError as error:
            if error.status == 200:  # the network refused to hold an answer this large
                return None
            raise
        if status in _TOO_SLOW:
            return None
        body = self._json(status, headers, text, url)
        errors = [error for error in body.get("errors") or () if isinstance(error, dict)]
        self._refuse_spent(errors, headers)
        data = body.get("data")
        if not isinstance(data, dict):
            if github_answer.too_much(errors):
                return None
            raise self._error(_messages(errors) or "an answer without data", status, url)
        rate_limit = data.get("rateLimit")
        self.points += (rate_limit or {}).get("cost") or 0
        self.session.charged(url, rate_limit)
        return data, errors

    def _send(
        self, verb: str, target: str, url: str, question: Mapping[str, Any] | None = None
    ) -> tuple[int, Mapping[str, str], str]:
        try:
            status, headers, text = self.requester.requestJson(verb, target, input=question)
        except requests.RequestException as error:
            raise self._error(f"{type(error).__name__}: {error}", None, url) from error
        return status, headers, text

    def _json(self, status: int, headers: Mapping[str, str], text: str, url: str) -> dict[str, Any]:
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        message = str(body.get("message") or "") if isinstance(body, dict) else ""
        if status in (403, 429) and self._limited(status, headers, message):
            raise self._spent(headers, message, url)
        if status == 401:
            raise self._error(message or "not signed in", status, url, remedy=_WITHOUT_TOKEN)
        if status >= 400:
            raise self._error(message or "an error without a message", status, url)
        if not isinstance(body, dict):
            raise self._error(f"an answer that is no JSON object: {text[:80]!r}", status, url)
        return body

    def _limited(self, status: int, headers: Mapping[str, str], message: str) -> bool:
        told = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
        return status == 429 or told or Requester.isRateLimitError(message)

    def _refuse_spent(self, errors: Errors, headers: Mapping[str, str]) -> None:
        for error in errors:
            message = str(error.get("message") or "")
            if error.get("type") in ("RATE_LIMITED", "RATE_LIMIT") or Requester.isRateLimitError(message):
                raise self._spent(headers, message, self.requester.graphql_url)

    def _spent(self, headers: Mapping[str, str], message: str, url: str) -> BudgetSpent:
        moment = retry_at(headers)
        said = message or "rate limit"
        return BudgetSpent(f"{url}: {said}; again at {moment:%H:%M:%S} UTC", retry_at=moment, url=url)

    def _too_much(self) -> ForgeError:
        url = self.requester.graphql_url
        return ForgeError(f"{url} gave up, however little was asked", url=url, remedy="try again later")

    def _error(self, message: str, status: int | None, url: str, *, remedy: str | None = None) -> ForgeError:
        return ForgeError(f"{url} answered {status or 'nothing'}: {message}", url=url, status=status, remedy=remedy)


def web_host(api_url: str) -> str:
    """The host that people know: "api.github.com" is github.com's."""
    return (urlsplit(api_url).hostname or "").removeprefix("api.")


def _messages(errors: Errors) -> str:
    return "; ".join(str(error.get("message")) for error in errors[:3])
