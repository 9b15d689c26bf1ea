"""What protects the site: the route table's rules, headers, forms, sign-in, limits."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from itertools import product

import pytest
import requests
from fastapi.routing import APIRoute
from pages_site import PASSWORD, Site
from starlette.datastructures import Headers
from starlette.routing import Mount

from harvester.web.auth import safe_next
from harvester.web.identity import Access
from harvester.web.security import HEADERS, from_our_pages

FILLED = {
    "language": "en",
    "source": "silent",
    "run_id": "1",
    "software_id": "none",
    "slug": "none",
    "verdict": "accept",
    "change": "pause",
    "part": "all",
    "name": "silent",
    "kind": "sill",
    "preview": "none",
    "value:path": "petition",
    "matter_id": "1",
    "receipt": "none",
    "token": "none",
    "decision": "1",
}
WHO = (None, "reviewer", "operator")


def routes(site: Site) -> Iterator[tuple[str, str]]:
    """Every (method, path) that the application answers."""
    for route in site.app.routes:
        if isinstance(route, Mount):
            yield "GET", route.path
        else:
            for method in route.methods or ():  # type: ignore[attr-defined]
                if method != "HEAD" or isinstance(route, APIRoute):
                    yield method, route.path  # type: ignore[attr-defined]


def filled(path: str) -> str:
    return re.sub(r"{([\w:]+)}", lambda found: FILLED[found.group(1)], path)


def test_every_route_has_a_rule(site: Site) -> None:
    known = set(site.app.state.rules)
    assert set(routes(site)) == known


def test_the_rules_are_the_ones_that_were_meant(site: Site) -> None:
    for (method, path), access in site.app.state.rules.items():
        if "/review" in path:
            assert access is Access.REVIEWER, path
        elif "/operations" in path:
            assert access is Access.OPERATOR, path
        else:
            assert access is Access.ANYONE, path
        assert method in ("GET", "HEAD", "POST")


def allowed(access: Access, role: str | None) -> bool:
    return access is Access.ANYONE or role == access.value or role == "operator"


def test_every_route_obeys_its_rule_for_every_role(fresh_site: Site) -> None:
    sessions = {role: fresh_site.visitor(role) for role in WHO}
    checked = 0
    for ((method, path), access), role in product(sorted(fresh_site.app.state.rules.items()), WHO):
        if path == "/{language}/logout":
            continue
        answer = sessions[role].request(
            method,
            fresh_site.url + filled(path),
            allow_redirects=False,
            timeout=10,
        )
        told_to_sign_in = answer.headers.get("location", "").startswith("/en/login")
        refused = told_to_sign_in or (answer.status_code == 403 and "Sign in with an account" in answer.text)
        if path.startswith("/api/") and access is not Access.ANYONE:  # a session is no token, whoever's it is
            assert answer.status_code == 401, (method, path, role)
            continue
        if method == "HEAD" and answer.status_code == 403:
            refused = True
        if allowed(access, role):
            assert not refused, (method, path, role, answer.status_code)
            assert answer.status_code < 500, (method, path, role)
        else:
            assert refused, (method, path, role, answer.status_code)
        checked += 1
    assert checked > 60


def test_every_answer_carries_the_headers(site: Site) -> None:
    paths = [filled(path) for method, path in site.app.state.rules if method == "GET"]
    for path in (*paths, "/nothing", "/en/nothing", "/static/nothing", "/api/v1/nothing", "/en/?" + "x" * 9000):
        answer = site.get(path, "operator" if "/review" in path or "/operations" in path else None)
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value, (path, name)
    assert "'unsafe" not in HEADERS["content-security-policy"]


def test_no_page_holds_inline_script_or_style(site: Site) -> None:
    for path in ("/en/", "/en/software", "/en/filters", "/en/sources", "/en/login", "/en/nothing"):
        text = site.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)", text), path
    for path in ("/en/review", "/en/operations", "/en/operations/runs/1"):
        text = site.get(path, "operator").text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)", text), path


def unsafe(site: Site) -> list[str]:
    return [path for method, path in site.app.state.rules if method == "POST" and not path.startswith("/api/")]


ELSEWHERE: tuple[dict[str, str], ...] = (
    {},
    {"origin": "https://elsewhere.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1.evil.example"},
    {"origin": "http://127.0.0.1:1"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "same-origin", "origin": "https://elsewhere.example"},
    {"sec-fetch-site": "cross-site", "origin": "OURS"},
    {"referer": "OURS"},
)


def test_forms_that_no_page_of_ours_sent_do_nothing(fresh_site: Site) -> None:
    session = fresh_site.visitor("operator")
    del session.headers["origin"]
    before = fresh_site.catalogue.audit.count()
    assert len(unsafe(fresh_site)) >= 6
    for path in unsafe(fresh_site):
        address = fresh_site.url + filled(path)
        for headers in ELSEWHERE:
            said = {name: fresh_site.url if value == "OURS" else value for name, value in headers.items()}
            answer = session.post(address, headers=said, allow_redirects=False, timeout=10)
            assert answer.status_code == 403, (path, headers)
            assert "so nothing was done" in answer.text
        assert session.get(address, allow_redirects=False, timeout=10).status_code in (200, 301, 404, 405, 410)
    assert fresh_site.catalogue.audit.count() == before


@pytest.mark.parametrize(
    "headers",
    [{"origin": "OURS", "sec-fetch-site": "same-origin"}, {"origin": "OURS"}, {"sec-fetch-site": "same-origin"}],
)
def test_a_form_from_our_own_page_is_taken(fresh_site: Site, headers: dict[str, str]) -> None:
    session = fresh_site.visitor("operator")
    del session.headers["origin"]
    said = {name: fresh_site.url if value == "OURS" else value for name, value in headers.items()}
    address = f"{fresh_site.url}/en/operations/sources/silent/run"
    assert session.post(address, headers=said, allow_redirects=False, timeout=10).status_code == 303


def test_behind_a_proxy_the_public_address_is_ours_as_well() -> None:
    headers = Headers({"host": "web:8000", "origin": "https://catalogue.example"})
    assert from_our_pages(headers, public_url="https://catalogue.example/")
    assert not from_our_pages(headers, public_url="https://other.example")
    assert not from_our_pages(headers)


def cookie(answer: requests.Response, name: str) -> str:
    jar = SimpleCookie(answer.headers["set-cookie"])
    return jar[name].OutputString()


def test_signing_in_makes_a_new_session_each_time_and_only_its_hash_is_stored(fresh_site: Site) -> None:
    session = requests.Session()
    session.cookies.set("session", "chosen-by-somebody-else")
    answer = fresh_site.sign_in(session, "reviewer")
    assert answer.headers["location"] == "/en/review"
    told = cookie(answer, "session")
    assert "HttpOnly" in told
    assert "SameSite=lax" in told
    token = session.cookies.get("session", domain="127.0.0.1") or session.cookies.get_dict()["session"]
    assert token != "chosen-by-somebody-else"
    assert fresh_site.catalogue.accounts.session(token) is None
    again = fresh_site.visitor("reviewer")
    assert again.cookies.get_dict()["session"] != token
    session.close()


def test_signing_out_and_disabling_end_sessions_at_once(fresh_site: Site) -> None:
    session = fresh_site.visitor("reviewer")
    kept = dict(session.cookies.get_dict())
    session.post(f"{fresh_site.url}/en/logout", timeout=10)
    stale = requests.get(f"{fresh_site.url}/en/review", cookies=kept, allow_redirects=False, timeout=10)
    assert stale.headers["location"].startswith("/en/login")
    other = fresh_site.visitor("operator")
    fresh_site.catalogue.accounts.add("another", "a hash", "operator")
    fresh_site.catalogue.accounts.disable("operator", actor="test")
    assert other.get(f"{fresh_site.url}/en/review", allow_redirects=False, timeout=10).status_code == 303
    assert fresh_site.sign_in(requests.Session(), "operator").status_code == 403


def test_guessing_is_slowed_by_account_and_address(fresh_site: Site) -> None:
    session = fresh_site.visitor()
    answers = [fresh_site.sign_in(session, "reviewer", f"guess {n}") for n in range(13)]
    assert [answer.status_code for answer in answers] == [403] * 10 + [429] * 3
    assert int(answers[-1].headers["retry-after"]) > 200
    assert fresh_site.sign_in(session, "reviewer", PASSWORD).status_code == 429
    assert fresh_site.sign_in(session, "operator", PASSWORD).status_code == 303


def test_the_same_words_for_a_wrong_name_and_a_wrong_password(site: Site) -> None:
    texts = []
    for login in ("reviewer", "nobody"):
        session = site.visitor()
        answer = site.sign_in(session, login, "wrong")
        assert answer.status_code == 403
        texts.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/en/review?id=x", "/en/review?id=x"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("//[", "/"),
        ("/en/\nset-cookie: x", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_nowhere_else(wanted: str, led: str) -> None:
    assert safe_next(wanted, default="/") == led


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/en/software?q=" + "x" * 501, 400),
        ("/en/software?q=" + "+".join(["a"] * 201), 400),
        ("/en/software?page=1000000000", 400),
        ("/en/software?page=-1", 400),
        ("/en/software?page=x", 400),
        ("/en/software?size=100000", 400),
        ("/en/software?sort=nothing", 400),
        ("/en/software?" + "&".join(f"country=C{n}" for n in range(101)), 400),
        ("/en/software?" + "&".join(f"country=C{n}" for n in range(2000)), 414),
        ("/en/software?" + "&".join(f"country=C{n}" for n in range(10000)), 400),  # the server itself refuses it
        ("/api/v1/software?q=" + "x" * 501, 400),
        ("/api/v1/software?page=1000000000", 400),
        ("/api/v1/software?size=101", 400),
        ("/api/v1/runs?limit=1000", 400),
        ("/en/filters?page=0", 400),
        ("/en/software.csv?sort=x", 400),
    ],
)
def test_what_passes_a_limit_is_refused_at_once(site: Site, path: str, status: int) -> None:
    session = site.visitor()
    session.get(f"{site.url}/en/login", timeout=10)
    start = time.process_time()
    answer = session.get(site.url + path, timeout=10)
    spent = time.process_time() - start
    assert answer.status_code == status
    assert spent < 0.25


@pytest.mark.parametrize(
    "words", ["*", "(", "a^", '"', "AND OR NOT", "a" * 400, ".*.*.*", "\ue000x\ue001", "'--", "%00", "\\"]
)
def test_strange_words_are_only_words(site: Site, words: str) -> None:
    answer = requests.get(f"{site.url}/en/software", params={"q": words}, timeout=10)
    assert answer.status_code in (200, 400)


def test_a_large_form_is_refused(site: Site) -> None:
    answer = requests.post(f"{site.url}/fr/login", data={"login": "x" * 70_000}, timeout=10)
    assert (answer.status_code, answer.text) == (413, "Le formulaire dépasse 65\u202f536 octets.")


def test_a_large_form_without_a_length_is_refused(site: Site) -> None:
    pieces = (b"login=" + b"x" * 10_000 for _ in range(8))
    headers = {"origin": site.url, "content-type": "application/x-www-form-urlencoded"}
    answer = requests.post(f"{site.url}/fr/login", data=pieces, timeout=10, headers=headers)
    assert answer.status_code == 413
    assert HEADERS["content-security-policy"] == answer.headers["content-security-policy"]


def test_a_broken_part_gives_a_page_that_says_so_with_every_header(fresh_site: Site) -> None:
    with sqlite3.connect(fresh_site.settings.data / "catalogue.sqlite") as connection:
        connection.execute("ALTER TABLE run RENAME TO hidden")
    connection.close()
    for path, kind in (("/fr/sources", "text/html; charset=utf-8"), ("/api/v1/runs", "application/problem+json")):
        answer = fresh_site.get(path)
        assert answer.status_code == 500
        assert answer.headers["content-type"] == kind
        assert "no such table" not in answer.text.lower()
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value, (path, name)
    assert "Quelque chose s’est cassé" in fresh_site.get("/fr/sources").text
