"""What a harvest of a Forgejo has to say beside its items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.errors import FetchError
from harvester.model import Issue


def short_listing(listing: str, *, seen: int, total: int) -> Issue:
    """A listing that ended before its own count."""
    return Issue.of("short-listing", place=listing, found=seen, total=total)


def paging_trap(listing: str, *, page: str) -> Issue:
    """A listing whose next page is the same again."""
    return Issue.of("paging-trap", place=listing, pages=page)


def owner_missing(path: str) -> Issue:
    """A source's organisation or user that the forge does not know."""
    login = path.split("/")[2]
    return Issue.of("owner-missing", place=path, value=login)


def unreadable(repository: Mapping[str, Any], error: FetchError) -> Issue:
    """A repository of which something could not be had."""
    name = str(repository.get("full_name"))
    return Issue.of("repository-unreadable", place=name, why=error.message)
