"""A repository as Forgejo's or Gitea's REST API answered it, reduced to what stays until somebody changes it.

The payload (format "forgejo") is what the listing says, and beside it `formerly` (names that it had), `head` (the
default branch's commit), `files` (metadata files and the README: path, git's id, text or null), `languages` and
`release`; of these four those are absent that were not asked for. `incomplete` is there when asking failed.

Left out: persons (but for their account's name), sizes, what is of the moment (permissions, counts of watchers, the
time of a mirror's last look), and settings of the tools around a repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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

METADATA_FILES = (
    "publiccode.yml",
    "publiccode.yaml",
    ".publiccode.yml",
    "codemeta.json",
    "civic.json",
    "code.json",
    "CITATION.cff",
)
"""Names of metadata files in a root folder, in the order in which payloads keep them; the README comes last."""
MOST_BYTES = 256 * 1024
MOST_BYTES_OF_README = 64 * 1024
_README = re.compile(r"readme(\.(md|markdown|rst|txt|adoc|asciidoc|org|textile|mkd|mdown))?", re.IGNORECASE)


def listed(repository: Mapping[str, Any], *, organisation: bool | None) -> dict[str, Any]:
    """What a listing says of one repository. `organisation`: its owner is one, and no person; None: unknown."""
    flat: dict[str, Any] = {name: repository[name] for name in AS_SERVED if name in repository}
    for name in _LISTS:
        if name in repository:
            flat[name] = list(repository[name] or ())  # the same server says null and []
    owner = repository.get("owner") or {}
    flat["owner"] = {
        "id": owner.get("id"),
        "login": owner.get("login") or owner.get("username"),
        "organisation": organisation,
    }
    if organisation:
        flat["owner"] |= {name: owner[name] for name in _OF_AN_ORGANISATION if owner.get(name)}
    parent = repository.get("parent") or {}
    flat["parent"] = {name: parent[name] for name in _PARENT if name in parent} or None
    return flat


def is_public(repository: Mapping[str, Any]) -> bool:
    """Whether everybody may see it: a token may be shown more."""
    return not repository.get("private") and not repository.get("internal")


def names_before(flat: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[str]:
    """The names that the repository had before this one, the oldest first."""
    if before is None:
        return []
    now = str(flat.get("full_name"))
    had = [*before.get("formerly", ()), str(before.get("full_name"))]
    return [name for name in dict.fromkeys(had) if name.lower() != now.lower()]


def wanted_files(names: Iterable[str]) -> list[str]:
    """Of the names in a root folder those of metadata files and of one README, in the payload's order."""
    there = set(names)
    readmes = sorted((name for name in there if _README.fullmatch(name)), key=_readme_rank)
    return [name for name in METADATA_FILES if name in there] + readmes[:1]


def most_bytes(path: str) -> int:
    """How large a file may be to be read."""
    return MOST_BYTES_OF_README if _README.fullmatch(path) else MOST_BYTES


def text_of(content: bytes | None, path: str) -> str | None:
    """The file's text; None when it is no UTF-8, or too large."""
    if content is None or len(content) > most_bytes(path):
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def texts_by_oid(before: Mapping[str, Any] | None) -> Mapping[str, str | None]:
    """The texts that are stored already, by git's id of their content: a renamed file is not read again."""
    files: Sequence[Mapping[str, Any]] = (before or {}).get("files") or ()
    return {str(file["oid"]): file["text"] for file in files}


def release_of(release: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What is kept of a release."""
    return {name: release[name] for name in _RELEASE if name in release} if release else None


def _readme_rank(name: str) -> tuple[int, str]:
    """Markdown first, which nearly all have; then the others by name."""
    return (0 if name.lower().endswith((".md", ".markdown")) else 1), name
