"""What a GraphQL query costs at GitHub, by its published formula, before it is sent.

Nodes: every connection is assumed to be filled; at most 500,000 a call. Points: the requests that it would take to
fill each connection, divided by 100 and rounded, at least 1; 5,000 points an hour. Fields that are no connection
add to neither. Source: docs.github.com, "Rate limits and query limits for the GraphQL API".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NODE_LIMIT = 500_000


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of a query: its page size (`first`) and the connections asked of each of its nodes."""

    first: int
    below: tuple[Connection, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """`nodes` that a call may touch and `requests` that GitHub counts for it."""

    nodes: int = 0
    requests: int = 0

    @property
    def points(self) -> int:
        """What is taken from the hourly budget, never less than 1."""
        return max(1, (self.requests + 50) // 100)


def estimate(connections: tuple[Connection, ...], *, times: int = 1) -> Cost:
    """The cost of connections that are each asked `times` times."""
    nodes = requests = 0
    for connection in connections:
        below = estimate(connection.below, times=times * connection.first)
        nodes += times * connection.first + below.nodes
        requests += times + below.requests
    return Cost(nodes, requests)


LANGUAGES = TOPICS = 20


def owners(count: int) -> Cost:
    """The cost of `queries.owners_query`."""
    return estimate((Connection(1),) * count)


def repositories(firsts: Sequence[int]) -> Cost:
    """The cost of `queries.repositories_query` with a page of so many repositories of each owner."""
    return estimate(tuple(Connection(first, (Connection(TOPICS),)) for first in firsts))


def search(first: int) -> Cost:
    """The cost of `queries.search_query`."""
    return repositories([first])


def origins(count: int) -> Cost:
    """The cost of `queries.origins_query` for so many repositories."""
    return estimate((Connection(TOPICS),), times=count)


def nodes(count: int) -> Cost:
    """The cost of `queries.nodes_query` for so many repositories."""
    return estimate((Connection(TOPICS), Connection(LANGUAGES)), times=count)
