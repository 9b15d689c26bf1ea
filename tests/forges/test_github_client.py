"""GitHub's answers, whole, partial and none, through the real PyGithub."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from github.Requester import HTTPSRequestsConnectionClass, Requester

from harvester.errors import BudgetSpent, ForgeError
from harvester.forges.github import GitHub, web_host
from harvester.forges.queries import Listing

RATE = {"cost": 1, "limit": 5000, "remaining": 4999, "resetAt": "2026-03-04T12:00:00Z"}


def client(web: Any, **options: Any) -> GitHub:
    return GitHub(web.session(), api_url="http://api.github.com", user_agent="CivicHarvester/test", **options)


def node(name: str, **more: Any) -> dict[str, Any]:
    return {"databaseId": len(name), "nameWithOwner": name, "url": f"https://github.com/{name}"} | more


def owner(
    login: str, *nodes: Mapping[str, Any] | None, total: int | None = None, cursor: str | None = None
) -> dict[str, Any]:
    return {
        "__typename": "Organization",
        "login": login,
        "name": login.title(),
        "location": None,
        "repositories": {
            "totalCount": len(nodes) if total is None else total,
            "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor or "end"},
            "nodes": list(nodes),
        },
    }


def told(data: Any, *errors: Mapping[str, Any], status: int = 200, **headers: str) -> tuple[int, dict[str, str], str]:
    body: dict[str, Any] = {} if data is None else {"data": {"rateLimit": RATE, **data}}
    if errors:
        body["errors"] = list(errors)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json; charset=utf-8"} | sent, json.dumps(body)


def test_the_query_travels_through_our_session_to_the_real_host(web: Any) -> None:
    web.replies(told({"o0": owner("italia", node("italia/a"))}))
    client(web, token="t0ken").repositories([Listing("italia")], first=33)
    (asked,) = web.asked
    assert (asked.method, asked.url) == ("POST", "http://api.github.com/graphql")
    assert asked.headers["authorization"] == "token t0ken"
    assert asked.headers["user-agent"] == "CivicHarvester/test"
    assert asked.variables == {"first": 33, "login0": "italia", "after0": None}


def test_an_enterprise_server_is_asked_at_its_own_path(web: Any) -> None:
    web.replies(told({"o0": owner("italia")}))
    GitHub(web.session(), api_url="http://ghe.example:8080/api/v3", user_agent="x").repositories(
        [Listing("italia")], first=1
    )
    assert web.asked[0].url == "http://ghe.example:8080/api/graphql"


def test_other_users_of_pygithub_keep_their_own_connections(web: Any) -> None:
    client(web)
    assert Requester._Requester__httpsConnectionClass is HTTPSRequestsConnectionClass


def test_no_gap_is_kept_between_two_requests(web: Any) -> None:
    web.reply = lambda _: told({"o0": owner("italia", node("italia/a"))})
    github = client(web)
    begin = time.monotonic()
    for _ in range(4):
        github.repositories([Listing("italia")], first=1)
    assert time.monotonic() - begin < 0.75  # PyGithub alone waits a quarter of a second before each


def test_a_page_tells_where_the_next_one_begins(web: Any) -> None:
    web.replies(
        told({"o0": owner("italia", node("italia/a"), node("italia/b"), total=3, cursor="abc")}),
        told({"o0": owner("italia", node("italia/c"), total=3)}),
    )
    github = client(web)
    (page,) = github.repositories([Listing("italia")], first=2).pages
    assert page.following == Listing("italia", "abc", 2)
    assert page.total == 3
    (last,) = github.repositories([page.following], first=2).pages
    assert [item["nameWithOwner"] for item in last.payloads] == ["italia/c"]
    assert (last.following, last.issues) == (None, ())
    assert github.points == 2


def test_a_listing_that_ends_early_says_so(web: Any) -> None:
    web.replies(told({"o0": owner("italia", node("italia/c"), total=9)}))
    (page,) = client(web).repositories([Listing("italia", "abc", 2)], first=2).pages
    (issue,) = page.issues
    assert issue.code == "short-listing"
    assert "3 of 9" in issue.message


@pytest.mark.parametrize("cursor", ["abc", ""])
def test_a_cursor_that_leads_nowhere_ends_the_listing_instead_of_going_round(web: Any, cursor: str) -> None:
    stuck = owner("italia", node("italia/c"), total=9, cursor="x")
    stuck["repositories"]["pageInfo"]["endCursor"] = cursor
    web.replies(told({"o0": stuck}))
    (page,) = client(web).repositories([Listing("italia", "abc", 2)], first=2).pages
    assert page.following is None
    assert [issue.code for issue in page.issues] == ["short-listing"]


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([], "owner-missing"),
        ([{"type": "NOT_FOUND", "path": ["o0"], "message": "Could not resolve"}], "owner-missing"),
        ([{"type": "FORBIDDEN", "path": ["o0"], "message": "SAML enforcement"}], "owner-forbidden"),
    ],
)
def test_a_missing_owner_is_an_issue_and_the_others_go_on(web: Any, errors: list[Any], code: str) -> None:
    web.replies(told({"o0": None, "o1": owner("etalab", node("etalab/a"))}, *errors))
    answer = client(web).repositories([Listing("nobody"), Listing("etalab")], first=33)
    missing, found = answer.pages
    assert [issue.code for issue in missing.issues] == [code]
    assert (missing.payloads, missing.following) == ((), None)
    assert len(found.payloads) == 1
    assert found.issues == ()
    assert answer.unanswered == ()


def test_a_gap_is_asked_again_and_whole_owners_are_used(web: Any) -> None:
    gap = {"message": "Something went wrong", "path": ["o0", "repositories", "nodes", 0, "languages"]}
    web.replies(told({"o0": owner("italia", None, total=1), "o1": owner("etalab", node("etalab/a"))}, gap))
    answer = client(web).repositories([Listing("italia"), Listing("etalab")], first=33)
    assert [page.listing.login for page in answer.pages] == ["etalab"]
    assert answer.unanswered == (Listing("italia"),)


def test_an_error_without_a_place_doubts_every_owner(web: Any) -> None:
    error = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}
    web.replies(told({"o0": owner("italia", node("italia/a"))}, error))
    answer = client(web).repositories([Listing("italia")], first=33)
    assert (answer.pages, answer.unanswered) == ((), (Listing("italia"),))


def test_a_gap_that_no_smaller_query_can_close_becomes_an_issue_and_paging_goes_on(web: Any) -> None:
    gap = {"message": "Something went wrong", "path": ["o0", "repositories", "nodes", 0]}
    web.replies(told({"o0": owner("italia", None, total=2, cursor="abc")}, gap))
    answer = client(web).repositories([Listing("italia")], first=1)
    assert answer.unanswered == ()
    assert [issue.code for issue in answer.pages[0].issues] == ["partial-answer"]
    assert answer.pages[0].following == Listing("italia", "abc", 0)


def test_an_owner_that_is_lost_altogether_is_never_taken_for_missing(web: Any) -> None:
    web.replies(told({"o0": None}, {"message": "Something went wrong", "path": ["o0"]}))
    answer = client(web).repositories([Listing("italia")], first=1)
    assert (answer.pages, answer.unanswered) == ((), (Listing("italia"),))


def test_a_repository_that_is_withheld_is_an_issue(web: Any) -> None:
    error = {"type": "FORBIDDEN", "path": ["o0", "repositories", "nodes", 1], "message": "access blocked"}
    web.replies(told({"o0": owner("italia", node("italia/a"), None, total=2)}, error))
    (page,) = client(web).repositories([Listing("italia")], first=33).pages
    assert len(page.payloads) == 1
    assert [issue.code for issue in page.issues] == ["repository-withheld", "short-listing"]


@pytest.mark.parametrize(
    "reply",
    [
        (502, {}, '{"message": "Something went wrong while executing your query."}'),
        (504, {"Content-Type": "text/html"}, "<html>We couldn't respond in time</html>"),
        told(None, {"type": "MAX_NODE_LIMIT_EXCEEDED", "message": "This query requests up to 1,000,000 nodes"}),
        told(None, {"message": "Something went wrong while executing your query. It may be the result of a timeout"}),
    ],
)
def test_too_much_at_once_leaves_every_owner_to_a_smaller_query(web: Any, reply: Any) -> None:
    web.replies(reply)
    answer = client(web).repositories([Listing("italia"), Listing("etalab")], first=33)
    assert answer.unanswered == (Listing("italia"), Listing("etalab"))


def test_an_answer_that_is_too_large_leaves_every_owner_to_a_smaller_query(web: Any) -> None:
    web.replies(told({"o0": owner("italia", node("italia/a", description="x" * 5_000_000))}))
    answer = client(web).repositories([Listing("italia")], first=33)
    assert (answer.pages, answer.unanswered) == ((), (Listing("italia"),))


@pytest.mark.parametrize("kind", ["RATE_LIMITED", "RATE_LIMIT"])
def test_a_spent_budget_is_read_from_an_answer_of_200(web: Any, kind: str) -> None:
    reset = int((datetime.now(UTC) + timedelta(minutes=20)).timestamp())
    error = {"type": kind, "message": "API rate limit exceeded for user ID 1."}
    web.replies(told(None, error, x_ratelimit_remaining="0", x_ratelimit_reset=str(reset)))
    with pytest.raises(BudgetSpent) as caught:
        client(web).repositories([Listing("italia")], first=33)
    assert caught.value.retry_at == datetime.fromtimestamp(reset, UTC)


@pytest.mark.parametrize(
    ("status", "headers"),
    [(403, {"Retry-After": "120"}), (429, {}), (403, {"X-RateLimit-Remaining": "0"})],
)
def test_a_refusal_for_going_too_fast_is_a_spent_budget(web: Any, status: int, headers: dict[str, str]) -> None:
    web.replies((status, headers, '{"message": "You have exceeded a secondary rate limit."}'))
    with pytest.raises(BudgetSpent, match="secondary rate limit"):
        client(web).repositories([Listing("italia")], first=33)


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        ((200, {}, "<html>captive portal</html>"), 200, "no JSON"),
        ((200, {}, '{"data": '), 200, "no JSON"),
        ((200, {}, ""), 200, "no JSON"),
        ((200, {}, "[]"), 200, "no JSON"),
        ((200, {}, '{"data": "text"}'), 200, "without data"),
        ((401, {}, '{"message": "Bad credentials"}'), 401, "HARVESTER_GITHUB_TOKEN"),
        ((403, {}, '{"message": "You need to be a member"}'), 403, "member"),
        ((500, {}, "oops"), 500, "without a message"),
        ((301, {"Location": "http://elsewhere.example/graphql"}, ""), 301, "elsewhere"),
        (told(None, {"message": "Field 'x' doesn't exist on type 'Repository'"}), 200, "doesn't exist"),
    ],
)
def test_an_answer_that_is_none_names_its_url_and_status(web: Any, reply: Any, status: int, words: str) -> None:
    web.replies(reply)
    with pytest.raises(ForgeError, match=words) as caught:
        client(web).repositories([Listing("italia")], first=33)
    assert caught.value.status == status
    assert "http://api.github.com/graphql" in str(caught.value)
    assert len(web.asked) == 1


def test_a_forge_that_is_not_there_is_an_error_that_names_it(web: Any) -> None:
    web.address = "127.0.0.1:1"
    with pytest.raises(ForgeError, match="ProxyError") as caught:
        client(web).repositories([Listing("italia")], first=33)
    assert caught.value.status is None


def test_text_without_a_declared_charset_is_read_as_utf8(web: Any) -> None:
    body = {"data": {"o0": owner("etalab", node("etalab/a", description="Démarches simplifiées – é"))}}
    web.replies((200, {"Content-Type": "application/json"}, json.dumps(body, ensure_ascii=False)))
    (page,) = client(web).repositories([Listing("etalab")], first=1).pages
    assert page.payloads[0]["description"] == "Démarches simplifiées – é"


@pytest.mark.parametrize(
    ("api_url", "host"),
    [("https://api.github.com", "github.com"), ("https://ghe.example/api/v3", "ghe.example")],
)
def test_the_host_is_the_one_that_people_know(api_url: str, host: str) -> None:
    assert web_host(api_url) == host
