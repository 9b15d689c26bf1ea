"""`harvester erase`: says what goes, asks, and leaves nothing."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest
from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue


@pytest.fixture
def tool(data: Path) -> str:
    with closing(Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")) as catalogue:
        harvest(catalogue, [item("tool", name="Quirrel's desk"), item("other")], trusted=True)
        return str(by_name(catalogue, "Quirrel's desk").id)


def test_it_says_what_goes_and_asks_first(harvester, data: Path, tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = harvester("erase", tool, "--dry-run")
    assert (said.code, "Quirrel's desk: 1 records of 1 entries, 1 versions" in said.err) == (0, True)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert harvester("erase", tool).code != 0
    with closing(Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")) as catalogue:
        assert catalogue.software.get(tool).fields.name == "Quirrel's desk"


def test_what_was_erased_is_in_no_file_of_the_catalogue(harvester, data: Path, tool: str) -> None:
    done = harvester("erase", tool, "--yes")
    assert done.code == 0
    assert f"{tool} is erased" in done.err
    with closing(Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")) as catalogue:
        assert catalogue.software.get(tool).fields.name is None
        assert [one.fields.name for one in catalogue.software.published(10)] == ["other"]
    held = b"".join(path.read_bytes() for path in data.glob("catalogue.sqlite*"))
    assert b"Quirrel" not in held
    missing = harvester("erase", "nothing", "--yes")
    assert missing.code != 0
    assert "no software 'nothing'" in missing.err
