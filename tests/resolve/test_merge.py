"""Who wins, where every value came from, and that the order of input does not matter."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import InputError
from harvester.model import Basis, Decision, Fields, Identifier, Operation, Organisation, Record
from harvester.resolve.merge import SourcedRecord, merge

REPOSITORY = Identifier("repo", "https://github.com/ckan/ckan")


def record(id: int, source: str = "github", *, priority: int = 40, **fields: Any) -> SourcedRecord:
    extra = {name: fields.pop(name) for name in ("basis", "because", "identifiers") if name in fields}
    extra.setdefault("identifiers", (REPOSITORY,))
    return SourcedRecord(
        id, source, Record(key="k", reader="test/1", fields=Fields(**fields), priority=priority, **extra)
    )


def decision(id: int, operation: Operation, field: str, value: Any, **more: Any) -> Decision:
    at = more.pop("at", datetime(2026, 1, 1, id % 24, tzinfo=UTC))
    return Decision(id=id, software="s", operation=operation, actor="ada", at=at, field=field, value=value, **more)


def test_the_highest_priority_wins_a_scalar_and_the_loser_is_kept() -> None:
    merged = merge([record(1, name="ckan"), record(2, "italia", priority=80, name="CKAN")])
    assert merged.fields.name == "CKAN"
    assert [(one.value, one.record, one.source, one.chosen) for one in merged.evidence["name"]] == [
        ("CKAN", 2, "italia", True),
        ("ckan", 1, "github", False),
    ]


def test_equal_priority_is_decided_by_source_and_then_by_record() -> None:
    merged = merge([record(3, "b", name="B"), record(9, "a", name="A9"), record(4, "a", name="A4")])
    assert merged.fields.name == "A4"


def test_all_who_say_what_won_are_its_sources() -> None:
    merged = merge([record(1, "a", name="CKAN"), record(2, "b", name="CKAN"), record(3, "c", name="Other")])
    assert [one.chosen for one in merged.evidence["name"]] == [True, True, False]


def test_a_lower_priority_fills_what_the_higher_does_not_know() -> None:
    merged = merge([record(1, priority=80, name="CKAN"), record(2, license="AGPL-3.0-or-later", archived=False)])
    assert merged.fields.license == "AGPL-3.0-or-later"
    assert merged.fields.archived is False


def test_what_nobody_knows_has_neither_value_nor_evidence() -> None:
    merged = merge([record(1, name="CKAN")])
    assert merged.fields == Fields(name="CKAN")
    assert set(merged.evidence) == {"name"}


def test_a_union_keeps_every_value_in_order_of_priority_with_each_source() -> None:
    merged = merge([record(1, topics=("data", "ckan")), record(2, priority=80, topics=("Open-Data", "CKAN"))])
    assert merged.fields.topics == ("Open-Data", "CKAN", "data")
    assert [(one.value, one.record) for one in merged.evidence["topics"] if one.chosen] == [
        ("Open-Data", 2),
        ("CKAN", 2),
        ("data", 1),
        ("ckan", 1),
    ]


def test_text_is_chosen_for_each_language() -> None:
    merged = merge(
        [
            record(1, short_description={"en": "portal", "und": "x"}),
            record(2, priority=80, short_description={"en": "Portal", "fr": "Portail"}),
        ]
    )
    assert merged.fields.short_description == {"en": "Portal", "fr": "Portail", "und": "x"}
    assert [(one.value, one.chosen) for one in merged.evidence["short_description"]] == [
        ({"en": "Portal"}, True),
        ({"fr": "Portail"}, True),
        ({"en": "portal"}, False),
        ({"und": "x"}, True),
    ]


def test_one_organisation_is_one_though_sources_know_different_things_of_it() -> None:
    merged = merge(
        [
            record(
                1, priority=80, organisations=(Organisation("City of Paris"), Organisation("Springfield", None, "US"))
            ),
            record(2, organisations=(Organisation("city of  paris", "https://paris.fr", "FR"),)),
            record(3, priority=20, organisations=(Organisation("Springfield", None, "CA"),)),
        ]
    )
    assert merged.fields.organisations == (
        Organisation("City of Paris", "https://paris.fr", "FR"),
        Organisation("Springfield", None, "US"),
        Organisation("Springfield", None, "CA"),
    )
    assert merged.evidence["organisations"][0].value == {
        "name": "City of Paris",
        "uri": None,
        "country": None,
        "kind": None,
    }


def test_evidence_is_json_and_tells_basis_and_reason() -> None:
    merged = merge(
        [
            record(
                7,
                release_date=date(2026, 2, 1),
                date_modified=datetime(2026, 3, 1, 12, tzinfo=UTC),
                use_cases=("petition",),
                basis={"use_cases": Basis.INFERRED, "date_modified": Basis.FORGE},
                because={"use_cases": "e-petitions"},
            )
        ]
    )
    assert merged.evidence["release_date"][0].value == "2026-02-01"
    assert merged.evidence["date_modified"][0].value == "2026-03-01T12:00:00Z"
    assert merged.evidence["date_modified"][0].basis is Basis.FORGE
    inferred = merged.evidence["use_cases"][0]
    assert (inferred.basis, inferred.because) == (Basis.INFERRED, "e-petitions")


def test_identifiers_are_all_of_the_records_strongest_first() -> None:
    forge = Identifier("forge", "github.com:1")
    merged = merge([record(1), record(2, identifiers=(REPOSITORY, forge))])
    assert merged.identifiers == (forge, REPOSITORY)


def test_a_reviewers_value_stands_over_all_sources_with_its_reason() -> None:
    merged = merge([record(1, name="ckan")], [decision(5, Operation.SET, "name", "CKAN", why="its own spelling")])
    assert merged.fields.name == "CKAN"
    first, second = merged.evidence["name"]
    assert (first.basis, first.source, first.record, first.because) == (
        Basis.REVIEWED,
        "review",
        -5,
        "its own spelling",
    )
    assert not second.chosen


def test_the_decision_holds_when_the_source_changes_its_mind() -> None:
    decided = [decision(5, Operation.SET, "license", "MIT")]
    for said in ("GPL-3.0-only", "Apache-2.0", None):
        assert merge([record(1, license=said)], decided).fields.license == "MIT"


def test_an_undone_decision_is_as_if_it_never_was() -> None:
    undone = decision(5, Operation.SET, "name", "X", undone_at=datetime(2026, 1, 2, tzinfo=UTC))
    assert merge([record(1, name="CKAN")], [undone]) == merge([record(1, name="CKAN")])


def test_the_later_of_two_decisions_holds() -> None:
    first, second = decision(5, Operation.SET, "name", "A"), decision(6, Operation.SET, "name", "B")
    assert merge([record(1)], [second, first]).fields.name == "B"


def test_a_removed_value_loses_and_the_next_one_wins() -> None:
    records = [record(1, priority=80, name="Wrong"), record(2, name="Right")]
    merged = merge(records, [decision(5, Operation.REMOVE, "name", "Wrong")])
    assert merged.fields.name == "Right"
    assert [one.chosen for one in merged.evidence["name"]] == [False, True]


def test_values_are_added_to_and_removed_from_a_union() -> None:
    decided = [
        decision(5, Operation.ADD, "use_cases", "consultation"),
        decision(6, Operation.REMOVE, "use_cases", "petition"),
    ]
    merged = merge([record(1, use_cases=("petition", "mapping"))], decided)
    assert merged.fields.use_cases == ("consultation", "mapping")
    assert [(one.value, one.chosen) for one in merged.evidence["use_cases"]] == [
        ("consultation", True),
        ("petition", False),
        ("mapping", True),
    ]


def test_what_was_removed_can_be_added_again() -> None:
    decided = [decision(5, Operation.REMOVE, "topics", "data"), decision(6, Operation.ADD, "topics", "data")]
    merged = merge([record(1, topics=("data",))], decided)
    assert merged.fields.topics == ("data",)
    assert all(one.chosen for one in merged.evidence["topics"])


def test_setting_a_union_leaves_what_was_set_alone() -> None:
    decided = [decision(5, Operation.SET, "organisations", [{"name": "City of Paris", "uri": None, "country": "FR"}])]
    merged = merge([record(1, organisations=(Organisation("paris-dev"),))], decided)
    assert merged.fields.organisations == (Organisation("City of Paris", None, "FR"),)


def test_a_text_is_set_for_its_language_only() -> None:
    decided = [decision(5, Operation.SET, "short_description", {"fr": "Portail"})]
    merged = merge([record(1, short_description={"en": "Portal", "fr": "Porte"})], decided)
    assert merged.fields.short_description == {"en": "Portal", "fr": "Portail"}
    gone = merge(
        [record(1, short_description={"en": "Portal", "fr": "Porte"})],
        [decision(5, Operation.REMOVE, "short_description", "fr")],
    )
    assert gone.fields.short_description == {"en": "Portal"}


def test_setting_nothing_says_that_it_is_unknown() -> None:
    assert merge([record(1, license="MIT")], [decision(5, Operation.SET, "license", None)]).fields.license is None


def test_decisions_on_the_software_itself_leave_its_fields_alone() -> None:
    accepted = Decision(
        id=1, software="s", operation=Operation.ACCEPT, actor="ada", at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert merge([record(1, name="CKAN")], [accepted]) == merge([record(1, name="CKAN")])


@pytest.mark.parametrize(
    ("field", "value"), [("stars", "many"), ("archived", 1), ("release_date", "soon"), ("name", " "), ("features", "x")]
)
def test_a_decision_that_cannot_be_a_value_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(InputError, match=field):
        merge([record(1, name="CKAN")], [decision(5, Operation.SET, field, value)])


def test_nothing_is_made_from_no_record() -> None:
    with pytest.raises(InputError, match="no record"):
        merge([], [decision(5, Operation.SET, "name", "CKAN")])


WORDS = st.sampled_from(["a", "A", "b", "c"])
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "name": WORDS,
        "archived": st.booleans(),
        "date_modified": TIMES,
        "topics": st.lists(WORDS, max_size=3).map(tuple),
        "short_description": st.dictionaries(st.sampled_from(["en", "fr", "und"]), WORDS, max_size=2),
        "organisations": st.lists(
            st.builds(Organisation, WORDS, st.none() | WORDS, st.sampled_from([None, "FR", "IT"])), max_size=3
        ).map(tuple),
    },
)
RECORDS = st.lists(
    st.tuples(FIELDS, st.sampled_from(["s", "t"]), st.sampled_from([20, 40, 80])), min_size=1, max_size=5
).map(lambda rows: [record(id, source, priority=rank, **said) for id, (said, source, rank) in enumerate(rows)])
DECISIONS = st.lists(
    st.tuples(
        st.sampled_from([Operation.SET, Operation.ADD, Operation.REMOVE]),
        st.sampled_from(["name", "topics"]),
        WORDS,
        st.integers(0, 3),
    ),
    max_size=4,
).map(
    lambda rows: [
        decision(id, operation, field, value, at=datetime(2026, 1, 1, hour, tzinfo=UTC))
        for id, (operation, field, value, hour) in enumerate(rows, start=1)
    ]
)


@given(records=RECORDS, decisions=DECISIONS, data=st.data())
def test_the_order_of_input_changes_nothing(
    records: list[SourcedRecord], decisions: list[Decision], data: st.DataObject
) -> None:
    expected = merge(records, decisions)
    again = merge(data.draw(st.permutations(records)), data.draw(st.permutations(decisions)))
    assert again == expected
    assert list(again.evidence) == list(expected.evidence)
    assert list(again.fields.short_description) == list(expected.fields.short_description)


@given(records=RECORDS)
def test_no_value_of_any_source_is_lost(records: list[SourcedRecord]) -> None:
    merged = merge(records)
    for one in records:
        kept = {
            (name, repr(found.value))
            for name, all_ in merged.evidence.items()
            for found in all_
            if found.record == one.id
        }
        said = one.record.fields
        assert said.name is None or ("name", repr(said.name)) in kept
        assert {("topics", repr(topic)) for topic in said.topics} <= kept


@given(records=RECORDS)
def test_a_field_has_a_chosen_value_exactly_when_some_source_knows_it(records: list[SourcedRecord]) -> None:
    merged = merge(records)
    for name, evidence in merged.evidence.items():
        assert any(one.chosen for one in evidence)
        assert getattr(merged.fields, name) not in (None, (), {})
