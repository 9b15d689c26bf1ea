"""A project as GitLab's REST API v4 answered it, reduced to what stays until somebody changes it (format "gitlab").

Left out: what counts by itself or is of the moment (open issues, statistics, forks, import and mirror state,
permissions, runners' tokens, links), settings of the project's tools, and persons (owner, creator, a user
namespace's display name).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STABLE = (
    "id",
    "name",
    "name_with_namespace",
    "path",
    "path_with_namespace",
    "description",
    "web_url",
    "http_url_to_repo",
    "readme_url",
    "avatar_url",
    "default_branch",
    "topics",
    "tag_list",  # topics, before GitLab 14
    "created_at",
    "last_activity_at",
    "star_count",
    "archived",
    "visibility",
    "empty_repo",
    "mirror",
    "license",
    "license_url",
)
"""Attributes that are kept as served."""
_NAMESPACE = ("id", "kind", "path", "full_path", "web_url")
_FORKED_FROM = ("id", "path_with_namespace", "web_url", "http_url_to_repo")


def payload(
    project: Mapping[str, Any], *, publiccode: Mapping[str, Any] | None, languages: Sequence[str] | None
) -> dict[str, Any]:
    """The payload of one project. `languages` is None when they were not asked for."""
    flat = {name: project[name] for name in STABLE if name in project}
    namespace = project.get("namespace") or {}
    personal = namespace.get("kind") == "user"
    kept = _NAMESPACE if personal else (*_NAMESPACE, "name")
    flat["namespace"] = {name: namespace[name] for name in kept if name in namespace} or None
    if personal:  # its first half is the person's name
        flat.pop("name_with_namespace", None)
    origin = project.get("forked_from_project") or {}
    flat["forked_from_project"] = {name: origin[name] for name in _FORKED_FROM if name in origin} or None
    flat["publiccode"] = dict(publiccode) if publiccode else None
    flat["languages"] = list(languages) if languages is not None else None
    return flat


def may_hold_files(project: Mapping[str, Any]) -> bool:
    """Whether asking for a file can succeed: the repository has a first commit and is open to us."""
    closed = project.get("repository_access_level") in ("disabled", "private")
    branch = project.get("default_branch", "HEAD")
    return not closed and project.get("empty_repo") is not True and branch is not None
