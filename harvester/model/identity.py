"""Identity is strong or it is nothing: names never merge."""

from __future__ import annotations

from dataclasses import dataclass

STRONG_SCHEMES = ("forge", "repo", "wikidata", "catalogue", "landing")
"""Schemes that make two records the same thing, in the order in which they name it best.

`forge`      the forge's own id: "github.com:48213377"
`repo`       canonical https URL of the repository: "https://github.com/ckan/ckan" (see normalize.urls)
`wikidata`   "Q1234"
`catalogue`  another catalogue's id: "developers-italia:9c07d69d-…", "sill:12"
`landing`    a hosted service without public source: canonical URL of its own site, never of a shared host
"""

PART = "part"
"""The resolver's own scheme, of no record: one of several things at an address or under an id that is nobody's own,
with what it is called there: "repo:https://github.com/example/forest#alder" (see resolve.claims)."""


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """One strong name of a software, e.g. Identifier("repo", "https://github.com/ckan/ckan")."""

    scheme: str
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"
