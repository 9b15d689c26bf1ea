"""What GitHub is asked: seven queries.

`owners_query` how many repositories each owner has; `repositories_query` a page of each owner's; `search_query` a page
of a search; `nodes_query` what a listing does not tell, for repositories by node id; `files_query` texts by object id;
`names_query` where names lead, and `origins_query` what a listing would tell of that.
What a listing tells must be enough to see that something changed: the commit of the default branch stands in it, and
all that may change without a commit. Fields that are no connection cost no points, and topics are the only one there:
counting open issues as well would double a listing's price (see docs/decisions). Repositories are listed by date of
creation, so that one that is made while we page comes last instead of shifting the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from harvester.forges.github.cost import LANGUAGES, TOPICS

MAX_PAGE_SIZE = 100
"""GitHub refuses a `first` above this, and so many ids at once."""

_REPOSITORY = f"""
fragment repository on Repository {{
  databaseId
  id
  nameWithOwner
  name
  url
  owner {{
    __typename
    login
    ... on Organization {{ name location }}
  }}
  description
  homepageUrl
  mirrorUrl
  isArchived
  isEmpty
  isFork
  isMirror
  isPrivate
  isTemplate
  createdAt
  pushedAt
  updatedAt
  stargazerCount
  forkCount
  parent {{ url }}
  primaryLanguage {{ name }}
  repositoryTopics(first: {TOPICS}) {{ nodes {{ topic {{ name }} }} }}
  licenseInfo {{ spdxId name }}
  latestRelease {{ tagName publishedAt }}
  defaultBranchRef {{ name target {{ oid }} }}
}}
"""

_PAGE = f"""
fragment page on RepositoryConnection {{
  totalCount
  pageInfo {{ hasNextPage endCursor }}
  nodes {{ ...repository }}
}}{_REPOSITORY}"""

_RATE = "  rateLimit { cost limit remaining resetAt }\n"

_PUBLIC = "privacy: PUBLIC, ownerAffiliations: [OWNER]"

_OWNER = f"""  o{{n}}: repositoryOwner(login: $login{{n}}) {{{{
    login
    repositories(first: 1, {_PUBLIC}) {{{{ totalCount }}}}
  }}}}
"""

_LISTING = f"""  o{{n}}: repositoryOwner(login: $login{{n}}) {{{{
    login
    repositories(
      first: $first{{n}}, after: $after{{n}}, {_PUBLIC},
      orderBy: {{{{field: CREATED_AT, direction: ASC}}}}
    ) {{{{ ...page }}}}
  }}}}
"""

_SEARCH = f"""query search($query: String!, $first: Int!, $after: String) {{
{_RATE}  search(type: REPOSITORY, query: $query, first: $first, after: $after) {{
    repositoryCount
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ ...repository }}
  }}
}}{_REPOSITORY}"""

_DETAILS = f"""    languages(first: {LANGUAGES}, orderBy: {{field: SIZE, direction: DESC}}) {{ nodes {{ name }} }}
    tree: object(expression: "HEAD:") {{ ... on Tree {{ entries {{ name oid size type mode }} }} }}
"""

_FILE = """  f{n}: node(id: $in{n}) {{ ... on Repository {{ object(oid: $oid{n}) {{ ...file }} }} }}
"""

_BLOB = """
fragment file on Blob {
  oid
  isBinary
  isTruncated
  text
}
"""


@dataclass(frozen=True, slots=True)
class Listing:
    """Where one owner's listing stands: the cursor of its next page, how many repositories came before it, and how
    many the page is to have (1 to 100)."""

    login: str
    after: str | None = None
    seen: int = 0
    first: int = MAX_PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be had: the node id of a repository that holds it, its path there, object id and size in bytes."""

    repository: str
    path: str
    oid: str
    size: int


def alias(position: int) -> str:
    """The name in the answer of the owner at `position`."""
    return f"o{position}"


def file_alias(position: int) -> str:
    """The name in the answer of the file at `position`."""
    return f"f{position}"


def path_alias(position: int) -> str:
    """The name in the answer of the file below the root at `position`."""
    return f"p{position}"


@lru_cache(maxsize=128)
def owners_query(owners: int) -> str:
    """The query for how many public repositories each of so many owners has. Variables: `login<n>`."""
    _some(owners, "one owner")
    declared = ", ".join(f"$login{n}: String!" for n in range(owners))
    return f"query owners({declared}) {{\n{_RATE}{''.join(_OWNER.format(n=n) for n in range(owners))}}}\n"


@lru_cache(maxsize=64)
def repositories_query(owners: int) -> str:
    """The query for a page of repositories of each of so many owners.

    Variables: `login<n>`, `first<n>` and `after<n>` for each owner, n from 0 (see `variables`).
    """
    _some(owners, "one owner")
    declared = ", ".join(f"$login{n}: String!, $first{n}: Int!, $after{n}: String" for n in range(owners))
    listings = "".join(_LISTING.format(n=n) for n in range(owners))
    return f"query repositories({declared}) {{\n{_RATE}{listings}}}{_PAGE}"


def variables(listings: Sequence[Listing]) -> dict[str, Any]:
    """The variables of `repositories_query`."""
    values: dict[str, Any] = {}
    for n, listing in enumerate(listings):
        if not 1 <= listing.first <= MAX_PAGE_SIZE:
            raise ValueError(f"first={listing.first}: GitHub allows 1 to {MAX_PAGE_SIZE}")
        values |= {f"login{n}": listing.login, f"first{n}": listing.first, f"after{n}": listing.after}
    return values


def search_query() -> str:
    """The query for a page of a search for repositories. Variables: `query`, `first` and `after`."""
    return _SEARCH


@lru_cache(maxsize=128)
def names_query(names: int) -> str:
    """The query for the repositories that names lead to, former ones included. Variables: `owner<n>` and `name<n>`."""
    return f"query names({_names(names)}) {{\n{_RATE}{_named(names, 'databaseId url')}}}\n"


@lru_cache(maxsize=128)
def origins_query(names: int) -> str:
    """The query for what a listing would tell of so many repositories. Variables as of `names_query`."""
    return f"query origins({_names(names)}) {{\n{_RATE}{_named(names, '...repository')}}}{_REPOSITORY}"


def _names(names: int) -> str:
    return ", ".join(f"$owner{n}: String!, $name{n}: String!" for n in range(names))


def _named(names: int, asked: str) -> str:
    return "".join(f"  {alias(n)}: repository(owner: $owner{n}, name: $name{n}) {{ {asked} }}\n" for n in range(names))


def name_variables(names: Sequence[str]) -> dict[str, Any]:
    """The variables of `names_query`."""
    parts = [(n, *name.split("/")) for n, name in enumerate(names)]
    return {f"owner{n}": owner for n, owner, _ in parts} | {f"name{n}": name for n, _, name in parts}


@lru_cache(maxsize=8)
def nodes_query(paths: int = 0) -> str:
    """The query for repositories by node id, with their languages and the entries of their root.

    Variables: `ids`, at most 100, and `path<n>`, the expressions ("HEAD:docs/publiccode.yml") of so many files below
    the root, of which object id and size are told.
    """
    declared = "".join(f", $path{n}: String!" for n in range(paths))
    files = "".join(
        f"    p{n}: object(expression: $path{n}) {{ ... on Blob {{ oid byteSize }} }}\n" for n in range(paths)
    )
    return (
        f"query nodes($ids: [ID!]!{declared}) {{\n{_RATE}"
        f"  nodes(ids: $ids) {{ ...repository ... on Repository {{\n{_DETAILS}{files}  }} }}\n}}{_REPOSITORY}"
    )


@lru_cache(maxsize=256)
def files_query(files: int) -> str:
    """The query for the texts of so many files. Variables: `in<n>`, a repository's node id, and `oid<n>`."""
    _some(files, "one file")
    declared = ", ".join(f"$in{n}: ID!, $oid{n}: GitObjectID!" for n in range(files))
    return f"query files({declared}) {{\n{_RATE}{''.join(_FILE.format(n=n) for n in range(files))}}}{_BLOB}"


def file_variables(files: Sequence[Wanted]) -> dict[str, Any]:
    """The variables of `files_query`."""
    values: dict[str, Any] = {}
    for n, file in enumerate(files):
        values |= {f"in{n}": file.repository, f"oid{n}": file.oid}
    return values


def _some(count: int, what: str) -> None:
    if count < 1:
        raise ValueError(f"a query asks for {what} at the least")
