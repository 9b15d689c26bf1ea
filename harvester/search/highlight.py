"""Marking what was found: in what was written, by the words that the engines are given of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from harvester.search.analysis import folded, forms, placed
from harvester.search.result import MARK_END, MARK_START
from harvester.search.spelt import unpaired
from harvester.search.words import Clause

_FRAGMENT = 320  # characters of a description that are shown
_LEAD = 80  # of them before the first word found


class Highlighter:
    """Marks the words of a query's clauses in texts."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        words = [word for clause in clauses for word in (*clause.words, *clause.joined)]
        self._runs = {run for clause in clauses if (run := unpaired(clause.words))}
        self._wanted = {form for word in words for one in folded(word) for form in forms(one)}

    def highlights(self, document: Mapping[str, Any], language: str) -> dict[str, str]:
        """Marked texts by "name" and "description", each only where something is marked."""
        if not self._wanted:
            return {}
        shown = {"name": document["name"], "description": described(document, language)}
        marked = {key: self.mark(text) for key, text in shown.items() if text}
        return {key: text for key, text in marked.items() if text}

    def mark(self, text: str) -> str | None:
        """The text with its found words between marks, cut around the first of them; None: there are none."""
        text = unicodedata.normalize("NFC", text).replace(MARK_START, "").replace(MARK_END, "")
        spans = self._spans(text)
        if not spans:
            return None
        start, end = _window(text, spans[0][0])
        pieces, at = ["…" if start else ""], start
        for left, right in spans:
            if right > end:
                break
            pieces += [text[at:left], MARK_START, text[left:right], MARK_END]
            at = right
        return "".join([*pieces, text[at:end], "…" if end < len(text) else ""])

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words found stand, in characters."""
        found = {(start, end) for word, start, end in placed(text) if not self._wanted.isdisjoint(forms(word))}
        for run in self._runs:
            found |= {(match.start(), match.end()) for match in re.finditer(re.escape(run), text)}
        return sorted(found)


def described(document: Mapping[str, Any], language: str) -> str | None:
    """The short description in a language, else in English, in none, in any."""
    texts: Mapping[str, str] = document["short_description"]
    for wanted in (language, "en", "und"):
        for tag, text in texts.items():
            if tag.lower().split("-")[0] == wanted:
                return text
    return next(iter(texts.values()), None)


def _window(text: str, first: int) -> tuple[int, int]:
    """Where a fragment of a long text begins and ends: at spaces, with the first word found inside."""
    if len(text) <= _FRAGMENT:
        return 0, len(text)
    start = max(0, first - _LEAD)
    if start:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + _FRAGMENT)
    if end < len(text):
        space = text.rfind(" ", max(first, start) + 1, end)
        end = space if space > first else end
    return start, end
