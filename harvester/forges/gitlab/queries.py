"""What GitLab's GraphQL is asked: pages of projects, with the names and blob ids of their roots' files.

Types and fields are those that docs.gitlab.com documents under "GraphQL API resources". Everything that is compared
with what is stored stands in the page, so that an unchanged project costs nothing more. `isForked` says that a project
is a fork; of what is asked by itself, as it would make each page smaller. No query comes near the 10,000 characters
that GitLab takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

MAX_PAGE_SIZE = 100
"""GitLab gives no more nodes a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is wanted of each project beside what a listing shows."""

    files: bool = False  # the root's entries and the latest release
    languages: bool = False
    below: tuple[str, ...] = ()  # paths of files below the root


_PROJECT = """
  id
  name
  nameWithNamespace
  path
  fullPath
  description
  webUrl
  httpUrlToRepo
  avatarUrl
  createdAt
  lastActivityAt
  starCount
  forksCount
  openIssuesCount
  archived
  visibility
  topics
  isForked
  group { id webUrl }
  namespace { name path fullPath }
"""
_LANGUAGES = "  languages { name share }\n"
_RELEASE = "  releases(first: 1) { nodes { tagName releasedAt } }\n"
_ENTRIES = "    tree { blobs(first: 100) { nodes { name sha } pageInfo { hasNextPage } } }\n"
_BELOW = "    below: blobs(paths: $below, first: {first}) {{ nodes {{ path oid }} }}\n"
_BLOBS = "    blobs(paths: $paths, first: {first}) {{ nodes {{ path oid size rawTextBlob }} }}\n"


def _fragments(parts: Parts, blobs: int) -> str:
    repository = "    rootRef\n    empty\n" + (_ENTRIES if parts.files else "")
    repository += _BELOW.format(first=len(parts.below)) if parts.below else ""
    repository += _BLOBS.format(first=blobs) if blobs else ""
    more = (_LANGUAGES if parts.languages else "") + (_RELEASE if parts.files else "")
    return (
        "fragment page on ProjectConnection {\n  pageInfo { hasNextPage endCursor }\n  nodes { ...project }\n}\n"
        f"fragment project on Project {{{_PROJECT}{more}  repository {{\n{repository}  }}\n}}\n"
    )


@lru_cache(maxsize=16)
def group_query(parts: Parts) -> str:
    """A page of a group's projects, with those of its subgroups. Variables: `path`, `first`, `after`, `below`."""
    return (
        f"query group($path: ID!, $first: Int!, $after: String{_declared(parts)}) {{\n"
        "  queryComplexity { score limit }\n"
        "  group(fullPath: $path) {\n"
        "    projects(includeSubgroups: true, first: $first, after: $after) { count ...page }\n"
        f"  }}\n}}\n{_fragments(parts, 0)}"
    )


@lru_cache(maxsize=16)
def instance_query(parts: Parts, *, topics: bool = False) -> str:
    """A page of an instance's projects. Variables: `first`, `after`, `below`, and `topics` (all of which it has)."""
    declared, given = (", $topics: [String!]", ", topics: $topics") if topics else ("", "")
    return (
        f"query projects($first: Int!, $after: String{declared}{_declared(parts)}) {{\n"
        "  queryComplexity { score limit }\n"
        f"  projects(first: $first, after: $after{given}) {{ ...page }}\n}}\n{_fragments(parts, 0)}"
    )


@lru_cache(maxsize=64)
def numbered_query(parts: Parts, *, blobs: int = 0) -> str:
    """Projects by their ids, with the files at so many `paths`. Variables: `ids`, `first`, `below`, `paths`."""
    declared = (", $paths: [String!]!" if blobs else "") + _declared(parts)
    return (
        f"query numbered($ids: [ID!], $first: Int!{declared}) {{\n  queryComplexity {{ score limit }}\n"
        f"  projects(ids: $ids, first: $first) {{ ...page }}\n}}\n{_fragments(parts, blobs)}"
    )


def _declared(parts: Parts) -> str:
    return ", $below: [String!]!" if parts.below else ""


@lru_cache(maxsize=16)
def blobs_query(blobs: int) -> str:
    """The files at so many `paths` of projects by their ids. Variables: `ids`, `first`, `paths`."""
    return (
        "query blobs($ids: [ID!], $first: Int!, $paths: [String!]!) {\n  queryComplexity { score limit }\n"
        f"  projects(ids: $ids, first: $first) {{ nodes {{ id repository {{\n{_BLOBS.format(first=blobs)}"
        "  } } }\n}\n"
    )


HAS_ORIGINS = """{ __type(name: "Project") { fields { name } } }"""
"""Whether an instance's projects tell what they were forked from: older ones do not."""
ORIGINS = """query origins($ids: [ID!], $first: Int!) {
  queryComplexity { score limit }
  projects(ids: $ids, first: $first) { nodes { id forkedFrom { id fullPath webUrl httpUrlToRepo } } }
}
"""
"""What projects were forked from. Variables: `ids`, `first`."""
ADDRESSES = """query addresses($ids: [ID!], $first: Int!) {
  queryComplexity { score limit }
  projects(ids: $ids, first: $first) { nodes { id fullPath webUrl httpUrlToRepo } }
}
"""
"""Where projects are. Variables: `ids`, `first`."""
