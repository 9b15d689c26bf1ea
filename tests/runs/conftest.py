"""A catalogue database, its settings and a slow server to harvest from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.web import SlowCatalogue, slow_catalogue

from harvester.config import Settings


@pytest.fixture
def web() -> Iterator[SlowCatalogue]:
    """Twelve pages of five entries, 40 ms each."""
    with slow_catalogue() as served:
        yield served


@pytest.fixture
def settings(web: SlowCatalogue, database_url: str, tmp_path: Path) -> Settings:
    """Everything in a folder of the test, everything asked through the slow server."""
    return Settings(
        data=tmp_path / "data", database=database_url, simulated_web=web.address, index=str(tmp_path / "index")
    )
