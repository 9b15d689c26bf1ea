"""What commands store is readable by its owner alone."""

from __future__ import annotations

import os
from pathlib import Path


def test_what_a_command_stores_is_its_owners_alone(harvester, data: Path) -> None:
    before = os.umask(0o022)
    try:
        harvester("sources", "list")
        data.joinpath("catalogue.sqlite").chmod(0o644)  # as earlier versions left it
        harvester("runs")
        open_to_others = [file for file in (data, *data.rglob("*")) if file.stat().st_mode & 0o077]
    finally:
        os.umask(before)
    assert data.joinpath("catalogue.sqlite").exists()
    assert open_to_others == []
