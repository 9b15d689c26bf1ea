"""Real servers on loopback, and crawls in processes of their own."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from crawl_child import crawled
from support.apart import apart

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Hit:
    """A request as it came: its path, headers (lower case), and when (monotonic)."""

    path: str
    headers: dict[str, str]
    at: float


@dataclass
class Site:
    """A server; `answers` by path are functions, or (status, headers, body). Unknown paths are 404."""

    port: int = 0
    host: str = "127.0.0.1"
    answers: dict[str, Any] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    connections: int = 0

    scheme: str = "http"

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://{self.host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [hit.path for hit in self.hits]


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            with lock:
                site.connections += 1
            super().setup()

        def do_GET(self) -> None:
            path = self.path if self.path.startswith("/") else "/" + self.path.split("/", 3)[3]
            with lock:
                site.hits.append(
                    Hit(path, {name.lower(): value for name, value in self.headers.items()}, time.monotonic())
                )
                site.in_flight += 1
                site.most_in_flight = max(site.most_in_flight, site.in_flight)
            try:
                answer = site.answers.get(path, site.answers.get("*", (404, {}, b"not found")))
                if callable(answer):
                    answer = answer(self)
                if answer is not None:
                    self.reply(*answer)
            except OSError:
                self.close_connection = True
            finally:
                with lock:
                    site.in_flight -= 1

        do_POST = do_GET

        def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return None

    return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Clients that refuse an answer hang up on it: nothing to report."""


@pytest.fixture
def serve() -> Iterator[Callable[..., Site]]:
    """Start a site: `serve({"/": (200, {}, b"hello")}, host="127.0.0.1")`; with a certificate it speaks TLS."""
    running: list[ThreadingHTTPServer] = []

    def start(
        answers: dict[str, Any] | None = None, *, host: str = "127.0.0.1", certificate: Path | None = None
    ) -> Site:
        site = Site(host=host, answers=answers or {}, scheme="https" if certificate else "http")
        server = _Server((host, 0), _handler(site))
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        site.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(server)
        return site

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def crawl(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Crawl in a process of its own; see crawl_child.py. The result has its log under "log"."""
    log = tmp_path / "crawl.log"

    def run(
        asked: dict[str, Any], *, timeout_s: float = 60.0, environment: dict[str, str] | None = None
    ) -> dict[str, Any]:
        log.unlink(missing_ok=True)
        result = apart(crawled, {"source": {"spider": "probe"}, **asked}, environment or {}, log, limit_s=timeout_s)
        return {**result, "log": log.read_text(encoding="utf-8", errors="replace")}

    return run
