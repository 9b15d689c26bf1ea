"""What the demo stores, with passwords that everybody knows, never becomes an installation by accident."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hashes import cheap_hash

from harvester.catalogue import Catalogue
from harvester.catalogue.people import MACHINE
from harvester.cli import demo as demo_command
from harvester.cli.demo import SIGN_INS
from harvester.config import Settings

HASH = cheap_hash("a long enough password")


@pytest.fixture
def demos(data: Path) -> Path:
    """A folder in which the demo set up its accounts, as an earlier version did with that of an installation."""
    data.mkdir()
    catalogue = Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")
    for login, role, _ in SIGN_INS:
        catalogue.accounts.add(login, HASH, role, actor="demo")
    catalogue.close()
    return data


@pytest.mark.parametrize("command", ["serve", "up"])
@pytest.mark.parametrize("bind", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.org:80"])
def test_a_demos_folder_is_served_on_loopback_alone(
    demos: Path, harvester, monkeypatch: pytest.MonkeyPatch, command: str, bind: str
) -> None:
    monkeypatch.setenv("HARVESTER_BIND", bind)
    ended = harvester(command)
    assert ended.code == 3
    assert "the demo's passwords are public" in ended.err
    assert demos.joinpath("catalogue.sqlite").exists()


@pytest.mark.parametrize("command", ["serve", "up", "worker"])
def test_who_works_on_a_demos_folder_says_so(
    demos: Path, harvester, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("uvicorn.Server.run", lambda _server: None)
    monkeypatch.setattr("harvester.runs.worker.Worker.work", lambda _worker: None)
    monkeypatch.setenv("HARVESTER_BIND", "127.0.0.1:0")
    ended = harvester(command)
    assert ended.code == 0, ended.err
    assert f"{demos} is the demo's" in ended.err.replace("\n", " ")


def test_an_installation_is_not_the_demos(data: Path) -> None:
    data.mkdir()
    catalogue = Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")
    catalogue.accounts.add("demo", HASH, "operator")
    catalogue.accounts.add("ada", HASH, "operator", actor=MACHINE)
    catalogue.accounts.disable("ada", actor="demo")  # somebody may be called so
    assert not catalogue.accounts.are_the_demos()
    catalogue.close()


def test_the_demo_has_catalogue_and_index_of_its_own_whatever_is_set(data: Path) -> None:
    settings = Settings(data=data, database="postgresql+psycopg://host/catalogue", index="http://search:9200")
    own = demo_command._of_its_own(settings)
    assert own.database_url == f"sqlite:///{data / 'demo' / 'catalogue.sqlite'}"
    assert own.index_target == str(data / "demo" / "index")
