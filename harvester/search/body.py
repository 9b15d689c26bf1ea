"""A document as index_mappings/software.json declares it: the same body for both engines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from harvester.model import USE_CASES
from harvester.search.document import Document
from harvester.search.query import UNKNOWN
from harvester.words import packaged

_LONGEST_WORD = 200  # a longer run of letters and digits is no word: it is cut, as engines refuse terms without end
_RUN = re.compile(rf"(\w{{{_LONGEST_WORD}}})(?=\w)")
_SEPARATOR = "\x1f"  # sorts before everything that a name may hold
_TOP = 999_999


def body(document: Document) -> dict[str, Any]:
    """The fields to be indexed, by their names in the mapping.

    `und` holds every text without stemming, `en` and `fr` what is in that language or in no language that is known
    (names, topics), and what the tool is for in that language's words. The orders are strings that end with the id,
    so that nothing ever ties.
    """
    named = [document.name, *document.topics]
    untagged = _in_language(document, "und")
    everything = [*named, *document.organisations, *document.short_description.values(), *document.texts.values()]
    return {
        "id": document.id,
        "version": document.version,
        "name": searchable([document.name]),
        "und": searchable(everything),
        "en": searchable([*named, *untagged, *_in_language(document, "en"), *_purposes(document, "en")]),
        "fr": searchable([*named, *untagged, *_in_language(document, "fr"), *_purposes(document, "fr")]),
        **{name: list(values) or [UNKNOWN] for name, values in document.facet_values().items()},
        "by_standing": f"{_TOP - round(document.relevance * _TOP):06d}{_SEPARATOR}{document.id}",
        "by_activity": f"{_newest_first(document.activity)}{_SEPARATOR}{document.id}",
        "by_name": f"{alphabetical(document.name)}{_SEPARATOR}{document.id}",
        "document": document.shown(),
    }


def searchable(texts: Iterable[str]) -> str:
    """Texts joined, composed (NFC), runs beyond 200 letters cut."""
    joined = unicodedata.normalize("NFC", "\n".join(text for text in texts if text))
    return _RUN.sub(r"\1 ", joined)


def alphabetical(name: str) -> str:
    """The key that sorts a name: without accents, case and marks before the first letter."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())[:200] or letters[:200]


def _in_language(document: Document, language: str) -> list[str]:
    return [
        text
        for texts in (document.short_description, document.texts)
        for tag, text in texts.items()
        if tag.lower().split("-")[0] == language
    ]


def _purposes(document: Document, language: str) -> list[str]:
    words = packaged()[language]
    return [words(f"use_case.{code}") for code in document.use_cases if code in USE_CASES]


def _newest_first(activity: int | None) -> str:
    return "~" if activity is None else f"{10**12 - activity:013d}"
