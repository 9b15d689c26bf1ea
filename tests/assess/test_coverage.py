"""How much a source tells, of records made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from harvester.assess.coverage import Coverage, coverage, filled
from harvester.model import Basis, Fields, Record
from harvester.model.fields import FIELD_KINDS


def record(basis: dict[str, Basis] | None = None, **fields: Any) -> Record:
    return Record(key="entry", reader="test/1", fields=Fields(**fields), identifiers=(), basis=basis or {})


def test_false_and_zero_fill_a_field_and_empty_values_do_not() -> None:
    nothing = Fields(name=None, topics=(), short_description={})
    some = Fields(name="CKAN", archived=False, stars=0, topics=("data",), short_description={"en": "A portal."})
    assert filled(nothing) == 0
    assert filled(some) == pytest.approx(5 / len(FIELD_KINDS))


def test_fields_are_counted_by_record_and_everything_else_by_entry() -> None:
    repository = record(name="CKAN", license="MIT")
    declared = record(name="CKAN", license_text="see the file", use_cases=("open-data",))
    found = coverage([(repository, declared), (record(name="X"),)])
    assert found.fields_filled == round((2 + 3 + 1) / 3 / len(FIELD_KINDS), 3)
    assert (found.licence_stated, found.licence_recognised) == (1, 1.0)
    assert (found.use_case_declared, found.use_case_inferred) == (0.5, 0.0)


def test_a_licence_that_is_stated_and_not_understood_is_not_recognised() -> None:
    entries = [(record(license_text="all rights"),), (record(license="MIT"),), (record(),), (record(),)]
    found = coverage(entries)
    assert (found.licence_stated, found.licence_recognised) == (2, 0.5)


def test_a_use_case_that_was_concluded_is_told_apart_from_one_that_was_said() -> None:
    concluded = record({"use_cases": Basis.INFERRED}, use_cases=("open-data",))
    translated = record({"use_cases": Basis.TRANSLATED}, use_cases=("open-data",))
    found = coverage([(concluded,), (translated,), (concluded, translated), (record(),)])
    assert (found.use_case_declared, found.use_case_inferred) == (0.5, 0.25)


def test_a_source_without_entries_has_no_shares() -> None:
    assert coverage([]) == Coverage(
        fields_filled=None, licence_stated=0, licence_recognised=None, use_case_declared=None, use_case_inferred=None
    )
