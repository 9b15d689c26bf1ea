"""What only Elasticsearch does: refuse single documents, not be there, hold the index of another mapping."""

from __future__ import annotations

import copy
import socket
import threading
import time
from collections.abc import Callable

import pytest
from search_corpus import document_of

from harvester.errors import IndexOutdated, IndexUnavailable
from harvester.search import Engine, Query
from harvester.search.elastic_engine import ElasticEngine
from index_mappings import software

pytestmark = pytest.mark.xdist_group("elasticsearch")


def test_a_document_that_the_node_refuses_is_told_and_the_others_are_there(
    make_elastic: Callable[..., Engine],
) -> None:
    declaration = copy.deepcopy(software())
    declaration["mappings"]["properties"]["kind"] = {"type": "long"}
    engine = make_elastic(declaration)
    generation = engine.begin()
    documents = [document_of(kind, name=kind, kind=kind) for kind in ("1", "word", "2")]
    applied = engine.apply(generation, documents)
    engine.activate(generation)
    assert list(applied.failed) == ["word"]
    assert "kind" in applied.failed["word"]
    assert applied.done == (("1", 1), ("2", 1))
    assert engine.count() == 2


def test_an_index_of_another_mapping_has_to_be_rebuilt(elasticsearch_address: str) -> None:
    declaration = copy.deepcopy(software())
    declaration["mappings"]["properties"]["more"] = {"type": "keyword"}
    old = ElasticEngine(elasticsearch_address, alias="test-outdated", declaration=declaration)
    new = ElasticEngine(elasticsearch_address, alias="test-outdated")
    try:
        old.activate(old.begin())
        with pytest.raises(IndexOutdated, match="index rebuild"):
            new.search(Query())
        assert not new.healthy().ok
        new.activate(new.begin())
        assert new.search(Query()).total == 0
    finally:
        new._writing.indices.delete(index=f"test-outdated-{new.current()}")
        old.close()
        new.close()


def test_activating_removes_the_other_generations(make_elastic: Callable[..., Engine]) -> None:
    engine = make_elastic()
    first, second = engine.begin(), engine.begin()
    engine.activate(first)
    third = engine.begin()
    engine.activate(third)
    with pytest.raises(IndexUnavailable):
        engine.apply(second, [], [("a", 1)])
    assert engine.current() == third


def test_nobody_listening_is_told_with_the_address() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        engine = ElasticEngine(f"http://user:password@{address[7:]}", alias="test")
        with pytest.raises(IndexUnavailable, match=address) as caught:
            engine.search(Query())
        assert "password" not in str(caught.value)
        assert not engine.healthy().ok
        engine.close()


def test_a_node_that_does_not_answer_is_waited_for_two_seconds_at_most() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        held: list[socket.socket] = []
        accepting = threading.Thread(target=lambda: held.append(listener.accept()[0]), daemon=True)
        accepting.start()
        engine = ElasticEngine(f"http://127.0.0.1:{listener.getsockname()[1]}", alias="test")
        started = time.monotonic()
        with pytest.raises(IndexUnavailable):
            engine.search(Query())
        assert time.monotonic() - started < 3
        engine.close()
        accepting.join(5)
        for connection in held:
            connection.close()
