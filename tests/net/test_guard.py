"""Nothing but public addresses is connected to, through Scrapy and through the forges' sessions."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
import requests

from harvester.errors import AddressRefused
from harvester.net import Net
from harvester.net.guard import Guard, is_public

PRIVATE_HOSTS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7F.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0177.0x0.0.1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "0x0",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "2852039166",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2001::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "metadata.localhost",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "999999999999",
    "1.2.3.4.5",
]
SCHEMES = [
    "file:///etc/passwd",
    "gopher://example.org/",
    "ftp://example.org/",
    "data:text/plain,x",
    "s3://bucket/key",
    "//example.org/",
]


@pytest.mark.parametrize("host", [host for host in PRIVATE_HOSTS if host != "1.2.3.4.5"])
def test_no_notation_of_an_inner_address_passes(host: str) -> None:
    with pytest.raises(AddressRefused):
        Guard().check_url(f"http://{host}:8080/")


@pytest.mark.parametrize("url", SCHEMES)
def test_only_http_and_https_pass(url: str) -> None:
    with pytest.raises(AddressRefused):
        Guard().check_url(url)


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700:4700::1111]", "example.org", "example.org.", "0x01010101"])
def test_public_addresses_and_names_pass(host: str) -> None:
    Guard().check_url(f"https://{host}/path?query#part")


@pytest.mark.parametrize(
    "address", ["64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "fec0::1", "3fff::1", "5f00::1"]
)
def test_addresses_that_python_takes_for_public_are_not(address: str) -> None:
    assert not is_public(ip_address(address))


def test_a_name_that_resolves_inwards_is_refused_before_connecting(serve) -> None:
    site = serve({"/": (200, {}, b"secret")})
    with pytest.raises(AddressRefused):
        Guard().resolve("localhost", site.port)
    assert site.connections == 0


def test_the_address_that_is_dialled_is_the_one_that_was_checked(serve, monkeypatch) -> None:
    """DNS rebinding: the second look at a name would lead inwards, but there is none."""
    import socket

    site = serve({"/": (200, {}, b"secret")})
    answers = iter([("203.0.114.1", site.port), ("127.0.0.1", site.port), ("127.0.0.1", site.port)])
    asked = []

    def resolving(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", next(answers))]

    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    session = Net("test").session("x")
    with pytest.raises((requests.ConnectionError, AddressRefused)):
        session.get(f"http://rebinding.example:{site.port}/", timeout=0.3)
    assert asked == ["rebinding.example"]
    with pytest.raises(AddressRefused):
        session.get(f"http://rebinding.example:{site.port}/", timeout=0.3)
    assert site.connections == 0


def test_forge_sessions_open_no_connection_inwards(serve) -> None:
    site = serve({"*": (200, {}, b"secret")})
    session = Net("test").session("x")
    for host in PRIVATE_HOSTS:
        with pytest.raises((AddressRefused, requests.exceptions.InvalidURL, requests.ConnectionError)):
            session.get(f"http://{host}:{site.port}/", timeout=1)
    assert site.connections == 0


def test_a_redirect_inwards_is_not_followed_by_a_session(serve) -> None:
    inner = serve({"*": (200, {}, b"secret")}, host="127.0.0.2")
    outer = serve({"/": (302, {"Location": inner.url()}, b"")})
    session = Net("test", allow=("127.0.0.1",)).session("x")
    with pytest.raises(AddressRefused):
        session.get(outer.url())
    assert (len(outer.hits), inner.connections) == (1, 0)


def test_scrapy_opens_no_connection_inwards(serve, crawl) -> None:
    inner = serve({"*": (200, {}, b"secret")})
    hosts = [host for host in PRIVATE_HOSTS if host.isascii()]
    result = crawl({"source": {"spider": "api_probe"}, "urls": [f"http://{host}:{inner.port}/" for host in hosts]})
    assert inner.connections == 0
    assert len(result["failed"]) == len(hosts)
    assert not result["seen"]


def test_scrapy_dials_no_name_that_resolves_inwards(serve, crawl) -> None:
    inner = serve({"*": (200, {}, b"secret")})
    asked = {
        "source": {"spider": "api_probe"},
        "net": {"allow": ["127.0.0.2"]},
        "urls": [f"http://localhost:{inner.port}/"],
    }
    result = crawl(asked)
    assert inner.connections == 0
    assert "no public address" in result["failed"][0]["reason"]


def test_a_redirect_inwards_is_not_followed_by_scrapy(serve, crawl) -> None:
    inner = serve({"*": (200, {}, b"secret")}, host="127.0.0.2")
    outer = serve(
        {
            "/literal": (302, {"Location": inner.url()}, b""),
            "/name": (302, {"Location": "http://localhost.localdomain:1/"}, b""),
            "/file": (302, {"Location": "file:///etc/passwd"}, b""),
            "/chain": (301, {"Location": "/literal"}, b""),
        }
    )
    urls = [outer.url(path) for path in ("/literal", "/name", "/file", "/chain")]
    result = crawl({"source": {"spider": "api_probe"}, "net": {"allow": ["127.0.0.1"]}, "urls": urls})
    assert (inner.connections, result["seen"], len(result["failed"])) == (0, [], 4)


def test_the_simulated_web_is_the_only_place_connected_to(serve, crawl) -> None:
    web = serve({"*": (200, {}, b"simulated")})
    elsewhere = serve({"*": (200, {}, b"secret")})
    address = f"127.0.0.1:{web.port}"
    session = Net("test", simulated_web=address).session("x")
    assert session.get(f"http://127.0.0.1:{elsewhere.port}/").text == "simulated"
    with pytest.raises(AddressRefused):
        session.get("https://example.org/")
    urls = ["http://catalogue.example/a", f"http://127.0.0.1:{elsewhere.port}/b", "https://example.org/c"]
    result = crawl({"source": {"spider": "api_probe"}, "net": {"simulated_web": address}, "urls": urls})
    assert sorted(seen["body"] for seen in result["seen"]) == ["simulated", "simulated"]
    assert len(result["failed"]) == 1
    assert elsewhere.connections == 0
    assert {hit.headers["host"] for hit in web.hits} >= {"catalogue.example"}
