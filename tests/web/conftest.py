"""Fixtures of the pages' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pages_site import Site, served
from support.builders import by_name


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A filled site that the tests of a module share: they must not change it."""
    with served(tmp_path_factory.mktemp("site")) as opened:
        yield opened


@pytest.fixture
def fresh_site(tmp_path: Path) -> Iterator[Site]:
    """A filled site of a test's own."""
    with served(tmp_path) as opened:
        yield opened


@pytest.fixture
def find(site: Site) -> Callable[[str], Any]:
    """A software of the shared site by its name."""
    return lambda name: by_name(site.catalogue, name)
