"""What GitHub is asked: one query for a page of repositories of each of several owners.

Everything a record needs stands in it (publiccode.yml under both names, topics, languages, licence, last push,
latest release): fields that are no connection cost no points. Repositories are listed by date of creation, so
that one that is made while we page comes last instead of shifting the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from harvester.forges.cost import LANGUAGES, TOPICS

MAX_PAGE_SIZE = 100
"""GitHub refuses a `first` above this."""

_FRAGMENTS = f"""
fragment owner on RepositoryOwner {{
  __typename
  login
  ... on Organization {{ name location }}
}}
fragment page on RepositoryConnection {{
  totalCount
  pageInfo {{ hasNextPage endCursor }}
  nodes {{ ...repository }}
}}
fragment repository on Repository {{
  databaseId
  id
  nameWithOwner
  name
  url
  description
  homepageUrl
  isArchived
  isFork
  isMirror
  isTemplate
  createdAt
  pushedAt
  stargazerCount
  parent {{ url }}
  primaryLanguage {{ name }}
  languages(first: {LANGUAGES}, orderBy: {{field: SIZE, direction: DESC}}) {{ nodes {{ name }} }}
  repositoryTopics(first: {TOPICS}) {{ nodes {{ topic {{ name }} }} }}
  licenseInfo {{ spdxId name }}
  latestRelease {{ tagName publishedAt }}
  publiccodeYml: object(expression: "HEAD:publiccode.yml") {{ ...file }}
  publiccodeYaml: object(expression: "HEAD:publiccode.yaml") {{ ...file }}
}}
fragment file on Blob {{
  oid
  byteSize
  isBinary
  isTruncated
  text
}}
"""

_LISTING = """  o{n}: repositoryOwner(login: $login{n}) {{
    ...owner
    repositories(
      first: $first, after: $after{n}, privacy: PUBLIC, ownerAffiliations: [OWNER],
      orderBy: {{field: CREATED_AT, direction: ASC}}
    ) {{ ...page }}
  }}
"""


@dataclass(frozen=True, slots=True)
class Listing:
    """Where one owner's listing stands: the cursor of its next page and how many repositories came before it."""

    login: str
    after: str | None = None
    seen: int = 0


def alias(position: int) -> str:
    """The name in the answer of the listing at `position`."""
    return f"o{position}"


@lru_cache(maxsize=64)
def repositories_query(owners: int) -> str:
    """The query for a page of repositories of each of so many owners.

    Variables: `first`, and `login<n>` and `after<n>` for each owner, n from 0 (see `variables`).
    """
    if owners < 1:
        raise ValueError("a query asks for one owner at the least")
    declared = "".join(f", $login{n}: String!, $after{n}: String" for n in range(owners))
    listings = "".join(_LISTING.format(n=n) for n in range(owners))
    return (
        f"query repositories($first: Int!{declared}) {{\n"
        f"  rateLimit {{ cost limit remaining resetAt }}\n{listings}}}{_FRAGMENTS}"
    )


def variables(listings: Sequence[Listing], *, first: int) -> dict[str, Any]:
    """The query's variables; `first` is repositories a page and owner, 1 to 100."""
    if not 1 <= first <= MAX_PAGE_SIZE:
        raise ValueError(f"first={first}: GitHub allows 1 to {MAX_PAGE_SIZE}")
    values: dict[str, Any] = {"first": first}
    for n, listing in enumerate(listings):
        values[f"login{n}"] = listing.login
        values[f"after{n}"] = listing.after
    return values
