"""What Scrapy's own network would do otherwise: IPv4 alone, and tokens that follow a redirect."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler

from pipelines.redirect import PlainRedirectMiddleware


class SixServer(ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"six")

    def log_message(self, *_: object) -> None:
        return None


def test_scrapy_reaches_hosts_that_have_ipv6_alone(crawl) -> None:
    try:
        server = SixServer(("::1", 0), Hello)
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        url = f"http://[::1]:{server.server_port}/"
        allowed = crawl({"source": {"spider": "api_probe"}, "net": {"allow": ["::1"]}, "urls": [url]})
        refused = crawl({"source": {"spider": "api_probe"}, "urls": [url]})
    finally:
        server.shutdown()
        server.server_close()
    assert [seen["body"] for seen in allowed["seen"]] == ["six"]
    assert (refused["seen"], "no public address" in refused["failed"][0]["reason"]) == ([], True)


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("http://api.example/moved", True),
        ("http://api.example:80/moved", True),
        ("https://api.example/moved", False),
        ("http://api.example:8080/moved", False),
        ("http://other.example/moved", False),
    ],
)
@pytest.mark.parametrize("header", ["Authorization", "PRIVATE-TOKEN", "JOB-TOKEN", "x-api-key", "X-Whatever-Proves-It"])
def test_no_credential_follows_a_redirect_to_another_origin(target: str, kept: bool, header: str) -> None:
    middleware = PlainRedirectMiddleware.from_crawler(get_crawler())
    request = Request("http://api.example/first", headers={header: "a-secret", "Accept": "application/json"})
    answer = Response(request.url, status=302, headers={"Location": target})
    following = middleware.process_response(request, answer)
    assert isinstance(following, Request)
    assert following.url == target
    assert (header in following.headers) is kept
    assert following.headers["Accept"] == b"application/json"
