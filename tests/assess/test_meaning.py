"""Readings in our vocabularies: crosswalks before inference, and nothing over what was declared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harvester.assess import crosswalk
from harvester.assess.meaning import understood
from harvester.assess.organisations import folded
from harvester.model import AUDIENCES, ORGANISATION_KINDS, USE_CASES, Basis, Fields, Organisation, Outcome, Record
from harvester.model import Reading as Word
from harvester.resolve.merge import SourcedRecord, merge


def record(reader: str = "publiccode/1", key: str = "publiccode.yml", **fields: Any) -> Record:
    """A record that a reader made."""
    return Record(key=key, reader=reader, fields=Fields(**fields), identifiers=())


def meant(*records: Record) -> tuple[Record, ...]:
    """The records as they are understood."""
    return understood(Word(outcome=Outcome.READ, records=records)).records


def test_a_category_becomes_the_use_case_that_it_means_and_says_so() -> None:
    (found,) = meant(record(categories=("whistleblowing", "voip")))
    assert found.fields.use_cases == ("transparency-monitoring",)
    assert found.fields.categories == ("whistleblowing", "voip"), "the source's own words stay"
    assert (found.basis["use_cases"], found.because["use_cases"]) == (
        Basis.TRANSLATED,
        {"transparency-monitoring": "whistleblowing"},
    )


def test_a_category_can_mean_an_audience() -> None:
    (found,) = meant(record(categories=("healthcare",)))
    assert found.fields.audiences == ("healthcare",)
    assert found.basis["audiences"] is Basis.TRANSLATED


def test_what_is_declared_is_neither_translated_nor_inferred_over() -> None:
    (found,) = meant(
        record(use_cases=("petition",), audiences=("culture",), categories=("whistleblowing", "healthcare"))
    )
    assert (found.fields.use_cases, found.fields.audiences) == (("petition",), ("culture",))
    assert found.basis == {}


def test_words_decide_only_where_no_category_does() -> None:
    text = {"en": "A participatory budgeting platform for cities"}
    (by_words,) = meant(record(short_description=text, categories=("voip",)))
    assert by_words.fields.use_cases == ("participatory-budgeting",)
    assert by_words.basis["use_cases"] is Basis.INFERRED
    assert by_words.because["use_cases"]["participatory-budgeting"].lower() == "participatory budgeting"
    (by_category,) = meant(record(short_description=text, categories=("whistleblowing",)))
    assert by_category.fields.use_cases == ("transparency-monitoring",)


def test_each_use_case_cites_its_own_words_alone() -> None:
    (found,) = meant(record(short_description={"en": "Online petitions and participatory budgeting for cities"}))
    own = {"participatory-budgeting": "participatory budgeting", "petition": "Online petitions"}
    assert found.because["use_cases"] == own
    merged = merge([SourcedRecord(1, "alpha", found)])
    cited = {one.value: one.because for one in merged.evidence["use_cases"]}
    assert cited == own


def test_a_repository_concludes_nothing_where_its_file_says_it() -> None:
    repository = record("github/1", "repository", short_description={"und": "An open data portal"})
    assert meant(repository)[0].fields.use_cases == ("open-data-portal",)
    both = meant(repository, record(categories=("whistleblowing",)))
    assert [one.fields.use_cases for one in both] == [(), ("transparency-monitoring",)]
    assert "use_cases" not in both[0].basis


def test_understanding_again_changes_nothing() -> None:
    once = meant(record(categories=("whistleblowing",), organisations=(Organisation("Comune di Prova"),)))
    assert meant(*once) == once


def test_a_reading_without_records_stays_as_it_is() -> None:
    skipped = Word(outcome=Outcome.SKIPPED, reason="a fork")
    assert understood(skipped) is skipped


@pytest.mark.parametrize("vocabulary", crosswalk.vocabularies())
def test_every_crosswalk_leads_to_our_codes(vocabulary: str) -> None:
    codes = {code.removeprefix("~") for codes in crosswalk.table(vocabulary).values() for code in codes}
    assert codes <= set(USE_CASES) | {f"audience:{code}" for code in AUDIENCES}
    assert codes


def test_a_term_that_means_none_of_ours_is_known_and_a_stranger_is_a_gap() -> None:
    assert crosswalk.is_known("publiccode", "voip")
    assert not crosswalk.is_known("publiccode", "time-travel")
    assert not crosswalk.is_known("nobody", "voip")


@pytest.mark.parametrize(
    ("name", "kind", "country"),
    [
        ("Comune di Prova", "local", "IT"),
        ("Città Metropolitana di Prova", "local", "IT"),
        ("Regione Prova", "regional", "IT"),
        ("Ville de Prova", "local", None),
        ("Ministère de la Culture", "national", None),
        ("Prova GmbH", "company", None),
        ("Prova S.r.l.", "company", "IT"),
        ("Code for Prova", "civil-society", None),
        ("Prova e.V.", "civil-society", "DE"),
        ("United Nations Prova", "international", None),
        ("Prova", None, None),
        ("The Village Voice", None, None),
    ],
)
def test_a_bodys_name_tells_its_kind(name: str, kind: str | None, country: str | None) -> None:
    found = folded(Organisation(name))
    assert (found.name, found.kind, found.country) == (name, kind, country)


def test_names_of_one_organisation_are_folded_to_one() -> None:
    found = {folded(Organisation(name)) for name in ("DINUM", "Etalab", "dinum", "DINSIC")}
    assert len(found) == 1
    assert found.pop().kind == "national"


def test_what_the_source_says_goes_first_and_a_contradiction_folds_nothing() -> None:
    said = folded(Organisation("GSA", "https://example.org", None, "company"))
    assert (said.uri, said.kind, said.country) == ("https://example.org", "company", "US")
    elsewhere = Organisation("GSA", None, "FR")
    assert folded(elsewhere) == elsewhere


def test_kinds_of_known_organisations_are_kinds() -> None:
    from harvester.assess.phrases import load

    table = load("organisations.json")
    assert {row["kind"] for row in (*table["known"], *table["patterns"])} <= set(ORGANISATION_KINDS)
    names = [name for row in table["known"] for name in (row["name"], *row.get("also", ()))]
    assert len(names) == len({name.casefold() for name in names})


def test_spaces_in_a_name_are_mended() -> None:
    assert folded(Organisation(" Prova  Uno ")) == replace(Organisation("Prova Uno"))


def test_a_term_that_only_leans_decides_nothing_alone() -> None:
    assert meant(record(categories=("data-collection",)))[0].fields.use_cases == ()
    (found,) = meant(record(short_description={"en": "Charts for everybody"}, categories=("data-collection",)))
    assert (found.fields.use_cases, found.basis["use_cases"]) == (("data-tools",), Basis.INFERRED)
    assert found.because["use_cases"] == {"data-tools": "data-collection, Charts"}
