"""A loopback web for the forge clients: it answers what a test tells it to, and keeps what it was asked.

It is an HTTP proxy (absolute-form request lines), so the clients keep the forges' real hosts in their URLs.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harvester.net import Net, NetSession, Tokens

Reply = tuple[int, Mapping[str, str], str]


@dataclass(frozen=True)
class Asked:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def variables(self) -> dict[str, Any]:
        return dict(json.loads(self.body)["variables"])


@dataclass
class LoopbackWeb:
    """`reply` decides every answer; `asked` is what came, in order."""

    address: str = ""
    asked: list[Asked] = field(default_factory=list)
    reply: Callable[[Asked], Reply] = lambda _: (500, {}, "nothing was told to be answered")

    def session(self, tokens: Tokens | None = None) -> NetSession:
        """A session of the house's own, whose every request comes here."""
        return Net("CivicHarvester/test", simulated_web=self.address).session("test", tokens)

    def replies(self, *replies: Reply) -> None:
        """Answer with these, in turn; asking once more is an error of the test."""
        left = iter(replies)
        self.reply = lambda _: next(left)


@pytest.fixture
def web() -> Iterator[LoopbackWeb]:
    loopback = LoopbackWeb()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            loopback.asked.append(asked)
            status, headers, text = loopback.reply(asked)
            content = text.encode()
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection", "content-encoding"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # who takes no more hangs up
                self.wfile.write(content)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    loopback.address = f"127.0.0.1:{server.server_address[1]}"
    yield loopback
    server.shutdown()
    server.server_close()
    thread.join()
