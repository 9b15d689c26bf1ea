"""A repository as GitHub answered it, flattened to what is stored of it (format "github"). Pure.

What a listing tells is the *sweep*; languages and files are asked for only where a commit may have changed them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from harvester.forges.github.queries import Wanted, path_alias
from harvester.forges.sweep import Before, ForgeWords, Now
from harvester.normalize import repository
from harvester.normalize.repository import MOST_BYTES, File

WORDS = ForgeWords(format="github", number="databaseId", name="nameWithOwner", address="url")
_AS_SERVED = (
    "databaseId",
    "id",
    "nameWithOwner",
    "name",
    "url",
    "description",
    "homepageUrl",
    "mirrorUrl",
    "isArchived",
    "isEmpty",
    "isFork",
    "isMirror",
    "isTemplate",
    "createdAt",
    "pushedAt",
    "updatedAt",
    "stargazerCount",
    "forkCount",
    "parent",
    "latestRelease",
)
_LINK = 0o120000


def sweep(node: Mapping[str, Any]) -> dict[str, Any]:
    """What a listing tells of one repository node. What the answer lacks is null. Of persons only the login is kept."""
    branch = node.get("defaultBranchRef") or {}
    flat: dict[str, Any] = {name: node.get(name) for name in _AS_SERVED}
    flat["owner"] = _owner(node.get("owner") or {})
    flat["primaryLanguage"] = (node.get("primaryLanguage") or {}).get("name")
    flat["topics"] = [topic["topic"]["name"] for topic in _nodes(node.get("repositoryTopics"))]
    flat["license"] = node.get("licenseInfo")
    flat["defaultBranch"] = branch.get("name")
    flat["headOid"] = (branch.get("target") or {}).get("oid")
    return flat


def again(swept: Mapping[str, Any], before: Before) -> Now | None:
    """A repository that earlier runs stored, as it is now; None: its details must be asked for.

    They may have changed with the commit of the default branch, and its languages, which GitHub counts some time
    after a push, when the first of them did.
    """
    if not before.current or any(before.told.get(name) != swept[name] for name in ("headOid", "primaryLanguage")):
        return None
    return Now({**before.told, **swept}, before.held)


def detailed(node: Mapping[str, Any], wanted: Sequence[Wanted], files: Mapping[str, File]) -> Now | None:
    """A node that was asked for with its details, as it is now; None when one of its files could not be had."""
    if any(file.oid not in files for file in wanted):
        return None
    held = tuple(replace(files[one.oid], path=one.path, oid=one.oid) for one in wanted)
    counted = node.get("languages")  # null where GitHub could not say, which is not none
    languages = None if counted is None else [language["name"] for language in _nodes(counted)]
    return Now(sweep(node) | {"languages": languages}, held)


def wanted(node: Mapping[str, Any], paths: Sequence[str] = ()) -> Iterator[Wanted]:
    """The files of a node that are read, in their order."""
    there = {one["name"]: (one["oid"], one.get("size")) for one in _entries(node)}
    for position, path in enumerate(paths):
        blob = node.get(path_alias(position)) or {}
        if blob.get("oid"):
            there.setdefault(path, (blob["oid"], blob.get("byteSize")))
    for path in repository.wanted(there, paths):
        oid, size = there[path]
        yield Wanted(str(node["id"]), path, oid, int(size or 0))


def not_asked(files: Sequence[Wanted]) -> dict[str, File]:
    """The files that are too large to be asked for, by object id."""
    return {file.oid: File(path=file.path, text=None, oid=file.oid) for file in files if file.size > MOST_BYTES}


def _entries(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The files at the root, and no symbolic links, whose text is a path."""
    for entry in (node.get("tree") or {}).get("entries") or ():
        if entry.get("type") == "blob" and entry.get("mode") != _LINK:
            yield entry


def _owner(owner: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"__typename": owner.get("__typename"), "login": owner.get("login")}
    for name in ("name", "location"):
        if owner.get("__typename") == "Organization" and owner.get(name):
            kept[name] = owner[name]
    return kept


def _nodes(connection: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [node for node in (connection or {}).get("nodes") or () if node]
