"""A simulated GitLab: REST v4 and GraphQL over the projects of one instance."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from starlette.responses import PlainTextResponse, Response

from simulators import gitlab_graphql
from simulators.exchange import Ask, as_json, revalidated
from simulators.github_limits import Budget
from simulators.gitlab_limits import Scoring
from simulators.gitlab_rest import Rest
from simulators.gitlab_store import GitLabStore, Project


class GitLab:
    """A virtual host that speaks GitLab's API over projects of one instance, which may change meanwhile (`store`).

    `limit` requests a minute, counted from the first; beyond it 429 with Retry-After. `clock` gives seconds.
    `graphql`: the status with which GraphQL is refused, 200 where it is served; `scoring` is how it limits queries.
    `origins`: GraphQL tells what a project was forked from, as it does in newer releases.
    """

    def __init__(
        self,
        host: str,
        projects: Iterable[Project],
        *,
        limit: int = 600,
        clock: Callable[[], float] = time.time,
        graphql: int = 200,
        origins: bool = True,
        scoring: Scoring | None = None,
    ) -> None:
        self.store = projects if isinstance(projects, GitLabStore) else GitLabStore(projects)
        self._host = host
        self._graphql = graphql
        self._origins = origins
        self._scoring = scoring or Scoring()
        self._rest = Rest(host, self.store)
        self._budget = Budget("gitlab", limit, clock, window_s=60)

    def answer(self, ask: Ask) -> Response:
        """The answer, with what the minute still allows."""
        if ask.path == "/robots.txt":
            return PlainTextResponse("User-Agent: *\nDisallow: /api\n")
        if not self._budget.charge(1):
            wait = max(1, self._budget.resets - int(self._budget.clock()))
            return PlainTextResponse("Retry later\n", 429, {"retry-after": str(wait), **self._limits()})
        answer = self._answer(ask)
        answer.headers.update(self._limits())
        return answer

    def _answer(self, ask: Ask) -> Response:
        if ask.path != "/api/graphql":
            return revalidated(ask, self._rest.answer(ask))
        if self._graphql != 200 or ask.method != "POST":
            ask.operation = "POST /api/graphql"
            return as_json({"error": "404 Not Found"}, self._graphql if self._graphql != 200 else 404)
        return gitlab_graphql.answer(ask, self._host, self.store, self._scoring, origins=self._origins)

    def _limits(self) -> dict[str, str]:
        return {
            "ratelimit-limit": str(self._budget.limit),
            "ratelimit-remaining": str(self._budget.remaining),
            "ratelimit-observed": str(self._budget.used),
            "ratelimit-reset": str(self._budget.resets),
        }
