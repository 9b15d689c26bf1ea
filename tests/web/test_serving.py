"""What the server bears: heads have a bound, and half-sent requests leave it answering."""

from __future__ import annotations

import contextlib
import resource
import socket
from urllib.parse import urlsplit

import requests
from pages_site import Site

from harvester.web.serving import MAX_HEAD_BYTES, allow_connections

HALF = b"GET /en/ HTTP/1.1\r\nhost: 127.0.0.1\r\nx: "


def dialled(site: Site) -> socket.socket:
    parts = urlsplit(site.url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60)


def test_a_head_without_end_is_refused(site: Site) -> None:
    for one in (b"x" * 4096, b"x\r\ny: " * 600):
        with dialled(site) as connection:
            connection.sendall(HALF)
            sent, answer = 0, b""
            with contextlib.suppress(ConnectionError):
                while sent < 20 * MAX_HEAD_BYTES:
                    connection.sendall(one)
                    sent += len(one)
                answer = connection.recv(64)
            assert sent < 20 * MAX_HEAD_BYTES or b" 400 " in answer


def test_half_sent_requests_leave_it_answering(site: Site) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(200):
            held.enter_context(dialled(site)).sendall(HALF)
        assert requests.get(f"{site.url}/en/", timeout=60).status_code == 200


def test_it_may_open_as_many_files_as_the_system_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
    try:
        allow_connections()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
