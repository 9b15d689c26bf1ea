"""Countries: ISO 3166-1 alpha-2, or None."""

from __future__ import annotations

from functools import cache, lru_cache

from babel import Locale

_LANGUAGES = ("en", "fr", "it", "de", "es", "nl", "pt")
_ALPHA3 = {
    "FRA": "FR",
    "ITA": "IT",
    "DEU": "DE",
    "ESP": "ES",
    "GBR": "GB",
    "USA": "US",
    "NLD": "NL",
    "CHE": "CH",
    "BEL": "BE",
    "CAN": "CA",
    "PRT": "PT",
    "SWE": "SE",
    "FIN": "FI",
    "NOR": "NO",
    "DNK": "DK",
    "AUT": "AT",
}
_ODD = {"uk": "GB", "usa": "US", "the netherlands": "NL", "holland": "NL", "great britain": "GB", "england": "GB"}


@cache
def _names() -> dict[str, str]:
    table: dict[str, str] = dict(_ODD)
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                table.setdefault(name.casefold(), code)
    return table


@cache
def _codes() -> frozenset[str]:
    excluded = {"EU", "EZ", "UN", "XA", "XB", "XK", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "QO", "TA"}
    return (
        frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()) - excluded
    )


@lru_cache(maxsize=4096)
def alpha2(text: str | None) -> str | None:
    """The code of a country that is written as a code or by its name in one of seven languages, or None."""
    written = (text or "").strip()
    upper = written.upper()
    if upper in _codes():
        return upper
    return _ALPHA3.get(upper) or _names().get(written.casefold())
