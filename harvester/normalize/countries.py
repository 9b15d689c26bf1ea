"""Countries: ISO 3166-1 alpha-2, or None."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import babel.core
from babel import Locale

_LANGUAGES = ("en", "fr", "it", "de", "es", "nl", "pt")
_ODD = {
    "uk": "GB",
    "el": "GR",  # as the European Union writes it
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "u.s.": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "the netherlands": "NL",
    "holland": "NL",
    "czech republic": "CZ",
    "republic of korea": "KR",
    "russian federation": "RU",
    "republic of moldova": "MD",
    "viet nam": "VN",
    "turkey": "TR",
    "etats-unis": "US",
    "états-unis d'amérique": "US",
    "etats-unis d'amérique": "US",
}  # casefolded: what people write beside the names that CLDR has


@cache
def _names() -> dict[str, str]:
    table: dict[str, str] = dict(_ODD)
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                table.setdefault(name.replace("’", "'").casefold(), code)
    return table


@cache
def _alpha3() -> dict[str, str]:
    """The three-letter codes, as CLDR's aliases have them."""
    aliases = babel.core.get_global("territory_aliases")
    return {long: short[0] for long, short in aliases.items() if len(long) == 3 and long.isalpha() and len(short) == 1}


@cache
def _codes() -> frozenset[str]:
    excluded = {"EU", "EZ", "UN", "XA", "XB", "XK", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "QO", "TA"}
    return (
        frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()) - excluded
    )


@lru_cache(maxsize=4096)
def of_place(text: str | None) -> str | None:
    """The country that a free location ends with ("Madrid, Spain"), or None.

    Only whole names count: "CA" may be California and "DE" Delaware.
    """
    last = re.split(r"[,;/|·–-]", text or "")[-1].strip().casefold()
    return _names().get(last)


@lru_cache(maxsize=4096)
def alpha2(text: str | None) -> str | None:
    """The code of a country that is written as a code or by its name in one of seven languages, or None."""
    written = (text or "").strip()
    upper = written.upper()
    if upper in _codes():
        return upper
    found = _alpha3().get(upper) or _names().get(written.replace("’", "'").casefold())
    return found if found in _codes() else None
