"""The addresses of a search's feeds, for pages that offer them. Pure."""

from __future__ import annotations

from dataclasses import replace

from harvester.search.query import DEFAULT_SIZE, Query
from harvester.web.facets import Addresses


def addresses(query: Query, language: str) -> dict[str, str]:
    """By what they tell: "new" and "changed"."""
    plain = Addresses(f"/{language}/feed.atom").of(replace(query, page=1, size=DEFAULT_SIZE, sort="relevance"))
    return {"new": plain, "changed": f"{plain}{'&' if '?' in plain else '?'}what=changed"}
