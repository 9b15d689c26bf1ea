"""Signing in with a provider of identities on loopback: whom it means, and which of its answers are refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from joserfc.jwk import RSAKey
from pages_site import PASSWORD, Site, served
from pydantic import SecretStr
from support.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider

BEGIN, CALLBACK = "/en/login/oidc", "/en/login/oidc/callback"


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    """One for the tests of this module; each bends it for itself."""
    with identity_provider() as made:
        yield made


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider) -> Iterator[Site]:
    """A site that signs in with it, whose role comes from a claim."""
    said: dict[str, Any] = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_role_claim": "roles"}
    said |= {"oidc_client_secret": SecretStr(SECRET), "oidc_allow": "127.0.0.0/8", "oidc_name": "Town ID"}
    with served(tmp_path_factory.mktemp("oidc"), **said) as site:
        yield site


def _begin(site: Site, browser: requests.Session, going_to: str = "") -> str:
    site.app.state.house.throttle._tries.clear()
    answer = browser.get(f"{site.url}{BEGIN}?next={going_to}", allow_redirects=False, timeout=10)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def _come_back(site: Site, browser: requests.Session, brought: dict[str, str]) -> requests.Response:
    return browser.get(site.url + CALLBACK, params=brought, allow_redirects=False, timeout=10)


def _sign_in(site: Site, provider: IdentityProvider, browser: requests.Session, **claims: Any) -> requests.Response:
    return _come_back(site, browser, provider.authorize(_begin(site, browser), **claims))


def test_a_subject_has_one_account_whose_role_is_what_the_claim_says(known: Site, provider: IdentityProvider) -> None:
    assert "Sign in with Town ID" in known.get("/en/login").text
    browser = requests.Session()
    brought = provider.authorize(
        _begin(known, browser, "/en/review?kind=new"), sub="7", preferred_username="grace", roles=["reviewer"]
    )
    assert _come_back(known, browser, brought).headers["location"] == "/en/review?kind=new"
    assert browser.get(f"{known.url}/en/review", allow_redirects=False, timeout=10).status_code == 200
    assert browser.get(f"{known.url}/en/operations", allow_redirects=False, timeout=10).status_code == 403
    again = _sign_in(known, provider, requests.Session(), sub="7", preferred_username="renamed", roles="operator")
    assert again.headers["location"] == "/en/operations"
    lost = requests.Session()
    assert _sign_in(known, provider, lost, sub="7", email="operator@example.org").headers["location"] == "/en/"
    assert lost.get(f"{known.url}/en/review", allow_redirects=False, timeout=10).status_code == 403
    accounts = {one.login: one for one in known.catalogue.accounts.all()}
    assert sorted(accounts) == ["grace", "operator", "reviewer"]
    assert accounts["grace"].role == "visitor"
    assert known.sign_in(requests.Session(), "grace", accounts["grace"].password_hash).status_code == 403


def test_a_name_or_an_e_mail_finds_nobodys_account(known: Site, provider: IdentityProvider) -> None:
    claims = {"preferred_username": "Operator", "email": "operator", "email_verified": True}
    assert _sign_in(known, provider, requests.Session(), sub="8", **claims).headers["location"] == "/en/"
    assert _sign_in(known, provider, requests.Session(), sub="9", preferred_username="harvester").status_code == 303
    logins = {one.login: one.role for one in known.catalogue.accounts.all()}
    assert logins["Operator-2"] == "visitor"
    assert any(login.startswith("person-") for login in logins)
    assert known.sign_in(requests.Session(), "operator", PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "bent",
    [
        {"iss": "https://another.example"},
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"exp": -120},
        {"exp": None},
        {"sub": ""},
        {"sub": None},
        {"key": "another"},
        {"algorithm": "HS256"},
    ],
    ids=lambda bent: "-".join(f"{name}-{value}" for name, value in bent.items()),
)
def test_a_token_that_is_not_what_was_asked_for_lets_nobody_in(
    known: Site, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch, bent: dict[str, Any]
) -> None:
    if "exp" in bent and bent["exp"] is not None:
        bent = {"exp": int(time.time()) + bent["exp"]}
    if "key" in bent:
        bent = {"key": RSAKey.generate_key(2048)}
    for name in bent.keys() & {"key", "algorithm"}:
        monkeypatch.setattr(provider, name, bent[name])
    if provider.algorithm == "HS256":
        from joserfc.jwk import OctKey

        monkeypatch.setattr(provider, "key", OctKey.import_key(SECRET * 2))

    def bend(claims: dict[str, Any]) -> None:
        claims |= {name: value for name, value in bent.items() if name not in ("key", "algorithm")}
        for name in [name for name, value in claims.items() if value is None]:
            del claims[name]

    monkeypatch.setattr(provider, "bend", bend)
    before, browser = len(known.catalogue.accounts.all()), requests.Session()
    answer = _sign_in(known, provider, browser, sub="666", roles=["operator"])
    assert (answer.status_code, "Begin again here." in answer.text) == (403, True)
    assert "session" not in browser.cookies
    assert len(known.catalogue.accounts.all()) == before


def test_an_answer_is_of_the_browser_that_asked_and_is_taken_once(known: Site, provider: IdentityProvider) -> None:
    mine, other = requests.Session(), requests.Session()
    first, second = _begin(known, mine), provider.authorize(_begin(known, other), sub="11")
    brought = provider.authorize(first, sub="10")
    for browser, answer in ((other, brought), (mine, second), (mine, {**brought, "state": ""}), (mine, {"state": "x"})):
        assert _come_back(known, browser, answer).status_code == 403
    kept = mine.cookies.get_dict()
    assert _come_back(known, mine, brought).status_code == 303
    replayed = requests.Session()
    replayed.cookies.update(kept)
    assert _come_back(known, replayed, brought).status_code == 403
    again = provider.authorize(_begin(known, mine), sub="10")
    assert _come_back(known, mine, {**again, "iss": "https://another.example"}).status_code == 403
    wrong = {**provider.authorize(_begin(known, mine), sub="10"), "code": "guessed"}
    assert _come_back(known, mine, wrong).status_code == 502


def test_a_disabled_account_and_a_second_factor_count_here_too(known: Site, provider: IdentityProvider) -> None:
    assert _sign_in(known, provider, requests.Session(), sub="20", name="eve", roles="reviewer").status_code == 303
    known.catalogue.factors.begin("eve", "KEY")
    known.catalogue.factors.turn_on("eve", "KEY", 1, ["a"], but="")
    browser = requests.Session()
    asked = _sign_in(known, provider, browser, sub="20", roles="reviewer")
    assert asked.headers["location"].startswith("/en/login/code")
    assert browser.get(f"{known.url}/en/review", allow_redirects=False, timeout=10).status_code == 303
    known.catalogue.accounts.disable("eve", actor="test")
    assert _sign_in(known, provider, requests.Session(), sub="20", roles="reviewer").status_code == 403


def test_a_provider_on_an_inner_address_is_not_asked_unless_it_is_allowed(
    tmp_path: Any, provider: IdentityProvider
) -> None:
    asked = provider.asked
    with served(tmp_path, oidc_issuer=provider.issuer, oidc_client_id=CLIENT) as site:
        answer = requests.get(site.url + BEGIN, allow_redirects=False, timeout=10)
        assert (answer.status_code, "unusable" in answer.text) == (502, True)
    assert provider.asked == asked
