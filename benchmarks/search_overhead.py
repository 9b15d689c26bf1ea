"""What the search layer costs over the embedded engine alone: 100,000 made-up softwares, 8 facets, 300 queries.

    python -m benchmarks.search_overhead [--documents 100000]

Both sides ask the same index the same things: the best 20 with their stored documents, and the counts of every facet,
each without its own selections. The raw side writes tantivy's calls down and makes nothing of the answers. The two
take turns, query by query; each side's time for a query is the best of three rounds, and the 95th percentiles of those
are compared, so that what else the machine does counts for neither.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import tantivy

from benchmarks.figure import Figure
from harvester.model import FACETS, Appraisal, Evidence, Fields, Organisation, Software, SoftwareState, Verdict
from harvester.search import Document, Query
from harvester.search.analysis import terms
from harvester.search.tantivy_engine import TantivyEngine
from index_mappings import TEXT_FIELDS

LIMIT = "<= 1.5"
DOCUMENTS = 100_000
QUERIES = 300
ROUNDS = 3
_SEED = 20261123
_CARDINALITY = {
    "use_case": 25,
    "country": 60,
    "organisation": 4_000,
    "license": 40,
    "programming_language": 80,
    "language": 30,
    "development_status": 5,
    "source": 8,
}
_SELECTABLE = tuple(_CARDINALITY)
_SIZE = 20


def figures(documents: int = DOCUMENTS) -> list[Figure]:
    """The p95 through the layer beside the raw engine's, as a ratio."""
    with tempfile.TemporaryDirectory(prefix="harvester-bench-search-") as folder:
        engine = TantivyEngine(Path(folder))
        _fill(engine, documents)
        raw, layer = _measure(engine, _queries())
        engine.close()
    through, alone = _p95(layer), _p95(raw)
    ratio = Figure(
        name="search p95, layer to raw engine", value=round(through / alone, 3), baseline=1.0, limit=LIMIT, unit="times"
    )
    return [
        ratio,
        Figure(name="search p95", value=round(through, 2), baseline=round(alone, 2), unit="ms"),
        Figure(
            name="search median",
            value=round(statistics.median(layer), 2),
            baseline=round(statistics.median(raw), 2),
            unit="ms",
        ),
    ]


def _p95(milliseconds: Sequence[float]) -> float:
    return statistics.quantiles(milliseconds, n=20)[-1]


def _measure(engine: TantivyEngine, queries: Sequence[Query]) -> tuple[list[float], list[float]]:
    """Milliseconds of each query, raw and through the layer."""
    raw = _Raw(engine)
    best: dict[Callable[[Query], int], list[float]] = {}
    sides: list[Callable[[Query], int]] = [raw.search, lambda query: engine.search(query).total]
    for side in sides:
        best[side] = [float("inf")] * len(queries)
    for turn in range(ROUNDS):
        for place, query in enumerate(queries):
            totals = []
            for side in sides if (turn + place) % 2 else reversed(sides):
                began = time.perf_counter()
                totals.append(side(query))
                best[side][place] = min(best[side][place], (time.perf_counter() - began) * 1000)
            if totals[0] != totals[1]:
                raise RuntimeError(f"the two sides do not do the same: {totals} softwares for {query}")
    return best[sides[0]], best[sides[1]]


class _Raw:
    """The same work as calls of tantivy alone."""

    def __init__(self, engine: TantivyEngine) -> None:
        self._schema = engine._schema
        self._searcher = engine._index(engine.current() or "").searcher()

    def search(self, query: Query) -> int:
        """Softwares found; the hits' documents and the counts are read and dropped."""
        words = self._words(query.text)
        chosen = {
            name: tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, name, list(values)), 0.0)
            for name, values in query.selections.items()
        }
        wanted = self._all([*words, *chosen.values()])
        if words:
            found = self._searcher.search(wanted, _SIZE)
        else:
            found = self._searcher.search(wanted, _SIZE, order_by_field="by_standing", order=tantivy.Order.Asc)
        for _, address in found.hits:
            json.loads(self._searcher.doc(address)["document"][0])
        self._count(wanted, [name for name in FACETS if name not in chosen])
        for name in chosen:
            others = [one for other, one in chosen.items() if other != name]
            self._count(self._all([*words, *others]), [name])
        return int(found.count)  # type: ignore[attr-defined]

    def _words(self, text: str) -> list[tantivy.Query]:
        return [
            tantivy.Query.disjunction_max_query(
                [
                    tantivy.Query.boost_query(
                        tantivy.Query.term_query(self._schema, field, terms(field, (word,))[0]),
                        4.0 if field == "name" else 1.0,
                    )
                    for field in TEXT_FIELDS
                ]
            )
            for word in text.split()
        ]

    def _all(self, queries: Sequence[tantivy.Query]) -> tantivy.Query:
        if not queries:
            return tantivy.Query.all_query()
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])

    def _count(self, wanted: tantivy.Query, names: Sequence[str]) -> None:
        if names:
            self._searcher.aggregate(
                wanted, {name: {"terms": {"field": name, "size": 65_000, "segment_size": 65_000}} for name in names}
            )


def _fill(engine: TantivyEngine, count: int) -> None:
    chance = random.Random(_SEED)
    made = _Maker(chance)
    generation = engine.begin()
    for start in range(0, count, 10_000):
        engine.apply(generation, [made.document(n) for n in range(start, min(start + 10_000, count))])
    engine.activate(generation)


class _Maker:
    """Softwares whose words and values are as unevenly spread as real ones."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._words = [f"{_syllables(n)}" for n in range(20_000)]

    def text(self, words: int) -> str:
        """Words, the first of the vocabulary by far the most frequent."""
        return " ".join(self._words[self._rank(len(self._words))] for _ in range(words))

    def value(self, facet: str) -> str:
        """One of a facet's values."""
        return f"{facet} {self._rank(_CARDINALITY[facet])}"

    def document(self, number: int) -> Document:
        """One software of 60 words."""
        chance = self._chance
        source, identity = self.value("source"), f"{number:06d}"
        fields = Fields(
            name=self.text(2),
            short_description={"en": self.text(12), "fr": self.text(12)},
            long_description={chance.choice(("en", "fr", "und")): self.text(34)},
            organisations=(Organisation(self.value("organisation")),),
            countries=(self.value("country"),),
            use_cases=tuple({self.value("use_case") for _ in range(chance.randint(1, 2))}),
            license=self.value("license").replace(" ", "-"),
            available_languages=tuple({self.value("language") for _ in range(chance.randint(1, 3))}),
            programming_languages=tuple({self.value("programming_language") for _ in range(chance.randint(1, 3))}),
            development_status=self.value("development_status"),
            has_publiccode=False,
            kind="software",
            date_modified=datetime.fromtimestamp(chance.randint(10**9, 2 * 10**9), UTC),
        )
        return Document(
            Software(
                id=identity,
                slug=f"software-{number}",
                state=SoftwareState.PUBLISHED,
                version=1,
                fields=fields,
                evidence={"name": (Evidence(value=fields.name, record=number, source=source),)},
                appraisal=Appraisal(standing=Verdict(value=chance.random())),
            )
        )

    def _rank(self, most: int) -> int:
        """0 to most - 1, the smaller the likelier (Zipf's law, roughly)."""
        return min(most - 1, int(most ** self._chance.random()) - 1)


def _syllables(number: int) -> str:
    letters = "bdfgklmnprstvz"
    word = ""
    while True:
        word += letters[number % len(letters)] + "aeiou"[number % 5]
        number //= len(letters)
        if not number:
            return word + "k"


def _queries() -> list[Query]:
    """A fifth browses, the others have one to three words, common and rare; half choose values of facets."""
    chance = random.Random(_SEED + 1)
    maker = _Maker(chance)
    queries = []
    for turn in range(QUERIES):
        kind = chance.random()
        words = 0 if kind < 0.2 else 1 if kind < 0.5 else 2 if kind < 0.7 else 3 if kind < 0.8 else 1
        text = maker.text(words)
        if kind >= 0.8:
            low, high = (50, 500) if kind < 0.9 else (5_000, 20_000)
            text = maker._words[chance.randrange(low, high)]
        chosen = chance.sample(_SELECTABLE, chance.randint(1, 3)) if turn % 2 else []
        selections = {name: tuple({_value(maker, name) for _ in range(chance.randint(1, 3))}) for name in chosen}
        queries.append(Query(text, {name: tuple(sorted(values)) for name, values in selections.items()}))
    return queries


def _value(maker: _Maker, facet: str) -> str:
    value = maker.value(facet)
    return value.replace(" ", "-") if facet == "license" else value


def main() -> int:
    """Print the figure as JSON; the exit code is 1 when it does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    measured = figures(parser.parse_args().documents)
    print(json.dumps([figure.as_json() for figure in measured], indent=2))
    return 0 if all(figure.holds is not False for figure in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
