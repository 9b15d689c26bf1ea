"""How many characters a reader sees: grapheme clusters (Unicode Standard Annex 29), without its rarest cases."""

from __future__ import annotations

import re
import unicodedata

_JOINER = "\u200d"
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_MODIFIER = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f]")
_HANGUL = re.compile("[\u1100-\u115f\ua960-\ua97c]*(?:[\uac00-\ud7a3]|[\u1160-\u11a7\ud7b0-\ud7c6])"
                     "[\u1160-\u11ff\ud7b0-\ud7fb]*|[\u1100-\u115f\ua960-\ua97c]+")  # fmt: skip


def count(text: str) -> int:
    """The number of characters, as people count them."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    text = text.replace("\r\n", "\n")
    text = _HANGUL.sub("x", _FLAG.sub("x", text))
    total = 0
    joined = False
    for char in text:
        if char == _JOINER:
            joined = True
            continue
        extends = unicodedata.category(char) in ("Mn", "Me", "Mc") or _MODIFIER.match(char) or char == "\u200c"
        if not extends and not (joined and unicodedata.category(char) == "So"):
            total += 1
        joined = joined and bool(extends)
    return total
