"""What to do where a real part that a test needs cannot be had."""

from __future__ import annotations

import os

import pytest

IN_CI = os.environ.get("CI", "").lower() == "true"


def absent(what: str, remedy: str) -> None:
    """Skip because a real part cannot be had here; where CI=true nothing skips, it fails with the remedy."""
    message = f"{what}: {remedy}"
    if IN_CI:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
