"""Tokens of programs: what each may do, which the log names, and when it ends."""

from __future__ import annotations

import re
from itertools import product

import pytest
import requests
from pages_site import HASHES, PASSWORD, Site

from harvester.catalogue import Catalogue
from harvester.catalogue.tokens import MOST, SCOPES, ApiTokens
from harvester.errors import CatalogueError, CatalogueUnavailable, NotFound
from harvester.web.identity import TOKEN_SIGN, token_hash

MINE = "/en/review/account/tokens"
WAITING = "/api/v1/review/waiting"


def _send(site: Site, browser: requests.Session, path: str, **form: str | list[str]) -> requests.Response:
    origin = {"origin": site.url}
    return browser.post(site.url + path, data=form, headers=origin, allow_redirects=False, timeout=10)


def _made(site: Site, login: str, *scopes: str) -> str:
    """A token as its page makes it."""
    token = f"{TOKEN_SIGN}{login}-{'-'.join(scopes)}"
    site.catalogue.tokens.make(token_hash(token), login, "nightly", scopes, 30)
    return token


def _ask(site: Site, token: str, path: str, method: str = "GET", **said: object) -> requests.Response:
    headers = {"authorization": f"Bearer {token}"}
    return requests.request(method, site.url + path, headers=headers, timeout=10, allow_redirects=False, **said)  # type: ignore[arg-type]


def test_a_token_is_made_with_the_password_shown_once_listed_with_its_last_use_and_ended(fresh_site: Site) -> None:
    mine, operator = fresh_site.visitor("reviewer"), fresh_site.visitor("operator")
    form: dict[str, str | list[str]] = {"name": "nightly <b>", "scope": ["read", "decide"], "days": "30"}
    assert _send(fresh_site, mine, MINE, **form, password="wrong").status_code == 403
    assert _send(fresh_site, mine, MINE, name="", scope="read", password=PASSWORD).status_code == 400
    assert _send(fresh_site, mine, MINE, name="x", scope="all", password=PASSWORD).status_code == 400
    assert fresh_site.catalogue.tokens.all() == []
    page = _send(fresh_site, mine, MINE, **form, password=PASSWORD)
    found = re.search(r">(civic_[\w-]{43})<", page.text)
    assert found is not None
    token = found.group(1)
    listed = mine.get(fresh_site.url + MINE, timeout=10).text
    assert token not in listed
    assert "nightly &lt;b&gt;" in listed
    assert fresh_site.catalogue.tokens.all("reviewer")[0].used is None
    assert _ask(fresh_site, token, WAITING).status_code == 200
    known = fresh_site.catalogue.tokens.all("reviewer")[0]
    assert known.used is not None
    assert _send(fresh_site, operator, f"{MINE}/end", token=known.id).status_code == 404  # another's
    assert _ask(fresh_site, token, WAITING).status_code == 200
    assert known.id in operator.get(f"{fresh_site.url}/en/operations/accounts", timeout=10).text
    assert _send(fresh_site, operator, "/en/operations/accounts/tokens", token=known.id).status_code == 303
    assert _ask(fresh_site, token, WAITING).status_code == 401


def test_a_token_does_what_its_scopes_and_its_account_may_and_the_log_names_it(fresh_site: Site) -> None:
    catalogue = fresh_site.catalogue
    one = catalogue.review.queue(1)[0]
    asked = {
        "read": ("GET", WAITING, None),
        "decide": ("POST", f"/api/v1/review/{one.id}", {"verdict": "reject", "why": "a toy", "seen": one.version}),
        "operate": ("POST", "/api/v1/operations/sources/silent/run", None),
    }
    for login, scope in product(("reviewer", "operator"), SCOPES):
        token = _made(fresh_site, login, scope)
        for wanted, (method, path, body) in asked.items():
            answer = _ask(fresh_site, token, path, method, json=body)
            may = wanted == scope and (scope != "operate" or login == "operator")
            if not may:
                assert (answer.status_code, answer.json()["title"]) == (403, "This is beyond the token")
            elif wanted == "decide" and login == "operator":  # the reviewer's was there first
                assert answer.status_code == 409
            else:
                assert answer.status_code == 200, answer.text
    lines = {line.action: line for line in catalogue.audit.recent(20)}
    names = {one.login: one.told for one in catalogue.tokens.all() if "read" not in one.scopes}
    rejected, queued = lines["decision reject"], lines["run queued"]
    assert (rejected.actor, queued.actor) == ("reviewer", "operator")
    assert rejected.via is not None
    assert rejected.via.endswith(": nightly")
    assert queued.via == names["operator"] or queued.via is not None
    decision = catalogue.review.last_decision("reviewer")
    assert decision is not None
    undone = _ask(fresh_site, f"{TOKEN_SIGN}reviewer-decide", f"/api/v1/review/undo/{decision.id}", "POST")
    assert undone.json() == {"software": one.id}
    page = fresh_site.get("/en/review/log", "reviewer").text
    assert f"<small>({rejected.via})</small>" in page
    fresh_site.visitor("reviewer").post(f"{fresh_site.url}/en/review/{one.id}/defer", timeout=10)
    assert catalogue.audit.recent(1)[0].via is None  # what a person does names none


def test_no_session_address_or_form_stands_for_a_token(fresh_site: Site) -> None:
    token = _made(fresh_site, "operator", *SCOPES)
    for path in (WAITING, "/api/v1/operations/sources/silent/run"):
        method = "GET" if path == WAITING else "POST"
        for headers in ({}, {"authorization": f"Basic {token}"}, {"authorization": f"Bearer {token}x"}):
            answer = fresh_site.visitor("operator").request(method, fresh_site.url + path, headers=headers, timeout=10)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), headers
        in_address = requests.request(method, f"{fresh_site.url}{path}?token={token}", timeout=10)
        assert in_address.status_code in (400, 401)
    for path in ("/en/review", "/en/operations", MINE):  # and a token opens no page
        assert _ask(fresh_site, token, path).headers["location"].startswith("/en/login")
    fresh_site.catalogue.accounts.add("another", "a hash", "operator")
    fresh_site.catalogue.accounts.give_role("operator", "reviewer", actor="another")
    assert _ask(fresh_site, token, "/api/v1/operations/sources/silent/run", "POST").status_code == 403
    fresh_site.catalogue.accounts.disable("operator", actor="another")
    assert _ask(fresh_site, token, WAITING).status_code == 401
    fresh_site.catalogue.accounts.change("operator", "account enabled", active=True)
    assert _ask(fresh_site, token, WAITING).status_code == 200


def test_a_form_is_not_called_wrong_where_the_catalogue_is_away(
    fresh_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise CatalogueUnavailable("its database is held by others", what="held")

    monkeypatch.setattr(ApiTokens, "make", away)
    mine = fresh_site.visitor("reviewer")
    assert _send(fresh_site, mine, MINE, name="x", scope="read", password=PASSWORD).status_code == 503


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_token_has_bounds(catalogue: Catalogue) -> None:
    catalogue.accounts.add("ada", "a hash", "reviewer")
    tokens = catalogue.tokens
    for name, scopes, days in (
        ("", ["read"], 1),
        ("x\n", ["read"], 0),
        ("x" * 61, ["read"], 1),
        ("x", [], 1),
        ("x", ["read"], 367),
    ):
        with pytest.raises(CatalogueError):
            tokens.make("0" * 64, "ada", name, scopes, days)
    for number in range(MOST):
        tokens.make(f"{number:02}" * 32, "ada", "x", ["decide", "read"], 1)
    with pytest.raises(CatalogueError):
        tokens.make("f" * 64, "ada", "x", ["read"], 1)
    assert tokens.all("ada")[0].scopes == ("read", "decide")
    for unknown in ("", "00", "f" * 16):
        with pytest.raises(NotFound):
            tokens.end(unknown, actor="ada")
    assert len(tokens.all()) == MOST


def test_a_password_that_was_given_anew_ends_the_tokens_and_one_that_was_changed_does_not(fresh_site: Site) -> None:
    token, accounts = _made(fresh_site, "reviewer", "read"), fresh_site.catalogue.accounts
    accounts.change("reviewer", "account password", actor="reviewer", password_hash=HASHES["operator"])
    assert _ask(fresh_site, token, WAITING).status_code == 200
    fresh_site.catalogue.factors.reset("reviewer", HASHES["reviewer"], actor="operator")
    assert _ask(fresh_site, token, WAITING).status_code == 401
