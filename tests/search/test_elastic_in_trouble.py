"""A real node behind a door that fails in all ways: told in time, nothing lost or doubled, well again by itself."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import pytest
from search_corpus import document_of

from harvester.config import Settings
from harvester.errors import IndexUnavailable, SettingsError
from harvester.search import Query, open_engine
from harvester.search.elastic_engine import ElasticEngine

pytestmark = [pytest.mark.elasticsearch, pytest.mark.xdist_group("elasticsearch")]

_COUNT = 100
_ANSWER_S = 0.3
Answer = tuple[int, bytes]
Trouble = Callable[["Door", str, bytes], Answer | None]


@dataclass
class Door:
    """What stands before the node. `trouble` is asked first about each request's path and body: None hangs up."""

    node: str
    address: str = ""
    trouble: Trouble | None = None
    held: threading.Event = field(default_factory=threading.Event)
    bulks: list[int] = field(default_factory=list)

    def passes(self, method: str, path: str, body: bytes, media: str) -> Answer:
        """The node's own answer."""
        parts = urlsplit(self.node)
        with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)) as connection:
            connection.request(method, path, body or None, _headers(media))
            answer = connection.getresponse()
            return answer.status, answer.read()


def _headers(media: str) -> dict[str, str]:
    sent, _, accepted = media.partition("|")
    return {"Content-Type": sent, "Accept": accepted}


def _handler(door: Door) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            accepted = self.headers.get("Accept") or "application/json"
            media = f"{self.headers.get('Content-Type') or accepted}|{accepted}"
            if door.trouble is None:
                answer: Answer | None = door.passes(self.command, self.path, body, media)
            else:
                answer = door.trouble(door, f"{self.command} {self.path} {media}", body)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer[0])
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", accepted)
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer[1])

        do_PUT = do_POST = do_DELETE = do_HEAD = do_GET

        def log_message(self, format: str, *_: object) -> None:
            pass

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Of clients that went."""


@pytest.fixture(params=["http"])
def door(request: pytest.FixtureRequest, elasticsearch_address: str) -> Iterator[Door]:
    """Stands open; over TLS where the parameter says so."""
    made = Door(elasticsearch_address)
    server = _Quiet(("127.0.0.1", 0), _handler(made))
    if request.param == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(request.getfixturevalue("certificate"))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    made.address = f"{request.param}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.held.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def alias(elasticsearch_address: str) -> Iterator[str]:
    name = f"test-{token_hex(6)}"
    yield name
    with closing(ElasticEngine(elasticsearch_address, alias=name)) as engine:
        for generation in filter(None, (engine.current(), engine.previous())):
            engine.discard(generation)


def _filled(engine: ElasticEngine) -> None:
    generation = engine.begin()
    assert not engine.apply(generation, [document_of(f"{n:03}", name="Tree") for n in range(_COUNT)]).failed
    engine.activate(generation)


def _busy(_: Door, __: str, ___: bytes) -> Answer:
    return 503, b'{"error": "busy"}'


def _hangs(door: Door, _: str, __: bytes) -> None:
    door.held.wait(60)


def _hangs_up(_: Door, __: str, ___: bytes) -> None:
    return None


@pytest.mark.parametrize("door", ["http", "https"], indirect=True)
@pytest.mark.parametrize("trouble", [_busy, _hangs, _hangs_up])
def test_a_node_in_trouble_is_told_and_well_again_by_itself(
    door: Door, alias: str, certificate: Path, trouble: Trouble
) -> None:
    with closing(ElasticEngine(door.address, alias=alias, answer_s=_ANSWER_S, certificate=certificate)) as engine:
        with closing(ElasticEngine(door.node, alias=alias)) as direct:
            _filled(direct)
        door.trouble = trouble
        for _ in range(3):
            with pytest.raises(IndexUnavailable):
                engine.search(Query("tree"))
        assert not engine.healthy().ok
        door.trouble = None
        door.held.set()
        engine._answer_s = 60  # the machine of a test may be slow
        assert engine.search(Query("tree")).total == _COUNT
        assert engine.healthy().ok


@pytest.mark.parametrize("door", ["https"], indirect=True)
def test_a_certificate_of_a_house_of_its_own_is_trusted_where_a_setting_says_so(
    door: Door, alias: str, certificate: Path, tmp_path: Path
) -> None:
    with closing(ElasticEngine(door.node, alias=alias)) as direct:
        _filled(direct)
    settings = Settings(data=tmp_path, index=door.address, index_name=alias)
    with closing(open_engine(settings)) as stranger:
        with pytest.raises(IndexUnavailable, match=r"cannot be trusted.*HARVESTER_INDEX_CERTIFICATE"):
            stranger.search(Query("tree"))
        assert not stranger.healthy().ok
    trusting = settings.model_copy(update={"index_certificate": certificate})
    with closing(open_engine(trusting)) as engine:
        assert isinstance(engine, ElasticEngine)
        engine._answer_s = 60
        assert engine.search(Query("tree")).total == _COUNT


def test_a_file_without_a_certificate_is_no_setting(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")
    for file in ("empty.pem", "missing.pem"):
        with pytest.raises((SettingsError, ValueError), match="no certificate can be read"):
            Settings(index_certificate=tmp_path / file)


def _bulk(asked: str) -> bool:
    return "/_bulk" in asked


def _through(door: Door, asked: str, body: bytes) -> Answer:
    method, path, media = asked.split(" ", 2)
    return door.passes(method, path, body, media)


def _third_refused(door: Door, asked: str, body: bytes) -> Answer:
    """Of the first two bulks a third of the documents is too much for the node."""
    if not _bulk(asked) or len(door.bulks) >= 2:
        return _through(door, asked, body)
    lines = body.splitlines()
    pairs = list(zip(lines[::2], lines[1::2], strict=True))  # nothing is deleted here
    door.bulks.append(len(pairs))
    refused = {n for n in range(len(pairs)) if n % 10 in (0, 4, 8)}
    kept = [line for n, pair in enumerate(pairs) if n not in refused for line in pair]
    status, answer = _through(door, asked, b"\n".join(kept) + b"\n")
    told = iter(json.loads(answer)["items"])
    too_much = {"type": "es_rejected_execution_exception", "reason": "too much"}
    items = [
        {"index": {"_id": json.loads(pair[0])["index"]["_id"], "status": 429, "error": too_much}}
        if n in refused
        else next(told)
        for n, pair in enumerate(pairs)
    ]
    return status, json.dumps({"took": 1, "errors": True, "items": items}).encode()


def _cut_after_it_is_done(door: Door, asked: str, body: bytes) -> Answer | None:
    """The first two bulks are carried out, and nobody hears of it."""
    answer = _through(door, asked, body)
    if _bulk(asked) and len(door.bulks) < 2:
        door.bulks.append(answer[0])
        return None
    return answer


@pytest.mark.parametrize("trouble", [_third_refused, _cut_after_it_is_done])
def test_all_good_documents_land_once_and_the_bad_one_is_told(door: Door, alias: str, trouble: Trouble) -> None:
    with closing(ElasticEngine(door.address, alias=alias)) as engine:
        engine._answer_s = 60
        door.trouble = trouble
        generation = engine.begin()
        documents = [document_of(f"{n:03}", name="Tree") for n in range(_COUNT)]
        bad = document_of("bad", name="Tree \ud800")
        applied = engine.apply(generation, [*documents, bad])
        assert len(door.bulks) == 2
        assert list(applied.failed) == ["bad"]
        assert sorted(applied.done) == [(f"{n:03}", 1) for n in range(_COUNT)]
        engine.activate(generation)
        assert engine.versions(generation) == {f"{n:03}": 1 for n in range(_COUNT)}
        assert engine.search(Query("tree")).total == engine.count() == _COUNT
