"""What a harvest of a GitLab would send, by endpoint, before it is begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from harvester.forges.gitlab.payload import WantedParts
from harvester.forges.gitlab.queries import MAX_PAGE_SIZE

CHANGED_SHARE = 0.02
"""Of known projects, how many changed inside since the last harvest: some two in a hundred from day to day."""
_FILES_EACH = 1.2
"""Metadata files and READMEs of a project, in the mean."""
_BY_KIND = {"group": "/groups", "user": "/users", "topic": "/projects", "instance": "/projects"}


def requests(
    host: str, kinds: Sequence[str], *, projects: int, looked_into: int, wanted: WantedParts, graphql: bool
) -> Mapping[str, int]:
    """Requests by endpoint ("gitlab.com graphql") for listings of these kinds that hold so many projects together.

    `looked_into` is how many of them are new, or changed where only their inside tells how. By REST each of those costs
    its root, its release, its languages and each file.
    """
    found: dict[str, int] = {}
    share = ceil(projects / max(1, len(kinds)))  # the listings hold alike as far as anybody knows
    inside = wanted.files or wanted.languages
    for kind in kinds:
        by_graphql = graphql and kind != "user"
        endpoint = f"{host} graphql" if by_graphql else f"{host} rest {_BY_KIND[kind]}"
        found[endpoint] = found.get(endpoint, 0) + max(1, ceil(share / MAX_PAGE_SIZE))
    if graphql and inside and looked_into:
        found[f"{host} graphql"] = found.get(f"{host} graphql", 0) + ceil(looked_into / MAX_PAGE_SIZE)
    each = 0.0 if graphql else (2 + _FILES_EACH) * wanted.files + wanted.languages
    alone = ceil(looked_into * (each + wanted.license))
    if alone:
        found[f"{host} rest /projects"] = found.get(f"{host} rest /projects", 0) + alone
    return found


def by_graphql(host: str, spent: Mapping[str, int] | None, *, allowed: bool) -> bool:
    """Whether the next run will be answered by GraphQL, by what the last one spent: refused, it was asked but once."""
    if not allowed or not spent:
        return allowed
    rest = sum(count for endpoint, count in spent.items() if endpoint.startswith(f"{host} rest"))
    return not (rest and spent.get(f"{host} graphql", 0) <= 1)
