"""The language of a text that states none, or nothing where it is not certain. The only module that knows py3langid."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import langcodes

from harvester.model import Basis, LangMap, Record
from harvester.normalize.languages import tag

_TEXTS = ("short_description", "long_description", "features")
_MOST = 1_000  # characters looked at
_NO_WORDS = re.compile(
    r"https?://\S+|(?<!\S)[^\s@]++@\S+|`[^`]*`|(?<![\w-])[\w-]++(?:[./]\w++)++|(?<![\w-])(?=[\w-]+_\w)[\w-]++"
    r"|[#*_|<>=\[\](){}\d]+"
)
_LETTERS_OF_SIGNS = frozenset(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))
_FEWEST, _FEWEST_SIGNS = 12, 4  # letters; a sign of Chinese says more than a letter
_SHORT = 40  # letters
_SURE, _SURE_OF_SHORT = 0.75, 0.85
"""Measured on 747 descriptions whose authors stated the language: of 512 above these 18 disagree, every one of them an
English (or once a placeholder, once an Italian) text under another language's key."""
_SCRIPTS = {
    "Jpan": frozenset(("CJK", "HIRAGANA", "KATAKANA")),
    "Kore": frozenset(("HANGUL", "CJK")),
    "Hans": frozenset(("CJK",)),
    "Hant": frozenset(("CJK",)),
    "Latn": frozenset(("LATIN",)),
    "Cyrl": frozenset(("CYRILLIC",)),
    "Grek": frozenset(("GREEK",)),
    "Arab": frozenset(("ARABIC",)),
    "Hebr": frozenset(("HEBREW",)),
    "Deva": frozenset(("DEVANAGARI",)),
    "Thai": frozenset(("THAI",)),
    "Armn": frozenset(("ARMENIAN",)),
    "Geor": frozenset(("GEORGIAN",)),
    "Beng": frozenset(("BENGALI",)),
    "Taml": frozenset(("TAMIL",)),
    "Telu": frozenset(("TELUGU",)),
}


@cache
def _identifier() -> Any:
    """The model, loaded once (about half a second, 5 MB)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@lru_cache(maxsize=4096)
def language_of(text: str) -> str | None:
    """The BCP 47 tag of the language that the text is certainly in, or None.

    Certain means: enough letters, a high probability (higher for short texts), and letters of the language's script.
    """
    words = " ".join(_NO_WORDS.sub(" ", text[: 2 * _MOST]).split())[:_MOST]
    scripts = [unicodedata.name(letter, "?").split(" ", 1)[0] for letter in words if letter.isalpha()]
    signs = bool(scripts) and scripts[0] in _LETTERS_OF_SIGNS
    if len(scripts) < (_FEWEST_SIGNS if signs else _FEWEST):
        return None
    found, probability = _identifier().classify(words)
    if probability < (_SURE if len(scripts) >= _SHORT or signs else _SURE_OF_SHORT):
        return None
    written = _SCRIPTS.get(langcodes.Language.get(found).maximize().script or "")
    if written is None or sum(script in written for script in scripts) < 0.6 * len(scripts):
        return None
    return tag(found)


def tagged(texts: LangMap) -> tuple[LangMap, bool]:
    """The texts with the language of one that stands alone and states none; and whether it was detected."""
    if list(texts) != ["und"]:
        return texts, False
    found = language_of(texts["und"])
    return ({found: texts["und"]}, True) if found else (texts, False)


def with_languages(record: Record) -> Record:
    """The record with its undeclared languages detected, and marked as such."""
    changes: dict[str, Any] = {}
    for name in _TEXTS:
        texts, detected = tagged(getattr(record.fields, name))
        if detected:
            changes[name] = texts
    if not changes:
        return record
    basis = {**record.basis, **dict.fromkeys(changes, Basis.DETECTED)}
    return replace(record, fields=replace(record.fields, **changes), basis=basis)
