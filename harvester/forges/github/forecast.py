"""What a harvest of GitHub will cost, by the sizes of our queries and GitHub's own formula. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from harvester.forges.github import cost
from harvester.forges.github.client import MOST_LISTED
from harvester.forges.github.queries import MAX_PAGE_SIZE
from harvester.model import RunCounts

TYPICAL_OWNER = 25
"""Repositories of an owner of whom nothing is known: about what the accounts of French public bodies have."""
TYPICAL_CHANGE = 0.02
"""The share of repositories that have a commit between two harvests, where no earlier run tells."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Requests of GraphQL, and points of its hourly budget."""

    requests: int
    points: int

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.requests + other.requests, self.points + other.points)


def harvest(repositories: int, *, owners: int, detailed: int) -> Spent:
    """A harvest of so many repositories of so many owners, of which some have to be asked for their details.

    At a first harvest these are all; later those with a commit since. Each owner is assumed to have as many.
    """
    return _listed(repositories, owners) + _detailed(detailed)


def _listed(repositories: int, owners: int) -> Spent:
    """How many each owner has is asked for where there are several, then pages of several owners at a time."""
    owners = max(1, owners)
    a_page = MOST_LISTED if owners > 1 else MAX_PAGE_SIZE
    pages = ceil(repositories / a_page)
    sizes = ceil(owners / MAX_PAGE_SIZE) if owners > 1 else 0
    return Spent(sizes + pages, sizes + pages * cost.repositories([a_page]).points)


def _detailed(repositories: int) -> Spent:
    """Repositories by their ids, and the texts of each hundred's files in a query of their own."""
    full, rest = divmod(repositories, MAX_PAGE_SIZE)
    points = full * cost.nodes(MAX_PAGE_SIZE).points + (cost.nodes(rest).points if rest else 0)
    queries = full + bool(rest)
    return Spent(2 * queries, points + queries)


def changed_share(last: RunCounts | None) -> float:
    """The share of repositories that changed at a run, a typical one where it tells nothing of that."""
    if last is None or not last.unchanged:
        return TYPICAL_CHANGE
    return (last.new + last.changed) / last.entries
