"""What Wikidata says of an item: statements that hold, by their rank."""

from __future__ import annotations

from typing import Any

import pytest
from normalize.file_items import item

from harvester.model import Record
from harvester.normalize import wikidata

OLD, NEW, THIRD = (f"https://github.com/example/{name}" for name in ("old", "new", "third"))
RANK = "http://wikiba.se/ontology#"


def record(*rows: dict[str, Any]) -> Record:
    told = [{"what": "label", "value": "Tide", "language": "en"}, *rows]
    raw = item({"asked": "Q1", "item": "Q1", "software": True, "rows": told}, "wikidata")
    return wikidata.read(raw).records[0]


def repository(value: str, rank: str = "NormalRank", **more: str) -> dict[str, Any]:
    return {"what": "repository", "value": value, "rank": RANK + rank, **more}


@pytest.mark.parametrize(
    ("rows", "address", "names"),
    [
        ([repository(OLD), repository(NEW, "PreferredRank")], NEW, {"wikidata:Q1", f"repo:{NEW}"}),
        ([repository(OLD, "DeprecatedRank"), repository(NEW)], NEW, {"wikidata:Q1", f"repo:{NEW}"}),
        ([repository(OLD, end="2020-01-01T00:00:00Z"), repository(NEW)], NEW, {"wikidata:Q1", f"repo:{NEW}"}),
        ([repository(OLD, end="t1783")], None, {"wikidata:Q1"}),  # ended, nobody knows when
        ([repository(OLD, end="2999-01-01T00:00:00Z")], OLD, {"wikidata:Q1", f"repo:{OLD}"}),
        ([{"what": "repository", "value": OLD}], OLD, {"wikidata:Q1", f"repo:{OLD}"}),  # stored before ranks were asked
    ],
)
def test_a_repository_that_holds_names_the_software(
    rows: list[dict[str, Any]], address: str | None, names: set[str]
) -> None:
    found = record(*rows)
    assert found.fields.code_repository == address
    assert {str(name) for name in found.identifiers} == names


def test_a_repository_that_ended_suggests_nothing_either() -> None:
    found = record(repository(OLD, "DeprecatedRank"), repository(NEW), repository(THIRD, "PreferredRank"))
    assert found.fields.code_repository == THIRD
    assert [str(name) for name in found.suggests] == [f"repo:{NEW}"]
