"""Guessing passwords: every try counts, however it is sent, and nobody's guesses keep an owner out."""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from pages_site import PASSWORD, Site, served
from requests.adapters import HTTPAdapter

from harvester.web import passwords
from harvester.web.throttle import Throttle


def test_guesses_from_elsewhere_keep_nobody_out() -> None:
    moment = [0.0]
    throttle = Throttle(clock=lambda: moment[0])
    tried = sum(throttle.reserve("ada", f"198.51.100.{n % 100}") == 0 for n in range(1000))
    assert tried == 1000  # ten from each of a hundred addresses
    assert throttle.reserve("ada", "198.51.100.1") > 0
    assert throttle.reserve("ada", "203.0.113.7") == 0
    moment[0] = 301.0
    assert throttle.reserve("ada", "198.51.100.1") == 0


def test_one_address_cannot_try_many_accounts() -> None:
    throttle = Throttle(clock=lambda: 0.0)
    assert [throttle.reserve(f"account {n}", "198.51.100.1") for n in range(40)] == [0] * 40
    assert throttle.reserve("another", "198.51.100.1") > 0


def test_a_network_of_ipv6_is_one_visitor() -> None:
    throttle = Throttle(clock=lambda: 0.0)
    assert sum(throttle.reserve("ada", f"2001:db8::{n:x}") == 0 for n in range(200)) == 10
    assert throttle.reserve("ada", "2001:db8:0:1::1") == 0
    assert throttle.reserve("ada", "::ffff:198.51.100.1") == throttle.reserve("ada", "198.51.100.1") == 0
    assert sum(throttle.reserve("ada", "::ffff:198.51.100.1") == 0 for _ in range(20)) == 8


def test_what_was_right_counts_no_more() -> None:
    throttle = Throttle(clock=lambda: 0.0)
    for _ in range(100):
        assert throttle.reserve("ada", "198.51.100.1") == 0
        throttle.forgive("ada", "198.51.100.1")


def test_who_signs_in_and_what_is_refused_leaves_a_line_without_what_was_typed(
    fresh_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "harvester.security")
    session = fresh_site.visitor()
    for login in ("reviewer", "my Passw0rd by mistake"):
        assert fresh_site.sign_in(session, login, "wrong words").status_code == 403
    fresh_site.sign_in(session, "reviewer", PASSWORD)
    assert session.get(f"{fresh_site.url}/en/operations?private=1", timeout=60).status_code == 403
    assert (
        session.post(f"{fresh_site.url}/en/logout", headers={"origin": "http://elsewhere.example"}).status_code == 403
    )
    assert session.get(f"{fresh_site.url}/en", headers={"host": "elsewhere.example"}, timeout=60).status_code == 421
    lines = [record.getMessage() for record in caplog.records if record.name == "harvester.security"]
    assert lines == [
        "sign-in refused: account 'reviewer'",
        "sign-in refused: an account that there is not",
        "signed in: account 'reviewer'",
        "forbidden: GET /{language}/operations by 'reviewer'",
        "foreign-form: POST /{language}/logout by 'visitor'",
        "refused with 421: limit.host",
    ]


def test_a_burst_counts_as_much_as_one_after_the_other(fresh_site: Site) -> None:
    def guess(number: int) -> int:
        form, origin = {"login": "reviewer", "password": f"guess {number}"}, {"origin": fresh_site.url}
        return requests.post(f"{fresh_site.url}/en/login", data=form, headers=origin, timeout=120).status_code

    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(guess, range(20)))
    assert answers.count(403) == 10
    assert answers.count(429) == 10


def test_who_forwards_is_believed_only_where_the_operator_says_so(tmp_path: Path) -> None:
    def guesses(site: Site) -> list[int]:
        told = ({"x-forwarded-for": f"198.51.100.{n}", "origin": site.url} for n in range(14))
        form = {"login": "reviewer", "password": "wrong"}
        return [requests.post(f"{site.url}/en/login", data=form, headers=one, timeout=120).status_code for one in told]

    with served(tmp_path / "none") as site:
        assert guesses(site) == [403] * 10 + [429] * 4
    with served(tmp_path / "one", trusted_proxies="127.0.0.0/8") as site:
        assert guesses(site) == [403] * 14


def test_an_owner_behind_the_address_of_a_guesser_signs_in_from_a_known_browser(fresh_site: Site) -> None:
    owner = fresh_site.visitor("operator")
    for n in range(40):
        fresh_site.app.state.house.throttle.reserve(f"account {n}", "127.0.0.1")
    unknown = fresh_site.sign_in(requests.Session(), "operator")
    assert unknown.status_code == 429
    assert "A browser that signed in here before has tries of its own." in unknown.text
    assert fresh_site.sign_in(owner, "operator").status_code == 303
    assert fresh_site.sign_in(owner, "reviewer").status_code == 429  # known to another account is not known to this one
    unkeyed = hmac.new(b"", b"device operator x", hashlib.sha256).hexdigest()
    for made in ("x." + "0" * 64, f"x.{unkeyed}", "", ".", "x"):
        forged = requests.Session()
        forged.cookies.set("device", made)
        assert fresh_site.sign_in(forged, "operator").status_code == 429
    wrong = [fresh_site.sign_in(owner, "operator", "wrong").status_code for _ in range(11)]
    assert wrong == [403] * 10 + [429]
    fresh_site.catalogue.accounts.change(
        "operator", "account password", password_hash=passwords.hash_password(PASSWORD)
    )
    fresh_site.app.state.house.throttle._tries.clear()
    for n in range(40):
        fresh_site.app.state.house.throttle.reserve(f"account {n}", "127.0.0.1")
    assert fresh_site.sign_in(owner, "operator").status_code == 429  # a new password forgets browsers


def test_passwords_that_are_being_checked_hold_up_no_page(fresh_site: Site, monkeypatch) -> None:
    owner = fresh_site.visitor("operator")
    going_on, checking = threading.Event(), threading.Event()

    def slow(_password: str, _hash: str | None) -> bool:
        checking.set()
        return not going_on.wait(30)

    monkeypatch.setattr(passwords, "right", slow)
    monkeypatch.setattr("harvester.web.throttle.TRIES_OF_AN_ADDRESS", 1000)
    sent_from = {"origin": fresh_site.url}

    def guess(number: int) -> int:
        form = {"login": f"account {number}", "password": "x"}
        return requests.post(f"{fresh_site.url}/en/login", data=form, headers=sent_from, timeout=120).status_code

    with ThreadPoolExecutor(61) as many:
        answers = [many.submit(guess, number) for number in range(60)]  # more than the threads that answer pages
        assert checking.wait(20)
        try:
            assert fresh_site.get("/en/software?q=town").status_code == 200
            mine = many.submit(fresh_site.sign_in, owner, "operator", "wrong")
            while sum(one.done() for one in answers) < 44:  # all that may not wait are told so meanwhile
                time.sleep(0.05)
            assert {one.result() for one in answers if one.done()} == {429}
        finally:
            going_on.set()
        told = [one.result() for one in answers]
        assert mine.result().status_code == 403  # a known browser's is checked, however many others wait
    assert told.count(403) == 16  # as many as may wait
    assert told.count(429) == 44


class _From(HTTPAdapter):
    """Dials from an address of this machine's loopback network."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: object, **said: object) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **said)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("addresses", "guesses"),
    [
        (1, 24),
        (4, 24),
        pytest.param(1, 1000, marks=pytest.mark.long),
        pytest.param(100, 1500, marks=pytest.mark.long),
    ],
)
def test_guesses_are_checked_ten_times_an_address_whatever_each_says_of_where_it_comes_from(
    fresh_site: Site, monkeypatch: pytest.MonkeyPatch, addresses: int, guesses: int
) -> None:
    owner, checked, right = fresh_site.visitor("reviewer"), [0], passwords.right

    def count(password: str, stored: str | None) -> bool:
        if password == PASSWORD:
            return right(password, stored)
        checked[0] += 1
        return False

    monkeypatch.setattr(passwords, "right", count)
    browsers = [requests.Session() for _ in range(addresses)]
    for number, browser in enumerate(browsers):
        browser.mount("http://", _From(f"127.0.1.{number + 1}"))
    told = []
    for number in range(guesses):
        forged = f"198.51.{number // 250}.{number % 250}"
        headers = {
            "origin": fresh_site.url,
            "x-forwarded-for": forged,
            "forwarded": f"for={forged}",
            "x-real-ip": forged,
        }
        form = {"login": "reviewer", "password": f"guess {number}"}
        browser = browsers[number % addresses]
        told.append(browser.post(f"{fresh_site.url}/en/login", data=form, headers=headers, timeout=60).status_code)
    most = min(guesses, 10 * addresses)
    assert (told.count(403), told.count(429), checked[0]) == (most, guesses - most, most)
    assert fresh_site.sign_in(owner, "reviewer").status_code == 303
    for browser in browsers:
        browser.close()
