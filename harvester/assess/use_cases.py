"""What a tool is for, concluded from its name, its descriptions and its topics, in English, French and Italian.

Precision before recall: a phrase counts only where its words stand next to each other, as whole words; a word that
means many things is no phrase of its own; some phrases veto what another would conclude ("leader election"). Topics
are labels that people chose, so single words ("petition", "gtfs") count there that would not in a sentence.
The tables stand in data/use_cases.*.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from harvester.assess.phrases import Phrasebook, load, stems
from harvester.assess.words import split_humps
from harvester.model import USE_CASES, LangMap

LANGUAGES = ("en", "fr", "it")
_VETO = "!"
_WORDS_SHOWN = 3


@cache
def _book(languages: tuple[str, ...]) -> Phrasebook:
    entries: list[tuple[str, str]] = []
    for language in languages:
        for code, table in load(f"use_cases.{language}.json").items():
            entries += [(phrase, code) for phrase in table["phrases"]]
            entries += [(phrase, _VETO + code) for phrase in table["unless"]]
    return Phrasebook(entries)


@cache
def _topics() -> dict[tuple[str, ...], tuple[str, ...]]:
    table: dict[tuple[str, ...], list[str]] = {}
    for code, topics in load("use_cases.topics.json").items():
        for topic in topics:
            table.setdefault(stems(topic), []).append(code)
    return {topic: tuple(codes) for topic, codes in table.items()}


def _book_for(tag: str) -> Phrasebook:
    """Of a text in French, the French and the English phrases (English ones are used everywhere); else all."""
    language = tag.partition("-")[0].lower()
    if language == "en":
        return _book(("en",))
    return _book(("en", language)) if language in LANGUAGES else _book(LANGUAGES)


def infer(name: str | None, texts: LangMap, topics: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(code of USE_CASES, the words that decided, as written), in the order of the vocabulary; empty when unsure.

    Pure, some 30 µs for a short description. Names of at most three phrases are given for each code.
    """
    found: dict[str, dict[str, None]] = {}
    if name:
        spoken = split_humps(name)
        _search(found, _book(LANGUAGES), name if spoken == name else spoken)
    for tag, text in texts.items():
        _search(found, _book_for(tag), text)
    if topics:
        _search_topics(found, topics)
    return tuple((code, ", ".join(list(found[code])[:_WORDS_SHOWN])) for code in USE_CASES if code in found)


def _search(found: dict[str, dict[str, None]], book: Phrasebook, text: str) -> None:
    hits = list(book.find(text))
    vetoed = {code[len(_VETO) :] for code, _ in hits if code.startswith(_VETO)}
    for code, said in hits:
        if not code.startswith(_VETO) and code not in vetoed:
            found.setdefault(code, {})[said] = None


def _search_topics(found: dict[str, dict[str, None]], topics: Sequence[str]) -> None:
    labels, book = _topics(), _book(LANGUAGES)
    for topic in topics:
        for code in labels.get(stems(topic), ()):
            found.setdefault(code, {})[topic] = None
        _search(found, book, topic)
