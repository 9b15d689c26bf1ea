"""What an answer of GitHub holds of each thing that was asked for. Pure.

An answer of GraphQL can be whole, partial (data beside errors) or none. A part is used when it is whole; what lacks
something is asked again by itself, unless GitHub says that it stays away (NOT_FOUND, FORBIDDEN). A repository of which
anything is missing is never taken for one that changed: it is left out, with an issue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.forges.github.queries import Listing, Wanted, alias, file_alias
from harvester.model import Issue

_DEFINITE = {"NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_SCOPES"}
_TOO_MUCH_TYPES = {"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "TIMEOUT"}
_TOO_MUCH_WORDS = ("something went wrong while executing your query", "timeout", "timed out", "resource limit")

Data = Mapping[str, Any]
Errors = Sequence[Mapping[str, Any]]
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerSize:
    """How many public repositories an owner has. `login` is as it was asked for."""

    login: str
    total: int
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPage:
    """A page of one owner's repositories. `following` is None when the listing is at its end.

    `total` is how many repositories the owner has by GitHub's count, None when it is not known.
    """

    listing: Listing
    nodes: tuple[Node, ...] = ()
    following: Listing | None = None
    total: int | None = None
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """A page of found repositories; `total` counts also what lies past the 1,000 that can be had."""

    nodes: tuple[Node, ...] = ()
    following: str | None = None
    total: int = 0
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """Repositories that were asked for by id: `found` with details, the ids of those that are `absent` for the public
    (deleted, or private now), and of those of which GitHub would not say (`unknown`)."""

    found: tuple[Node, ...] = ()
    absent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """Node ids of the repositories on a page of a code search; `received` counts files, `total` those of all pages."""

    repositories: tuple[str, ...]
    received: int
    total: int
    whole: bool


def too_much(errors: Errors) -> bool:
    """Whether GitHub refused because the query asked for too much at once."""
    return any(_is_too_much(error) for error in errors)


def _is_too_much(error: Mapping[str, Any]) -> bool:
    message = str(error.get("message") or "").lower()
    return error.get("type") in _TOO_MUCH_TYPES or any(words in message for words in _TOO_MUCH_WORDS)


def sizes(data: Data, errors: Errors, logins: Sequence[str]) -> tuple[tuple[OwnerSize, ...], tuple[str, ...]]:
    """How many repositories each owner has, and the logins that must be asked for again."""
    told: list[OwnerSize] = []
    again: list[str] = []
    for position, login in enumerate(logins):
        own = _own(errors, alias(position))
        total = ((data.get(alias(position)) or {}).get("repositories") or {}).get("totalCount")
        if _unsure(errors, own):
            again.append(login)
        elif isinstance(total, int):
            told.append(OwnerSize(login=login, total=total))
        else:
            told.append(OwnerSize(login=login, total=0, issues=(_absent(own, login),)))
    return tuple(told), tuple(again)


def pages(
    data: Data, errors: Errors, listings: Sequence[Listing], *, give_up: bool = False
) -> tuple[tuple[OwnerPage, ...], tuple[Listing, ...]]:
    """The pages that can be used and the listings that must be asked for again.

    `give_up`: no smaller query exists, so a gap in a page becomes its issue.
    """
    told: list[OwnerPage] = []
    again: list[Listing] = []
    for position, listing in enumerate(listings):
        own = _own(errors, alias(position))
        owner = data.get(alias(position))
        if _unsure(errors, own) and not (give_up and owner and owner.get("repositories")):
            again.append(listing)
        else:
            told.append(_page(owner, [*_unplaced(errors), *own], listing))
    return tuple(told), tuple(again)


def named(data: Data, errors: Errors, names: Sequence[str]) -> tuple[dict[str, Node], tuple[str, ...]]:
    """What names lead to, and those that must be asked for again. One that leads nowhere is in neither."""
    places = {name: alias(position) for position, name in enumerate(names)}
    again = tuple(name for name, place in places.items() if _unsure(errors, _own(errors, place)))
    return {name: data[place] for name, place in places.items() if name not in again and data.get(place)}, again


def search(data: Data, errors: Errors) -> tuple[SearchPage, tuple[int, ...]]:
    """A page of a search. Any gap in it is an issue: what is found again tomorrow is not lost."""
    found = data.get("search") or {}
    info = found.get("pageInfo") or {}
    own = _own(errors, "search")
    if _unplaced(errors) or not found:
        return SearchPage(), (0,)
    page = SearchPage(
        nodes=tuple(_whole(found.get("nodes") or (), own, depth=2)),
        following=info.get("endCursor") if info.get("hasNextPage") else None,
        total=int(found.get("repositoryCount") or 0),
        issues=tuple(_withheld(error, "the search") for error in own),
    )
    return page, ()


def nodes(data: Data, errors: Errors, ids: Sequence[str]) -> tuple[Nodes, tuple[str, ...]]:
    """What GitHub says of each id, and the ids that must be asked for again."""
    found: list[Node] = []
    absent, unknown, again = [], [], []
    issues: list[Issue] = []
    by_place = _by_place(_own(errors, "nodes"))
    served = data.get("nodes") or ()
    for place, identifier in enumerate(ids):
        node = served[place] if place < len(served) else None
        own = by_place.get(place, [])
        if _unsure(errors, own) or place >= len(served):
            again.append(identifier)
        elif node is None and own and all(error.get("type") == "NOT_FOUND" for error in own):
            absent.append(identifier)
        elif isinstance(node, Mapping) and not own and node.get("id"):
            (absent.append(identifier) if node.get("isPrivate") else found.append(node))
        else:
            unknown.append(identifier)
            issues += [_withheld(error, identifier) for error in own] or [_untold(identifier)]
    told = Nodes(found=tuple(found), absent=tuple(absent), unknown=tuple(unknown), issues=tuple(issues))
    return told, tuple(again)


def untold(ids: Sequence[str]) -> Nodes:
    """What is known of ids of which GitHub says nothing, even when they are asked for one by one."""
    return Nodes(unknown=tuple(ids), issues=tuple(map(_untold, ids)))


def texts(data: Data, errors: Errors, files: Sequence[Wanted]) -> tuple[dict[str, str | None], tuple[Wanted, ...]]:
    """Texts by object id (None: binary, or not served whole), and the files that must be asked for again."""
    told: dict[str, str | None] = {}
    again: list[Wanted] = []
    for position, file in enumerate(files):
        blob = (data.get(file_alias(position)) or {}).get("object") or {}
        if _unplaced(errors) or _own(errors, file_alias(position)) or blob.get("oid") != file.oid:
            again.append(file)
        else:
            whole = not blob.get("isBinary") and not blob.get("isTruncated")
            told[file.oid] = blob.get("text") if whole else None
    return told, tuple(again)


def code(body: Mapping[str, Any]) -> CodePage:
    """A page of a code search."""
    items = [item for item in body.get("items") or () if isinstance(item, dict)]
    repositories = [item.get("repository") or {} for item in items]
    public = [str(one["node_id"]) for one in repositories if one.get("node_id") and not one.get("private")]
    return CodePage(
        repositories=tuple(dict.fromkeys(public)),
        received=len(items),
        total=int(body.get("total_count") or 0),
        whole=not body.get("incomplete_results"),
    )


def _unplaced(errors: Errors) -> list[Mapping[str, Any]]:
    return [error for error in errors if not error.get("path")]


def _own(errors: Errors, name: str) -> list[Mapping[str, Any]]:
    return [error for error in errors if (error.get("path") or [None])[0] == name]


def _unsure(errors: Errors, own: Errors) -> bool:
    """Whether something is missing that may be there when it is asked for again."""
    return bool(_unplaced(errors)) or any(error.get("type") not in _DEFINITE for error in own)


def _by_place(errors: Errors, depth: int = 1) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for error in errors:
        path = error.get("path") or ()
        if len(path) > depth and isinstance(path[depth], int):
            found.setdefault(path[depth], []).append(error)
    return found


def _whole(served: Sequence[Any], errors: Errors, *, depth: int) -> Iterator[Node]:
    """The public repositories of which nothing is missing. `depth` is where the place stands in an error's path."""
    broken = _by_place(errors, depth)
    for place, node in enumerate(served):
        if node and place not in broken and not (isinstance(node, Mapping) and node.get("isPrivate")):
            yield node


def _page(owner: Mapping[str, Any] | None, errors: Errors, listing: Listing) -> OwnerPage:
    connection = (owner or {}).get("repositories")
    if owner is None or connection is None:
        return OwnerPage(listing=listing, issues=(_absent(errors, listing.login),))
    served = connection.get("nodes") or ()
    total = connection.get("totalCount")
    seen = listing.seen + sum(node is not None for node in served)
    following = _following(connection, listing, seen)
    issues = [
        _withheld(error, listing.login) if error.get("type") in _DEFINITE else _gap(error, listing) for error in errors
    ]
    if following is None and isinstance(total, int) and seen < total:
        issues.append(_short(listing, seen=seen, total=total))
    whole = tuple(_whole(served, errors, depth=3))
    return OwnerPage(listing=listing, nodes=whole, following=following, total=total, issues=tuple(issues))


def _following(connection: Mapping[str, Any], listing: Listing, seen: int) -> Listing | None:
    """The next page; none when the forge would make us go round in circles (short-listing tells of it)."""
    info = connection.get("pageInfo") or {}
    cursor = info.get("endCursor")
    stuck = not cursor or cursor == listing.after or not connection.get("nodes")
    if not info.get("hasNextPage") or stuck:
        return None
    return Listing(listing.login, cursor, seen)


def _absent(errors: Errors, login: str) -> Issue:
    forbidden = any(error.get("type") != "NOT_FOUND" for error in errors)
    return (
        Issue.of("owner-forbidden", place=login, why=errors[0].get("message"))
        if forbidden
        else Issue.of("owner-missing", place=login, value=login)
    )


def _short(listing: Listing, *, seen: int, total: int) -> Issue:
    return Issue.of("short-listing", place=listing.login, found=seen, total=total)


def _withheld(error: Mapping[str, Any], whose: str) -> Issue:
    path = "/".join(str(part) for part in error.get("path") or ())
    return Issue.of("repository-withheld", place=f"{whose}: {path}", why=error.get("message"))


def _untold(identifier: str) -> Issue:
    return Issue.of("repository-untold", place=identifier)


def _gap(error: Mapping[str, Any], listing: Listing) -> Issue:
    return Issue.of("partial-answer", place=listing.login, value=listing.after, why=error.get("message"))
