"""Words of a text, folded for comparison: lower case, without accents, plural s and typography."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not decompose, and how they are written without them.
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE"}
    | {"œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ı": "i", "ŀ": "l", "Ŀ": "L"}
)
_TOKEN = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-zà-ÿ])")


def without_accents(text: str) -> str:
    """The text with its letters reduced to their base ("Éducation" -> "Education"); case is kept."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def fold(text: str) -> str:
    """Lower case without accents, one space between words: "Budget-Participatif (été)" -> "budget participatif ete"."""
    return " ".join(_TOKEN.findall(without_accents(text).lower()))


def tokens(text: str) -> list[str]:
    """The words of a text as they are written, without punctuation, hyphens and underscores."""
    if not text.isascii():  # an accent written as a sign of its own would part the word
        text = unicodedata.normalize("NFC", text)
    return _TOKEN.findall(text)


def stem(token: str) -> str:
    """A word as it is compared: folded, and without the s of an English or French plural."""
    folded = token.lower() if token.isascii() else without_accents(token).lower()
    if len(folded) > 3 and folded[-1] == "s" and folded[-2] not in "su":
        return folded[:-1]
    return folded


def split_humps(name: str) -> str:
    """A name written in one word as several: "FixMyStreet" -> "Fix My Street"."""
    return _HUMP.sub(" ", name)
