"""Dates, durations and names, as a reader of each language expects them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from harvester.model import Issue
from harvester.words import Formatter, packaged

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def formatter(language: str = "en", timezone: str = "Europe/Paris") -> Formatter:
    return Formatter(packaged()[language], timezone=timezone, now=NOW)


@pytest.mark.parametrize(
    ("days", "english", "french"),
    [
        (5, "5 days ago", "il y a 5 jours"),
        (21, "3 weeks ago", "il y a 3 semaines"),
        (60, "2 months ago", "il y a 2 mois"),
    ],
)
def test_ages_are_relative(days: int, english: str, french: str) -> None:
    moment = NOW - timedelta(days=days)
    assert formatter().ago(moment) == english
    assert formatter("fr").ago(moment) == french


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), "today 04:00"),
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "today 00:30"),
        (datetime(2026, 11, 22, 3, 10, tzinfo=UTC), "yesterday 04:10"),
        (datetime(2026, 11, 24, 3, 0, tzinfo=UTC), "tomorrow 04:00"),
        (datetime(2026, 11, 27, 1, 30, tzinfo=UTC), "Fri 02:30"),
        (datetime(2026, 10, 1, 1, 30, tzinfo=UTC), "1 Oct 2026 03:30"),
    ],
)
def test_moments_are_those_of_the_zone_on_either_side_of_midnight_and_of_summer_time(
    moment: datetime, said: str
) -> None:
    assert formatter().moment(moment) == said


def test_the_tooltip_is_utc() -> None:
    assert formatter().utc(datetime(2026, 11, 23, 3, 0, tzinfo=UTC)) == "2026-11-23 03:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (72, "1 min 12 s"), (3600, "1 h 0 min"), (7500, "2 h 5 min")]
)
def test_durations_are_short(seconds: float, said: str) -> None:
    assert formatter().duration(timedelta(seconds=seconds)) == said


def test_languages_and_countries_have_names_and_unknown_codes_stay() -> None:
    assert [formatter(one).language("oc") for one in ("en", "fr")] == ["Occitan", "Occitan"]
    assert formatter("fr").language("fi") == "Finnois"
    assert formatter().language("x-nothing") == "x-nothing"
    assert formatter("fr").country("FI") == "Finlande"
    assert formatter().country("XQ") == "XQ"


def test_numbers_follow_the_language() -> None:
    assert [formatter(one).percent(0.614) for one in ("en", "fr")] == ["61%", "61\u00a0%"]
    assert [formatter(one).number(21840) for one in ("en", "fr")] == ["21,840", "21\u202f840"]
    assert [formatter(one).decimal(0.9) for one in ("en", "fr")] == ["0.90", "0,90"]
    assert [formatter(one).points(-12.4) for one in ("en", "fr")] == ["−12", "−12"]
    assert formatter("fr").duration(timedelta(seconds=7500)) == "2\u00a0h 5\u00a0min"
    assert formatter().weight(0.45) == "+0.45"
    assert formatter("fr").weight(-0.05) == "−0,05"
    assert formatter().date(date(2026, 11, 12)) == "12 Nov 2026"
    assert formatter("fr").date("2026-11-12") == "12 nov. 2026"
    assert formatter().date("2026-11-12T23:30:00+00:00") == "13 Nov 2026"


@pytest.mark.parametrize(
    ("days", "archived", "state"),
    [
        (10, False, "active"),
        (365, False, "active"),
        (366, False, "slowing"),
        (731, False, "silent"),
        (10, True, "archived"),
    ],
)
def test_activity_is_told_in_words(days: int, archived: bool, state: str) -> None:
    found = formatter().activity(NOW - timedelta(days=days), archived=archived)
    assert found is not None
    assert found.state == state
    assert found.words


def test_unknown_activity_is_not_inactivity() -> None:
    assert formatter().activity(None) is None


def test_an_issue_is_said_with_its_place_and_what_was_wanted() -> None:
    issue = Issue.of("wrong-type", place="description", wanted="mapping")
    assert formatter().issue(issue) == (issue.message, issue.remedy) == ("description is no mapping", "write a mapping")
    assert formatter("fr").issue(issue).message == "description n’est pas du type attendu (table de clés et de valeurs)"
    found = Issue.of("json-form", found="list")
    assert formatter().issue(found).message == found.message == "a JSON object was expected, not a list"
    assert formatter("fr").issue(found).message == "un objet JSON était attendu, et non ceci\u00a0: liste"
    assert formatter("fr").issue(Issue.of("bad-date")).message == "cette valeur n’est pas une date"


def test_an_issue_of_a_code_that_is_no_more_is_shown_by_its_code() -> None:
    assert formatter("fr").issue(Issue(code="sunspots", args={"many": "7"})) == ("sunspots", "")
