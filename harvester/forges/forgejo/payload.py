"""A repository as Forgejo's or Gitea's REST API answered it, reduced to what stays until somebody changes it.

What is stored (format "forgejo") is what the listing says, and beside it `head` (the default branch's commit),
`languages` and `release`; of these three those are absent that were not asked for.

Left out: persons (but for their account's name), sizes, what is of the moment (permissions, counts of watchers, the
time of a mirror's last look), and settings of the tools around a repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.forges.sweep import ForgeWords

WORDS = ForgeWords(format="forgejo", number="id", name="full_name", address="html_url")
AS_SERVED = (
    "id",
    "name",
    "full_name",
    "description",
    "html_url",
    "clone_url",
    "website",
    "default_branch",
    "created_at",
    "updated_at",
    "archived",
    "empty",
    "fork",
    "mirror",
    "original_url",
    "template",
    "language",
    "object_format_name",
    "stars_count",
    "forks_count",
    "open_issues_count",
    "release_counter",
)
"""Attributes of a listing that are kept as served."""
_LISTS = ("topics", "licenses")
_PARENT = ("id", "full_name", "html_url")
_OF_AN_ORGANISATION = ("full_name", "location", "website")
_RELEASE = ("id", "tag_name", "name", "published_at")


def listed(repository: Mapping[str, Any]) -> dict[str, Any]:
    """What a listing says of one repository, its owner yet a person (see `with_owner`)."""
    flat: dict[str, Any] = {name: repository[name] for name in AS_SERVED if name in repository}
    for name in _LISTS:
        if name in repository:
            flat[name] = list(repository[name] or ())  # the same server says null and []
    flat["owner"] = repository.get("owner") or {}
    parent = repository.get("parent") or {}
    flat["parent"] = {name: parent[name] for name in _PARENT if name in parent} or None
    return flat


def with_owner(flat: Mapping[str, Any], *, organisation: bool | None) -> dict[str, Any]:
    """What is kept of the owner. `organisation`: it is one, and no person; None: unknown."""
    owner = flat["owner"]
    kept = {"id": owner.get("id"), "login": login(owner), "organisation": organisation}
    if organisation:
        kept |= {name: owner[name] for name in _OF_AN_ORGANISATION if owner.get(name)}
    return {**flat, "owner": kept}


def login(owner: Mapping[str, Any]) -> Any:
    """The name of an account."""
    return owner.get("login") or owner.get("username")


def is_public(repository: Mapping[str, Any]) -> bool:
    """Whether everybody may see it: a token may be shown more."""
    return not repository.get("private") and not repository.get("internal")


def release_of(release: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What is kept of a release."""
    return {name: release[name] for name in _RELEASE if name in release} if release else None
