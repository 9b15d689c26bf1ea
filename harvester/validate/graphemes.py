"""How many characters a reader sees: grapheme clusters (Unicode Standard Annex 29), without its rarest cases."""

from __future__ import annotations

import re
import unicodedata

_JOINER = "\u200d"
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_MODIFIER = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f]")
_HANGUL = re.compile("[\u1100-\u115f\ua960-\ua97c]*(?:[\uac00-\ud7a3]|[\u1160-\u11a7\ud7b0-\ud7c6])"
                     "[\u1160-\u11ff\ud7b0-\ud7fb]*|[\u1100-\u115f\ua960-\ua97c]+")  # fmt: skip

_SIMPLE = re.compile(
    "[\x00-\u02ff\u0370-\u0482\u048a-\u0590\u1e00-\u200b\u2010-\u2027\u202f-\u205f\u20a0-\u20cf"
    "\u2100-\u2bff\u3000-\u3029\u3030-\u3098\u309b-\u9fff]*"
)
"""Characters each of which people count, but for CR LF."""


def count(text: str) -> int:
    """The number of characters, as people count them."""
    if _SIMPLE.fullmatch(text) is not None:
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
