"""Stage 2: no unusable value, and no reading that contradicts itself, gets through."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from harvester.model import (
    Fields,
    Identifier,
    Issue,
    Outcome,
    Page,
    RawItem,
    Reading,
    Record,
    Severity,
    Unit,
)
from pipelines.normalize import ReadPage
from pipelines.validate import ValidatePipeline, validated

RAW = RawItem(
    key="item",
    format="html-link",
    payload=b"{}",
    url="https://source.example/item",
    fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
)
NAMES = (Identifier("repo", "https://github.com/a/b"),)
ADDRESSES = ("code_repository", "landing_url", "documentation", "logo", "is_based_on")


def read(**fields: Any) -> Reading:
    record = Record(key="entry", reader="test/1", fields=Fields(**fields), identifiers=NAMES)
    return Reading(outcome=Outcome.READ, records=(record,))


def test_a_good_reading_passes_as_it_is() -> None:
    good = read(name="Permits", **dict.fromkeys(ADDRESSES, "https://example.org/a"))
    assert validated(RAW, good) == good


@pytest.mark.parametrize("field", ADDRESSES)
@pytest.mark.parametrize(
    "value",
    ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "//a.example", "https://", "https://[::1", "x", ""],
)
def test_an_unusable_address_is_taken_out_and_told(field: str, value: str) -> None:
    found = validated(RAW, read(name="Permits", **{field: value}))
    assert found.outcome is Outcome.READ
    (record,) = found.records
    assert getattr(record.fields, field) is None
    assert record.fields.name == "Permits"
    assert record.identifiers == NAMES
    (issue,) = found.issues
    assert (issue.code, issue.place) == ("unusable-address", field)
    assert issue.severity is Severity.WARNING
    assert issue.value == value
    assert issue.remedy


def test_a_long_unusable_value_is_cut_in_the_issue() -> None:
    (issue,) = validated(RAW, read(logo="x" * 5000)).issues
    assert issue.value == "x" * 200


def test_a_long_name_is_cut_and_told() -> None:
    found = validated(RAW, read(name="n" * 201))
    name = found.records[0].fields.name
    assert name is not None
    assert len(name) == 200
    assert name.endswith("…")
    assert [issue.code for issue in found.issues] == ["long-name"]
    assert validated(RAW, read(name="n" * 200)).issues == ()


def test_several_faults_are_each_told_once() -> None:
    found = validated(RAW, read(name="n" * 300, logo="x", documentation="y"))
    assert sorted(issue.code for issue in found.issues) == ["long-name", "unusable-address", "unusable-address"]


def test_what_was_already_told_stays() -> None:
    told = Issue.of("url-mismatch", place="url", repository="https://x.example/a")
    given = Reading(outcome=Outcome.READ, records=read(logo="x").records, issues=(told,))
    assert [issue.code for issue in validated(RAW, given).issues] == ["url-mismatch", "unusable-address"]


def test_a_reading_without_a_record_is_refused() -> None:
    found = validated(RAW, Reading(outcome=Outcome.READ))
    assert found.outcome is Outcome.REFUSED
    assert [(issue.code, issue.severity) for issue in found.issues] == [("empty-reading", Severity.ERROR)]


@pytest.mark.parametrize("issues", [(), (Issue.of("charset"),)])
def test_a_refusal_has_an_error(issues: tuple[Issue, ...]) -> None:
    found = validated(RAW, Reading(outcome=Outcome.REFUSED, issues=issues))
    assert found.outcome is Outcome.REFUSED
    assert found.issues[: len(issues)] == issues
    assert found.issues[-1].severity is Severity.ERROR
    assert "item" in found.issues[-1].message


def test_a_refusal_that_says_why_is_left_alone() -> None:
    given = Reading(outcome=Outcome.REFUSED, issues=(Issue.of("yaml-syntax", why="no colon"),))
    assert validated(RAW, given) == given


def test_what_is_skipped_has_a_reason() -> None:
    assert validated(RAW, Reading(outcome=Outcome.SKIPPED)).reason
    assert validated(RAW, Reading(outcome=Outcome.SKIPPED, reason="shared host")).reason == "shared host"


def test_a_page_keeps_its_items_in_their_order_each_validated() -> None:
    readings = (read(name="A"), Reading(outcome=Outcome.READ), read(logo="x"))
    page = ReadPage(Page(unit=Unit("all"), raw_items=(RAW,) * 3), tuple((RAW, reading) for reading in readings))
    found = ValidatePipeline().process_item(page)
    assert isinstance(found, ReadPage)
    assert found.page == page.page
    assert found.items == tuple((RAW, validated(RAW, reading)) for reading in readings)


def test_anything_but_a_page_passes() -> None:
    thing = object()
    assert ValidatePipeline().process_item(thing) is thing
