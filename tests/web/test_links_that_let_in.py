"""Invitations and new passwords by a link: used once; ended by time, by withdrawal, and with whoever made it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from pages_site import PASSWORD, Site

from harvester.catalogue import Catalogue
from harvester.catalogue.database import now
from harvester.errors import Conflict, HarvesterError, InputError, NotFound
from harvester.web.passwords import check_choice

ACCOUNTS = "/en/operations/accounts"
NEW = "vélo rouge sous la pluie"


def _send(site: Site, browser: requests.Session, path: str, **form: str) -> requests.Response:
    origin = {"origin": site.url}
    return browser.post(site.url + path, data=form, headers=origin, allow_redirects=False, timeout=10)


def _link(site: Site, operator: requests.Session, **form: str) -> str:
    """The path of a new link, as the page shows it."""
    page = _send(site, operator, f"{ACCOUNTS}/links", **form).text
    found = re.search(rf"{site.url}(/en/join/[\w-]{{43}})<", page)
    assert found is not None, page
    assert found.group(1) not in operator.get(site.url + ACCOUNTS, timeout=10).text
    return found.group(1)


def test_whoever_is_invited_chooses_name_and_password_once(fresh_site: Site) -> None:
    operator, guest = fresh_site.visitor("operator"), fresh_site.visitor()
    link = _link(fresh_site, operator, change="invite", role="reviewer")
    page = guest.get(fresh_site.url + link, timeout=10)
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    for login, new, again, status in (
        ("grace", NEW, "another", 400),
        ("grace", "short", "short", 400),
        ("harvester", NEW, NEW, 400),
        ("REVIEWER", NEW, NEW, 409),
    ):
        assert _send(fresh_site, guest, link, login=login, new=new, again=again).status_code == status, login
    assert _send(fresh_site, guest, link, login="grace", new=NEW, again=NEW).headers["location"] == "/en/review"
    assert guest.get(f"{fresh_site.url}/en/operations", allow_redirects=False, timeout=10).status_code == 403
    for answer in (
        guest.get(fresh_site.url + link, timeout=10),
        _send(fresh_site, guest, link, login="heidi", new=NEW, again=NEW),
    ):
        assert (answer.status_code, "This link is over" in answer.text) == (410, True)
    assert fresh_site.sign_in(requests.Session(), "grace", NEW).status_code == 303
    line = fresh_site.catalogue.audit.recent(1)[0]
    assert (line.actor, line.subject, line.after["invited by"]) == ("grace", "account:grace", "operator")


def test_a_lost_password_is_renewed_by_a_link_and_takes_sessions_and_second_factor_along(fresh_site: Site) -> None:
    operator, owner = fresh_site.visitor("operator"), fresh_site.visitor("reviewer")
    factors = fresh_site.catalogue.factors
    factors.begin("reviewer", "KEY")
    factors.turn_on("reviewer", "KEY", 1, ["a"], but="")
    old = _link(fresh_site, operator, change="reset", login="reviewer")
    link = _link(fresh_site, operator, change="reset", login="reviewer")
    stranger = fresh_site.visitor()
    assert stranger.get(fresh_site.url + old, timeout=10).status_code == 410  # a newer one was made
    assert factors.on() == {"reviewer"}
    assert _send(fresh_site, stranger, link, login="operator", new=NEW, again=NEW).headers["location"] == "/en/review"
    assert factors.on() == set()
    assert owner.get(f"{fresh_site.url}/en/review/account", allow_redirects=False, timeout=10).status_code == 303
    assert fresh_site.sign_in(requests.Session(), "reviewer", PASSWORD).status_code == 403
    assert fresh_site.sign_in(requests.Session(), "operator", PASSWORD).status_code == 303
    assert _send(fresh_site, operator, f"{ACCOUNTS}/links", change="reset", login="nobody").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_link_ends_by_time_by_withdrawal_and_with_whoever_made_it(catalogue: Catalogue) -> None:
    accounts, links = catalogue.accounts, catalogue.links
    for login, role in (("ada", "operator"), ("bob", "operator"), ("eve", "reviewer")):
        accounts.add(login, "a hash", role)
    later, ended = now() + timedelta(hours=1), now() - timedelta(seconds=1)
    links.invite("1" * 64, "reviewer", ended, actor="ada")
    links.invite("2" * 64, "reviewer", later, actor="ada")
    links.reset("3" * 64, "eve", later, actor="bob")
    assert [one.id[0] for one in links.all()] == ["2", "3"]
    accounts.disable("eve", actor="ada")
    assert [one.id[0] for one in links.all()] == ["2"]
    accounts.change("eve", "account enabled", active=True)
    accounts.give_role("bob", "reviewer", actor="ada")
    assert [one.id[0] for one in links.all()] == ["2"]
    with pytest.raises(NotFound):
        links.renew("3" * 64, "another hash")
    with pytest.raises(NotFound):
        links.withdraw("2", actor="ada")
    links.withdraw("2" * 16, actor="ada")
    for digest in ("1" * 64, "2" * 64):
        with pytest.raises(NotFound):
            links.join(digest, "grace", "a hash")
    with pytest.raises(HarvesterError):
        links.invite("4" * 64, "owner", later, actor="ada")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_new_password_ends_a_link_for_another_and_none_is_made_that_lets_nobody_in(catalogue: Catalogue) -> None:
    accounts, links, later = catalogue.accounts, catalogue.links, now() + timedelta(hours=1)
    for login, role in (("ada", "operator"), ("eve", "reviewer")):
        accounts.add(login, "a hash", role)
    links.reset("1" * 64, "eve", later, actor="ada")
    accounts.change("eve", "account password", password_hash="another hash")
    links.reset("2" * 64, "eve", later, actor="ada")
    catalogue.factors.reset("eve", "a third", actor="ada")
    links.reset("3" * 64, "eve", later, actor="ada")
    accounts.add("eve", "a fourth", "reviewer")
    for digest in ("1" * 64, "2" * 64, "3" * 64):
        with pytest.raises(NotFound):
            links.renew(digest, "a stranger's")
    accounts.disable("eve", actor="ada")
    with pytest.raises(Conflict, match="disabled"):
        links.reset("4" * 64, "eve", later, actor="ada")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_many_at_once_one_uses_a_link(catalogue: Catalogue) -> None:
    catalogue.accounts.add("ada", "a hash", "operator")
    catalogue.links.invite("1" * 64, "reviewer", now() + timedelta(hours=1), actor="ada")

    def join(number: int) -> bool:
        try:
            catalogue.links.join("1" * 64, f"guest {number}", "a hash")
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(join, range(8))) == 1
    assert len(catalogue.accounts.all()) == 2


@pytest.mark.parametrize("login", ["harvester", "Command Line", "visitor", "demo", "ａｄａ"])
def test_no_account_has_a_name_that_the_log_means_otherwise(login: str) -> None:
    with pytest.raises(InputError):
        check_choice(login, NEW)
