"""A session ends when unused, and in any case; on https no other host and no plain connection sets or sees it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
from pages_site import served

from harvester.catalogue import Catalogue, people
from harvester.config import Settings


def test_a_session_ends_when_idle_and_in_any_case(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    began = people.now()
    moment = [began]
    monkeypatch.setattr(people, "now", lambda: moment[0])

    def after(**passed: float) -> bool:
        moment[0] = began + timedelta(**passed)
        return catalogue.accounts.session("hash") is not None

    def opened(at: datetime) -> None:
        moment[0] = at
        catalogue.accounts.open_session("ada", "hash", at + people.SESSION_IDLE)

    catalogue.accounts.add("ada", "hash of a password", "operator")
    opened(began)
    assert after(minutes=59)
    assert after(minutes=110)
    assert not after(minutes=171)
    catalogue.accounts.close_session("hash")
    opened(began)
    assert all(after(minutes=50 * n) for n in range(1, 15))  # until 11 h 40
    assert not after(hours=12, seconds=1)


@pytest.mark.parametrize(
    ("settings", "secure"),
    [
        ({"public_url": "https://catalogue.example"}, True),
        ({"public_url": "http://catalogue.example"}, False),
        ({"public_url": "https://catalogue.example", "secure_cookies": False}, False),
        ({"secure_cookies": True}, True),
        ({}, False),
    ],
)
def test_cookies_are_secure_where_the_public_address_is_https(settings: dict[str, object], secure: bool) -> None:
    assert Settings(**settings).secure is secure  # type: ignore[arg-type]


def test_on_https_a_session_is_of_this_host_alone(tmp_path: Path) -> None:
    with served(tmp_path, public_url="https://catalogue.example") as site:
        answer = site.sign_in(requests.Session(), "operator")
        cookies = answer.raw.headers.getlist("set-cookie")
        assert answer.status_code == 303
        assert len(cookies) == 2
        for one in cookies:
            assert one.startswith("__Host-")
            assert {"Secure", "HttpOnly", "Path=/"} <= set(one.split("; "))
            assert "Domain=" not in one
        assert "strict-transport-security" in answer.headers
        token = cookies[0].partition("=")[2].partition(";")[0]
        page = f"{site.url}/en/operations"
        for name, status in (("__Host-session", 200), ("session", 303)):
            asked = requests.get(page, headers={"cookie": f"{name}={token}"}, allow_redirects=False, timeout=60)
            assert asked.status_code == status, name
