"""`harvester vocabulary`: no term of a source is dropped without somebody being told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.builders import harvest, item

from harvester.catalogue import Catalogue


def _with_terms(data: Path) -> None:
    data.mkdir(parents=True)
    catalogue = Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")
    try:
        harvest(
            catalogue,
            [
                item("one", categories=("Time travel", "voip")),
                item("two", categories=("time-travel",)),
                item("three", categories=("alchemy",)),
                item("four"),
            ],
        )
        harvest(catalogue, [item("five", categories=("alchemy", "Time Travel"))], name="beta")
    finally:
        catalogue.close()


def test_terms_without_a_decision_are_listed_with_where_they_stand(harvester, data: Path) -> None:
    _with_terms(data)
    rows = harvester("vocabulary", "gaps", "--json").json
    assert [(row["vocabulary"], row["term"], row["records"], row["sources"]) for row in rows] == [
        ("test", "Time travel", 3, "alpha, beta"),
        ("test", "alchemy", 2, "alpha, beta"),
        ("test", "voip", 1, "alpha"),
    ]
    assert rows[0]["example"] == "https://example.org/one"


def test_gaps_of_one_source(harvester, data: Path) -> None:
    _with_terms(data)
    rows = harvester("vocabulary", "gaps", "beta", "--json").json
    assert {row["term"] for row in rows} == {"alchemy", "Time Travel"}


def test_what_a_table_decides_is_no_gap(harvester, data: Path) -> None:
    data.mkdir(parents=True)
    catalogue = Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}")
    try:
        raw, reading = item("one", categories=("VoIP", "whistleblowing"))
        record = replace(reading.records[0], reader="publiccode/9")
        harvest(catalogue, [(raw, replace(reading, records=(record,)))])
    finally:
        catalogue.close()
    assert "every term that records use is decided" in harvester("vocabulary", "gaps").err


def test_a_source_that_is_not_there_is_an_error(harvester) -> None:
    ended = harvester("vocabulary", "gaps", "nowhere")
    assert ended.code == 4
    assert "nowhere" in ended.told


def test_the_vocabularies_are_listed(harvester) -> None:
    rows = {row["vocabulary"]: row for row in harvester("vocabulary", "list", "--json").json}
    assert 0 < rows["publiccode"]["mapped"] <= rows["publiccode"]["terms"]
