"""A repository as GitHub answered it, flattened to the payload that is stored (format "github")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_AS_SERVED = (
    "databaseId",
    "id",
    "nameWithOwner",
    "name",
    "url",
    "description",
    "homepageUrl",
    "isArchived",
    "isFork",
    "isMirror",
    "isTemplate",
    "createdAt",
    "pushedAt",
    "stargazerCount",
    "parent",
    "latestRelease",
)
PUBLICCODE_FILES = (("publiccodeYml", "publiccode.yml"), ("publiccodeYaml", "publiccode.yaml"))
"""Alias in the query and path in the repository; the first that exists counts."""


def payload(node: Mapping[str, Any], owner: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of one repository node. What the answer lacks is null. Of persons only the login is kept."""
    flat: dict[str, Any] = {name: node.get(name) for name in _AS_SERVED}
    flat["owner"] = _owner(owner)
    flat["primaryLanguage"] = (node.get("primaryLanguage") or {}).get("name")
    flat["languages"] = [language["name"] for language in _nodes(node.get("languages"))]
    flat["topics"] = [topic["topic"]["name"] for topic in _nodes(node.get("repositoryTopics"))]
    flat["license"] = node.get("licenseInfo")
    flat["publiccode"] = _publiccode(node)
    return flat


def _owner(owner: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"__typename": owner.get("__typename"), "login": owner.get("login")}
    for name in ("name", "location"):
        if owner.get("__typename") == "Organization" and owner.get(name):
            kept[name] = owner[name]
    return kept


def _nodes(connection: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [node for node in (connection or {}).get("nodes") or () if node]


def _publiccode(node: Mapping[str, Any]) -> dict[str, Any] | None:
    """The file; its text is null when GitHub gave none that is whole (binary, or cut)."""
    for name, path in PUBLICCODE_FILES:
        blob = node.get(name)
        if blob and blob.get("oid"):
            whole = not blob.get("isBinary") and not blob.get("isTruncated")
            return {"path": path, "oid": blob["oid"], "text": blob.get("text") if whole else None}
    return None
