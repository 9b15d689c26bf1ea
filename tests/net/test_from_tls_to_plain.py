"""A redirect from https to http is followed without the credential, by real clients of a real server with TLS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from harvester.net import Limits, Net

SECRET = "ghp_0123456789secret"
SENT = ("Authorization", "PRIVATE-TOKEN", "JOB-TOKEN", "x-api-key", "X-Whatever-It-Is-Called")


def sites(serve: Any, certificate: Path) -> tuple[Any, Any]:
    """A site with TLS that sends one on to the same host without, and that one."""
    plain = serve({"/": (200, {}, b"plain")})
    there = {
        "/down": (302, {"Location": plain.url()}, b""),
        "/on": (302, {"Location": "/end"}, b""),
        "/end": (200, {}, b""),
    }
    return serve(there, certificate=certificate), plain


@pytest.mark.parametrize("header", SENT)
def test_a_forges_session_takes_no_credential_from_https_to_http(
    serve: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
    secure, plain = sites(serve, certificate)
    net = Net("CivicHarvester/test", allow=["127.0.0.1"], limits=Limits(spacing_s=0, api_spacing_s=0))
    session = net.session("test")
    assert session.get(secure.url("/down"), headers={header: SECRET}).text == "plain"
    session.get(secure.url("/on"), headers={header: SECRET})
    assert SECRET not in str(plain.hits)
    assert [hit.headers[header.lower()] for hit in secure.hits] == [SECRET] * 3


def test_scrapy_takes_no_credential_from_https_to_http(serve: Any, certificate: Path, crawl: Any) -> None:
    secure, plain = sites(serve, certificate)
    asked = {
        "source": {"spider": "api_probe"},
        "net": {"allow": ["127.0.0.1"], "limits": {"spacing_s": 0, "api_spacing_s": 0}},
        "urls": [secure.url("/down"), secure.url("/on")],
        "headers": dict.fromkeys(SENT, SECRET),
    }
    result = crawl(asked, environment={"SSL_CERT_FILE": str(certificate)})
    assert [seen["url"] for seen in result["seen"]].count(plain.url()) == 1
    assert SECRET not in str(plain.hits)
    assert [str(hit.headers).count(SECRET) for hit in secure.hits] == [len(SENT)] * 3


def test_a_certificate_that_nobody_vouches_for_is_refused(serve: Any, certificate: Path, crawl: Any) -> None:
    secure, _ = sites(serve, certificate)
    with pytest.raises(requests.exceptions.SSLError):
        Net("CivicHarvester/test", allow=["127.0.0.1"]).session("test").get(secure.url("/end"))
    net = {"allow": ["127.0.0.1"], "limits": {"back_off_s": 0.01}}
    result = crawl({"source": {"spider": "api_probe"}, "net": net, "urls": [secure.url("/end")]})
    assert (result["seen"], len(result["failed"]), secure.hits) == ([], 1, [])
