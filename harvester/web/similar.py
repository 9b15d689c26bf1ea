"""Tools that serve the same use cases in the same words: what a reader of one may want to look at instead.

The hundred of highest standing among those listed for any of its use cases are compared: a shared use case counts
`_CASE` at most, the standing `_STANDING`, the three rarest words 1, a word the more the fewer of the hundred have it.
Its family is left out (copies, parts, what it is a copy or a part of, and other copies of that).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import log

from harvester.assess.concepts import says_little
from harvester.assess.phrases import stem
from harvester.assess.words import tokens
from harvester.errors import SearchError
from harvester.model import Fields
from harvester.search import Engine
from harvester.search.query import MAX_SIZE, Query
from harvester.search.result import Hit
from harvester.words import Formatter

_MOST = 4
_WORDS_SHOWN = 3
_CASE, _STANDING = 0.5, 0.5
_SHORTEST = 4  # letters of a word that tells anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A similar tool, with what is shared in words ("Consultation · citizens, survey")."""

    id: str
    slug: str
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What of a software is compared. `family` are the ids of it and of whom it stands to."""

    family: Collection[str]
    called: str
    fields: Fields


def similar(engine: Engine, one: Compared, formatter: Formatter) -> list[Similar]:
    """The most similar first; none where no use case is known, or the index does not answer."""
    if not one.fields.use_cases:
        return []
    query = Query(selections={"use_case": one.fields.use_cases}, size=MAX_SIZE, language=formatter.words.language)
    try:
        hits = [hit for hit in engine.search(query).hits if not _of_family(hit, one.family)]
    except SearchError:
        return []
    said = {hit.id: _words(hit.document) for hit in hits}
    held = Counter(key for words in said.values() for key in words)
    mine = _written((one.called, *one.fields.short_description.values(), *one.fields.topics))
    weights = {key: log(1 + len(hits) / held[key]) for key in mine if held[key]}
    most = sum(sorted(weights.values(), reverse=True)[:_WORDS_SHOWN]) or 1.0

    def worth(hit: Hit) -> float:
        cases = set(hit.document["use_cases"])
        shared = len(cases & set(one.fields.use_cases)) / len(cases | set(one.fields.use_cases))
        words = min(1.0, sum(weights[key] for key in said[hit.id] if key in weights) / most)
        return words + _CASE * shared + _STANDING * float(hit.document["standing"])

    best = sorted(hits, key=lambda hit: (-worth(hit), hit.id))[:_MOST]
    return [
        Similar(
            id=hit.id,
            slug=hit.document["slug"],
            name=hit.document["name"],
            why=_why(one, hit, [mine[key] for key in _heaviest(weights, said[hit.id])], formatter),
        )
        for hit in best
    ]


def _heaviest(weights: Mapping[str, float], said: Collection[str]) -> list[str]:
    return sorted((key for key in weights if key in said), key=lambda key: (-weights[key], key))[:_WORDS_SHOWN]


def _why(one: Compared, hit: Hit, words: Iterable[str], formatter: Formatter) -> str:
    cases = [formatter.term("use_case", code) for code in one.fields.use_cases if code in hit.document["use_cases"]]
    return " · ".join(filter(None, (", ".join(cases), ", ".join(words))))


def _of_family(hit: Hit, family: Collection[str]) -> bool:
    return hit.id in family or any(told["software"] in family for told in hit.document["relations"])


def _words(document: Mapping[str, object]) -> Collection[str]:
    texts, topics = document.get("short_description"), document.get("topics")
    described = texts.values() if isinstance(texts, Mapping) else ()
    return _written((str(document["name"]), *described, *(topics if isinstance(topics, list | tuple) else ())))


def _written(texts: Iterable[str]) -> dict[str, str]:
    """The words that tell something, as they are compared, each as it was first written in lower case."""
    found: dict[str, str] = {}
    for text in texts:
        for word in tokens(text):
            if len(word) >= _SHORTEST and not says_little(word):
                found.setdefault(stem(word), word.lower())
    return found
