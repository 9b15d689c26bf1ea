"""Who may sign in, on the operators' page, and one's own page: password and sessions."""

from __future__ import annotations

import re

import requests
from pages_site import PASSWORD, Site, served

from harvester.catalogue import Catalogue

NEW = "vélo rouge sous la pluie"
ACCOUNTS, MINE = "/en/operations/accounts", "/en/review/account"


def _send(site: Site, browser: requests.Session, path: str, **form: str) -> requests.Response:
    origin = {"origin": site.url}
    return browser.post(site.url + path, data=form, headers=origin, allow_redirects=False, timeout=10)


def _is_in(site: Site, browser: requests.Session) -> bool:
    return browser.get(f"{site.url}/en/review/account", allow_redirects=False, timeout=10).status_code == 200


def test_an_operator_disables_an_account_and_its_sessions_end_in_every_process(fresh_site: Site) -> None:
    operator, reviewer = fresh_site.visitor("operator"), fresh_site.visitor("reviewer")
    page = operator.get(fresh_site.url + ACCOUNTS, timeout=10).text
    offered = re.findall(r'name="change" value="([a-z-]+)">[^<]*<span class="hidden"> .(operator|reviewer)', page)
    assert sorted(offered) == [
        ("disable", "reviewer"),
        ("operator", "reviewer"),
        ("reset", "operator"),
        ("reset", "reviewer"),
        ("sign-out", "operator"),
        ("sign-out", "reviewer"),
    ]
    with served(fresh_site.settings.data, filled=False) as other:
        assert _is_in(fresh_site, reviewer)
        assert _is_in(other, reviewer)
        assert _send(fresh_site, operator, ACCOUNTS, login="reviewer", change="disable").status_code == 303
        assert not _is_in(fresh_site, reviewer)
        assert not _is_in(other, reviewer)
    assert fresh_site.sign_in(reviewer, "reviewer").status_code == 403
    _send(fresh_site, operator, ACCOUNTS, login="reviewer", change="enable")
    _send(fresh_site, operator, ACCOUNTS, login="reviewer", change="operator")
    assert fresh_site.sign_in(reviewer, "reviewer").headers["location"] == "/en/operations"
    _send(fresh_site, reviewer, ACCOUNTS, login="operator", change="sign-out")
    assert not _is_in(fresh_site, operator)


def test_the_last_operator_is_told_so_and_unknown_names_are_none(fresh_site: Site) -> None:
    operator = fresh_site.visitor("operator")
    for change in ("disable", "reviewer"):
        answer = _send(fresh_site, operator, ACCOUNTS, login="operator", change=change)
        assert answer.headers["location"] == f"{ACCOUNTS}?refused=last"
    told = operator.get(f"{fresh_site.url}{ACCOUNTS}?refused=last", timeout=10).text
    assert "the last operator who may sign in" in told
    assert _send(fresh_site, operator, ACCOUNTS, login="nobody", change="disable").status_code == 404
    assert _send(fresh_site, operator, ACCOUNTS, login="reviewer", change="erase").status_code == 404


def test_a_new_password_takes_the_old_one_and_ends_every_other_session(fresh_site: Site) -> None:
    mine, other = fresh_site.visitor("reviewer"), fresh_site.visitor("reviewer")
    before = mine.cookies.get_dict()["session"]

    def change(old: str, new: str, again: str) -> requests.Response:
        return _send(fresh_site, mine, f"{MINE}/password", old=old, new=new, again=again)

    for old, new, again, status, told in (
        ("wrong", NEW, NEW, 403, "The present password is wrong."),
        (PASSWORD, NEW, NEW + "x", 400, "The two new passwords differ."),
        (PASSWORD, "short", "short", 400, "The new password is too short, or easily guessed."),
        (PASSWORD, "password12345!", "password12345!", 400, "The new password is too short, or easily guessed."),
    ):
        answer = change(old, new, again)
        assert (answer.status_code, told in answer.text) == (status, True)
        assert not any(word in answer.text for word in (NEW, PASSWORD, "password12345!"))
    assert _is_in(fresh_site, other)
    assert change(PASSWORD, NEW, NEW).headers["location"] == f"{MINE}?done=password"
    assert not _is_in(fresh_site, other)
    assert _is_in(fresh_site, mine)
    assert mine.cookies.get_dict()["session"] != before
    assert fresh_site.sign_in(other, "reviewer", PASSWORD).status_code == 403
    assert fresh_site.sign_in(other, "reviewer", NEW).status_code == 303
    lines = [line for line in fresh_site.catalogue.audit.recent(10) if line.action == "account password"]
    assert [(line.actor, line.subject, line.before, line.after) for line in lines] == [
        ("reviewer", "account:reviewer", None, {})
    ]


def test_the_old_password_is_guessed_no_oftener_than_at_the_door(fresh_site: Site) -> None:
    mine = fresh_site.visitor("reviewer")
    tries = [_send(fresh_site, mine, f"{MINE}/password", old=f"guess {n}", new=NEW, again=NEW) for n in range(12)]
    assert [one.status_code for one in tries] == [403] * 10 + [429] * 2
    assert int(tries[-1].headers["retry-after"]) > 200
    assert fresh_site.sign_in(mine, "reviewer").status_code == 429


def test_ones_own_sessions_are_ended_one_by_one_or_all_others_and_nobody_elses(fresh_site: Site) -> None:
    mine, *others = (fresh_site.visitor("reviewer") for _ in range(4))
    operator = fresh_site.visitor("operator")
    page = mine.get(fresh_site.url + MINE, timeout=10).text
    listed = re.findall(r'name="session" value="([0-9a-f]{16})"', page)
    assert len(listed) == 3
    assert page.count("this browser") == 1
    assert not any(one.cookies.get_dict()["session"] in page for one in (mine, *others))
    _send(fresh_site, operator, f"{MINE}/sessions", session=listed[0])  # another's
    assert [_is_in(fresh_site, one) for one in others] == [True] * 3
    _send(fresh_site, mine, f"{MINE}/sessions", session=listed[0])
    assert sorted(_is_in(fresh_site, one) for one in others) == [False, True, True]
    _send(fresh_site, mine, f"{MINE}/sessions", session="others")
    assert [_is_in(fresh_site, one) for one in (*others, mine, operator)] == [False] * 3 + [True] * 2


def test_where_nobody_is_signed_in_nothing_is_ended_or_noted(catalogue: Catalogue) -> None:
    assert catalogue.accounts.sessions() == []
    assert catalogue.accounts.end_sessions("nobody", actor="ada") == 0
    assert catalogue.audit.count() == 0
