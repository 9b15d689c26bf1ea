"""Readable names for URLs. A slug is no identity: the software's id is, and former slugs redirect."""

from __future__ import annotations

from collections.abc import Container
from itertools import count

from harvester.assess.words import fold

MAX_LENGTH = 60
_LAST_RESORT = "software"


def slug(name: str | None, *, fallback: str) -> str:
    """`name` in [a-z0-9-], at most 60 characters, cut between words; `fallback` when no Latin letter is left of it."""
    return _ascii(name or "") or _ascii(fallback) or _LAST_RESORT


def unique(slug: str, taken: Container[str]) -> str:
    """`slug`, or with the first of -2, -3, … that is not in `taken`; never longer than 60 characters."""
    if slug not in taken:
        return slug
    for number in count(2):  # pragma: no branch (count never ends)
        suffix = f"-{number}"
        candidate = slug[: MAX_LENGTH - len(suffix)].rstrip("-") + suffix
        if candidate not in taken:
            return candidate
    raise AssertionError


def _ascii(text: str) -> str:
    words = (_ascii_letters(word) for word in fold(text.replace("'", "").replace("’", "")).split())
    joined = "-".join(word for word in words if word)
    if len(joined) <= MAX_LENGTH:
        return joined
    cut = joined[: MAX_LENGTH + 1].rpartition("-")[0]
    return cut or joined[:MAX_LENGTH]


def _ascii_letters(word: str) -> str:
    return "".join(char for char in word if char.isascii())
