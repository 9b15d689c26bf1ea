"""What a query's text asks for: words, phrases, and the concepts that words name.

The text is cut here, once, so that both engines are asked for the same words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache

from harvester.assess.concepts import Concept, in_words, says_little
from harvester.assess.words import fold
from harvester.search.analysis import cut
from harvester.search.spelt import RUN, pairs, spelt

STEPS = ("all", "said", "most")
"""How much of a question a software must answer: every word, every word that says something, or half of those."""

_QUOTED = re.compile(r'["«“„]([^"«»“”„]*)["»”]')
_MINUS = re.compile(r'(?:^|(?<=\s))-(?:["«“„]([^"«»“”„]*)["»”]|(?=\w)(\S+))')
_DOTTED = re.compile(r"(?<![\w.])(?=[\w.]*[^\W\d])\w+(?:\.\w+)+(?![\w.])")
"""A name with dots inside ("pol.is", "data.gouv.fr"): its parts mean something next to each other alone."""
_ELIDED = re.compile(r"(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’ʼ](?=\w)", re.IGNORECASE)
_SHORTEST = 3  # letters of a word that is looked for as it is written alone
_MOST_JOINED = 4  # words of a question that may be one name
_LONGEST_NAME = 200
_LEAST_APART, _MOST_APART = 7, 24  # letters of a word that may be two
_LEAST_PART = 3
_MOST_CONCEPTS = 5  # each asks for some twenty names in every field
_SLIGHT = frozenset(
    (
        *("the", "of", "and", "for", "in", "to", "a", "an"),
        *("le", "la", "les", "l", "de", "du", "des", "d", "et", "un", "une", "en", "au", "aux", "à"),
    )
)
"""Words that people type and sources leave out: they are not asked for where other words are."""


@dataclass(frozen=True, slots=True)
class Clause:
    """Words of which a document must hold all, next to each other if there are several.

    With a concept they may stand anywhere, and any of its names does as well. `joined` are words that the question's
    neighbours make together ("libre office", LibreOffice), `apart` two that
    its word may be made of ("childcare", child care), any of which does as well. `as_written`: not by their stems.
    """

    words: tuple[str, ...]
    concept: Concept | None = None
    quoted: bool = False
    joined: tuple[str, ...] = field(default=(), compare=False)
    apart: tuple[tuple[str, ...], ...] = field(default=(), compare=False)
    as_written: bool = False

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """The concept's names, cut into words, in both numbers.

        They are looked for as they are written, not by their stems: a stem may be another word's ("bills", "billing").
        """
        return _named(self.concept) if self.concept else ()

    @property
    def says_little(self) -> bool:
        """Whether it is a word that every software might say of itself."""
        return not self.quoted and self.concept is None and len(self.words) == 1 and says_little(self.words[0])


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for: every clause that is `required`, at least so many of the others, none that is `excluded`."""

    required: tuple[Clause, ...] = ()
    others: tuple[Clause, ...] = ()
    least: int = 0
    excluded: tuple[Clause, ...] = ()

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses; none: everything is wanted."""
        return self.required + self.others


def question(text: str, step: str) -> Sought:
    """What a text asks for at one of STEPS.

    At each, what stands in quotation marks is required, and what a minus stands before is not wanted.
    """
    every, unwanted = clauses(text), _unwanted(text)
    if step == "all":
        return Sought(every, excluded=unwanted)
    telling = tuple(one for one in every if not one.says_little) or every
    if step == "said":
        return Sought(telling, excluded=unwanted)
    quoted = tuple(one for one in telling if one.quoted)
    others = tuple(one for one in telling if not one.quoted)
    return Sought(quoted, others, -(-len(others) // 2), unwanted)


def _unwanted(text: str) -> tuple[Clause, ...]:
    words = (tuple(cut(quoted or word)) for quoted, word in _MINUS.findall(text))
    return tuple(dict.fromkeys(Clause(one, quoted=True) for one in words if one))


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a query's text; empty: everything is wanted. Text of marks alone gives one clause of no word.

    An article elided before a word ("l'eau") and slight words ("of", "de la") are not asked for outside of quotation
    marks, unless nothing else was typed.
    """
    text = _MINUS.sub(" ", text).strip()
    phrases = [tuple(cut(quoted)) for quoted in _QUOTED.findall(text)]
    plain = _QUOTED.sub(" ", text)
    dotted = [Clause(tuple(cut(name)), quoted=True, as_written=True) for name in _DOTTED.findall(plain)]
    plain = _ELIDED.sub(" ", _DOTTED.sub(" ", plain))
    unspaced = [Clause(tuple(pairs(run)), as_written=True) for run in RUN.findall(plain)]
    plain = RUN.sub(" ", plain)
    quoted = [Clause(phrase, quoted=True) for phrase in phrases if phrase]
    found = [*quoted, *dotted, *unspaced, *_joined(_meant(cut(plain)), cut(plain))]
    if not found:
        found = [Clause((word,)) for word in cut(text)]
    if not found and text:
        found = [Clause(())]  # nothing can match marks alone; saying so is better than showing everything
    return tuple(dict.fromkeys(found))


def _meant(words: list[str]) -> list[Clause]:
    """A clause for each concept that is named among the words, and one for each other word that is not slight."""
    named: dict[Concept, list[str]] = {}
    found: list[Clause | Concept] = []
    place = 0
    for start, end, concept in in_words(words):
        if concept not in named and len(named) == _MOST_CONCEPTS:
            continue
        found += _single(words[place:start])
        if concept not in named:
            found.append(concept)
        named.setdefault(concept, []).extend(word for word in words[start:end] if word.lower() not in _SLIGHT)
        place = end
    found += _single(words[place:])
    return [Clause(tuple(named[one]), one) if isinstance(one, Concept) else one for one in found]


def _joined(found: list[Clause], words: list[str]) -> list[Clause]:
    """The clauses with what their words make together with the next one, or all words of a short question."""
    together: dict[str, list[str]] = {}
    spans = [(at, at + 2) for at in range(len(words) - 1)]
    spans += [(0, len(words))] if 2 < len(words) <= _MOST_JOINED else []
    for start, end in spans:
        for word in words[start:end]:
            together.setdefault(word, []).append("".join(words[start:end]))
    return [
        replace(one, joined=("".join(one.words),) if len(one.words) > 1 else ())
        if one.concept
        else replace(
            one,
            joined=tuple(dict.fromkeys(together.get(one.words[0], ()))),
            apart=_apart(one.words[0]) if len(words) <= _MOST_JOINED else (),
        )
        for one in found
    ]


def _apart(word: str) -> tuple[tuple[str, str], ...]:
    """Two words that it may be made of, wherever it may part."""
    if not (word.isalpha() and _LEAST_APART <= len(word) <= _MOST_APART):
        return ()
    return tuple((word[:end], word[end:]) for end in range(_LEAST_PART, len(word) - _LEAST_PART + 1))


def _single(words: list[str]) -> list[Clause]:
    return [Clause((word,)) for word in words if word.lower() not in _SLIGHT]


@cache
def _named(concept: Concept) -> tuple[tuple[str, ...], ...]:
    names = [tuple(cut(name)) for name in concept.names]
    return tuple(dict.fromkeys(one for name in names for one in (name, (*name[:-1], _other_number(name[-1])))))


def _other_number(word: str) -> str:
    if len(word) <= _SHORTEST:
        return word
    return word[:-1] if word.endswith("s") else f"{word}s"


def squeezed(name: str) -> str:
    """A name as one that is asked for is compared with it: folded, without what stands between its words."""
    return "".join(fold(spelt(name)).split())[:_LONGEST_NAME]
