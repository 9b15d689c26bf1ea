"""A run is judged by what it brought, with every reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harvester.catalogue.absence import Hindrances
from harvester.model import Judgement, RunCounts
from harvester.runs.execute import Ending, judge
from harvester.words import say

GOOD, SUSPICIOUS, FAILED = Judgement.GOOD, Judgement.SUSPICIOUS, Judgement.FAILED


def counts(entries: int = 100, *, refused: int = 0, closed: int = 4) -> RunCounts:
    return RunCounts(entries=entries, read=entries - refused, refused=refused, units_closed=closed)


def failure(number: int = 1, status: int | None = None) -> tuple[str, str, int | None]:
    return (f"page={number}", "no answer", status)


def said(reasons: tuple[str, ...]) -> list[str]:
    return [say(reason) for reason in reasons]


def test_a_run_that_ended_well_and_brought_what_was_expected_is_good() -> None:
    assert judge(counts(), Ending(), least=100, last_good=counts(100)) == (GOOD, ())


def test_pages_that_were_never_stored_make_a_run_suspicious_so_that_no_absence_counts() -> None:
    left = RunCounts(entries=100, read=100, units_closed=3, units_open=2)
    judgement, reasons = judge(left, Ending(), failures=[failure()])
    assert judgement is SUSPICIOUS
    assert "1 page was never stored" in said(reasons)


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (Ending(exit_code=1), "the crawl ended unexpectedly (exit 1)"),
        (Ending(exit_code=-11), "the crawl ended unexpectedly (exit -11)"),
        (Ending(finish_reason="shutdown"), "the crawl ended unexpectedly (shutdown)"),
        (Ending(finish_reason="never started"), "the crawl ended unexpectedly (never started)"),
        (Ending(stopped=True), "stopped by an operator"),
        (Ending(gave_up_after=5), "given up after 5 attempts in a row that brought nothing"),
    ],
)
def test_a_crawl_that_did_not_end_by_itself_is_failed_whatever_it_brought(ending: Ending, reason: str) -> None:
    judgement, reasons = judge(counts(), ending)
    assert (judgement, said(reasons)) == (FAILED, [reason])


def test_an_exit_with_0_that_brought_nothing_is_failed() -> None:
    judgement, reasons = judge(counts(0, closed=1), Ending())
    assert (judgement, said(reasons)) == (FAILED, ["nothing came: the source answered without a single entry"])


def test_a_source_of_which_nothing_is_expected_may_bring_nothing() -> None:
    assert judge(counts(0, closed=1), Ending(), least=0) == (GOOD, ())


def test_a_source_that_answered_no_unit_is_failed_with_the_reason_of_each() -> None:
    judgement, reasons = judge(counts(0, closed=0), Ending(errors=1), failures=[failure()])
    assert (judgement, said(reasons)) == (FAILED, ["page=1 could not be asked: no answer"])


@pytest.mark.parametrize(
    ("why", "status", "told"),
    [
        ("Ignoring non-200 response", 500, "a was answered with 500"),
        ("502 Bad Gateway", 502, "a could not be asked: 502 Bad Gateway"),
        ("it answered no JSON", 200, "a could not be asked: it answered no JSON"),
        ("timed out", None, "a could not be asked: timed out"),
    ],
)
def test_a_failed_unit_says_its_status_where_the_reason_does_not(why: str, status: int | None, told: str) -> None:
    _, reasons = judge(counts(), Ending(), failures=[("a", why, status)])
    assert said(reasons) == [told]


def test_some_units_that_failed_make_a_run_suspicious_and_the_rest_is_counted() -> None:
    judgement, reasons = judge(counts(), Ending(), failures=[failure(number) for number in range(5)])
    assert judgement is SUSPICIOUS
    assert said(reasons) == [
        *(f"page={number} could not be asked: no answer" for number in range(3)),
        "2 more could not be asked",
    ]


@pytest.mark.parametrize(("entries", "expected"), [(70, GOOD), (69, SUSPICIOUS), (100, GOOD), (1, SUSPICIOUS)])
def test_a_yield_that_fell_by_more_than_three_tenths_is_suspicious(entries: int, expected: Judgement) -> None:
    judgement, reasons = judge(counts(entries), Ending(), last_good=counts(100))
    assert judgement is expected
    assert bool(reasons) is (expected is not GOOD)


@pytest.mark.parametrize(("refused", "expected"), [(20, GOOD), (21, SUSPICIOUS)])
def test_more_than_a_fifth_refused_is_suspicious(refused: int, expected: Judgement) -> None:
    assert judge(counts(100, refused=refused), Ending())[0] is expected


@pytest.mark.parametrize(("least", "expected"), [(100, GOOD), (101, SUSPICIOUS)])
def test_less_than_the_source_should_bring_at_the_least_is_suspicious(least: int, expected: Judgement) -> None:
    assert judge(counts(100), Ending(), least=least)[0] is expected


def test_errors_in_the_log_make_a_run_suspicious() -> None:
    judgement, reasons = judge(counts(), Ending(errors=2))
    assert (judgement, said(reasons)) == (SUSPICIOUS, ["2 errors in the log"])


def test_removals_that_were_held_back_make_a_run_suspicious() -> None:
    judgement, reasons = judge(counts(), Ending(), held=40)
    assert judgement is SUSPICIOUS
    assert "40 entries" in said(reasons)[0]


def test_a_spent_budget_is_no_failure_even_before_the_first_entry() -> None:
    for brought in (counts(), counts(0, closed=0)):
        judgement, reasons = judge(brought, Ending(capped_until=datetime(2026, 1, 1, tzinfo=UTC)), failures=[])
        assert (judgement, said(reasons)) == (SUSPICIOUS, ["the budget is spent; the rest waits"])


def test_a_failed_run_gives_its_doubts_as_well_and_nothing_twice() -> None:
    judgement, reasons = judge(counts(10, refused=9), Ending(stopped=True), failures=[failure()], last_good=counts(100))
    assert judgement is FAILED
    assert len(reasons) == len(set(reasons)) == 4
    assert said(reasons)[0] == "stopped by an operator"


@pytest.mark.parametrize(
    ("ending", "hindrances", "reason"),
    [
        (Ending(timed_out_s=3600.0), Hindrances(), "stopped after 3,600 s, its time limit"),
        (Ending(finish_reason="capped"), Hindrances(bounded=1), "it came to 1 of its bounds"),
    ],
)
def test_a_run_that_came_to_its_bounds_is_capped_however_little_it_brought(
    ending: Ending, hindrances: Hindrances, reason: str
) -> None:
    few = RunCounts(entries=10, read=10, units_closed=1, units_open=3)
    judgement, (told,) = judge(few, ending, least=50, last_good=counts(100), hindrances=hindrances)
    assert judgement is Judgement.CAPPED
    assert say(told).startswith(reason)
    assert judge(few, ending, hindrances=hindrances, held=40)[0] is SUSPICIOUS
    assert judge(few, ending, failures=[failure()], hindrances=hindrances)[0] is SUSPICIOUS


def test_nothing_came_is_not_said_of_a_crawl_that_was_ended_before_it_could_ask() -> None:
    _, reasons = judge(counts(0, closed=0), Ending(stopped=True))
    assert said(reasons) == ["stopped by an operator"]
