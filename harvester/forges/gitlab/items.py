"""A project as GitLab's REST or GraphQL answered it, reduced to what stays until somebody changes it (format "gitlab").

Both give the same payload for the same project, so that a run that has to ask the other way reports no change: times
are in UTC to the second, and what only one of them tells is left out or kept from before. Left out as well: what is of
the moment (statistics, import state, permissions, runners' tokens, links), settings of the project's tools, and persons
(owner, creator, a user namespace's display name and number).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_SAME = {
    "name": "name",
    "path": "path",
    "description": "description",
    "web_url": "webUrl",
    "http_url_to_repo": "httpUrlToRepo",
    "avatar_url": "avatarUrl",
    "star_count": "starCount",
    "forks_count": "forksCount",
    "open_issues_count": "openIssuesCount",
    "archived": "archived",
    "visibility": "visibility",
}
"""Attributes that are kept as served, by their names in REST and in GraphQL."""
_TIMES = {"created_at": "createdAt", "last_activity_at": "lastActivityAt"}
_GROUP = ("id", "name", "kind", "path", "full_path", "web_url")
_PERSON = ("kind", "path", "full_path", "web_url")
_FORKED_FROM = ("id", "path_with_namespace", "web_url", "http_url_to_repo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is in a repository: `entries` are blob ids by the names of its root's files, None where we may not look.

    `texts` are by path and blob id. `languages` have the largest share first. A part that was not asked for is None.
    """

    entries: Mapping[str, str] | None = None
    languages: Sequence[str] | None = None
    release: Mapping[str, Any] | None = None
    texts: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    whole: bool = True  # False: the root has more files than were shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A project as it was shown: `fields` of its payload.

    `forked` is None where `fields` tell what it was forked from, else whether it was. `details` are None where only
    REST's listing was asked.
    """

    fields: Mapping[str, Any]
    forked: bool | None = None
    details: Details | None = None

    @property
    def number(self) -> int:
        """The instance's own id."""
        return int(self.fields["id"])

    @property
    def public(self) -> bool:
        """Whether everybody may see it; a token may see more."""
        return self.fields["visibility"] in ("public", None)


def from_rest(project: Mapping[str, Any]) -> Listed:
    """A project of a listing of REST, or asked for by itself."""
    flat: dict[str, Any] = {name: project.get(name) for name in _SAME}
    flat |= {name: moment(project.get(name)) for name in _TIMES}
    flat |= {name: project.get(name) for name in ("id", "path_with_namespace", "name_with_namespace")}
    flat["topics"] = list(project.get("topics") or project.get("tag_list") or ())  # the latter before GitLab 14
    flat["default_branch"] = project.get("default_branch")
    flat["empty_repo"] = _empty(project.get("empty_repo"), flat["default_branch"])
    flat["mirror"] = project.get("mirror") or None
    origin = project.get("forked_from_project") or {}
    flat["forked_from_project"] = {name: origin.get(name) for name in _FORKED_FROM} if origin else None
    namespace = project.get("namespace") or {}
    kept = _PERSON if namespace.get("kind") == "user" else _GROUP
    flat["namespace"] = {name: namespace[name] for name in kept if name in namespace} or None
    return Listed(fields=_impersonal(flat))


def from_graphql(node: Mapping[str, Any]) -> Listed:
    """A node of GraphQL."""
    flat: dict[str, Any] = {name: node.get(theirs) for name, theirs in _SAME.items()}
    flat |= {name: moment(node.get(theirs)) for name, theirs in _TIMES.items()}
    path = str(node["fullPath"])
    flat |= {
        "id": number(node["id"]),
        "path_with_namespace": path,
        "name_with_namespace": node.get("nameWithNamespace"),
    }
    flat["topics"] = list(node.get("topics") or ())
    repository = node.get("repository") or {}
    flat["default_branch"] = repository.get("rootRef")
    flat["empty_repo"] = _empty(repository.get("empty"), flat["default_branch"])
    flat["namespace"] = _namespace(node, path)
    return Listed(fields=_impersonal(flat), forked=bool(node.get("isForked")), details=_details(node))


def _impersonal(flat: dict[str, Any]) -> dict[str, Any]:
    if (flat["namespace"] or {}).get("kind") == "user":  # its first half is the person's name
        del flat["name_with_namespace"]
    return flat


def _empty(told: Any, branch: str | None) -> bool | None:
    """A closed repository shows no branch, and GraphQL nothing of it: whether it is empty is then not known."""
    return bool(told) if told or branch is not None else None


def _namespace(node: Mapping[str, Any], path: str) -> dict[str, Any]:
    """As REST gives it. Of a person's, GraphQL shows strangers no more than the project's own path."""
    full = path.rpartition("/")[0]
    group, space = node.get("group"), node.get("namespace") or {}
    if not group:
        root = str(node.get("webUrl") or "").removesuffix(path)
        return {"kind": "user", "path": full, "full_path": full, "web_url": f"{root}{full}"}
    return {
        "id": number(group["id"]),
        "name": space.get("name"),
        "kind": "group",
        "path": space.get("path"),
        "full_path": space.get("fullPath"),
        "web_url": group.get("webUrl"),
    }


def _details(node: Mapping[str, Any]) -> Details:
    repository = node.get("repository")
    entries, whole = _entries(repository)
    blobs = _nodes((repository or {}).get("blobs"))
    releases = _nodes(node.get("releases"))
    return Details(
        entries=entries,
        whole=whole,
        languages=by_share({one["name"]: one.get("share") or 0.0 for one in node.get("languages") or ()})
        if "languages" in node
        else None,
        release=release(releases[0].get("tagName"), releases[0].get("releasedAt")) if releases else None,
        texts={(blob["path"], blob["oid"]): blob.get("rawTextBlob") for blob in blobs},
    )


def _entries(repository: Mapping[str, Any] | None) -> tuple[Mapping[str, str] | None, bool]:
    if repository is None:
        return None, True
    listed = (repository.get("tree") or {}).get("blobs") or {}
    whole = not (listed.get("pageInfo") or {}).get("hasNextPage")
    below = {blob["path"]: blob["oid"] for blob in _nodes(repository.get("below"))}
    return {entry["name"]: entry["sha"] for entry in _nodes(listed)} | below, whole


def _nodes(connection: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [node for node in (connection or {}).get("nodes") or () if node]


def origin(node: Mapping[str, Any]) -> dict[str, Any]:
    """A project as REST gives it to those that were forked from it, from a node of GraphQL."""
    return {
        "id": number(node["id"]),
        "path_with_namespace": node.get("fullPath"),
        "web_url": node.get("webUrl"),
        "http_url_to_repo": node.get("httpUrlToRepo"),
    }


def by_share(shares: Mapping[str, float]) -> list[str]:
    """Names of languages, the largest share first."""
    return sorted(shares, key=lambda name: (-shares[name], name))


def release(tag: Any, at: Any) -> dict[str, Any]:
    """A release as it is kept."""
    return {"tag_name": tag, "released_at": moment(at)}


def number(gid: Any) -> int:
    """The number in a global id ("gid://gitlab/Project/7")."""
    return int(str(gid).rpartition("/")[2])


def moment(written: Any) -> Any:
    """A time in UTC to the second, as GraphQL writes it; what is no time stays as it is."""
    if not isinstance(written, str):
        return written
    try:
        parsed = datetime.fromisoformat(written)
    except ValueError:
        return written
    return parsed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if parsed.tzinfo else written


def may_hold_files(fields: Mapping[str, Any]) -> bool:
    """Whether asking for files can succeed: there is a branch that is open to us."""
    return fields.get("default_branch") is not None and fields.get("empty_repo") is not True
