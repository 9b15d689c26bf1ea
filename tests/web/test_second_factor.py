"""The second factor: set up with a code, asked for after the password, used once, guessed five times, and lost."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pyotp
import pytest
import requests
from pages_site import PASSWORD, Site, served

from harvester.catalogue import Catalogue
from harvester.errors import Conflict
from harvester.web.factor import recovery_codes, step_of
from harvester.web.throttle import Throttle

FACTOR, CODE = "/en/review/account/factor", "/en/login/code"


def _send(site: Site, browser: requests.Session, path: str, **form: str) -> requests.Response:
    origin = {"origin": site.url}
    return browser.post(site.url + path, data=form, headers=origin, allow_redirects=False, timeout=10)


def _set_up(site: Site, browser: requests.Session) -> tuple[pyotp.TOTP, list[str]]:
    """Set it up as the pages lead: the key that was shown, and the recovery codes."""
    assert _send(site, browser, FACTOR, change="begin", password=PASSWORD).headers["location"] == FACTOR
    page = browser.get(site.url + FACTOR, timeout=10).text
    assert 'src="data:image/svg+xml' in page
    key = re.search(r"<code>([A-Z2-7 ]{32,})</code>", page)
    assert key is not None
    made = pyotp.TOTP(key.group(1).replace(" ", ""))
    done = _send(site, browser, FACTOR, change="confirm", code=made.at(time.time() - 30))
    return made, re.findall(r"<li><code>([a-z2-7-]{27})</code>", done.text)


def _is_in(site: Site, browser: requests.Session) -> bool:
    return browser.get(f"{site.url}/en/review/account", allow_redirects=False, timeout=10).status_code == 200


def test_it_is_set_up_asked_for_used_once_and_taken_off(fresh_site: Site) -> None:
    mine, other = fresh_site.visitor("reviewer"), fresh_site.visitor("reviewer")
    assert _send(fresh_site, mine, FACTOR, change="begin", password="wrong").status_code == 403
    assert fresh_site.catalogue.factors.of("reviewer") is None
    made, codes = _set_up(fresh_site, mine)
    assert len(set(codes)) == 10
    assert (_is_in(fresh_site, mine), _is_in(fresh_site, other)) == (True, False)
    page = mine.get(fresh_site.url + FACTOR, timeout=10).text
    assert not any(one in page for one in (*codes, made.secret))
    # the password alone opens nothing
    asked = fresh_site.sign_in(other, "reviewer", next="/en/review?kind=new")
    assert asked.headers["location"] == f"{CODE}?next=%2Fen%2Freview%3Fkind%3Dnew"
    assert not _is_in(fresh_site, other)
    assert _send(fresh_site, other, CODE, code=made.at(time.time() - 30)).status_code == 403  # it was used to set up
    code = made.now()
    came = _send(fresh_site, other, CODE, code=f" {code[:3]} {code[3:]}", next="/en/review?kind=new")
    assert came.headers["location"] == "/en/review?kind=new"
    assert _is_in(fresh_site, other)
    third = requests.Session()
    fresh_site.sign_in(third, "reviewer")
    assert _send(fresh_site, third, CODE, code=code).status_code == 403
    assert _send(fresh_site, third, CODE, code=codes[0].upper().replace("-", " ")).status_code == 303
    fresh_site.sign_in(third, "reviewer")
    assert _send(fresh_site, third, CODE, code=codes[0]).status_code == 403
    assert _send(fresh_site, mine, FACTOR, change="codes", password=PASSWORD).status_code == 200
    assert _send(fresh_site, third, CODE, code=codes[1]).status_code == 403  # there are others instead
    assert _send(fresh_site, mine, FACTOR, change="off", password="wrong").status_code == 403
    assert _send(fresh_site, mine, FACTOR, change="off", password=PASSWORD).status_code == 303
    assert fresh_site.sign_in(requests.Session(), "reviewer").headers["location"] == "/en/review"
    done = [line.action for line in fresh_site.catalogue.audit.recent(6)]
    told = ["off", "recovery codes made", "recovery code used", "on", "begun"]
    assert done[:5] == [one if " " in one else f"second factor {one}" for one in told]


def test_a_code_is_guessed_five_times_whatever_the_address(fresh_site: Site) -> None:
    _set_up(fresh_site, fresh_site.visitor("reviewer"))
    stranger = requests.Session()
    fresh_site.sign_in(stranger, "reviewer")
    tries = [_send(fresh_site, stranger, CODE, code="000000").status_code for _ in range(6)]
    assert tries == [403] * 5 + [429]
    moment = [0.0]
    throttle = Throttle(clock=lambda: moment[0])
    assert [throttle.reserve_code("ada") for _ in range(6)] == [0] * 5 + [301]
    assert throttle.reserve_code("ada", "a browser that signed in before") == throttle.reserve_code("bob") == 0
    moment[0] = 301.0
    assert throttle.reserve_code("ada") == 0


def test_nobody_gives_a_code_whose_password_was_not_right(fresh_site: Site) -> None:
    made, _ = _set_up(fresh_site, fresh_site.visitor("reviewer"))
    stranger = requests.Session()
    fresh_site.sign_in(stranger, "reviewer")
    shown = stranger.cookies.get_dict()["proven"]
    login, until, mark = shown.split(".")
    later = str(int(until) + 9999)
    for forged in ("", "..", f"{login}.{later}.{mark}", f"b3BlcmF0b3I=.{until}.{mark}", f"{login}.1.{mark}", "a.99.b"):
        browser = requests.Session()
        browser.cookies.set("proven", forged)
        answer = _send(fresh_site, browser, CODE, code=made.now())
        assert "A code counts for a short while after the password. Sign in again." in answer.text, forged
        assert not _is_in(fresh_site, browser)
    fresh_site.catalogue.accounts.disable("reviewer", actor="test")
    assert "Password" in _send(fresh_site, stranger, CODE, code=made.now()).text
    assert not _is_in(fresh_site, stranger)


def test_whoever_lost_the_phone_is_let_in_by_an_operator(fresh_site: Site) -> None:
    mine, operator = fresh_site.visitor("reviewer"), fresh_site.visitor("operator")
    _set_up(fresh_site, mine)
    accounts = "/en/operations/accounts"
    assert operator.get(fresh_site.url + accounts, timeout=10).text.count('value="factor-off"') == 1
    assert _send(fresh_site, operator, accounts, login="reviewer", change="factor-off").status_code == 303
    assert not _is_in(fresh_site, mine)
    assert fresh_site.sign_in(mine, "reviewer").headers["location"] == "/en/review"


def test_where_it_is_required_of_operators_nothing_else_is_open_to_them_before(tmp_path: Path) -> None:
    with served(tmp_path, second_factor="operators") as site:
        reviewer, operator = site.visitor("reviewer"), site.visitor("operator")
        assert _is_in(site, reviewer)
        for path in ("/en/operations", "/en/review", "/en/review/account"):
            answer = operator.get(site.url + path, allow_redirects=False, timeout=10)
            assert (answer.status_code, answer.headers["location"]) == (303, FACTOR)
        lines = site.catalogue.audit.count()
        sent = _send(site, operator, "/en/operations/accounts", login="reviewer", change="disable")
        assert (sent.status_code, "A second factor comes first" in sent.text) == (403, True)
        assert site.catalogue.audit.count() == lines
        page = operator.get(f"{site.url}/en/", timeout=10).text
        assert "/en/operations" not in page
        _set_up(site, operator)
        assert operator.get(f"{site.url}/en/operations", timeout=10).status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_second_factor_is_begun_anew_until_it_is_on(catalogue: Catalogue) -> None:
    factors = catalogue.factors
    catalogue.accounts.add("ada", "a hash", "reviewer")
    for key in ("ONE", "TWO"):
        factors.begin("ada", key)
    assert not factors.use_step("ada", 7)
    assert not factors.turn_on("ada", "ONE", 7, ["a"], but="")  # another key was shown since
    assert factors.turn_on("ada", "TWO", 7, ["a"], but="")
    assert not factors.turn_on("ada", "TWO", 8, ["a"], but="")
    with pytest.raises(Conflict):
        factors.begin("ada", "THREE")
    assert [factors.use_step("ada", step) for step in (7, 8, 8, 6, 9)] == [False, True, False, False, True]
    assert factors.on() == {"ada"}
    assert not factors.take_off("nobody", actor="ada")


def test_a_code_is_of_its_thirty_seconds_and_of_those_beside() -> None:
    made = pyotp.TOTP("JBSWY3DPEHPK3PXP" * 2)
    at = 3000.0 * 30
    assert [step_of(made.secret, made.at(int(at) + 30 * n), at) for n in (-2, -1, 0, 1, 2)] == [
        None,
        2999,
        3000,
        3001,
        None,
    ]
    assert step_of(made.secret, "", at) is None
    assert step_of(made.secret, "１２３４５６", at) is None
    assert all(len(one.replace("-", "")) * 5 >= 112 for one in recovery_codes())
