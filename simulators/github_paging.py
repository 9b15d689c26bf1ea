"""Connections of the simulated GitHub: windows with cursors that stay right while the listing changes."""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import GraphQLError

from simulators.github_store import EPOCH, Repo, database_id

_KEYS: Mapping[str, Callable[[Repo], Any]] = {
    "CREATED_AT": lambda repo: repo.created_at or EPOCH,
    "UPDATED_AT": lambda repo: repo.pushed_at or EPOCH,
    "PUSHED_AT": lambda repo: repo.pushed_at or EPOCH,
    "NAME": lambda repo: repo.name.lower(),
    "STARGAZERS": lambda repo: repo.stars,
}


def repositories(
    repos: Sequence[Repo], arguments: Mapping[str, Any], source: Callable[[Repo], Mapping[str, Any]]
) -> dict[str, Any]:
    """A RepositoryConnection. A cursor holds the place in the order, so what comes or goes before it shifts nothing."""
    order = arguments.get("orderBy") or {"field": "NAME", "direction": "ASC"}
    by = _KEYS[order["field"]]
    kept = [repo for repo in repos if _wanted(repo, arguments)]
    keyed = sorted(((by(repo), database_id(repo)), repo.full_name, repo) for repo in kept)
    places = [key for key, _, _ in keyed]
    start, end = 0, len(keyed)
    descending = order["direction"] == "DESC"
    if after := _place(arguments.get("after")):
        if descending:
            end = bisect_left(places, after)
        else:
            start = bisect_right(places, after)
    if before := _place(arguments.get("before")):
        if descending:
            start = bisect_right(places, before)
        else:
            end = bisect_left(places, before)
    low, high = _cut(start, end, arguments, from_end=descending)
    chosen = keyed[low:high]
    behind, ahead = low > 0, high < len(keyed)
    if descending:
        chosen.reverse()
        behind, ahead = ahead, behind
    nodes = [source(repo) for _, _, repo in chosen]
    return _page(nodes, [_cursor(key) for key, _, _ in chosen], total=len(keyed), behind=behind, ahead=ahead)


def window(nodes: Sequence[Mapping[str, Any]], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A connection over a short list, with the place in the list as its cursor; `_start` is where the page begins."""
    after, before = _place(arguments.get("after")), _place(arguments.get("before"))
    low, high = _cut(after[0] + 1 if after else 0, before[0] if before else len(nodes), arguments, from_end=False)
    cursors = [_cursor((place, 0)) for place in range(low, min(high, len(nodes)))]
    page = _page(nodes[low:high], cursors, total=len(nodes), behind=low > 0, ahead=high < len(nodes))
    return {**page, "_start": low}


def _wanted(repo: Repo, arguments: Mapping[str, Any]) -> bool:
    """Every repository of a store is public, unlocked and its owner's."""
    return (
        arguments.get("privacy") in (None, "PUBLIC")
        and arguments.get("visibility") in (None, "PUBLIC")
        and arguments.get("isArchived") in (None, repo.archived)
        and arguments.get("isFork") in (None, repo.fork)
        and arguments.get("isLocked") in (None, False)
        and arguments.get("hasIssuesEnabled") in (None, True)
        and "OWNER" in (arguments.get("ownerAffiliations") or ["OWNER"])
    )


def _cut(start: int, end: int, arguments: Mapping[str, Any], *, from_end: bool) -> tuple[int, int]:
    size = arguments.get("first") or arguments.get("last") or 0
    head = (arguments.get("first") is not None) is not from_end
    return (start, min(end, start + size)) if head else (max(start, end - size), end)


def _page(
    nodes: Sequence[Mapping[str, Any]], cursors: Sequence[str], *, total: int, behind: bool, ahead: bool
) -> dict[str, Any]:
    return {
        "totalCount": total,
        "nodes": nodes,
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, nodes, strict=True)],
        "pageInfo": {
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
            "hasNextPage": ahead,
            "hasPreviousPage": behind,
        },
    }


def _cursor(place: tuple[Any, int]) -> str:
    return base64.b64encode(b"cursor:v2:" + json.dumps(place).encode()).decode()


def _place(cursor: str | None) -> tuple[Any, int] | None:
    if cursor is None:
        return None
    try:
        head, _, rest = base64.b64decode(cursor, validate=True).partition(b"v2:")
        key, identifier = json.loads(rest)
        if head != b"cursor:":
            raise ValueError(cursor)
    except ValueError:
        raise GraphQLError(
            f"`{cursor}` does not appear to be a valid cursor.", extensions={"type": "INVALID_CURSOR_ARGUMENTS"}
        ) from None
    else:
        return key, int(identifier)
