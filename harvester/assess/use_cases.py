"""What a tool is for, concluded from its name, its descriptions and its labels, in seven languages.

The words stand in data/use_cases.json, by use case and language, in three strengths: what `says` it (nothing else is
called so), `labels` (a word that says it as a name or a topic, and in a sentence only beside another), and `hints`
(words that only count together). `known` are the products and standards of a use case, labels in any language;
`unless` vetoes what another phrase of the same text would conclude ("leader election"). The names of concepts.json
that are a use case are labels too.

A use case is concluded where the words found make two points; where none makes them and nothing speaks of something
else, a product or a label of several words in the first sentence will do ("Decidim", "supply chain"; a single word
is too often only what is spoken of). The same word counts once, where it counts most:

| where | says | label | hint |
|---|---|---|---|
| name, topic | 2 | 2 | 1 |
| first sentence | 2 | 1 | 1 |
| the rest, long descriptions, features | 1 | 1/2 | 1/2 |

A name of one word that is a mere label ("identity", "parking") counts like a first sentence. A phrase that is part of
a longer one found counts for nothing ("health" in "health check"), as does what is denied ("no petitions"); what a
thing is only built with ("using OpenStreetMap") counts half.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from harvester.assess import concepts
from harvester.assess.phrases import Phrasebook, load, stem, stems
from harvester.assess.words import split_humps, tokens
from harvester.model import USE_CASES, LangMap

LANGUAGES = concepts.LANGUAGES
NEEDED = 2.0
"""The points from which a use case is concluded."""
NEEDED_ELSEWHERE = 4.0
"""The same where the name or the first sentence speaks of something else altogether (`elsewhere`)."""
NEEDED_ALONE = 1.0
"""What a product or a label of several words counts for, to conclude alone what nothing else contradicts."""
MOST = 3
"""No tool is for everything: the use cases with the most points stay."""

_VETO, _ELSEWHERE, _LEANS = "!", "-", "~"
_STRENGTHS = ("says", "labels", "hints")
# By the letter that a code bears in a book: points as a name or label, in the first sentence, later.
_POINTS = {"s": (2.0, 2.0, 1.0), "k": (2.0, 1.0, 0.5), "l": (2.0, 1.0, 0.5), "h": (1.0, 1.0, 0.5)}
_NAMED, _FIRST, _LATER = range(3)
_BESIDE = 0.5  # of the best one's points, what another needs to stand beside it
_WORDS_SHOWN = 3
_SHORT, _LONG, _LABELS = (
    600,
    1500,
    40,
)  # letters of a text, labels of a software: what stands later mentions, and is cut
_SENTENCE = re.compile(r"[.!?;](?=\s)|\n")

_DENIALS = frozenset(
    map(stem, "no not without sans pas aucun aucune non senza ohne kein keine sin zonder geen sem".split())
)
_MEANS = frozenset(
    map(stem, "using uses via powered utilisant grâce mithilfe usando mediante tramite con mit met com".split())
)
"""Words before what a tool is only built with."""

Found = dict[str, dict[str, tuple[float, str, str]]]
"""By code and stems of the words: their points, the words as written and their strength."""


def infer(
    name: str | None,
    texts: LangMap,
    topics: Sequence[str],
    *,
    later: Iterable[LangMap] = (),
    leanings: Mapping[str, Sequence[str]] | None = None,
) -> tuple[tuple[str, str], ...]:
    """(code of USE_CASES, the words that decided, as written), in the order of the vocabulary; empty when unsure.

    `later` are texts that mention much (long descriptions, features, a README); where `texts` is empty the first of
    them opens. `leanings` are terms that lean towards codes without deciding. Pure, some 100 µs for a short
    description. Words of at most three phrases are given for each code.
    """
    found: Found = {}
    if name:
        _search(found, _book(LANGUAGES), split_humps(name), _NAMED)
    for tag, text in texts.items():
        _search_text(found, _book_for(tag), text[:_SHORT], opens=True)
    opens = not any(text.strip() for text in texts.values())
    for kind in later:
        for tag, text in kind.items():
            _search_text(found, _book_for(tag), text[:_LONG], opens=opens)
        opens = opens and not kind
    for topic in topics[:_LABELS]:
        _search_label(found, topic)
    for term, codes in (leanings or {}).items():
        for code in codes:
            _count(found, code, term, 1.5, _LEANS)
    return _concluded(found)


def _concluded(found: Found) -> tuple[tuple[str, str], ...]:
    elsewhere = found.pop("", None) is not None
    points = {code: sum(each for each, *_ in said.values()) for code, said in found.items()}
    strengths = {code: {strength for *_, strength in said.values()} for code, said in found.items()}
    needed = NEEDED_ELSEWHERE if elsewhere else NEEDED
    enough = [code for code in points if points[code] >= needed and strengths[code] != {"h"}]
    if not enough and not elsewhere:
        enough = [code for code, said in found.items() if any(map(_stands_alone, said.values()))]
    best = sorted(enough, key=lambda code: -points[code])[:MOST]
    least = max(map(points.__getitem__, best), default=0.0) * _BESIDE
    return tuple((code, _words(found[code])) for code in USE_CASES if code in best and points[code] >= least)


def _stands_alone(one: tuple[float, str, str]) -> bool:
    points, written, strength = one
    return points >= NEEDED_ALONE and (strength == "k" or (strength == "l" and " " in written))


def _words(said: Mapping[str, tuple[float, str, str]]) -> str:
    heaviest = sorted(said.values(), key=lambda one: -one[0])[:_WORDS_SHOWN]
    return ", ".join(written for _, written, _ in heaviest)


def _count(found: Found, code: str, written: str, points: float, strength: str) -> None:
    said, key = found.setdefault(code, {}), " ".join(stems(written))
    if key not in said or said[key][0] < points:
        said[key] = (points, written, strength)


def _search_text(found: Found, book: Phrasebook, text: str, *, opens: bool) -> None:
    end = _SENTENCE.search(text) if opens else None
    first, rest = (text[: end.end()], text[end.end() :]) if end else (text, "") if opens else ("", text)
    _search(found, book, first, _FIRST)
    _search(found, book, rest, _LATER)


def _search(found: Found, book: Phrasebook, text: str, place: int) -> None:
    written = tokens(text)
    words = [stem(token) for token in written]
    for start, end, code in _hits(found, book, words, opens=place != _LATER):
        if _DENIALS.isdisjoint(words[max(0, start - 2) : start]):
            points = _POINTS[code[0]][_FIRST if code[0] == "l" and place == _NAMED and len(words) == 1 else place]
            if place != _NAMED and start and words[start - 1] in _MEANS:
                points = points / 2
            _count(found, code[1:], " ".join(written[start:end]), points, code[0])


def _search_label(found: Found, label: str) -> None:
    """A label says what a phrase says; a word of a longer label says no more than in a sentence."""
    written = tokens(label)
    words = [stem(token) for token in written]
    for start, end, code in _hits(found, _book(LANGUAGES), words, opens=False):
        place = _NAMED if end - start == len(words) else _FIRST
        _count(found, code[1:], " ".join(written[start:end]), _POINTS[code[0]][place], code[0])


def _hits(found: Found, book: Phrasebook, words: Sequence[str], *, opens: bool) -> list[tuple[int, int, str]]:
    """What counts of the phrases found: none that is vetoed, none that is only a part of a longer one."""
    hits = list(book.find_in(words))
    vetoed = {code[1:] for *_, code in hits if code[0] == _VETO}
    if opens and any(code == _ELSEWHERE for *_, code in hits):
        found[""] = {}
    longest = [0] * len(words)
    for start, end, _ in hits:
        longest[start:end] = [max(end - start, known) for known in longest[start:end]]
    return [
        (start, end, code)
        for start, end, code in hits
        if code[0] in _POINTS and code[1:] not in vetoed and end - start >= min(longest[start:end])
    ]


@cache
def _book(languages: tuple[str, ...]) -> Phrasebook:
    entries: list[tuple[str, str]] = []
    table = load("use_cases.json")
    for code in USE_CASES:
        told = table[code]
        entries += [(phrase, "k" + code) for phrase in told["known"]]
        for language in languages:
            for strength in _STRENGTHS:
                entries += [(phrase, strength[0] + code) for phrase in told.get(language, {}).get(strength, ())]
        entries += [(phrase, _VETO + code) for phrase in told["unless"]]
    entries += [(phrase, _ELSEWHERE) for phrase in table["elsewhere"]]
    for concept in concepts.concepts().values():
        if concept.use_case:
            entries += [(phrase, "l" + concept.use_case) for phrase in concept.names]
    return Phrasebook(_strongest(entries))


def _strongest(entries: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each phrase once for each code, as strong as any language has it."""
    ranked = sorted(entries, key=lambda one: "!-sklh".index(one[1][0]))
    kept: dict[tuple[str, str], tuple[str, str]] = {}
    for phrase, code in ranked:
        kept.setdefault((phrase[-1:] + " ".join(stems(phrase)), code[1:]), (phrase, code))
    return list(kept.values())


def _book_for(tag: str) -> Phrasebook:
    """Of a text in French, the French and the English phrases (English ones are used everywhere); else all."""
    language = tag.partition("-")[0].lower()
    if language == "en":
        return _book(("en",))
    return _book(("en", language)) if language in LANGUAGES else _book(LANGUAGES)
