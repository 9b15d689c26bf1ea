"""Licences as SPDX expressions, in the form that the official validator takes.

Ids in any letter case, deprecated ones, LicenseRef- of any kind, AND, OR and WITH in capitals, a + behind an id. It is
not the harvester's own reading of licences (`harvester.normalize.licenses`), which also understands names and prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from harvester.validate.vocabulary import licenses

_PIECE = re.compile(r" *(?:(WITH|AND|OR|\(|\)|:|\+)|(DocumentRef-|LicenseRef-)?([A-Za-z0-9.-]+))")
_LONGEST = 1000  # characters
_DEEPEST = 50  # parentheses


@lru_cache(maxsize=2048)
def is_expression(text: str) -> bool:
    """Whether it is a valid expression."""
    if not text or len(text) > _LONGEST or text.count("(") > _DEEPEST:
        return False
    pieces = _pieces(text)
    if not pieces:
        return False
    rest = _either(pieces, 0)
    return rest == len(pieces)


def _pieces(text: str) -> list[str]:
    """The expression's pieces: operators, "id", "ref", "document" and "exception"; empty when one is unknown."""
    return list(_known(text.rstrip(" "))) if all(_known(text.rstrip(" "))) else []


def _known(text: str) -> Iterator[str]:
    ids, exceptions = licenses()
    at = 0
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None or (found[1] == "+" and text[found.start(1) - 1 : found.start(1)] == " "):
            yield ""
            return
        at = found.end()
        if found[1]:
            yield found[1]
        elif found[2]:
            yield "document" if found[2].startswith("D") else "ref"
        else:
            yield _kind(found[3].lower(), ids, exceptions)


def _kind(name: str, ids: frozenset[str], exceptions: frozenset[str]) -> str:
    if name in ids or name.removesuffix("-only") in ids or name.removesuffix("-or-later") in ids:
        return "id"
    return "exception" if name in exceptions else ""


def _either(pieces: list[str], at: int) -> int:
    """Where an expression that begins here ends; -1 when it is none."""
    at = _both(pieces, at)
    while 0 <= at < len(pieces) and pieces[at] == "OR":
        at = _both(pieces, at + 1)
    return at


def _both(pieces: list[str], at: int) -> int:
    at = _single(pieces, at)
    while 0 <= at < len(pieces) and pieces[at] == "AND":
        at = _single(pieces, at + 1)
    return at


def _single(pieces: list[str], at: int) -> int:
    piece = pieces[at] if at < len(pieces) else ""
    if piece == "(":
        at = _either(pieces, at + 1)
        return at + 1 if 0 <= at < len(pieces) and pieces[at] == ")" else -1
    if piece == "document":
        return at + 3 if pieces[at + 1 : at + 3] == [":", "ref"] else -1
    if piece == "ref":
        return at + 1
    if piece != "id":
        return -1
    at += 1
    if at < len(pieces) and pieces[at] == "+":
        at += 1
    if at < len(pieces) and pieces[at] == "WITH":
        return at + 2 if pieces[at + 1 : at + 2] == ["exception"] else -1
    return at
