"""GitHub's limits on a GraphQL query and on an hour, as it documents them.

Every connection says `first` or `last`, 1 to 100; a call may touch 500,000 nodes at most; its points are the requests
that filling each connection would take, divided by 100 and rounded, at least 1. An hour allows 5,000 points of GraphQL
and 5,000 requests of REST (60 without a token). Source: docs.github.com, "Rate limits and query limits".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.utilities import value_from_ast_untyped

MAX_NODES = 500_000
PAGE = 100
WINDOW_S = 3600
CODE_SEARCHES = 9
"""Code searches that a minute allows."""


class QueryRefused(Exception):
    """GitHub answers with this error and runs nothing. `kind` is the error's `type`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class QueryCost:
    """`nodes` that the call may touch and `points` that it is charged."""

    nodes: int
    points: int


def cost_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> QueryCost:
    """What an operation costs. Raises QueryRefused where GitHub would not run it."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    defaults = {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in operation.variable_definitions
        if one.default_value
    }
    walk = _Walk(schema, fragments, {**defaults, **variables})
    walk.below(operation.selection_set, schema.query_type, 1)
    if walk.nodes > MAX_NODES:
        raise QueryRefused(
            "MAX_NODE_LIMIT_EXCEEDED",
            f"This query requests up to {walk.nodes:,} possible nodes which exceeds the maximum limit of 500,000.",
        )
    return QueryCost(walk.nodes, max(1, int(walk.requests / 100 + 0.5)))


@dataclass(slots=True)
class _Walk:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    nodes: int = 0
    requests: int = 0

    def below(self, selections: SelectionSetNode | None, kind: Any, times: int) -> None:
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                self._field(selection, kind, times)
            elif isinstance(selection, InlineFragmentNode):
                condition = getattr(selection, "type_condition", None)  # None in "... @include", whatever its type says
                inner = self.schema.get_type(condition.name.value) if condition is not None else kind
                self.below(selection.selection_set, inner, times)
            else:
                fragment = self.fragments[selection.name.value]  # type: ignore[attr-defined]
                self.below(fragment.selection_set, self.schema.get_type(fragment.type_condition.name.value), times)

    def _field(self, node: FieldNode, kind: Any, times: int) -> None:
        definition = getattr(kind, "fields", {}).get(node.name.value)
        if definition is None:  # __typename and its like
            return
        result = get_named_type(definition.type)
        if isinstance(result, GraphQLObjectType) and result.name.endswith("Connection"):
            size = self._page_size(node)
            self.requests += times
            times *= size
            self.nodes += times
        self.below(node.selection_set, result, times)

    def _page_size(self, node: FieldNode) -> int:
        given = {a.name.value: value_from_ast_untyped(a.value, dict(self.variables)) for a in node.arguments}
        name = node.name.value
        for key in ("first", "last"):
            size = given.get(key)
            if not isinstance(size, int):  # null, or a variable that was not given
                continue
            if size > PAGE:
                raise QueryRefused(
                    "EXCESSIVE_PAGINATION",
                    f"Requesting {size} records on the `{name}` connection exceeds the `{key}` limit of 100 records.",
                )
            if size < 1:
                raise QueryRefused("ARGUMENT_LIMIT", f"`{key}` on the `{name}` connection cannot be less than 1.")
            return size
        raise QueryRefused(
            "MISSING_PAGINATION_BOUNDARIES",
            f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.",
        )


@dataclass(slots=True)
class Budget:
    """One token's hour (`window_s`) of one resource ("core", "graphql"). `clock` gives seconds since the epoch."""

    resource: str
    limit: int
    clock: Callable[[], float] = time.time
    used: int = 0
    resets: int = 0
    window_s: int = WINDOW_S

    def _turn(self) -> None:
        now = int(self.clock())
        if now >= self.resets:
            self.resets, self.used = now + self.window_s, 0

    @property
    def remaining(self) -> int:
        """What the hour still allows."""
        self._turn()
        return max(0, self.limit - self.used)

    def charge(self, amount: int) -> bool:
        """Take from the hour; False and nothing taken when it does not allow that much."""
        if self.remaining < amount:
            return False
        self.used += amount
        return True

    def headers(self) -> dict[str, str]:
        """The x-ratelimit headers of an answer."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-reset": str(self.resets),
            "x-ratelimit-resource": self.resource,
        }


@dataclass(slots=True)
class Budgets:
    """Every token's hours."""

    limit: int = 5000
    anonymous: int = 60
    clock: Callable[[], float] = time.time
    _kept: dict[tuple[str, str], Budget] = field(default_factory=dict)

    def of(self, token: str | None, resource: str) -> Budget:
        """The hour of a token, or of those who bring none."""
        key = (token or "", resource)
        if key not in self._kept:
            hour = Budget(resource, self.limit if token else self.anonymous, self.clock)
            minute = Budget(resource, CODE_SEARCHES, self.clock, window_s=60)
            self._kept[key] = minute if resource == "code_search" else hour
        return self._kept[key]
