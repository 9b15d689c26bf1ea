"""What only Elasticsearch does: refuse single documents, not be there, hold the index of another mapping."""

from __future__ import annotations

import copy
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest
from search_corpus import document_of

from harvester.errors import IndexOutdated, IndexUnavailable
from harvester.search import Engine, Query
from harvester.search.elastic_engine import ANSWER_S, ElasticEngine
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


def says(status: str, body: str, *, product: bool = True) -> Callable[[socket.socket], None]:
    """A node that answers every request so."""
    marked = "X-Elastic-Product: Elasticsearch\r\n" if product else ""
    head = f"HTTP/1.1 {status}\r\n{marked}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return lambda connection: connection.sendall((head + body).encode())


def endless(head: str, piece: bytes, every_s: float) -> Callable[[socket.socket], None]:
    """A node that sends one piece after the other until the other side goes, at most for a minute."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(head.encode())
        for _ in range(int(60 / max(every_s, 0.002))):
            connection.sendall(piece)
            time.sleep(every_s)
        raise AssertionError("the engine waited to the end")

    return answer


HEAD = "HTTP/1.1 200 OK\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\n"
FAILING = {
    "refuses the account": (says("401 Unauthorized", '{"error": {"reason": "no"}}'), "account"),
    "is too old": (says("400 Bad Request", '{"error": {"type": "media_type_header_exception"}}'), "Elasticsearch 9"),
    "is something else": (says("200 OK", "{}", product=False), "is HARVESTER_INDEX the address"),
    "leads elsewhere": (says("302 Found", ""), "Elasticsearch 9"),
    "says nothing": (says("200 OK", "{}"), "is HARVESTER_INDEX its address"),
    "says a list": (says("200 OK", "[]"), "is HARVESTER_INDEX its address"),
    "says half of it": (says("200 OK", '{"hits": '), "is HARVESTER_INDEX its address"),
    "is busy": (says("503 Unavailable", '{"error": "busy"}'), "try again"),
    "hangs up": (lambda _: None, "is it running"),
    "never answers": (endless("", b"", 0.05), "is it running"),
    "drips its head": (endless(HEAD, b"X", 0.05), "is it running"),
    "drips its body": (endless(f"{HEAD}Content-Length: 99999\r\n\r\n", b" ", 0.05), "is it running"),
    "floods": (endless(f"{HEAD}Content-Length: 999999999\r\n\r\n", b" " * 2**20, 0.0), "is it running"),
}


@pytest.fixture
def node(request: pytest.FixtureRequest) -> Iterator[tuple[str, list[BaseException]]]:
    """The address of a node that fails in a way, and what it ran into."""
    answer: Callable[[socket.socket], None] = request.param
    troubles: list[BaseException] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                answer(connection)
            except (OSError, AssertionError) as error:
                troubles.append(error)

    def listen(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", troubles
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(("node", "remedy"), FAILING.values(), ids=FAILING, indirect=["node"])
def test_a_node_that_fails_is_unavailable_in_time_and_the_remedy_is_told(
    node: tuple[str, list[BaseException]], remedy: str
) -> None:
    address, troubles = node
    assert ANSWER_S == 2.0
    with closing(ElasticEngine(address, alias="test", answer_s=0.2)) as engine:
        with pytest.raises(IndexUnavailable, match=remedy):
            engine.search(Query())
        assert not engine.healthy().ok
        with pytest.raises(IndexUnavailable):
            next(iter(engine.every(Query())))
    assert not [one for one in troubles if isinstance(one, AssertionError)]
