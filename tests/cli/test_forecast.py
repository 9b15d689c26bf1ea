"""When a run would end, by what is left of the budgets and by how politely hosts are asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harvester.cli.budget import budget_of, forecast
from harvester.model import Run, RunState
from harvester.net import Limits
from harvester.net.budgets import Left
from harvester.net.limits import GITHUB_POINTS

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
GRAPHQL = "api.github.com graphql"
LIMITS = Limits(spacing_s=1.0, api_spacing_s=0.1, points_a_minute={"api.github.com": GITHUB_POINTS})


def left(remaining: int, *, limit: int | None = 5000, resets_s: float = 600, tokens: int = 1) -> Left:
    return Left(
        remaining=remaining,
        limit=limit,
        resets_at=NOW + timedelta(seconds=resets_s),
        window_s=3600,
        tokens=tokens,
    )


@pytest.mark.parametrize(
    ("endpoint", "budget"),
    [
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL} points", GRAPHQL),
        ("api.github.com rest /repos", "api.github.com core"),
        ("api.github.com rest /search", "api.github.com search"),
        ("www.example.org pages", "www.example.org core"),
    ],
)
def test_the_budget_that_an_endpoint_spends(endpoint: str, budget: str) -> None:
    assert budget_of(endpoint) == budget


def test_pages_take_their_spacing() -> None:
    told = forecast({"www.example.org pages": 100, "www.example.org robots": 1}, {}, LIMITS, now=NOW, api=False)
    assert told.ends_at == NOW + timedelta(seconds=101 * 1.16)
    assert not told.waits
    assert [line.left for line in told.lines] == [None, None]


@pytest.mark.parametrize(
    ("points", "ends_s", "waits"),
    [
        (1000, 1000 * 0.116, False),
        (1001, 600, True),
        (6000, 600, True),
        (6001, 600 + 3600, True),
        (15_000, 600 + 2 * 3600, True),
    ],
)
def test_a_spent_budget_is_waited_for_window_by_window(points: int, ends_s: float, waits: bool) -> None:
    spent = {GRAPHQL: 1000, f"{GRAPHQL} points": points}
    told = forecast(spent, {GRAPHQL: left(1000)}, LIMITS, now=NOW, api=True)
    assert told.ends_at is not None
    assert (told.ends_at - NOW).total_seconds() == pytest.approx(ends_s)
    assert told.waits is waits


def test_a_budget_of_unknown_limit_gives_no_end() -> None:
    told = forecast({GRAPHQL: 10}, {GRAPHQL: left(5, limit=None)}, LIMITS, now=NOW, api=True)
    assert (told.ends_at, told.waits) == (None, True)


def test_points_a_minute_take_their_minutes_and_tokens_share_them() -> None:
    spent = {GRAPHQL: 10, f"{GRAPHQL} points": 9000}
    one = forecast(spent, {GRAPHQL: left(20_000)}, LIMITS, now=NOW, api=True)
    three = forecast(spent, {GRAPHQL: left(20_000, tokens=3)}, LIMITS, now=NOW, api=True)
    assert (one.ends_at, three.ends_at) == (NOW + timedelta(minutes=4), NOW + timedelta(minutes=1))


def test_it_takes_as_long_as_the_last_run_did_for_as_many_requests() -> None:
    began = NOW - timedelta(days=1)
    last = Run(
        id=1,
        source="x",
        due_at=began,
        state=RunState.FINISHED,
        started_at=began,
        finished_at=began + timedelta(seconds=400),
        spent={GRAPHQL: 100, f"{GRAPHQL} points": 3000},
    )
    told = forecast({GRAPHQL: 50}, {}, LIMITS, now=NOW, api=True, last=last)
    assert told.ends_at == NOW + timedelta(seconds=200)
