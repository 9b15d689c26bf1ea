"""Which files of a repository's root say what it is, and how much of them is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable

METADATA = (
    "publiccode.yml",
    "publiccode.yaml",
    ".publiccode.yml",
    "codemeta.json",
    "civic.json",
    "code.json",
    "CITATION.cff",
)
"""In the order in which a payload lists them; a README comes last."""
METADATA_BYTES = 256 * 1024
README_BYTES = 128 * 1024
"""A longer file is known by its blob id alone."""
README_KEPT_BYTES = 64 * 1024
_README = re.compile(r"readme(?:[._-][a-z0-9_-]+)*", re.IGNORECASE)
_README_ORDER = ("readme.md", "readme.markdown", "readme.rst", "readme.adoc", "readme.org", "readme.txt", "readme")
_LICENSE = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[._-].*)?", re.IGNORECASE)


def paths(names: Iterable[str]) -> tuple[str, ...]:
    """Of the names of a root's files those that are read: metadata in a fixed order, then one README."""
    there = set(names)
    found = [name for name in METADATA if name in there]
    readmes = sorted((name for name in there if _README.fullmatch(name)), key=_readme_rank)
    return (*found, *readmes[:1])


def licenses(names: Iterable[str]) -> tuple[str, ...]:
    """The names of files that hold a licence."""
    return tuple(sorted(name for name in names if _LICENSE.fullmatch(name)))


def kept_text(path: str, text: str | None) -> str | None:
    """What is kept of a file's text; None when it is no text, or too long."""
    if text is None or "\0" in text:
        return None
    content = text.encode("utf-8", "replace")
    if path in METADATA:
        return text if len(content) <= METADATA_BYTES else None
    if len(content) > README_BYTES:
        return None
    return text if len(content) <= README_KEPT_BYTES else content[:README_KEPT_BYTES].decode("utf-8", "ignore")


def _readme_rank(name: str) -> tuple[int, str]:
    lower = name.lower()
    known = _README_ORDER.index(lower) if lower in _README_ORDER else len(_README_ORDER)
    return known, name
