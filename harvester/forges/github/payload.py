"""A repository as GitHub answered it, flattened to the payload that is stored (format "github"). Pure.

What a listing tells is the *sweep*; languages and files are asked for only where a commit may have changed them.
`files` is a list of {"path", "oid", "text"} in the order of their names below, `text` null where GitHub gave none that
is whole. `formerly` are the names ("owner/name") under which earlier runs knew the repository, the oldest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harvester.forges.github.queries import Wanted, path_alias

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
METADATA_FILES = (
    "publiccode.yml",
    "publiccode.yaml",
    ".publiccode.yml",
    "codemeta.json",
    "civic.json",
    "code.json",
    "citation.cff",
)
"""Files at the root that are read, by their names in lower case."""
_README = re.compile(r"readme(?:\.(md|markdown|mdown|mkd|mkdn|rst|adoc|asciidoc|org|txt|textile|rdoc))?", re.IGNORECASE)
_LINK = 0o120000
MOST_BYTES = 256 * 1024
"""A metadata file that is larger is not asked for."""
README_BYTES = 128 * 1024
README_KEPT = 64 * 1024
"""Bytes of a README that is asked for, and of its text that is kept."""


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


def again(stored: Mapping[str, Any], swept: Mapping[str, Any]) -> dict[str, Any] | None:
    """The payload of a repository that earlier runs stored, as it is now; None: its details must be asked for.

    They may have changed with the commit of the default branch, and its languages, which GitHub counts some time
    after a push, when the first of them did. A payload of an earlier form lacks what is compared.
    """
    if "files" not in stored or any(stored.get(name) != swept[name] for name in ("headOid", "primaryLanguage")):
        return None
    return with_names({**stored, **swept}, stored)


def payload(node: Mapping[str, Any], files: Sequence[Mapping[str, Any]], stored: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of a node that was asked for with its details; `stored` is the one before, empty for a new one."""
    languages = [language["name"] for language in _nodes(node.get("languages"))]
    return with_names(sweep(node) | {"languages": languages, "files": list(files)}, stored)


def with_names(now: dict[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with every name that it had before (a name that it has again is no former one)."""
    names = [*(stored.get("formerly") or ()), stored.get("nameWithOwner")]
    formerly = list(dict.fromkeys(name for name in names if name and name != now["nameWithOwner"]))
    return {name: value for name, value in now.items() if name != "formerly"} | (
        {"formerly": formerly} if formerly else {}
    )


def wanted(node: Mapping[str, Any], paths: Sequence[str] = ()) -> Iterator[Wanted]:
    """The files of a node that are read, in their order: metadata by name, one README, and those at `paths`."""
    entries = {entry["name"]: entry for entry in (node.get("tree") or {}).get("entries") or ()}
    blobs = {name: entry for name, entry in entries.items() if _is_file(entry)}
    found = [name for wanted in METADATA_FILES for name in sorted(blobs) if name.lower() == wanted]
    readme = min((name for name in blobs if _README.fullmatch(name)), key=_readme_rank, default=None)
    for name in [*found, *([readme] if readme else [])]:
        yield Wanted(str(node["id"]), name, blobs[name]["oid"], int(blobs[name].get("size") or 0))
    for position, path in enumerate(paths):
        blob = node.get(path_alias(position)) or {}
        if blob.get("oid") and path not in blobs:
            yield Wanted(str(node["id"]), path, blob["oid"], int(blob.get("byteSize") or 0))


def _is_file(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is a file, and no symbolic link, whose text is a path."""
    return entry.get("type") == "blob" and entry.get("mode") != _LINK


def _readme_rank(name: str) -> tuple[bool, bool, str]:
    """Markdown first, then what says its form, then by name."""
    lower = name.lower()
    return not lower.endswith(".md"), "." not in lower, name


def is_readme(path: str) -> bool:
    """Whether a path at the root is a README."""
    return _README.fullmatch(path) is not None


def too_large(file: Wanted) -> bool:
    """Whether a file is not asked for because of its size."""
    return file.size > (README_BYTES if is_readme(file.path) else MOST_BYTES)


def kept_text(path: str, text: str | None) -> str | None:
    """The text as it is stored: a README's beginning, at most 64 KiB of it."""
    if text is None or not is_readme(path):
        return text
    return text.encode("utf-8", "replace")[:README_KEPT].decode("utf-8", "ignore")


def stored_texts(payloads: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """The texts that earlier runs stored, by object id: what has the same id is the same."""
    return {file["oid"]: file["text"] for item in payloads for file in item.get("files") or ()}


def _owner(owner: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"__typename": owner.get("__typename"), "login": owner.get("login")}
    for name in ("name", "location"):
        if owner.get("__typename") == "Organization" and owner.get(name):
            kept[name] = owner[name]
    return kept


def _nodes(connection: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [node for node in (connection or {}).get("nodes") or () if node]
