"""What a token may still spend, as answers tell it, and what no answer tells: points a minute."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from harvester.errors import BudgetSpent
from harvester.net import Limits, Net, Tokens, budgets
from harvester.net.governor import Governor
from harvester.net.ledger import MemoryLedger
from harvester.net.limits import GITHUB_POINTS, POLITE
from harvester.net.tokens import Payer

NOW = 1_800_000_000.0
GRAPHQL = "https://api.example/graphql"
REST = "https://api.example/repos/a/b"
QUICK = Limits(in_flight=4, spacing_s=0, api_spacing_s=0)


class Clock:
    """A clock that the test moves, in seconds since 1970."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at


def headers(remaining: int, *, limit: int = 5000, resets_s: int = 900, resource: str | None = None) -> dict[str, str]:
    named = {"x-ratelimit-resource": resource} if resource else {}
    return named | {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(int(NOW) + resets_s),
    }


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (headers(4990), (4990, 900.0, 5000, None)),
        ({"ratelimit-limit": "60", "ratelimit-remaining": "59", "ratelimit-reset": "30"}, (59, 30.0, 60, None)),
        (headers(12, resource="search"), (12, 900.0, 5000, "search")),
        (headers(12, resource="a b; c"), (12, 900.0, 5000, None)),
        (headers(12, resets_s=-30), (12, 0.0, 5000, None)),
        (headers(12, resets_s=90_000), (12, 3600.0, 5000, None)),
        ({"x-ratelimit-remaining": "12"}, None),
        ({"x-ratelimit-remaining": "-1", "x-ratelimit-reset": "30"}, None),
        ({"x-ratelimit-remaining": "9" * 40, "x-ratelimit-reset": "30"}, None),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_what_headers_say_of_a_budget(told: dict[str, str], expected: tuple[Any, ...] | None) -> None:
    said = budgets.told(told, now=NOW)
    assert (said and (said.remaining, said.resets_s, said.limit, said.resource)) == expected


@pytest.mark.parametrize(
    ("url", "resource"),
    [
        ("https://api.github.com/graphql", "graphql"),
        ("https://api.github.com/search/repositories?q=x", "search"),
        ("https://api.github.com/search/code?q=x", "code_search"),
        ("https://ghe.example/api/v3/search/code?q=x", "code_search"),
        ("https://api.github.com/repos/a/search", "core"),
        ("https://gitlab.example/api/graphql", "graphql"),
        ("https://codeberg.example/api/v1/repos/search", "core"),
    ],
)
def test_the_resource_that_a_url_is_counted_under(url: str, resource: str) -> None:
    assert budgets.resource_of(url) == resource


def test_answers_that_overtake_each_other_do_not_give_budget_back() -> None:
    governor = Governor(QUICK, MemoryLedger(Clock()))
    with governor.turn(REST) as first, governor.turn(REST) as second:
        first.heard(200, headers(1))
        second.heard(200, headers(2))
    with governor.turn(REST), pytest.raises(BudgetSpent), governor.turn(REST):
        pass  # one is left, and on its way


def test_a_budget_that_was_refilled_is_there_again() -> None:
    clock = Clock()
    governor = Governor(QUICK, MemoryLedger(clock))
    with governor.turn(REST) as turn:
        turn.heard(403, headers(0))
    with pytest.raises(BudgetSpent) as spent, governor.turn(REST):
        pass
    assert spent.value.retry_at == datetime.fromtimestamp(NOW + 900, UTC)
    clock.at += 901
    with governor.turn(REST) as turn:
        turn.heard(200, headers(4999, resets_s=4500))
    assert {name: left.remaining for name, left in budgets.left(governor.ledger).items()} == {"api.example core": 4999}


def test_what_costs_more_than_is_left_is_not_sent() -> None:
    governor = Governor(QUICK, MemoryLedger(Clock()))
    account = Payer("github")
    with governor.turn(GRAPHQL, account=account) as turn:
        turn.heard(200, headers(30))
    with account.expecting(30), governor.turn(GRAPHQL, account=account):
        pass
    with account.expecting(31), pytest.raises(BudgetSpent), governor.turn(GRAPHQL, account=account):
        pass


def test_a_budget_is_learnt_under_the_resource_that_the_answer_names() -> None:
    governor = Governor(QUICK, MemoryLedger(Clock()))
    with governor.turn(REST) as turn:
        turn.heard(200, headers(0, resource="search"))
    with governor.turn(REST):
        pass
    with pytest.raises(BudgetSpent), governor.turn("https://api.example/search/repositories"):
        pass


@pytest.mark.parametrize(("url", "limit"), [(GRAPHQL, 20), (REST, 9)])
def test_points_a_minute_are_waited_for_without_stalling_the_loop(url: str, limit: int) -> None:
    clock = Clock()
    limits = Limits(
        in_flight=4, spacing_s=0, api_spacing_s=0, points_a_minute={"api.example": {"graphql": 20, "rest": 9}}
    )
    governor = Governor(limits, MemoryLedger(clock))

    async def come() -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                async with governor.turn_async(url):
                    return True
        return False

    async def main() -> None:
        sent: list[float] = []
        for _ in range(60 * 4):
            if await come():
                sent.append(clock.at)
            else:
                clock.at += 15.5
            if clock.at > NOW + 200:
                break
        assert len(sent) >= 3 * limit
        for moment in sent:
            assert sum(moment <= other < moment + 60 for other in sent) <= limit

    asyncio.run(main())
    assert "holders" not in governor.ledger.read("host ").get("host api.example", {})


def test_the_points_a_minute_are_of_each_token() -> None:
    limits = Limits(
        in_flight=1, spacing_s=0, api_spacing_s=0, points_a_minute={"api.example": {"graphql": 20, "rest": 3}}
    )
    governor = Governor(limits, MemoryLedger(Clock()))
    account = Payer("x", Tokens.authorization("https://api.example", ["first-token", "second-token"]))
    brought = []
    for _ in range(6):
        with governor.turn(REST, account=account) as turn:
            assert turn.token is not None
            brought.append(turn.token.value)
    assert {token: brought.count(token) for token in brought} == {"Bearer first-token": 3, "Bearer second-token": 3}


def test_what_a_query_really_cost_corrects_what_was_expected_of_it() -> None:
    limits = Limits(in_flight=1, spacing_s=0, api_spacing_s=0, points_a_minute={"127.0.0.1": {"graphql": 20}})
    governor = Governor(limits, MemoryLedger(Clock()))
    account, url = Payer("x"), "http://127.0.0.1/graphql"
    with account.expecting(5), governor.turn(url, account=account):
        pass
    with account.expecting(5):
        governor.charged(account, url, points=2)
    (minute,) = governor.ledger.read("minute ").values()
    assert sum(minute["spent"].values()) == 2
    assert governor.counting.spent() == {"127.0.0.1 graphql": 1, "127.0.0.1 graphql points": 2}


def test_githubs_secondary_limits_hold_by_default() -> None:
    """Source: docs.github.com, "Rate limits for the REST API"."""
    assert POLITE.points_a_minute["api.github.com"] == GITHUB_POINTS == {"graphql": 2000, "rest": 900}


def test_a_session_brings_the_token_to_its_origin_alone_and_keeps_it_out_of_what_it_returns(serve: Any) -> None:
    here, there = serve(), serve({"*": (200, {}, b"")})
    here.answers = {"/moved": (302, {"Location": there.url("/there")}, b""), "*": (200, {}, b"")}
    net = Net("CivicHarvester/test", allow=["127.0.0.1"], limits=QUICK)
    session = net.session("x", Tokens.private(here.url(), ["a-token-of-here"]))
    answers = [session.get(here.url("/here")), session.get(here.url("/moved"))]
    assert [hit.headers.get("private-token") for hit in here.hits] == ["a-token-of-here"] * 2
    assert ["private-token" in hit.headers for hit in there.hits] == [False]
    kept = [request.headers for answer in answers for request in (answer.request, *(r.request for r in answer.history))]
    assert "a-token-of-here" not in str(kept)
    with pytest.raises(requests.ConnectionError) as failed:
        net.session("x", Tokens.private("http://127.0.0.1:1", ["a-token-of-here"])).get("http://127.0.0.1:1/")
    assert "a-token-of-here" not in f"{failed.value!r} {failed.value}"


@pytest.mark.parametrize(
    ("tokens", "answered", "brought"),
    [
        (["revoked", "good"], [200, 200], ["revoked", "good", "good"]),
        (["revoked", "expired"], [401, 401], ["revoked", "expired", "revoked"]),
        (["revoked"], [401, 401], ["revoked", "revoked"]),
    ],
)
def test_a_token_that_is_refused_is_left_out_while_there_is_another(
    serve: Any, caplog: pytest.LogCaptureFixture, tokens: list[str], answered: list[int], brought: list[str]
) -> None:
    def answer(handler: Any) -> tuple[int, dict[str, str], bytes]:
        return (200 if handler.headers.get("private-token") == "good" else 401), {}, b""

    site = serve({"*": answer})
    net = Net("CivicHarvester/test", allow=["127.0.0.1"], limits=QUICK)
    session = net.session("x", Tokens.private(site.url(), tokens))
    assert [session.get(site.url("/")).status_code for _ in answered] == answered
    assert [hit.headers.get("private-token") for hit in site.hits] == brought
    refused = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert len(refused) == len(set(refused)) == len({*tokens} - {"good"})
    assert "revoked" not in caplog.text


def test_what_graphql_says_of_its_rate_limit_is_learnt_and_garbage_is_not(serve: Any) -> None:
    site = serve({"*": (200, {}, b"")})
    net = Net("CivicHarvester/test", allow=["127.0.0.1"], limits=QUICK)
    session = net.session("x", Tokens.authorization(site.url(), ["one-token"]))
    url = site.url("/graphql")
    session.post(url)
    resets_at = datetime.fromtimestamp(time.time() + 600, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    nothing: list[object] = [None, "x", [], {}, {"cost": "3"}, {"cost": -1, "remaining": 3, "resetAt": "soon"}]
    for garbage in nothing:
        session.charged(url, garbage)
    assert net.spent() == {"127.0.0.1 graphql": 1}
    session.charged(url, {"cost": 3, "limit": 5000, "remaining": 0, "resetAt": resets_at})
    assert net.spent() == {"127.0.0.1 graphql": 1, "127.0.0.1 graphql points": 3}
    with pytest.raises(BudgetSpent):
        session.post(url)
