"""What a query's text asks for: words that must all occur, and phrases.

The text is cut here, once, so that both engines are asked for the same words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import tantivy

_QUOTED = re.compile(r'["«“„]([^"«»“”„]*)["»”]')
_ELIDED = re.compile(r"(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’ʼ](?=\w)", re.IGNORECASE)
_SLIGHT_ENGLISH = frozenset(("the", "of", "and", "for", "in", "to", "a", "an"))
_SLIGHT_FRENCH = frozenset(("le", "la", "les", "l", "de", "du", "des", "d", "et", "un", "une", "en", "au", "aux", "à"))
_SLIGHT = _SLIGHT_ENGLISH | _SLIGHT_FRENCH
"""Words that people type and sources leave out: they are not asked for where other words are."""


@dataclass(frozen=True, slots=True)
class Clause:
    """Words of which a document must hold all, next to each other if there are several."""

    words: tuple[str, ...]


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a query's text; empty: everything is wanted. Text of marks alone gives one clause of no word.

    An article elided before a word ("l'eau") and slight words ("of", "de la") are not asked for outside of quotation
    marks, unless nothing else was typed.
    """
    phrases = [tuple(cut(quoted)) for quoted in _QUOTED.findall(text)]
    plain = _QUOTED.sub(" ", text)
    words = [word for word in cut(_ELIDED.sub(" ", plain)) if word.lower() not in _SLIGHT]
    found = [Clause(phrase) for phrase in phrases if phrase] + [Clause((word,)) for word in words]
    if not found:
        found = [Clause((word,)) for word in cut(text)]
    if not found and text:
        found = [Clause(())]  # nothing can match marks alone; saying so is better than showing everything
    return tuple(dict.fromkeys(found))


def cut(text: str) -> list[str]:
    """The words of a text: runs of letters and digits of any script."""
    return list(_cutter().analyze(text))


@cache
def _cutter() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).build()
