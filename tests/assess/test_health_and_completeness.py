"""How alive a tool is, and how much of it is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.assess.completeness import completeness
from harvester.assess.health import Health, health
from harvester.model import Fields, Organisation, Reason

TODAY = date(2026, 6, 15)


def judged(fields: Fields, *, looked_at: date | None = TODAY) -> Health:
    """As of the day on which its forge was last asked."""
    return health(fields, TODAY, looked_at=looked_at)


def changed(days_ago: int, **more: Any) -> Fields:
    return Fields(date_modified=datetime(2026, 6, 15, tzinfo=UTC) - timedelta(days=days_ago), **more)


@pytest.mark.parametrize(
    ("days_ago", "score", "status"),
    [
        (0, 100, "active"),
        (90, 100, "active"),
        (365, 50, "active"),
        (366, 50, "slowing"),
        (730, 25, "slowing"),
        (731, 25, "dormant"),
        (1095, 0, "dormant"),
        (9000, 0, "dormant"),
    ],
)
def test_health_falls_with_the_age_of_the_last_change(days_ago: int, score: int, status: str) -> None:
    found = judged(changed(days_ago))
    assert (found.score, found.status) == (score, status)


def test_unknown_is_not_inactive() -> None:
    assert judged(Fields(kind="service")) == Health(None, "unknown", ((0.0, Reason("health.no-date")),))


def test_what_is_archived_is_archived_though_it_changed_yesterday() -> None:
    found = judged(changed(1, archived=True))
    assert (found.score, found.status, found.reasons) == (0, "archived", ((-100.0, Reason("health.archived-there")),))


def test_a_recent_release_raises_and_an_old_one_never_lowers() -> None:
    bare = judged(changed(500)).score or 0
    assert (judged(changed(500, release_date=date(2026, 6, 1))).score or 0) > bare
    assert judged(changed(500, release_date=date(2010, 1, 1))).score == bare


def test_a_release_stands_for_a_change_that_is_not_known() -> None:
    found = judged(Fields(release_date=date(2026, 6, 1)))
    assert (found.score, found.status) == (100, "active")


def test_what_its_makers_call_obsolete_is_not_healthy() -> None:
    found = judged(changed(1, development_status="obsolete"))
    assert found.score == 20
    assert (-80.0, Reason("health.obsolete")) in found.reasons


def test_a_date_that_cannot_be_yet_is_disregarded_and_said() -> None:
    found = judged(Fields(release_date=date(2031, 1, 1)))
    assert (found.score, found.status, found.reasons) == (
        None,
        "unknown",
        ((0.0, Reason.of("health.future-date", date="2031-01-01")),),
    )


def test_the_dates_that_decided_are_the_reasons() -> None:
    found = judged(changed(500, release_date=date(2026, 6, 1)))
    assert [reason for _, reason in found.reasons] == [
        Reason.of("health.last-change", day="2025-01-31"),
        Reason.of("health.last-release", day="2026-06-01"),
    ]


DAYS = st.none() | st.dates(date(2015, 1, 1), date(2026, 6, 16))


@given(DAYS, DAYS, st.sampled_from([None, "stable", "obsolete"]))
def test_the_points_of_the_reasons_add_up_to_the_score(
    modified: date | None, released: date | None, status: str | None
) -> None:
    when = datetime.combine(modified, datetime.min.time(), UTC) if modified else None
    found = judged(Fields(date_modified=when, release_date=released, development_status=status))
    if found.score is None:
        assert found.status == "unknown"
        assert modified is released is None
    else:
        assert 0 <= found.score <= 100
        assert found.score == pytest.approx(sum(points for points, _ in found.reasons), abs=0.7)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_a_later_change_is_never_less_healthy(one: int, other: int) -> None:
    later, earlier = sorted((one, other))
    assert (judged(changed(later)).score or 0) >= (judged(changed(earlier)).score or 0)


def test_nothing_told_is_nothing_complete() -> None:
    found = completeness(Fields())
    assert found.share == 0
    assert len(found.missing) == 16
    assert {"name", "license", "code_repository", "landing_url"} < set(found.missing)


def test_a_service_is_not_asked_for_what_it_cannot_have() -> None:
    found = completeness(
        Fields(
            kind="service",
            name="Fluicity",
            short_description={"en": "x"},
            long_description={"en": "x"},
            use_cases=("consultation",),
            organisations=(Organisation("Fluicity"),),
            countries=("FR",),
            available_languages=("fr",),
            landing_url="https://www.flui.city",
        )
    )
    assert (found.share, found.missing) == (1.0, ())


def test_what_is_missing_is_named() -> None:
    found = completeness(Fields(kind="service", name="X"))
    assert "name" not in found.missing
    assert found.share == 0.12
    assert found.missing == (
        "short_description",
        "long_description",
        "use_cases",
        "organisations",
        "countries",
        "available_languages",
        "landing_url",
    )


def test_a_dump_of_years_ago_makes_nothing_active_or_silent_today() -> None:
    of_2021 = Fields(date_modified=datetime(2021, 5, 1, tzinfo=UTC))
    found = judged(of_2021, looked_at=date(2021, 6, 1))
    assert (found.score, found.status) == (None, "unknown")
    assert found.reasons == ((0.0, Reason("health.old-evidence", {"date": "2021-06-01"})),)
    assert judged(of_2021, looked_at=None).status == "unknown", "nobody looked for a newer change"
    assert judged(of_2021, looked_at=TODAY - timedelta(days=365)).status == "dormant", "somebody did"
    newer = Fields(date_modified=datetime(2026, 5, 1, tzinfo=UTC))
    assert judged(newer, looked_at=date(2021, 6, 1)).status == "active", "something else is known"
