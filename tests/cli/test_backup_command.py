"""`harvester backup` and `harvester restore`: the same catalogue elsewhere, searched, and nothing overwritten."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from support.builders import harvest, item
from support.killing import kept

from harvester.catalogue import Catalogue
from harvester.cli.exits import EXIT_INPUT


def test_a_backup_is_brought_back_elsewhere_with_its_index(
    harvester, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARVESTER_GITHUB_TOKEN", "ghp_" + "a" * 36)
    monkeypatch.setenv("HARVESTER_TIMEZONE", "Europe/Rome")
    with closing(Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")) as catalogue:
        harvest(catalogue, [item(f"tool-{n}") for n in range(7)], "alpha", trusted=True)
        before = kept(catalogue)
    folder = tmp_path / "backup"
    made = harvester("backup", str(folder))
    assert (made.code, "7 softwares" in made.err) == (0, True)
    assert folder.stat().st_mode & 0o077 == 0
    settings = (folder / "settings.env").read_text()
    assert "HARVESTER_TIMEZONE=Europe/Rome" in settings
    assert "# HARVESTER_GITHUB_TOKEN is a secret" in settings
    assert "ghp_" not in settings + (folder / "backup.json").read_text()
    again = harvester("backup", str(folder))
    assert (again.code, "holds something" in again.err) == (EXIT_INPUT, True)

    held = harvester("restore", str(folder))
    assert held.code != 0
    assert "holds something: 1 rows of source, 7 rows of software" in held.err
    monkeypatch.setenv("HARVESTER_DATA", str(tmp_path / "elsewhere"))
    back = harvester("restore", str(folder))
    assert (back.code, "7 published" in back.err) == (0, True)
    assert harvester("index", "check").code == 0
    with closing(Catalogue.open(f"sqlite:///{tmp_path / 'elsewhere' / 'catalogue.sqlite'}")) as catalogue:
        assert kept(catalogue) == before
    assert "catalogue brought back" in {line["action"] for line in harvester("audit", "--json").json}

    monkeypatch.setenv("HARVESTER_DATA", str(tmp_path / "third"))
    with (folder / "catalogue.sqlite").open("r+b") as file:
        file.truncate(4096)
    cut = harvester("restore", str(folder))
    assert (cut.code, "catalogue.sqlite' is not as it was written" in cut.err) == (EXIT_INPUT, True)
    nothing = harvester("restore", str(tmp_path))
    assert (nothing.code, "holds no backup" in nothing.err) == (EXIT_INPUT, True)
    assert not (tmp_path / "third").exists()
