"""Licences by name: our aliases, SPDX's full names, and what versioned licences are called in five languages.

A name counts only when every word of it is understood: what is left over may be an exception, another licence or a
condition, and then the text means nothing for certain.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib import resources
from typing import Any

from harvester.normalize.license_ids import ids

_LATER = re.compile(
    r"\b(?:or|and|ou|et|o|e|oder|und|y|of|en)\b[\s(,]*+"
    r"(?:(?:at your option|a votre (?:option|choix)|nach ihrer (?:option|wahl)|a (?:vostra|tua) (?:scelta|discrezione)"
    r"|a su eleccion)[\s),]*+)?"
    r"(?:(?:any|all|tout|toute|toutes|les|jede|eine|alle|qualsiasi|ogni|cualquier|versions?|versioni?|versione|versiones)"
    r"\s++)*"
    r"(?:later|newer|higher|above|greater|ulterieure?s?|superieure?s?|posterieure?s?|plus recentes?|successiv[aeio]"
    r"|superior(?:es|e|i)?|posterior(?:es|e|i)?|spater\w*|neuer\w*|hoher\w*|hoger|nieuwer)"
    r"(?:\s++(?:versions?|versione|versioni|versiones))?\b\)?"
)
_AT_LEAST = re.compile(r">=\s*(?=v?\d)|≥\s*(?=v?\d)")
_PLUS = re.compile(r"(?<=\d)\s?\+(?!\w)")
_ONLY = re.compile(
    r"\b(?:only|uniquement|seulement|exclusivement|solo|soltanto|unicamente|esclusivamente|nur|ausschliesslich"
    r"|solamente|exclusivamente)\b"
)
_VERSION_WORD = re.compile(r"\b(?:versione|versions?|versioni|versao|versie|vers|ver|v)\.?\s*(?=\d)")
_ARTICLE = re.compile(r"^\s*an?\s+|\b(?:l|d|dell|all|nell)'(?=\w)")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_WORD = re.compile(r"""\d+(?:\.\d+)*(?![^\s,;:()"'«»„“”_/.-])|[^\s,;:()"'«»„“”_/.-]+""")
_FILLER = frozenset(
    "the license licence licences licenses licensed licenza lizenz licencia licenca licentie under of la le les"
    " il el der die das des den de del della dell di du d da do van".split()
)
_SAME = {
    "publique": "public", "pubblica": "public", "publica": "public", "offentliche": "public",
    "offentlichen": "public", "offentlicher": "public", "generale": "general", "generica": "general",
    "allgemeine": "general", "allgemeinen": "general", "allgemeiner": "general", "geral": "general",
    "limitee": "lesser", "amoindrie": "lesser", "moindre": "lesser", "attenuata": "lesser", "minore": "lesser",
    "reducida": "lesser", "menor": "lesser", "europeenne": "european", "europea": "european", "europeia": "european",
    "europaische": "european", "europaischen": "european", "unione": "union", "uniao": "union",
}  # fmt: skip
_GNU = {
    "GPL": ("gnu general public", "general public", "gnu public", "gnu"),
    "LGPL": (
        "gnu lesser general public",
        "lesser general public",
        "gnu library general public",
        "gnu lesser public",
        "lesser gpl",
        "gnu lesser gpl",
    ),
    "AGPL": (
        "gnu affero general public",
        "affero general public",
        "affero",
        "gnu affero",
        "gnu affero public",
        "affero gpl",
        "gnu affero gpl",
    ),
    "GFDL": ("gnu free documentation", "free documentation"),
}
_OTHERS = {
    "Apache": ("apache", "apache software", "apache software foundation"),
    "MPL": ("mozilla public", "mozilla"),
    "EPL": ("eclipse public", "eclipse"),
    "EUPL": ("european union public", "eu public"),
    "CECILL": ("cecill", "cecill free software agreement", "cecill logiciel libre"),
    "etalab": ("ouverte", "ouverte etalab", "ouverte open", "open etalab", "ouverte open etalab"),
}
_ABBREVIATIONS = {"GFDL": ("gfdl", "fdl"), "Apache": ("asl",), "etalab": ("lo",)}
_COMMONS = (
    ("nc", r"non ?commerci\w*|no ?comercial|nicht[ -]?kommerziell|pas (?:d )?utilisation commerciale"),
    (
        "nd",
        r"no ?deriv\w*|non opere derivate|keine bearbeitung(?:en)?|sin ?(?:obras? ?)?derivad\w*|pas de modifications?",
    ),
    (
        "sa",
        r"share ?alike|partage (?:dans les memes conditions|a (?:l )?identique)|condividi allo stesso modo"
        r"|weitergabe unter gleichen bedingungen|compartir ?igual",
    ),
    ("by", r"attribution|attribuzione|namensnennung|reconocimiento|atribucion|paternite"),
)
_COMMONS_VERSIONS = {"1.0": "generic", "2.0": "generic", "2.5": "generic", "3.0": "unported", "4.0": "international"}
_COMMONS_WORDS = dict.fromkeys(("internationale", "internazionale", "internacional"), "international")
_BSD_VERSION = re.compile(r"bsd.*\d\.0")  # "BSD 2.0" counts no clauses
_NOT_BY_NAME = frozenset(("OGL-UK-1.0", "OGL-UK-2.0", "OGL-UK-3.0"))
"""SPDX's names of these are what other countries' licences are called, too."""
_SAYS_LICENCE = re.compile(r"licen[sczt]|lizenz", re.IGNORECASE)


def named(written: str) -> str | None:
    """The SPDX id that a name certainly means, or None."""
    folded = fold(written)
    if not folded or _BSD_VERSION.search(written.lower()):
        return None
    found = _aliases().get(folded)
    if found is None and (" " in folded or _SAYS_LICENCE.search(written)):
        found = _full_names().get(folded)
    return found or _versioned(written) or _creative_commons(written)


@cache
def _aliases() -> dict[str, str]:
    """Our aliases, and every id by its folded spelling."""
    table = {fold(name): expression for expression, names in _data("license_aliases.json").items() for name in names}
    for spelled, key in ids().items():
        if not key.isalpha():
            table.setdefault(fold(spelled), key)
    return table


@cache
def _full_names() -> dict[str, str]:
    """SPDX's full names by their folded spelling; what names two licences, or one of several versions, names none."""
    table: dict[str, str | None] = {}
    for key, name in _data("license_names.json").items():
        if key in _NOT_BY_NAME:
            continue
        folded = fold(name)
        table[folded] = None if table.get(folded, key) != key else key
    versioned = {re.sub(r" \d+(?:\.\d+)*$", "", folded) for folded in table if re.search(r" \d", folded)}
    return {folded: key for folded, key in table.items() if folded and key and folded not in versioned}


def _data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (resources.files("harvester.normalize") / "data" / name).read_text(encoding="utf-8")
    )
    return found


def fold(text: str) -> str:
    """Lower case, without accents, punctuation and filler; "v3.0" and "version 3" are "3"; "or later" is one word."""
    words, _, later = _words(text)
    return " ".join((*words, "or-later") if later else words)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace("’", "'")
    return _ARTICLE.sub("", plain)


def _words(text: str) -> tuple[list[str], list[str], bool]:
    """(every word that says something, the version numbers among them, whether later versions are allowed)."""
    plain = _plain(text)
    later = _LATER.search(plain) is not None or _AT_LEAST.search(plain) is not None or _PLUS.search(plain) is not None
    plain = _PLUS.sub("", _AT_LEAST.sub("", _LATER.sub(" ", plain)))
    plain = _VERSION_WORD.sub(" ", plain)
    plain = re.sub(r"(?<=[a-z])v?(?=\d)", " ", plain)
    plain = re.sub(r"(?<=\d)\.0\b", "", plain)
    words = [word for word in _WORD.findall(plain) if word not in _FILLER]
    return words, [word for word in words if _NUMBER.fullmatch(word)], later


def _versioned(written: str) -> str | None:
    """A GNU or another versioned licence by its family and exactly one version; a bare version is SPDX's bare id."""
    words, numbers, later = _words(written)
    only = _ONLY.search(_plain(written)) is not None
    if len(set(numbers)) != 1 or (only and later):
        return None
    said = [_SAME.get(word, word) for word in words if not _NUMBER.fullmatch(word) and not _ONLY.fullmatch(word)]
    number = numbers[0] if "." in numbers[0] else f"{numbers[0]}.0"
    gnu = _family(said, _GNU)
    if gnu:
        return ids().get(f"{gnu}-{number}{'-or-later' if later else '-only' if only else ''}".lower())
    other = _family(said, _OTHERS)
    found = ids().get(f"{other}-{number}".lower()) if other else None
    if found and later:
        return f"{found}+" if other in ("EUPL", "MPL", "CECILL") else None
    return found


def _family(words: list[str], families: dict[str, tuple[str, ...]]) -> str | None:
    """The family whose name or abbreviation, or both, the words are, and nothing else."""
    for family, names in families.items():
        short = _ABBREVIATIONS.get(family, (family.lower(),))
        rest = [word for word in words if word not in short]
        abbreviated = len(words) - len(rest) == 1
        if len(words) - len(rest) > 1:
            continue
        if (abbreviated and rest in ([], ["gnu"])) or " ".join(sorted(rest)) in _sorted(names, abbreviated=abbreviated):
            return family
    return None


@cache
def _sorted(names: tuple[str, ...], *, abbreviated: bool) -> frozenset[str]:
    """The names with their words in one order: languages order them differently. "gnu" alone names no licence."""
    return frozenset(" ".join(sorted(name.split())) for name in names if abbreviated or name != "gnu")


def _creative_commons(written: str) -> str | None:
    """A Creative Commons licence by its elements and version; of a country's own port nothing is certain."""
    plain = re.sub(r"[^\w.]+", " ", _plain(written))
    if not re.search(r"\bcc\b|\bcreative commons\b", plain):
        return None
    for code, phrase in _COMMONS:
        plain = re.sub(rf"\b(?:{phrase})\b", code, plain)
    words, numbers, later = _words(plain)
    elements = {word for word in words if word in ("by", "nc", "sa", "nd")}
    left = [word for word in words if word not in elements and word not in numbers]
    rest = [word for word in left if word not in ("cc", "creative", "commons")]
    if later or len(set(numbers)) != 1 or "by" not in elements or {"sa", "nd"} <= elements:
        return None
    number = numbers[0] if "." in numbers[0] else f"{numbers[0]}.0"
    if any(_COMMONS_WORDS.get(word, word) != _COMMONS_VERSIONS.get(number) for word in rest):
        return None
    parts = [code for code in ("by", "nc", "sa", "nd") if code in elements]
    return ids().get(f"cc-{'-'.join(parts)}-{number}")
