"""Catalogues for tests, copied from one that is made once a process: to make its tables takes ten times as long."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from support.postgresql_server import create_database, empty_database

from harvester.catalogue import Catalogue

_LAID: set[str] = set()
"""The databases of PostgreSQL that have their tables."""
_HOME = tempfile.TemporaryDirectory(prefix="harvester-templates-")


def lay_nothing(url: str) -> None:
    """A database without tables."""
    if not url.startswith("sqlite"):
        create_database(url)


def lay_tables(url: str) -> None:
    """A database with the tables of an empty catalogue."""
    database = sa.make_url(url).database
    assert database
    if url.startswith("sqlite"):
        file = Path(database)
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_sqlite(), file)
    elif url in _LAID:  # half the time of another database, of which each has some three hundred files
        empty_database(url, but="alembic_version")
    else:
        create_database(url, template=_postgresql(url.removesuffix(database)))
        _LAID.add(url)


def new_folder(kind: str) -> Path:
    """A folder for a template of this kind, which lasts as long as this process."""
    return Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=_HOME.name))


@cache
def _sqlite() -> Path:
    file = new_folder("tables") / "catalogue.sqlite"
    Catalogue.open(f"sqlite:///{file}").close()
    return file


@cache
def _postgresql(server: str) -> str:
    name = "catalogue_template"
    create_database(server + name)
    Catalogue.open(server + name).close()
    return name
