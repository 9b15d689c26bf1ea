"""Licences as SPDX expressions, or None: never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypedDict

from harvester.model import Issue
from harvester.normalize.license_addresses import of_address
from harvester.normalize.license_families import family_of
from harvester.normalize.license_ids import exceptions, ids, or_later
from harvester.normalize.license_names import named
from harvester.normalize.license_prose import name_in
from harvester.normalize.values import prose

_LONGEST = 400  # characters; what is longer says more than a licence's name
_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_REF = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
_OPERATORS = frozenset(("(", ")", "AND", "OR", "WITH"))
_NAME_AND_ID = re.compile(r"(.+?)(?<!\s)\s*+\(([^()]++)\)")
_WELL_KNOWN_WORDS = frozenset("MIT ISC NCSA OpenSSL PostgreSQL Unlicense Vim WTFPL Zlib".split())
"""Ids that mean the licence in any letter case; the others of one word ("DOC", "Intel") do so only as they stand."""


_SAYS_LITTLE = frozenset(("license", "licence", "other", "see url", "see license"))
_MOST_TEXT = 2000  # characters


class Licence(TypedDict):
    """A record's fields of its licence: the SPDX expression where it is certain, and what was written."""

    license: str | None
    license_text: str | None


def licence(stated: Iterable[Any], issues: list[Issue], *, place: str, by_choice: bool = False) -> Licence:
    """The licence of an item that states some: each a name or an address, or a pair of both. An issue of what means no
    expression for certain is added to `issues`; what was written is kept.

    A pair's name decides, and its address only where the name says little; where they mean two licences, neither is
    certain. Of several licences nobody says whether all or any of them hold, unless they are a choice.
    """
    meant: dict[str | None, None] = {}
    written: dict[str, None] = {}
    for each in stated:
        name, address = map(prose, each if isinstance(each, tuple) else (each, None))
        if name and address and name.lower() in _SAYS_LITTLE:
            name = None
        if name or address:
            by_name, by_address = spdx(name), spdx(address)
            agree = by_name is None or by_address is None or by_name == by_address
            meant[(by_name if name else by_address) if agree else None] = None
            written[name or address or ""] = None
    shown = (" OR " if by_choice else "; ").join(written)[:_MOST_TEXT] or None
    if by_choice and all(meant):
        return Licence(license=spdx(" OR ".join(f"({one})" for one in meant)), license_text=shown)
    certain = next(iter(meant)) if len(meant) == 1 else None
    if shown and certain is None:
        code = "unknown-licence" if by_choice or len(written) == 1 else "several-licences"
        issues.append(Issue.of(code, place=place, value=shown))
    return Licence(license=certain, license_text=shown)


@lru_cache(maxsize=8192)
def spdx(text: str | None) -> str | None:
    """The SPDX expression that a licence's id, name or address certainly means, or None.

    Ids in any letter case, expressions with AND, OR and WITH, and names of our table are understood. A family without
    its version ("GPL", "BSD"), "other" and prose are None. A LicenseRef- names something in one file only: it is kept
    as the other choice (OR) beside a listed licence, and means nothing otherwise. A GNU licence named by its bare
    version is SPDX's older id ("GPL-3.0"): which version is certain, and whether later ones hold is not.
    """
    written = (text or "").strip()
    if not written or len(written) > _LONGEST or written.count("(") != written.count(")"):
        return None
    if "://" in written or written.lower().startswith("www."):
        return of_address(written)
    return _Expression(written).parsed() or _named(written)


@lru_cache(maxsize=4096)
def family(expression: str | None) -> str | None:
    """ "permissive", "weak-copyleft", "strong-copyleft", "public-domain" or "eupl" of an SPDX expression, or None."""
    valid = _Expression(expression).parsed() if expression and len(expression) <= _LONGEST else None
    return family_of(valid) if valid else None


def agree(own: str, other: str) -> bool:
    """Whether two expressions name a licence in common, but for "only", "or later" and exceptions: one may say more."""
    return not _bare_ids(own).isdisjoint(_bare_ids(other))


def _bare_ids(expression: str) -> set[str]:
    names = (name for name in _TOKEN.findall(expression) if name not in _OPERATORS)
    return {re.sub(r"(?:-with-.+-exception|-only|-or-later|\+)$", "", name) for name in names}


def _named(written: str) -> str | None:
    """By name; "Name (id)" only where both mean the same; a sentence by the name that it states."""
    found = named(written)
    if found is not None:
        return found
    both = _NAME_AND_ID.fullmatch(written)
    if both:
        first, second = spdx(both[1]), spdx(both[2])
        if first == second and first is not None:
            return first
    said = name_in(written)
    return spdx(said) if said and len(said) < len(written) else None


class _Expression:
    """An SPDX expression: OR binds least, then AND, then WITH; every name has to be an id of SPDX."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0

    def parsed(self) -> str | None:
        """In SPDX's spelling, or None when it is no expression."""
        found = self._any()
        listed = any(not _REF.fullmatch(token) for token in self._tokens if token.upper() not in _OPERATORS)
        return " OR ".join(found) if found and listed and self._at == len(self._tokens) else None

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _any(self) -> list[str] | None:
        """The alternatives, each once."""
        found: dict[str, None] = {}
        while True:
            part = self._all()
            if part is None:
                return None
            found.update(dict.fromkeys(part))
            if self._next().upper() != "OR":
                return list(found)
            self._at += 1

    def _all(self) -> list[str] | None:
        """What AND joins, as one text; or the alternatives of lone parentheses."""
        joined: list[list[str]] = []
        while True:
            part = self._operand()
            if part is None:
                return None
            joined.append(part)
            if self._next().upper() != "AND":
                break
            self._at += 1
        if len(joined) == 1:
            return joined[0]
        if any("LicenseRef-" in text for part in joined for text in part):
            return None  # what holds as well stands in one file only
        texts = dict.fromkeys(" OR ".join(part) if len(part) == 1 else f"({' OR '.join(part)})" for part in joined)
        return [" AND ".join(texts)]

    def _operand(self) -> list[str] | None:
        token = self._next()
        self._at += 1
        if token == "(":
            inner = self._any()
            if inner is None or self._next() != ")":
                return None
            self._at += 1
            return inner
        license_id = _license_id(token)
        if license_id is None or self._next().upper() != "WITH":
            return [license_id] if license_id else None
        self._at += 1
        exception = exceptions().get(self._next().lower())
        self._at += 1
        return [f"{license_id} WITH {exception}"] if exception else None


def _license_id(token: str) -> str | None:
    if _REF.fullmatch(token):
        return token
    found = ids().get(token.lower()) or or_later(token)
    if found is None and token.endswith("+"):
        base = ids().get(token[:-1].lower(), "")
        found = f"{base}+" if re.search(r"-\d+(?:\.\d+)*$", base) else None
    if found is None:
        return None
    is_word = token.isalpha() and found not in _WELL_KNOWN_WORDS
    return None if is_word and token != found else found
