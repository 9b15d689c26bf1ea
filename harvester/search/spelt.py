"""Texts as both engines cut them: signs that belong to a name, and scripts without spaces, made into words.

Engines cut at whatever is neither letter nor digit, so that "C++" would be any "C", and see no word in a line of
Chinese. What they are given is respelt here, texts and questions alike, so that they agree by construction; what is
shown stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_SIGNS = {"c++": "cpp", "c#": "csharp", "f#": "fsharp", ".net": "dotnet"}
"""Names that a sign makes another name, and the words by which they also go."""
_NAMED = re.compile(r"(?<![\w.])(?:c\+\+|[cf]#|\.net(?!\w))(?![+#])", re.IGNORECASE)
_UNSPACED = "\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
"""Japanese syllables, Chinese characters, Korean syllables."""
RUN = re.compile(rf"[{_UNSPACED}]+")
"""What is written without spaces."""


def spelt(text: str) -> str:
    """The text with such names as words, and each run of such scripts as its pairs: "市民参加" is "市民 民参 参加"."""
    if text.isascii() and not ("+" in text or "#" in text or "." in text):
        return text
    text = _NAMED.sub(lambda match: _SIGNS[match[0].lower()], text)
    return text if text.isascii() else RUN.sub(lambda match: f" {' '.join(pairs(match[0]))} ", text)


def named(text: str) -> Iterator[tuple[str, int, int]]:
    """The words that stand for such names in a text, each with where the name begins and ends, in characters."""
    return ((_SIGNS[match[0].lower()], match.start(), match.end()) for match in _NAMED.finditer(text))


def unpaired(words: Sequence[str]) -> str:
    """The run whose pairs these are; "" where they are of another script."""
    return "".join([*words[:1], *(word[-1] for word in words[1:])]) if all(map(RUN.fullmatch, words)) else ""


def pairs(run: str) -> list[str]:
    """Each two neighbours; a sign alone stays."""
    return [run[place : place + 2] for place in range(len(run) - 1)] or [run]
