"""What a GraphQL query costs at GitHub, by its published formula, before it is sent.

Nodes: every connection is assumed to be filled, at most 500,000 a call. Points: the requests that it would take to
fill each connection, divided by 100 and rounded, at least 1; 5,000 points an hour. Fields that are no connection
add to neither. Source: docs.github.com, "Rate limits and query limits for the GraphQL API".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)

NODE_LIMIT = 500_000


@dataclass(frozen=True, slots=True)
class Cost:
    """`nodes` a call may touch, `requests` that GitHub counts for it, `points` that it charges."""

    nodes: int
    requests: int

    @property
    def points(self) -> int:
        """Points of the hourly budget, never less than 1."""
        return max(1, (self.requests + 50) // 100)


def estimate(query: str, variables: Mapping[str, Any] | None = None) -> Cost:
    """The cost of the first operation of `query`. ValueError: a connection has neither `first` nor `last`."""
    document = parse(query)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    nodes = requests = 0
    for times, size in _connections(_operation(document).selection_set, fragments, dict(variables or {}), 1):
        requests += times
        nodes += times * size
    return Cost(nodes, requests)


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            return definition
    raise ValueError("the document holds no operation")


def _connections(
    selections: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
    times: int,
) -> Iterator[tuple[int, int]]:
    """Each connection below, as (how many times it is asked, how many nodes each time)."""
    for selection in selections.selections if selections else ():
        inner = times
        if isinstance(selection, FragmentSpreadNode):
            below: SelectionSetNode | None = fragments[selection.name.value].selection_set
        elif isinstance(selection, InlineFragmentNode):
            below = selection.selection_set
        elif isinstance(selection, FieldNode):
            below = selection.selection_set
            size = _page_size(selection, variables)
            if size is not None:
                yield times, size
                inner = times * size
        else:  # pragma: no cover - graphql-core knows no other selection
            continue
        yield from _connections(below, fragments, variables, inner)


def _page_size(field: FieldNode, variables: Mapping[str, Any]) -> int | None:
    """The `first` or `last` of a connection; None for a field that is none."""
    for argument in field.arguments:
        if argument.name.value not in ("first", "last"):
            continue
        if isinstance(argument.value, IntValueNode):
            return int(argument.value.value)
        if isinstance(argument.value, VariableNode):
            return int(variables[argument.value.name.value])
    if field.selection_set and {"nodes", "edges"} & {
        s.name.value for s in field.selection_set.selections if isinstance(s, FieldNode)
    }:
        raise ValueError(f"the connection {field.name.value} has neither first nor last")
    return None
