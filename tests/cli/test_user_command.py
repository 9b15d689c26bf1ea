"""`harvester user add`: accounts whose passwords are kept as argon2 hashes alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from harvester.catalogue import Catalogue
from harvester.web.passwords import LONGEST, hash_password, objection, right


def _account(data: Path, login: str):
    catalogue = Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}", migrate=False)
    try:
        return catalogue.accounts.get(login)
    finally:
        catalogue.close()


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What standard input holds."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


ADD = ("user", "add", "ada", "--role")


def test_an_account_can_sign_in_with_its_password(harvester, data: Path, given) -> None:
    given("analytical engine\n")
    ended = harvester(*ADD, "reviewer")
    assert (ended.code, ended.out) == (0, "")
    assert "ada may sign in as reviewer" in ended.err
    account = _account(data, "ada")
    assert account.role == "reviewer"
    assert account.password_hash.startswith("$argon2id$")
    assert right("analytical engine", account.password_hash)


def test_no_argument_is_a_password(harvester, data: Path) -> None:
    ended = harvester(*ADD, "reviewer", "--password", "analytical engine")
    assert ended.code == 2
    assert not data.exists()


def test_adding_again_gives_a_new_role_and_password(harvester, data: Path, given) -> None:
    for role, password in (("reviewer", "analytical engine"), ("operator", "difference engine")):
        given(password)
        harvester(*ADD, role)
    account = _account(data, "ada")
    assert account.role == "operator"
    assert right("difference engine", account.password_hash)
    assert not right("analytical engine", account.password_hash)


def test_an_account_gets_a_new_password_and_keeps_its_role(harvester, data: Path, given) -> None:
    given("analytical engine")
    harvester(*ADD, "operator")
    given("difference engine")
    assert harvester("user", "password", "ada").code == 0
    account = _account(data, "ada")
    assert account.role == "operator"
    assert right("difference engine", account.password_hash)
    given("difference engine")
    assert harvester("user", "password", "nobody").code == 4


def test_the_password_may_come_from_the_environment(harvester, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARVESTER_NEW_PASSWORD", "analytical engine")
    assert harvester(*ADD, "operator").code == 0
    assert right("analytical engine", _account(data, "ada").password_hash)


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("", "has 0 characters"),
        ("elevenchars", "has 11 characters"),
        ("            ", "few different characters"),
        ("aaaaaaaaaaaaaaaa", "few different characters"),
        ("abababababab12", "few different characters"),
        ("123456789012", "a row of letters or digits"),
        ("abcdefghijklmnop", "a row of letters or digits"),
        ("password12345!", "everybody tries first"),
        ("P@ssw0rd2024!!", "everybody tries first"),
        ("qwertyuiop123", "everybody tries first"),
        ("Motdepasse2025", "everybody tries first"),
        ("administrator1", "everybody tries first"),
        ("iloveyou123456", "everybody tries first"),
        ("demo-operator", "everybody tries first"),
        ("ada-ada-ada-2025", "everybody tries first"),
    ],
)
def test_what_others_try_first_is_no_password(harvester, data: Path, given, password: str, told: str) -> None:
    given(password)
    ended = harvester(*ADD, "reviewer")
    assert ended.code == 8
    assert told in ended.told
    assert not data.exists()


@pytest.mark.parametrize(
    "password", ["analytical engine", "correct horse battery", "vélo rouge sous la pluie", "kX9#vTq2!mZw"]
)
def test_what_nobody_tries_first_is_one(password: str) -> None:
    assert objection(password, "ada") is None


def test_the_longest_password_that_may_be_chosen_is_checked_whole() -> None:
    longest = ("analytical engine " * 60)[:LONGEST]
    assert objection(longest, "ada") is None
    assert objection(longest + "x", "ada") == "has 1001 characters"
    stored = hash_password(longest)
    assert right(longest, stored)
    assert not right(longest[:-1], stored)


@pytest.mark.parametrize("login", ["", "  ", " ada", "ada\nbob", "ada\x1b", "a" * 101])
def test_a_login_can_be_typed_into_the_form(harvester, data: Path, given, login: str) -> None:
    given("analytical engine")
    assert harvester("user", "add", login, "--role", "reviewer").code == 8
    assert not data.exists()


def test_a_role_is_one_of_two(harvester) -> None:
    ended = harvester(*ADD, "admin")
    assert ended.code == 2
    assert "reviewer" in ended.err
    assert "operator" in ended.err


def test_a_disabled_account_is_refused_until_it_is_enabled(harvester, data: Path, given) -> None:
    given("analytical engine")
    harvester(*ADD, "reviewer")
    ended = harvester("user", "disable", "ada")
    assert (ended.code, ended.err.strip()) == (0, "ada may not sign in any more")
    assert not _account(data, "ada").active
    assert harvester("user", "list", "--json").json == [
        {"login": "ada", "role": "reviewer", "may sign in": "no", "second factor": "", "sessions": 0}
    ]
    assert harvester("user", "enable", "ada").code == 0
    assert _account(data, "ada").active
    assert right("analytical engine", _account(data, "ada").password_hash)


@pytest.mark.parametrize("command", ["disable", "enable"])
def test_an_account_that_is_not_there_cannot_be_changed(harvester, command: str) -> None:
    ended = harvester("user", command, "nobody")
    assert ended.code == 4
    assert "'nobody'" in ended.told


def test_the_last_operator_stays_one_and_may_sign_in(harvester, given) -> None:
    given("analytical engine")
    harvester(*ADD, "operator")
    given("analytical engine")
    for words in (("disable", "ada"), ("role", "ada", "reviewer"), ("add", "ada", "--role", "reviewer")):
        ended = harvester("user", *words)
        assert ended.code == 8, words
        assert "'ada' is the last operator who may sign in (make somebody else an operator first)" in ended.told
    given("difference engine")
    harvester("user", "add", "grace", "--role", "reviewer")
    assert harvester("user", "role", "grace", "operator").code == 0
    assert harvester("user", "role", "ada", "reviewer").code == 0
    assert harvester("user", "disable", "grace").code == 8
    assert [one["role"] for one in harvester("user", "list", "--json").json] == ["reviewer", "operator"]


def test_reset_takes_the_second_factor_off_and_a_new_password_leaves_it(harvester, data: Path, given) -> None:
    given("analytical engine")
    harvester(*ADD, "reviewer")
    with closing(Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")) as catalogue:
        catalogue.factors.begin("ada", "KEY")
        catalogue.factors.turn_on("ada", "KEY", 1, ["a"], but="")
    for command, factor, told in (
        ("password", "on", "ada has a new password"),
        ("reset", "", "ada has a new password and no second factor any more"),
        ("reset", "", "ada has a new password"),
    ):
        given("difference engine")
        assert harvester("user", command, "ada").err.strip() == told
        assert harvester("user", "list", "--json").json[0]["second factor"] == factor


def test_a_link_is_printed_by_which_somebody_is_invited_or_chooses_a_new_password(
    harvester, data: Path, given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARVESTER_PUBLIC_URL", "https://catalogue.example/")
    given("analytical engine")
    harvester(*ADD, "operator")
    for words in (("invite", "--role", "reviewer"), ("reset", "ada", "--link")):
        ended = harvester("user", *words)
        assert ended.out.startswith("https://catalogue.example/en/join/")
        assert len(ended.out.strip().rpartition("/")[2]) == 43
    assert right("analytical engine", _account(data, "ada").password_hash)
    with closing(Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")) as catalogue:
        assert [(one.role, one.login) for one in catalogue.links.all()] == [("reviewer", None), (None, "ada")]
    assert harvester("user", "reset", "nobody", "--link").code == 4
