"""What an answer of GitHub's GraphQL holds for each owner that was asked. Pure.

An answer can be whole, partial (data beside errors) or none. An owner's part is used when it is whole, or when what
it lacks is known to stay away (NOT_FOUND, FORBIDDEN); any other gap is asked again in a smaller query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harvester.forges import github_items
from harvester.forges.queries import Listing, alias
from harvester.model import Issue, Severity

_DEFINITE = {"NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_SCOPES"}
_TOO_MUCH_TYPES = {"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "TIMEOUT"}
_TOO_MUCH_WORDS = ("something went wrong while executing your query", "timeout", "timed out", "resource limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPage:
    """A page of one owner's repositories, as payloads. `following` is None when the listing is at its end.

    `total` is how many repositories the owner has by GitHub's count, None when it is not known.
    """

    listing: Listing
    payloads: tuple[Mapping[str, Any], ...] = ()
    following: Listing | None = None
    total: int | None = None
    issues: tuple[Issue, ...] = ()


def too_much(errors: Sequence[Mapping[str, Any]]) -> bool:
    """Whether GitHub refused because the query asked for too much at once."""
    return any(_is_too_much(error) for error in errors)


def _is_too_much(error: Mapping[str, Any]) -> bool:
    message = str(error.get("message") or "").lower()
    return error.get("type") in _TOO_MUCH_TYPES or any(words in message for words in _TOO_MUCH_WORDS)


def read(
    data: Mapping[str, Any],
    errors: Sequence[Mapping[str, Any]],
    listings: Sequence[Listing],
    *,
    give_up: bool = False,
) -> tuple[tuple[OwnerPage, ...], tuple[Listing, ...]]:
    """The pages that can be used and the listings that must be asked again.

    `give_up`: no smaller query exists, so a gap in a page becomes its issue.
    """
    unplaced = [error for error in errors if not error.get("path")]
    pages: list[OwnerPage] = []
    unanswered: list[Listing] = []
    for position, listing in enumerate(listings):
        own = [error for error in errors if (error.get("path") or [None])[0] == alias(position)]
        broken = unplaced + [error for error in own if error.get("type") not in _DEFINITE]
        owner = data.get(alias(position))
        if broken and not (give_up and owner and owner.get("repositories")):
            unanswered.append(listing)
        else:
            page = _page(owner, own, listing)
            pages.append(replace(page, issues=tuple(_gap(e, listing) for e in broken) + page.issues))
    return tuple(pages), tuple(unanswered)


def _page(owner: Mapping[str, Any] | None, errors: Sequence[Mapping[str, Any]], listing: Listing) -> OwnerPage:
    connection = (owner or {}).get("repositories")
    if owner is None or connection is None:
        return OwnerPage(listing=listing, issues=(_absent(errors, listing),))
    nodes = [node for node in connection.get("nodes") or () if node]
    payloads = tuple(github_items.payload(node, owner) for node in nodes)
    following = _following(connection, listing, len(nodes))
    issues = [_withheld(error, listing) for error in errors if error.get("type") in _DEFINITE]
    issues += [_unreadable(item) for item in payloads if item["publiccode"] and item["publiccode"]["text"] is None]
    seen, total = listing.seen + len(nodes), connection.get("totalCount")
    if following is None and isinstance(total, int) and seen < total:
        issues.append(_short(listing, seen=seen, total=total))
    return OwnerPage(listing=listing, payloads=payloads, following=following, total=total, issues=tuple(issues))


def _following(connection: Mapping[str, Any], listing: Listing, received: int) -> Listing | None:
    """The next page; none when the forge would make us go round in circles (short-listing tells of it)."""
    info = connection.get("pageInfo") or {}
    cursor = info.get("endCursor")
    stuck = not cursor or cursor == listing.after or not connection.get("nodes")
    if not info.get("hasNextPage") or stuck:
        return None
    return Listing(listing.login, cursor, listing.seen + received)


def _absent(errors: Sequence[Mapping[str, Any]], listing: Listing) -> Issue:
    forbidden = any(error.get("type") != "NOT_FOUND" for error in errors)
    return Issue(
        code="owner-forbidden" if forbidden else "owner-missing",
        message=f"GitHub has no owner {listing.login} for us" + (f": {errors[0].get('message')}" if errors else ""),
        place=listing.login,
        remedy="correct or remove the owner in the source's parameters",
    )


def _short(listing: Listing, *, seen: int, total: int) -> Issue:
    return Issue(
        code="short-listing",
        message=f"the listing of {listing.login} ended after {seen} of {total} repositories",
        severity=Severity.WARNING,
        place=listing.login,
        remedy="harvest again; what is not listed is not taken for gone",
    )


def _withheld(error: Mapping[str, Any], listing: Listing) -> Issue:
    path = "/".join(str(part) for part in error.get("path") or ())
    return Issue(
        code="repository-withheld",
        message=f"GitHub withholds a part of {listing.login}: {error.get('message')}",
        severity=Severity.WARNING,
        place=f"{listing.login}: {path}",
    )


def _gap(error: Mapping[str, Any], listing: Listing) -> Issue:
    return Issue(
        code="partial-answer",
        message=f"GitHub answered for {listing.login} in part: {error.get('message')}",
        place=f"{listing.login} after {listing.after or 'the beginning'}",
        remedy="harvest again later",
    )


def _unreadable(item: Mapping[str, Any]) -> Issue:
    return Issue(
        code="publiccode-unreadable",
        message=f"{item['publiccode']['path']} of {item['nameWithOwner']} is binary or too long to be served whole",
        place=item["publiccode"]["path"],
    )
