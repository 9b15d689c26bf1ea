"""`harvester user add`: accounts whose passwords are kept as argon2 hashes alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.catalogue import Catalogue
from harvester.web.passwords import right


def _account(data: Path, login: str):
    catalogue = Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}", migrate=False)
    try:
        return catalogue.accounts.get(login)
    finally:
        catalogue.close()


def test_an_account_can_sign_in_with_its_password(harvester, data: Path) -> None:
    ended = harvester("user", "add", "ada", "--role", "reviewer", "--password", "analytical engine")
    assert (ended.code, ended.out) == (0, "")
    assert "ada may sign in as reviewer" in ended.err
    account = _account(data, "ada")
    assert account.role == "reviewer"
    assert account.password_hash.startswith("$argon2id$")
    assert right("analytical engine", account.password_hash)


def test_adding_again_gives_a_new_role_and_password(harvester, data: Path) -> None:
    harvester("user", "add", "ada", "--role", "reviewer", "--password", "analytical engine")
    harvester("user", "add", "ada", "--role", "operator", "--password", "difference engine")
    account = _account(data, "ada")
    assert account.role == "operator"
    assert right("difference engine", account.password_hash)
    assert not right("analytical engine", account.password_hash)


def test_the_password_may_come_from_the_environment(harvester, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARVESTER_NEW_PASSWORD", "analytical engine")
    assert harvester("user", "add", "ada", "--role", "operator").code == 0
    assert right("analytical engine", _account(data, "ada").password_hash)


@pytest.mark.parametrize("password", ["", "seven77"])
def test_a_short_password_is_refused(harvester, data: Path, password: str) -> None:
    ended = harvester("user", "add", "ada", "--role", "reviewer", "--password", password)
    assert ended.code == 8
    assert f"{len(password)} characters" in ended.told
    assert "at least 8" in ended.told
    assert not data.exists()


def test_a_role_is_one_of_two(harvester) -> None:
    ended = harvester("user", "add", "ada", "--role", "admin", "--password", "analytical engine")
    assert ended.code == 2
    assert "reviewer" in ended.err
    assert "operator" in ended.err


def test_a_disabled_account_is_refused_until_it_is_added_again(harvester, data: Path) -> None:
    added = ("user", "add", "ada", "--role", "operator", "--password", "analytical engine")
    harvester(*added)
    ended = harvester("user", "disable", "ada")
    assert (ended.code, ended.err.strip()) == (0, "ada may not sign in any more")
    assert not _account(data, "ada").active
    harvester(*added)
    assert _account(data, "ada").active


def test_an_account_that_is_not_there_cannot_be_disabled(harvester) -> None:
    ended = harvester("user", "disable", "nobody")
    assert ended.code == 4
    assert "'nobody'" in ended.told
