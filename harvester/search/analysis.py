"""Texts made into the words that both engines index and are asked for: cut, folded and stemmed here, and nowhere else.

What a text holds is its words as they are written but for case and accents (`folded`), and in the field of its language
their stems. Engines are given these with one space between two, so that they cannot disagree on what a word is.

A stem is the Snowball algorithm's of what was folded, as people type without accents, but only where it leaves eight
letters or takes off an ending that index_mappings.LANGUAGES lists: shorter stems are of many words ("pétition" and
"petite", "département" and "départ"), which would stand for each other. Of other words such an ending alone is taken.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import chain
from typing import Any

import tantivy

from harvester.search.spelt import named, spelt
from index_mappings import LANGUAGES, digest

BORDER = "."
"""Stands between two texts, and in every text field: nobody can ask for it, so no phrase begins in one text and ends in
the next, and each field has as many documents as the index, by which both engines weigh a word."""
_LONGEST_TEXT = 20_000  # characters of one text that are searched
_LONGEST_WORD = 200  # a longer run of letters and digits is no word: it is cut, as engines refuse terms without end
_RUN = re.compile(rf"(\w{{{_LONGEST_WORD}}})(?=\w)")
_KEPT = 1 << 17  # words whose stems are remembered
_TELLING = 8  # letters of a stem that are no other word's
_SHORTEST = 4  # letters that are left where an ending alone is taken
_SAMPLE = (
    "C++ und .NET: Œuvres d'été, l’organisation, 市民参加, Bürgerinnen, données, città, ações, gemeenten, policies"
)


def cut(text: str) -> list[str]:
    """The words of a text as they are written: runs of letters and digits of any script, and what stands for signs and
    pairs."""
    return list(_cutter().analyze(spelt(text)))


def folded(text: str) -> list[str]:
    """The words of a text without case and accents."""
    return list(_folder().analyze(spelt(text)))


@lru_cache(_KEPT)
def stem(language: str, word: str) -> str:
    """The stem of a folded word in one of LANGUAGES."""
    stemmed = (*_stemmer(language).analyze(word), word)[0]
    alike = next((n for n in range(len(word)) if word[n] != stemmed[n : n + 1]), len(word))
    ending, inflected = word[alike:], _inflections(language)
    if len(stemmed) >= _TELLING or not ending or ending in inflected:
        return stemmed
    if alike and word[alike - 1] == ending[0] and ending[1:] in inflected:  # "mapp-ing"
        return stemmed
    longest = max((one for one in inflected if word.endswith(one)), key=len, default="")
    return word[: -len(longest)] if longest and len(word) - len(longest) >= _SHORTEST else word


def placed(text: str) -> Iterator[tuple[str, int, int]]:
    """The folded words of a text as it is written, each with where it begins and ends, in characters. A run without
    spaces is one word."""
    names = list(named(text))
    yield from names
    for token in _folder().pre_tokenize(text).tokens:
        at = token.char_offset_from
        if not any(start <= at < end for _, start, end in names):
            yield token.text, at, token.char_offset_to


def terms(field: str, words: Iterable[str]) -> list[str]:
    """What a text field of the index holds of words."""
    return _in_field(field, [one for word in words for one in folded(word)])


def _in_field(field: str, words: list[str]) -> list[str]:
    return [stem(field, word) for word in words] if field in LANGUAGES else words


def indexed(texts: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """By text field what the engines index of its texts, which are known by field: words with one space between."""
    known = {text: folded(searchable(text)) for text in dict.fromkeys(chain.from_iterable(texts.values()))}
    return {field: " ".join(_bordered(field, map(known.__getitem__, some))) or BORDER for field, some in texts.items()}


def _bordered(field: str, texts: Iterable[list[str]]) -> Iterator[str]:
    for words in texts:
        if words:
            yield from _in_field(field, words)
            yield BORDER


def searchable(text: str) -> str:
    """A text composed (NFC), its first 20,000 characters, runs beyond 200 letters cut."""
    return _RUN.sub(r"\1 ", unicodedata.normalize("NFC", text[:_LONGEST_TEXT]))


@lru_cache(_KEPT)
def forms(word: str) -> frozenset[str]:
    """A folded word and its stems, each marked by its language: two words that share one stand for each other."""
    return frozenset((word, *(f"{language} {stem(language, word)}" for language in LANGUAGES)))


def stamp(declaration: Mapping[str, Any]) -> str:
    """What an index was written for: a declaration, and these words. Another one's has to be made anew."""
    told = " ".join(word for field in ("und", *LANGUAGES) for word in terms(field, (_SAMPLE,)))
    return f"{digest(declaration)} {hashlib.sha256(told.encode()).hexdigest()[:16]} {version('tantivy')}"


@cache
def _cutter() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).build()


@cache
def _folder() -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return builder.filter(tantivy.Filter.ascii_fold()).filter(tantivy.Filter.lowercase()).build()


@cache
def _stemmer(language: str) -> tantivy.TextAnalyzer:
    stemming = tantivy.Filter.stemmer(LANGUAGES[language].snowball)
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(stemming).build()


@cache
def _inflections(language: str) -> frozenset[str]:
    return frozenset(LANGUAGES[language].endings.split())
