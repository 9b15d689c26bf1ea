"""Licences as SPDX expressions, or None: never a guess."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib import resources

from license_expression import get_spdx_licensing

_LONGEST = 200  # characters; what is longer is prose
_LATER = re.compile(
    r"\b(?:or|and|ou|o|oder|of)\b[\s(]*(?:at your option[\s)]*)?(?:any )?"
    r"(?:later|newer|ultérieure|successiva|posterior|später|hoger)\b"
)
_VERSION = re.compile(r"\bv(?:ersion|ersión|ersione|ersie|ersão)?\.?\s*(?=\d)")
_NOISE = re.compile(r"[\s,;:()\"'’«»_/.-]+")
_FILLER = frozenset(
    "the a license licence licensed licenza lizenz licencia licença licentie under version v la le sous".split()
)
_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_NAME_AND_ID = re.compile(r"(.+?)\s*\(([^()]+)\)")
_NOT_CERTAIN = frozenset(("GPL", "GPL 2.0", "GPL 2.0+", "BSD-2"))  # the library's own liberties
_WITH_ID = re.compile(
    r"https?://(?:www\.)?(?:spdx\.org/licenses|opensource\.org/licenses?|choosealicense\.com/licenses)"
    r"/([\w.+-]+?)(?:\.html|\.txt|\.json|\.php)?/?",
    re.IGNORECASE,
)
_CREATIVE_COMMONS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/licenses/(by(?:-nc)?(?:-sa|-nd)?)/(\d\.\d)(?:/legalcode|/deed)?"
    r"(?:\.\w\w)?/?",
    re.IGNORECASE,
)
_ADDRESSES = {
    "apache.org/licenses/license-2.0": "Apache-2.0",
    "apache.org/licenses/license-2.0.html": "Apache-2.0",
    "apache.org/licenses/license-2.0.txt": "Apache-2.0",
    "creativecommons.org/publicdomain/zero/1.0": "CC0-1.0",
    "creativecommons.org/publicdomain/zero/1.0/legalcode": "CC0-1.0",
    "mozilla.org/mpl/2.0": "MPL-2.0",
    "mozilla.org/en-us/mpl/2.0": "MPL-2.0",
    "unlicense.org": "Unlicense",
}
_WELL_KNOWN_WORDS = frozenset("MIT ISC NCSA OpenSSL PostgreSQL Unlicense Vim WTFPL Zlib".split())
"""Ids that mean the licence in any letter case; the others of one word ("DOC", "Intel") do so only as they stand."""


@lru_cache(maxsize=8192)
def spdx(text: str | None) -> str | None:
    """The SPDX expression that a licence's id, name or address certainly means, or None.

    Ids in any letter case, expressions with AND, OR and WITH, and names of our table are understood. A family without
    its version ("GPL", "BSD"), "other", prose and LicenseRef- are None. A GNU licence named by its bare version is
    that version only, as SPDX reads its own older ids ("GPL-3.0").
    """
    written = (text or "").strip()
    if not written or len(written) > _LONGEST or written.count("(") != written.count(")"):
        return None
    if "://" in written or written.lower().startswith("www."):
        return _of_address(written)
    return _Expression(written).parsed() or _named(written)


def _named(written: str) -> str | None:
    """By name; "Name (id)" only where both mean the same."""
    found = _names().get(_fold(written))
    if found is not None:
        return found
    both = _NAME_AND_ID.fullmatch(written)
    if both is None:
        return None
    first, second = spdx(both[1]), spdx(both[2])
    return first if first == second else None


def _of_address(written: str) -> str | None:
    id_in_it = _WITH_ID.fullmatch(written)
    if id_in_it:
        return _ids().get(id_in_it[1].lower())
    commons = _CREATIVE_COMMONS.fullmatch(written)
    if commons:
        return _ids().get(f"cc-{commons[1]}-{commons[2]}".lower())
    bare = re.sub(r"^https?://", "", written.lower()).removeprefix("www.").rstrip("/")
    return _ADDRESSES.get(bare)


@cache
def _symbols() -> tuple[dict[str, str], frozenset[str]]:
    """Every SPDX id, older ones included, by its lower-cased spelling; and which of them are exceptions."""
    ids: dict[str, str] = {}
    exceptions = set()
    for key, symbol in get_spdx_licensing().known_symbols.items():
        if key.startswith("LicenseRef-"):
            continue
        ids[key.lower()] = key
        if symbol.is_exception:
            exceptions.add(key)
        for alias in symbol.aliases:
            if not alias.startswith("LicenseRef-") and alias not in _NOT_CERTAIN:
                ids.setdefault(alias.lower(), key)
    return ids, frozenset(exceptions)


def _ids() -> dict[str, str]:
    return _symbols()[0]


@cache
def _names() -> dict[str, str]:
    """Every SPDX id by its folded spelling, and our aliases."""
    aliases = json.loads(
        (resources.files("harvester.normalize") / "data" / "license_aliases.json").read_text(encoding="utf-8")
    )
    table = {_fold(name): expression for expression, names in aliases.items() for name in names}
    for spelled, key in _ids().items():
        if key not in _symbols()[1] and not key.isalpha():
            table.setdefault(_fold(spelled), key)
    return table


def _fold(text: str) -> str:
    """Lower case, without punctuation and filler; "v3.0" and "version 3" are "3"; all ways of "or later" are one."""
    lowered = text.lower().replace("≥", ">=").replace(">=", " >= ")
    lowered = _LATER.sub(" or later", lowered)
    lowered = _VERSION.sub(" ", lowered)
    lowered = re.sub(r"(?<=[a-z])v?(?=\d)", " ", lowered)
    lowered = re.sub(r"(?<=\d)\.0\b", "", lowered)
    words = [word for word in _NOISE.split(lowered) if word and word not in _FILLER]
    return " ".join(words)


class _Expression:
    """An SPDX expression: OR binds least, then AND, then WITH; every name has to be an id of SPDX."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0

    def parsed(self) -> str | None:
        """In SPDX's spelling, or None when it is no expression."""
        found = self._any()
        return " OR ".join(found) if found and self._at == len(self._tokens) else None

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
        exception = _ids().get(self._next().lower())
        self._at += 1
        return [f"{license_id} WITH {exception}"] if exception in _symbols()[1] else None


def _license_id(token: str) -> str | None:
    found = _ids().get(token.lower())
    if found is None and token.endswith("+"):
        base = _ids().get(token[:-1].lower(), "")
        found = f"{base}+" if re.search(r"-\d+(?:\.\d+)*$", base) else None
    if found is None or found in _symbols()[1]:
        return None
    is_word = token.isalpha() and found not in _WELL_KNOWN_WORDS
    return None if is_word and token != found else found
