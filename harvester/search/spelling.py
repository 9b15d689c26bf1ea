"""The nearest known word for one that finds nothing. The words known are those of the index's own documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from harvester.assess.words import fold, tokens
from harvester.search.engine import Engine
from harvester.search.query import MAX_CHARACTERS, Query
from harvester.search.words import clauses

_SHORTEST = 4  # letters: shorter words have too many neighbours
_LONGEST = 40  # letters: a longer run is no word that somebody misspelt
_LONG = 8  # letters from which two may be wrong
_NEXT_TO_NOTHING = 3  # softwares: somebody wrote it so as well, or they are called so
_MOST_WORDS = 3  # of a question that are looked up


def distance_for(word: str) -> int:
    """How many letters of a word may be missing, added, wrong or changed with the next one."""
    return 2 if len(word) >= _LONG else 1


def corrected(engine: Engine, query: Query) -> str | None:
    """The question with its unknown words replaced by the nearest known ones; None: there are none."""
    text, asked = query.text, 0
    for word in _words(query.text):
        if asked == _MOST_WORDS:
            break
        known = engine.total(Query(f'"{word}"', aside=True))
        if known > _NEXT_TO_NOTHING:
            continue
        asked += 1
        if better := _nearest(engine, fold(word), known):
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", better, text)
    return text if text != query.text and len(text) <= MAX_CHARACTERS else None


def _words(text: str) -> Iterator[str]:
    for clause in clauses(text):
        if not clause.quoted and clause.concept is None:
            yield from (word for word in clause.words if _SHORTEST <= len(word) <= _LONGEST and word.isalpha())


def _nearest(engine: Engine, word: str, known: int) -> str | None:
    """The word nearest to one that `known` softwares hold; None where one of them is called so."""
    most = distance_for(word)
    near: Counter[str] = Counter()
    for document in engine.near(word, distance=most):
        if word in (named := _folded(document["name"])):
            return None
        near.update(named.union(*map(_folded, document["short_description"].values())))
    told = [
        (distance(word, one), -count, one)
        for one, count in near.items()
        if abs(len(one) - len(word)) <= most and one[0] == word[0] and count > known
    ]
    return min((one for one in told if 0 < one[0] <= most), default=(0, 0, None))[2]


def _folded(text: str) -> set[str]:
    return {one for token in tokens(text) if (one := fold(token))}


def distance(one: str, other: str) -> int:
    """Letters to remove, add, replace or change with the next one, each part at most once (optimal alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        this = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(last[column] + 1, this[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            this.append(cost)
        before, last = last, this
    return last[-1]
