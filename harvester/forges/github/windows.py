"""Searches past the thousand results that GitHub gives: windows of creation dates, halved until each has fewer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from harvester.errors import InputError
from harvester.model import Issue

MOST_FOUND = 1000
"""Results that GitHub gives of a search, however many there are."""
BEGIN = date(2007, 10, 1)
"""GitHub's first repository was made in this month."""


@dataclass(frozen=True, slots=True)
class Window:
    """A search for repositories that were made from `since` to `until`, both included."""

    query: str
    since: date
    until: date

    def text(self) -> str:
        """What is asked: public repositories only, as the token may see others."""
        return f"{self.query} is:public created:{self.since}..{self.until}"

    def halves(self) -> Iterator[Window]:
        """Two windows that have all of this one, none for a single day."""
        days = (self.until - self.since).days
        if days > 0:
            middle = self.since + timedelta(days=days // 2)
            yield replace(self, until=middle)
            yield replace(self, since=middle + timedelta(days=1))

    def capped(self, total: int) -> Issue:
        """The issue of a day that has more than can be had."""
        return Issue.of(
            "search-capped", place=self.query, found=f"{total} repositories of {self.since}", most=MOST_FOUND
        )


def refuse_dates(query: str) -> None:
    """InputError: the search has a date of creation itself."""
    if "created:" in query:
        raise InputError(f"{query!r} names dates of creation", remedy="leave them out: the search is split by them")
