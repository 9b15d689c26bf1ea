"""The site answers to its own names alone, leads nowhere else, and answers HEAD where it answers GET."""

from __future__ import annotations

import http.client
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.routing import APIRoute
from pages_site import Site, served

from harvester.web.export import cell

PUBLIC = "https://catalogue.example"
OTHERS = (
    "evil.example",
    "127.0.0.1.evil.example",
    "evil.example:8000",
    "127.0.0.1@evil.example",
    "evil.example/127.0.0.1",
    "127.0.0.1:x",
    "",
    "[::1",
    "catalogue.example.evil.example",
    "0.0.0.0",
)


def ask(site: Site, path: str, host: str, method: str = "GET") -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an answer, with this Host."""
    asking = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=20)
    asking.putrequest(method, path, skip_host=True)
    asking.putheader("host", host)
    asking.endheaders()
    answer = asking.getresponse()
    body = answer.read().decode("utf-8", "replace")
    asking.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


@pytest.mark.parametrize("public_url", [None, PUBLIC])
def test_a_request_for_another_host_is_refused(tmp_path: Path, public_url: str | None) -> None:
    with served(tmp_path, public_url=public_url) as site:
        for host in OTHERS:
            for path in ("/en/", "/en", "/api/v1/software", "/en/software.csv", "/healthz", "/nothing"):
                status, headers, body = ask(site, path, host)
                assert status in (400, 421), (host, path, status)  # 400: the server reads no such host
                assert "evil" not in str(headers) + body
        port = urlsplit(site.url).port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", "[::1]", *(["catalogue.example"] if public_url else [])):
            assert ask(site, "/en/", host)[0] == 200, host
        links = ask(site, "/api/v1/software", "localhost")[2]
        assert (PUBLIC if public_url else "http://localhost/") in links
        status, headers, _ = ask(site, "/en?x=1", f"localhost:{port}")
        assert (status, headers["location"]) == (307, "/en/?x=1")


def test_no_redirect_names_a_host(site: Site) -> None:
    found = 0
    for route in (one for one in site.app.routes if isinstance(one, APIRoute) and "GET" in one.methods):
        path = re.sub(r"{(\w+)}", lambda name: "en" if name[1] == "language" else "1", route.path)
        for one in (path, path + "/", path.rstrip("/") or "/", "/" + path, "//evil.example" + path):
            status, headers, _ = ask(site, one, "localhost")
            location = headers.get("location", "/")
            assert location.startswith("/"), one
            assert not location.startswith("//"), one
            found += status in (301, 302, 303, 307)
    assert found > 10


def test_head_is_answered_where_get_is(site: Site) -> None:
    for (method, path), access in site.app.state.rules.items():
        if method != "GET" or path == "/static":
            continue
        address = re.sub(r"{(\w+)}", lambda name: "en" if name[1] == "language" else "1", path)
        got, head = (site.visitor().request(way, site.url + address, allow_redirects=False) for way in ("GET", "HEAD"))
        assert head.status_code == got.status_code, (path, access)
        assert head.headers.get("content-type") == got.headers.get("content-type"), path
        assert not head.content


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("x;=1+1", "x;'=1+1"),
        ('x;"=1+1"', 'x;"\'=1+1"'),
        ("x; @SUM(A1)", "x; '@SUM(A1)"),
        ("x\n-2", "x\n'-2"),
        ("＝1+1", "'＝1+1"),
        ("x;＋1", "x;'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("a-b = c; d", "a-b = c; d"),
        (["a", "=b"], "a; '=b"),
    ],
)
def test_no_cell_is_a_formula_whatever_separates_cells(text: object, shown: str) -> None:
    assert cell(text) == shown
