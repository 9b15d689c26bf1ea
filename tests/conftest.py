"""Fixtures that every room shares."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import support.examples  # noqa: F401 - names the profiles of Hypothesis
from support.certificate import write_certificate
from support.harvested import HarvestedCorpus, shared_harvest
from support.postgresql_server import binaries, postgresql
from support.presence import IN_CI, absent
from support.templates import lay_nothing, lay_tables

from harvester.catalogue import Catalogue

__all__ = ["IN_CI", "absent"]

_LONGEST_FIRST = (
    "test_corpus_end_to_end.py",
    "test_parity.py",
    "test_pages_in_a_browser.py",
    "test_demo_end_to_end.py",
)
"""One worker takes each of these files whole: begun late, the other worker would wait for it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take minutes first, then the others as they stand."""
    place = {name: place for place, name in enumerate(_LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


_LONGEST_NAME = 80


def pytest_make_parametrize_id(val: object) -> str | None:
    """Of a long text its beginning and length: names of a megabyte went to every process and into every log."""
    if isinstance(val, str | bytes) and len(val) > _LONGEST_NAME:
        return f"{val[: _LONGEST_NAME // 2]!r}...{len(val)}"
    return None


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of recorded sources."""
    default = Path(__file__).parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("HARVESTER_CORPUS", default))
    if not (folder / "README.md").is_file():
        absent(f"no recorded corpus at {folder}", "set HARVESTER_CORPUS to its folder")
    return folder.resolve()


@pytest.fixture(scope="session")
def harvested_corpus(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> HarvestedCorpus:
    """The recorded corpus as `make corpus` harvests it, for all who need one: not to be changed."""
    base = tmp_path_factory.getbasetemp()
    workers_share = "PYTEST_XDIST_WORKER" in os.environ
    return shared_harvest(corpus, (base.parent if workers_share else base) / "harvested-corpus")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and its certificate of 127.0.0.1, which nobody but itself vouches for."""
    return write_certificate(tmp_path_factory.mktemp("tls") / "certificate.pem")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server, without a database name."""
    if binaries() is None:
        absent("no PostgreSQL server", "install the package postgresql")
    with postgresql() as url:
        yield url


_DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql")))


def _database(request: pytest.FixtureRequest, folder: Path, name: str) -> str:
    """On PostgreSQL one for all tests of a process, which use it one after the other."""
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'catalogue.sqlite'}"
    server: str = request.getfixturevalue("postgresql_server")
    return f"{server}/{name}"


@pytest.fixture(params=_DATABASES)
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, once on SQLite and once on PostgreSQL."""
    url = _database(request, tmp_path, "bare")
    lay_nothing(url)
    return url


@pytest.fixture(params=_DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with the tables of an empty catalogue, once on SQLite and once on PostgreSQL."""
    url = _database(request, tmp_path, "laid")
    lay_tables(url)
    return url


@pytest.fixture
def catalogue(database_url: str) -> Iterator[Catalogue]:
    """An empty catalogue, on each database."""
    opened = Catalogue.open(database_url)
    yield opened
    opened.close()
