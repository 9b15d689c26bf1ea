"""GitHub: pages of several owners' repositories in one GraphQL query, sent by PyGithub over a session of ours.

PyGithub's `graphql_query` makes an exception of partial data and takes text that is no JSON for data, so the query
goes through its `requestJson` and the answer is read here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from github.Requester import Requester

from harvester.errors import BudgetSpent, FetchError, ForgeError
from harvester.forges import cost, github_answer, limits, queries
from harvester.forges.github_answer import OwnerPage
from harvester.forges.pygithub import requester
from harvester.forges.queries import Listing
from harvester.net import NetSession

API_URL = "https://api.github.com"
_TOO_SLOW = (502, 504)
"""How GitHub answers a query that it gave up after ten seconds."""
_WITHOUT_TOKEN = "GitHub's GraphQL answers to tokens only: set HARVESTER_GITHUB_TOKEN"


@dataclass(frozen=True, slots=True)
class Answer:
    """`pages` that came whole; `unanswered` listings are to be asked again in smaller queries. `cost` in points."""

    pages: tuple[OwnerPage, ...]
    unanswered: tuple[Listing, ...] = ()
    cost: int = 0


class GitHub:
    """A GitHub, asked through `session`. Blocking; use it from one thread at a time, as GitHub asks."""

    def __init__(
        self, session: NetSession, *, api_url: str = API_URL, user_agent: str, token: str | None = None
    ) -> None:
        self.session = session
        self.requester: Requester = requester(session, api_url=api_url, user_agent=user_agent, token=token)
        self.host = web_host(api_url)
        self.points = 0

    def repositories(self, listings: Sequence[Listing], *, first: int) -> Answer:
        """The next `first` repositories of each listing.

        Raises BudgetSpent when the token's budget is spent, ForgeError when the answer is none.
        """
        try:
            status, headers, text = self._send(listings, first)
        except FetchError as error:
            if error.status == 200:  # the network refused to hold an answer this large
                return Answer((), tuple(listings))
            raise
        if status in _TOO_SLOW:
            return Answer((), tuple(listings))
        body = self._json(status, headers, text)
        errors = [error for error in body.get("errors") or () if isinstance(error, dict)]
        self._refuse_spent(errors, headers)
        data = body.get("data")
        if not isinstance(data, dict):
            if github_answer.too_much(errors):
                return Answer((), tuple(listings))
            raise self._error(_messages(errors) or "an answer without data", status)
        points = (data.get("rateLimit") or {}).get("cost") or 0
        self.points += points
        self.session.charged(self.requester.graphql_url, data.get("rateLimit"))
        smallest = len(listings) == 1 and first == 1
        pages, unanswered = github_answer.read(data, errors, listings, give_up=smallest)
        return Answer(pages, unanswered, points)

    def _send(self, listings: Sequence[Listing], first: int) -> tuple[int, Mapping[str, str], str]:
        question = {
            "query": queries.repositories_query(len(listings)),
            "variables": queries.variables(listings, first=first),
        }
        expected = cost.repositories(len(listings), first=first).points
        try:
            with self.session.expecting(expected):
                return self.requester.requestJson("POST", self.requester.graphql_url, input=question)
        except requests.RequestException as error:
            raise self._error(f"{type(error).__name__}: {error}", None) from error

    def _json(self, status: int, headers: Mapping[str, str], text: str) -> dict[str, Any]:
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        message = str(body.get("message") or "") if isinstance(body, dict) else ""
        if status in (403, 429) and self._limited(status, headers, message):
            raise self._spent(headers, message)
        if status == 401:
            raise self._error(message or "not signed in", status, remedy=_WITHOUT_TOKEN)
        if status >= 400:
            raise self._error(message or "an error without a message", status)
        if not isinstance(body, dict):
            raise self._error(f"an answer that is no JSON object: {text[:80]!r}", status)
        return body

    def _limited(self, status: int, headers: Mapping[str, str], message: str) -> bool:
        told = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
        return status == 429 or told or Requester.isRateLimitError(message)

    def _refuse_spent(self, errors: Sequence[Mapping[str, Any]], headers: Mapping[str, str]) -> None:
        for error in errors:
            message = str(error.get("message") or "")
            if error.get("type") in ("RATE_LIMITED", "RATE_LIMIT") or Requester.isRateLimitError(message):
                raise self._spent(headers, message)

    def _spent(self, headers: Mapping[str, str], message: str) -> BudgetSpent:
        url = self.requester.graphql_url
        moment = limits.retry_at(headers)
        said = message or "rate limit"
        return BudgetSpent(f"{url}: {said}; again at {moment:%H:%M:%S} UTC", retry_at=moment, url=url)

    def _error(self, message: str, status: int | None, *, remedy: str | None = None) -> ForgeError:
        url = self.requester.graphql_url
        return ForgeError(f"{url} answered {status or 'nothing'}: {message}", url=url, status=status, remedy=remedy)


def web_host(api_url: str) -> str:
    """The host that people know: "api.github.com" is github.com's."""
    return (urlsplit(api_url).hostname or "").removeprefix("api.")


def _messages(errors: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(str(error.get("message")) for error in errors[:3])
