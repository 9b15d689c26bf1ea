"""What a harvest of a Forgejo has to say beside its items."""

from __future__ import annotations

from harvester.model import Issue


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
