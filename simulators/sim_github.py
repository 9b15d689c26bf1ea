"""A simulated GitHub: GraphQL executed over a part of the published schema, and enough of REST for its clients."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from starlette.responses import Response

from simulators.exchange import Ask, as_json
from simulators.github_limits import Budgets, QueryCost, QueryRefused, cost_of
from simulators.github_resolvers import Context, github_schema
from simulators.github_rest import Rest
from simulators.github_store import GitHubStore


class GitHub:
    """A virtual host that speaks GitHub's API over a store.

    `limit` is what a token may spend in an hour, of requests and of points alike; `anonymous` REST requests without
    one (GraphQL needs a token, as the real one does). `absent_owner_is_error`: whether `repositoryOwner` of a login
    that nobody has is null with an error or null alone; clients must bear both. `clock` gives seconds since the epoch.
    """

    def __init__(
        self,
        store: GitHubStore,
        *,
        limit: int = 5000,
        anonymous: int = 60,
        absent_owner_is_error: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.budgets = Budgets(limit, anonymous, clock)
        self._absent_owner_is_error = absent_owner_is_error
        self._rest = Rest(store, self.budgets)

    def answer(self, ask: Ask) -> Response:
        """GraphQL at /graphql, REST elsewhere."""
        if ask.path == "/graphql" and ask.method == "POST":
            return self._graphql(ask)
        return self._rest.answer(ask)

    def _graphql(self, ask: Ask) -> Response:
        ask.operation = "POST /graphql"
        if ask.token is None:
            return _refusal(401, "This endpoint requires you to be authenticated.")
        try:
            asked = json.loads(ask.body)
            query, variables = str(asked["query"]), dict(asked.get("variables") or {})
        except (ValueError, KeyError, TypeError):
            return _refusal(400, "Problems parsing JSON")
        ask.unit = _unit(variables)
        budget = self.budgets.of(ask.token, "graphql")
        checked = _checked(query)
        if isinstance(checked, list):
            return as_json({"errors": [_error(error) for error in checked]}, headers=budget.headers())
        operation = get_operation_ast(checked, asked.get("operationName"))
        if operation is None:
            return as_json({"errors": [{"message": "An operation name is required"}]}, headers=budget.headers())
        try:
            cost = cost_of(github_schema(), checked, operation, variables)
        except QueryRefused as refused:
            errors = [{"type": refused.kind, "message": str(refused)}]
            return as_json({"errors": errors}, headers=budget.headers())
        if not budget.charge(cost.points):
            errors = [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1."}]
            return as_json({"errors": errors}, headers=budget.headers())
        rate = _rate(cost, budget.headers())
        context = Context(self.store, rate, self._absent_owner_is_error)
        return as_json(_executed(checked, operation, variables, context), headers=budget.headers())


def _executed(
    document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any], context: Context
) -> dict[str, Any]:
    name = operation.name.value if operation.name else None
    result = execute_sync(
        github_schema(), document, context_value=context, variable_values=dict(variables), operation_name=name
    )
    return _formatted(result)


def _formatted(result: ExecutionResult) -> dict[str, Any]:
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [_error(error) for error in result.errors]
    return answer


def _error(error: GraphQLError) -> dict[str, Any]:
    """As GitHub writes an error: the kind stands beside the message."""
    written = dict(error.formatted)
    extensions: Any = written.pop("extensions", None) or {}
    kind = extensions.get("type")
    return {**({"type": kind} if kind else {}), **written}


@lru_cache(maxsize=256)
def _checked(query: str) -> DocumentNode | list[GraphQLError]:
    try:
        document = parse(query)
    except GraphQLError as error:
        return [error]
    return validate(github_schema(), document) or document


def _rate(cost: QueryCost, headers: Mapping[str, str]) -> dict[str, Any]:
    resets = datetime.fromtimestamp(int(headers["x-ratelimit-reset"]), UTC)
    return {
        "cost": cost.points,
        "nodeCount": cost.nodes,
        "limit": int(headers["x-ratelimit-limit"]),
        "remaining": int(headers["x-ratelimit-remaining"]),
        "used": int(headers["x-ratelimit-used"]),
        "resetAt": resets.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _unit(variables: Mapping[str, Any]) -> str:
    """The variables in one line, for the log."""
    return " ".join(f"{name}={value}" for name, value in sorted(variables.items()))[:1000]


def _refusal(status: int, message: str) -> Response:
    link = "https://docs.github.com/graphql"
    return as_json({"message": message, "documentation_url": link, "status": str(status)}, status)
