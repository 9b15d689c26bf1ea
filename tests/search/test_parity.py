"""Both engines find the same softwares and count the same values, on real texts."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from search_corpus import Asked, filled, queries

from harvester.search import Document, Engine
from harvester.search.analysis import analysis
from index_mappings import software

pytestmark = [pytest.mark.corpus, pytest.mark.elasticsearch, pytest.mark.xdist_group("elasticsearch")]


def _ids(engine: Engine, asked: Asked, total: int) -> list[str]:
    """The first of what a query finds, in the order of names: a page, and of all documents five."""
    most = 500 if engine.count() >= 9_000 else 100
    pages = range(1, -(-min(total, most) // 100) + 1)
    return [
        hit.id for page in pages for hit in engine.search(replace(asked.query, sort="name", page=page, size=100)).hits
    ]


def _difference(first: Engine, second: Engine, asked: Asked) -> str | None:
    """How two engines' answers differ; None: they do not."""
    one, two = first.search(asked.query), second.search(asked.query)
    if (one.total, one.of_all) != (two.total, two.of_all):
        return f"{asked.query}: {one.total} of {one.of_all} and {two.total} of {two.of_all} softwares"
    if one.facets != two.facets:
        unlike = next((a, b) for a, b in zip(one.facets, two.facets, strict=True) if a != b)
        return f"{asked.query}: facet {unlike[0].name} {unlike}"
    if _ids(first, asked, one.total) != _ids(second, asked, two.total):
        return f"{asked.query}: other softwares"
    return None


def test_queries_find_the_same_and_count_the_same(
    tantivy: Engine, elastic: Engine, documents: Sequence[Document]
) -> None:
    """All documents are asked five times as many queries as a tenth of them is."""
    share = len(documents) / 9_000
    assert share >= 0.18
    asked = queries(documents, count=720 if share >= 1 else 144)
    least = 500 if share >= 1 else 100
    assert len(asked) >= least
    assert [difference for each in asked if (difference := _difference(tantivy, elastic, each))] == []
    assert sum(tantivy.search(each.query).total > 0 for each in asked) >= 0.8 * len(asked)
    assert sum(each.multiple for each in asked) >= least / 4
    assert sum(each.french and each.accents for each in asked) >= least / 5
    assert sum(each.french and not each.accents for each in asked) >= least / 5
    assert len({each.query for each in asked}) >= least


def test_words_without_their_accents_find_the_same(tantivy: Engine, documents: Sequence[Document]) -> None:
    french = [each for each in queries(documents) if each.french]
    pairs = [(a, b) for a, b in zip(french[::2], french[1::2], strict=True) if a.accents]
    assert len(pairs) >= 40
    for accented, bare in pairs:
        assert tantivy.search(accented.query).total == tantivy.search(bare.query).total > 0


def _without(analyzer: str, dropped: str) -> dict[str, Any]:
    declaration = copy.deepcopy(software())
    declaration["settings"]["analysis"]["analyzer"][analyzer]["filter"].remove(dropped)
    return declaration


def _light_french() -> dict[str, Any]:
    declaration = copy.deepcopy(software())
    declaration["settings"]["analysis"]["filter"]["french"]["language"] = "light_french"
    return declaration


@pytest.mark.parametrize(
    ("changed", "declaration"),
    [
        ("make_elastic", _light_french()),
        pytest.param("make_elastic", _without("en", "english"), marks=pytest.mark.long),
        ("make_tantivy", _without("und", "asciifolding")),
    ],
    ids=["another French stemmer", "no English stemmer", "accents kept"],
)
def test_another_analyzer_in_one_engine_is_noticed(
    request: pytest.FixtureRequest,
    documents: Sequence[Document],
    changed: str,
    declaration: dict[str, Any],
) -> None:
    make: Callable[..., Engine] = request.getfixturevalue(changed)
    other: Engine = request.getfixturevalue("tantivy" if changed == "make_elastic" else "elastic")
    engine = filled(make(declaration), documents)
    assert any(_difference(engine, other, each) for each in queries(documents))


def _vocabulary(documents: Iterable[Document]) -> list[str]:
    texts = (document.body()["und"] for document in documents)
    return sorted({word for text in texts for word in re.findall(r"[^\W_]+", text)})


def test_both_cut_and_stem_every_word_alike(elastic: Engine, documents: Sequence[Document]) -> None:
    words = _vocabulary(documents)
    assert len(words) > (20_000 if len(documents) >= 9_000 else 6_000)
    ours = analysis(software())
    client = elastic._client.options(request_timeout=60)  # type: ignore[attr-defined]
    for name, analyzer in ours.analyzers.items():
        for start in range(0, len(words), 5_000):
            text = " ".join(words[start : start + 5_000])
            tokens = client.indices.analyze(index=elastic._alias, analyzer=name, text=text)["tokens"]  # type: ignore[attr-defined]
            assert [token["token"] for token in tokens] == analyzer.analyze(text)
