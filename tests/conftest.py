"""Fixtures that every room shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

IN_CI = os.environ.get("CI", "").lower() == "true"


def absent(what: str, remedy: str) -> None:
    """Skip because a real part cannot be had here; where CI=true nothing skips, it fails with the remedy."""
    message = f"{what}: {remedy}"
    if IN_CI:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of recorded sources."""
    default = Path(__file__).parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("HARVESTER_CORPUS", default))
    if not (folder / "README.md").is_file():
        absent(f"no recorded corpus at {folder}", "set HARVESTER_CORPUS to its folder")
    return folder.resolve()
