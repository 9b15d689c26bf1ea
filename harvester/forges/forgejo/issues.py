"""What a harvest of a Forgejo has to say beside its items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.errors import FetchError
from harvester.model import Issue, Severity


def short_listing(listing: str, *, seen: int, total: int) -> Issue:
    """A listing that ended before its own count."""
    return Issue(
        code="short-listing",
        message=f"the listing {listing} ended after {seen} of {total} repositories",
        severity=Severity.WARNING,
        place=listing,
        remedy="harvest again; what is not listed is not taken for gone",
    )


def paging_trap(listing: str, *, page: str) -> Issue:
    """A listing whose next page is the same again."""
    return Issue(
        code="paging-trap",
        message=f"page {page} of the listing {listing} is the page before it again",
        place=listing,
        remedy="ask the forge's operator; what comes after is not harvested",
    )


def owner_missing(path: str) -> Issue:
    """A source's organisation or user that the forge does not know."""
    login = path.split("/")[2]
    return Issue(
        code="owner-missing",
        message=f"there is no account {login!r}",
        place=path,
        value=login,
        remedy="correct the source's organisations and users",
    )


def unreadable(repository: Mapping[str, Any], error: FetchError) -> Issue:
    """A repository of which something could not be had."""
    name = str(repository.get("full_name"))
    return Issue(
        code="repository-unreadable",
        message=f"{name} could not be read whole: {error.message}",
        severity=Severity.WARNING,
        place=name,
        remedy="the next harvest asks again",
    )
