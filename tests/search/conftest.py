"""Engines for the tests of search: the embedded one in a folder of its own, Elasticsearch on a real node."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from search_corpus import corpus_documents, filled
from support.elasticsearch_node import elasticsearch_node
from support.install_elasticsearch import installed, lacking
from support.presence import absent

from harvester.search import Document, Engine
from harvester.search.elastic_engine import ElasticEngine
from harvester.search.tantivy_engine import TantivyEngine

MakeEngine = Callable[..., Engine]
_LONG = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="session")
def elasticsearch_address() -> Iterator[str]:
    """A node's address: the one that HARVESTER_TEST_ELASTICSEARCH names, or one started for these tests."""
    if address := os.environ.get("HARVESTER_TEST_ELASTICSEARCH"):
        yield address
        return
    if why := lacking():
        absent("no Elasticsearch", f"{why}, or set HARVESTER_TEST_ELASTICSEARCH")
    if not installed():
        absent("no Elasticsearch", "run tests/support/install_elasticsearch.py, or set HARVESTER_TEST_ELASTICSEARCH")
    with elasticsearch_node() as address:
        yield address


@pytest.fixture(scope="session")
def make_elastic(elasticsearch_address: str) -> Iterator[MakeEngine]:
    """Makes engines with an alias of their own; their indexes are removed at the end."""
    aliases: list[str] = []

    def make(declaration: Mapping[str, Any] | None = None) -> Engine:
        aliases.append(f"test-{token_hex(6)}")
        # what is found counts here, not how long a busy machine takes for it
        return ElasticEngine(elasticsearch_address, alias=aliases[-1], declaration=declaration, answer_s=60)

    yield make
    with Elasticsearch(elasticsearch_address, request_timeout=30) as client:
        for index in client.indices.get(index=",".join(f"{alias}-*" for alias in aliases), filter_path="*.aliases"):
            client.indices.delete(index=index)


@pytest.fixture(scope="session")
def make_tantivy(tmp_path_factory: pytest.TempPathFactory) -> MakeEngine:
    """Makes embedded engines, each in a folder of its own."""

    def make(declaration: Mapping[str, Any] | None = None) -> Engine:
        return TantivyEngine(tmp_path_factory.mktemp("index") / "index", declaration=declaration)

    return make


@pytest.fixture(params=["tantivy", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine in turn, without any generation yet."""
    name = "make_tantivy" if request.param == "tantivy" else "make_elastic"
    engine: Engine = request.getfixturevalue(name)()
    yield engine
    engine.close()


@pytest.fixture(scope="session", params=[pytest.param(10, id="a-tenth"), pytest.param(1, id="all", marks=_LONG)])
def documents(request: pytest.FixtureRequest, corpus: Path) -> Sequence[Document]:
    """Softwares of the recorded corpus: every tenth, and in `make test-long` all of them."""
    return corpus_documents(corpus, every=request.param)


@pytest.fixture(scope="session")
def tantivy(make_tantivy: MakeEngine, documents: Sequence[Document]) -> Engine:
    """The embedded engine with the corpus."""
    return filled(make_tantivy(), documents)


@pytest.fixture(scope="session")
def elastic(make_elastic: MakeEngine, documents: Sequence[Document]) -> Engine:
    """Elasticsearch with the corpus."""
    return filled(make_elastic(), documents)
