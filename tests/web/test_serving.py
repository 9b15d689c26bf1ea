"""What the server bears: heads have a bound, and half-sent requests leave it answering."""

from __future__ import annotations

import contextlib
import resource
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from pages_site import Site, served

from harvester.web import export, serving
from harvester.web.serving import MAX_HEAD_BYTES, allow_connections

WHOLE = b"GET /robots.txt HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
HALF_A_FORM = b"POST /en/login HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99\r\n\r\nlogin="
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


@pytest.mark.parametrize("half", [300, pytest.param(2000, marks=pytest.mark.long)])
def test_half_sent_requests_leave_it_answering(site: Site, half: int) -> None:
    with contextlib.ExitStack() as held:
        for place in range(half):
            held.enter_context(dialled(site)).sendall((HALF, HALF_A_FORM)[place % 2])
        assert requests.get(f"{site.url}/en/", timeout=60).status_code == 200


@pytest.mark.parametrize("begun", [b"", HALF, HALF_A_FORM, WHOLE + HALF], ids=["nothing", "head", "body", "a second"])
def test_a_request_that_does_not_come_in_time_ends_its_connection(
    site: Site, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(serving, "REQUEST_S", 0.5)
    with dialled(site) as connection:
        connection.sendall(begun)
        with contextlib.suppress(ConnectionResetError):
            while connection.recv(65536):
                pass


def test_an_answer_that_nobody_reads_ends_its_connection(fresh_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "READ_S", 0.5)
    monkeypatch.setattr(fresh_site.engine, "every", lambda _query: iter([]))
    lines = ("x" * 1000 for _ in range(200_000))
    monkeypatch.setattr(export, "rows", lambda *_, **__: lines)
    with dialled(fresh_site) as connection:
        connection.sendall(b"GET /en/software.csv HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        while fresh_site.connections() < 1:
            threading.Event().wait(0.02)
        while fresh_site.connections():
            threading.Event().wait(0.02)
    assert next(lines, None) is not None, "it was left in the middle"


def test_where_there_are_too_many_connections_the_oldest_that_waits_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_most_connections", lambda: 20)
    with served(tmp_path) as few, contextlib.ExitStack() as held:
        half = [held.enter_context(dialled(few)) for _ in range(60)]
        for one in half:
            with contextlib.suppress(ConnectionError):
                one.sendall(HALF)
        assert requests.get(f"{few.url}/robots.txt", timeout=60).status_code == 200
        with contextlib.suppress(ConnectionResetError):
            assert half[0].recv(1) == b""
        assert few.connections() <= 20


def test_it_may_open_as_many_files_as_the_system_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
    try:
        allow_connections()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
