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
from harvester.forges.github.answer import OwnerPage
from harvester.forges.github.client import GitHub, web_host
from harvester.forges.github.queries import Listing, Wanted
from harvester.net import Tokens

RATE = {"cost": 1, "limit": 5000, "remaining": 4999, "resetAt": "2026-03-04T12:00:00Z"}
API = "http://api.github.com"


def client(web: Any, *, token: str | None = None, **options: Any) -> GitHub:
    tokens = Tokens.authorization(API, [token]) if token else None
    return GitHub(web.session(tokens), api_url=API, user_agent="CivicHarvester/test", **options)


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


def listed(github: GitHub, *listings: Listing) -> list[OwnerPage]:
    return list(github.repositories(listings))


def told(data: Any, *errors: Mapping[str, Any], status: int = 200, **headers: str) -> tuple[int, dict[str, str], str]:
    body: dict[str, Any] = {} if data is None else {"data": {"rateLimit": RATE, **data}}
    if errors:
        body["errors"] = list(errors)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json; charset=utf-8"} | sent, json.dumps(body)


def test_the_query_travels_through_our_session_to_the_real_host(web: Any) -> None:
    web.replies(told({"o0": owner("italia", node("italia/a"))}))
    listed(client(web, token="t0ken"), Listing("italia", first=33))
    (asked,) = web.asked
    assert (asked.method, asked.url) == ("POST", "http://api.github.com/graphql")
    assert asked.headers["authorization"] == "Bearer t0ken"
    assert asked.headers["user-agent"] == "CivicHarvester/test"
    assert asked.variables == {"first0": 33, "login0": "italia", "after0": None}


def test_an_enterprise_server_is_asked_at_its_own_path(web: Any) -> None:
    web.replies(told({"o0": owner("italia")}))
    listed(GitHub(web.session(), api_url="http://ghe.example:8080/api/v3", user_agent="x"), Listing("italia"))
    assert web.asked[0].url == "http://ghe.example:8080/api/graphql"


def test_other_users_of_pygithub_keep_their_own_connections(web: Any) -> None:
    client(web)
    assert Requester._Requester__httpsConnectionClass is HTTPSRequestsConnectionClass


def test_no_gap_is_kept_between_two_requests(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyGithub alone sleeps for a quarter of a second before each."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    web.reply = lambda _: told({"o0": owner("italia", node("italia/a"))})
    github = client(web)
    for _ in range(4):
        listed(github, Listing("italia"))
    assert slept == []


def test_a_page_tells_where_the_next_one_begins(web: Any) -> None:
    web.replies(
        told({"o0": owner("italia", node("italia/a"), node("italia/b"), total=3, cursor="abc")}),
        told({"o0": owner("italia", node("italia/c"), total=3)}),
    )
    github = client(web)
    (page,) = listed(github, Listing("italia", first=2))
    assert page.following == Listing("italia", "abc", 2)
    assert page.total == 3
    assert page.following is not None
    (last,) = listed(github, page.following)
    assert [item["nameWithOwner"] for item in last.nodes] == ["italia/c"]
    assert (last.following, last.issues) == (None, ())
    assert github.points == 2


def test_a_listing_that_ends_early_says_so(web: Any) -> None:
    web.replies(told({"o0": owner("italia", node("italia/c"), total=9)}))
    (page,) = listed(client(web), Listing("italia", "abc", 2))
    (issue,) = page.issues
    assert issue.code == "short-listing"
    assert issue.message == "italia says it lists 9 and gave 3"


@pytest.mark.parametrize("cursor", ["abc", ""])
def test_a_cursor_that_leads_nowhere_ends_the_listing_instead_of_going_round(web: Any, cursor: str) -> None:
    stuck = owner("italia", node("italia/c"), total=9, cursor="x")
    stuck["repositories"]["pageInfo"]["endCursor"] = cursor
    web.replies(told({"o0": stuck}))
    (page,) = listed(client(web), Listing("italia", "abc", 2))
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
    missing, found = listed(client(web), Listing("nobody"), Listing("etalab"))
    assert [issue.code for issue in missing.issues] == [code]
    assert (missing.nodes, missing.following) == ((), None)
    assert len(found.nodes) == 1
    assert found.issues == ()


GAP = {"message": "Something went wrong", "path": ["o0", "repositories", "nodes", 0, "licenseInfo"]}
WHOLE = owner("italia", node("italia/a"))


def test_a_gap_is_asked_for_again_and_whole_owners_are_used(web: Any) -> None:
    both = {"o0": owner("italia", node("italia/a", licenseInfo=None)), "o1": owner("etalab", node("etalab/a"))}
    web.replies(told(both, GAP), told({"o0": WHOLE}))
    pages = listed(client(web), Listing("italia", first=10), Listing("etalab", first=10))
    assert [(page.listing.login, len(page.nodes)) for page in pages] == [("etalab", 1), ("italia", 1)]
    assert web.asked[1].variables == {"first0": 10, "login0": "italia", "after0": None}


@pytest.mark.parametrize(
    "error",
    [
        {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."},
        {"message": "Something went wrong while executing your query."},
    ],
)
def test_an_error_without_a_place_doubts_the_whole_answer(web: Any, error: dict[str, Any]) -> None:
    web.replies(told({"o0": WHOLE}, error), told({"o0": WHOLE}))
    (page,) = listed(client(web), Listing("italia"))
    assert (len(page.nodes), page.issues) == (1, ())
    assert [asked.variables["first0"] for asked in web.asked] == [100, 50]


def test_a_repository_of_which_a_part_is_never_told_is_left_out_and_paging_goes_on(web: Any) -> None:
    part = node("italia/a", licenseInfo=None)
    web.replies(told({"o0": owner("italia", part, total=2, cursor="abc")}, GAP))
    (page,) = listed(client(web), Listing("italia", first=1))
    assert page.nodes == ()
    assert [issue.code for issue in page.issues] == ["partial-answer"]
    assert page.following == Listing("italia", "abc", 1)


def test_an_owner_that_is_lost_altogether_is_never_taken_for_missing(web: Any) -> None:
    web.reply = lambda _: told({"o0": None}, {"message": "Something went wrong", "path": ["o0"]})
    with pytest.raises(ForgeError, match="however little"):
        listed(client(web), Listing("italia", first=4))
    assert [asked.variables["first0"] for asked in web.asked] == [4, 2, 1]


def test_a_repository_that_is_withheld_is_an_issue(web: Any) -> None:
    error = {"type": "FORBIDDEN", "path": ["o0", "repositories", "nodes", 1], "message": "access blocked"}
    web.replies(told({"o0": owner("italia", node("italia/a"), None, total=2)}, error))
    (page,) = listed(client(web), Listing("italia"))
    assert len(page.nodes) == 1
    assert [issue.code for issue in page.issues] == ["repository-withheld", "short-listing"]


def test_how_many_repositories_each_owner_has_is_asked_for_at_once(web: Any) -> None:
    missing = {"type": "NOT_FOUND", "path": ["o1"], "message": "Could not resolve"}
    web.replies(told({"o0": owner("italia", total=7), "o1": None, "o2": owner("etalab", total=0)}, missing))
    sizes = list(client(web).owners(["italia", "nobody", "etalab"]))
    assert [(size.login, size.total, [issue.code for issue in size.issues]) for size in sizes] == [
        ("italia", 7, []),
        ("nobody", 0, ["owner-missing"]),
        ("etalab", 0, []),
    ]


def error_of(place: int, kind: str | None = None) -> dict[str, Any]:
    return {"path": ["nodes", place], "message": "of a node"} | ({"type": kind} if kind else {})


def test_repositories_by_id_are_found_absent_or_unknown(web: Any) -> None:
    served = [node("italia/a", id="A"), None, None, None, node("italia/p", id="P", isPrivate=True), {}]
    web.replies(told({"nodes": served}, error_of(1, "NOT_FOUND"), error_of(2, "FORBIDDEN")))
    (nodes,) = client(web).nodes(["A", "GONE", "BLOCKED", "NULL", "P", "USER"])
    assert [found["id"] for found in nodes.found] == ["A"]
    assert nodes.absent == ("GONE", "P")
    assert nodes.unknown == ("BLOCKED", "NULL", "USER")
    assert [issue.code for issue in nodes.issues] == ["repository-withheld", "repository-untold", "repository-untold"]


def test_a_repository_that_fails_even_alone_is_unknown_and_the_others_are_had(web: Any) -> None:
    def reply(asked: Any) -> Any:
        ids = asked.variables["ids"]
        errors = [error_of(place) for place, identifier in enumerate(ids) if identifier == "BAD"]
        return told({"nodes": [None if one == "BAD" else node(f"a/{one}", id=one) for one in ids]}, *errors)

    web.reply = reply
    told_ = list(client(web).nodes(["A", "BAD", "B"]))
    assert [found["id"] for nodes in told_ for found in nodes.found] == ["A", "B"]
    assert [identifier for nodes in told_ for identifier in nodes.unknown] == ["BAD"]
    assert [asked.variables["ids"] for asked in web.asked] == [["A", "BAD", "B"], ["BAD"]]


def blob(oid: str, text: str | None = "text", **more: Any) -> dict[str, Any]:
    return {"object": {"oid": oid, "isBinary": False, "isTruncated": False, "text": text} | more}


def test_a_text_is_asked_for_once_whatever_repositories_hold_it(web: Any) -> None:
    web.replies(
        told({"f0": blob("1"), "f1": blob("2", None, isBinary=True), "f2": blob("3", "half", isTruncated=True)})
    )
    files = [Wanted("A", "code.json", oid, 9) for oid in "123"] + [Wanted("B", "civic.json", "1", 9)]
    assert {oid: file.text for oid, file in client(web).files(files).items()} == {"1": "text", "2": None, "3": None}
    assert len(web.asked) == 1


def test_files_are_asked_for_in_queries_of_a_bounded_size(web: Any) -> None:
    def reply(asked: Any) -> Any:
        wanted = [value for name, value in asked.variables.items() if name.startswith("oid")]
        return told({f"f{n}": blob(oid) for n, oid in enumerate(wanted)})

    web.reply = reply
    small = [Wanted("A", "civic.json", f"s{n}", 10) for n in range(200)]
    large = [Wanted("A", "code.json", f"l{n}", 250_000) for n in range(8)]
    assert len(client(web).files([*small, *large])) == 208
    assert [sum(name.startswith("oid") for name in asked.variables) for asked in web.asked] == [150, 54, 4]


def test_a_file_that_cannot_be_had_is_absent_and_never_an_empty_one(web: Any) -> None:
    def reply(asked: Any) -> Any:
        wanted = [value for name, value in asked.variables.items() if name.startswith("oid")]
        return told({f"f{n}": blob(oid) if oid == "1" else {"object": None} for n, oid in enumerate(wanted)})

    web.reply = reply
    files = client(web).files([Wanted("A", "civic.json", oid, 9) for oid in "12"])
    assert {oid: file.text for oid, file in files.items()} == {"1": "text"}


@pytest.mark.parametrize(
    "reply",
    [
        (502, {}, '{"message": "Something went wrong while executing your query."}'),
        (504, {"Content-Type": "text/html"}, "<html>We couldn't respond in time</html>"),
        told(None, {"type": "MAX_NODE_LIMIT_EXCEEDED", "message": "This query requests up to 1,000,000 nodes"}),
        told(None, {"message": "Something went wrong while executing your query. It may be the result of a timeout"}),
        told({"o0": owner("italia", node("italia/a", description="x" * 5_000_000))}),
    ],
)
def test_too_much_at_once_is_asked_in_parts(web: Any, reply: Any) -> None:
    web.replies(reply, told({"o0": WHOLE}), told({"o0": owner("etalab")}))
    pages = listed(client(web), Listing("italia"), Listing("etalab"))
    assert [page.listing.login for page in pages] == ["italia", "etalab"]
    assert [asked.variables["login0"] for asked in web.asked] == ["italia", "italia", "etalab"]


def test_a_search_tells_what_lies_past_the_thousand(web: Any) -> None:
    found = {"repositoryCount": 1234, "pageInfo": {"hasNextPage": True, "endCursor": "c"}, "nodes": [node("a/b")]}
    web.replies(told({"search": found}))
    page = client(web).search("topic:x")
    assert (page.total, page.following, len(page.nodes)) == (1234, "c", 1)
    assert web.asked[0].variables == {"query": "topic:x", "first": 100, "after": None}


@pytest.mark.parametrize("kind", ["RATE_LIMITED", "RATE_LIMIT"])
def test_a_spent_budget_is_read_from_an_answer_of_200(web: Any, kind: str) -> None:
    reset = int((datetime.now(UTC) + timedelta(minutes=20)).timestamp())
    error = {"type": kind, "message": "API rate limit exceeded for user ID 1."}
    web.replies(told(None, error, x_ratelimit_remaining="0", x_ratelimit_reset=str(reset)))
    with pytest.raises(BudgetSpent) as caught:
        listed(client(web), Listing("italia"))
    assert caught.value.retry_at == datetime.fromtimestamp(reset, UTC)


@pytest.mark.parametrize(
    ("status", "headers"),
    [(403, {"Retry-After": "120"}), (429, {}), (403, {"X-RateLimit-Remaining": "0"})],
)
def test_a_refusal_for_going_too_fast_is_a_spent_budget(web: Any, status: int, headers: dict[str, str]) -> None:
    web.replies((status, headers, '{"message": "You have exceeded a secondary rate limit."}'))
    with pytest.raises(BudgetSpent, match="secondary rate limit"):
        listed(client(web), Listing("italia"))


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
        listed(client(web), Listing("italia"))
    assert caught.value.status == status
    assert "http://api.github.com/graphql" in str(caught.value)
    assert len(web.asked) == 1


def test_a_forge_that_is_not_there_is_an_error_that_names_it(web: Any) -> None:
    web.address = "127.0.0.1:1"
    with pytest.raises(ForgeError, match="ProxyError") as caught:
        listed(client(web), Listing("italia"))
    assert caught.value.status is None


def test_text_without_a_declared_charset_is_read_as_utf8(web: Any) -> None:
    body = {"data": {"o0": owner("etalab", node("etalab/a", description="Démarches simplifiées – é"))}}
    web.replies((200, {"Content-Type": "application/json"}, json.dumps(body, ensure_ascii=False)))
    (page,) = listed(client(web), Listing("etalab"))
    assert page.nodes[0]["description"] == "Démarches simplifiées – é"


@pytest.mark.parametrize(
    ("api_url", "host"),
    [("https://api.github.com", "github.com"), ("https://ghe.example/api/v3", "ghe.example")],
)
def test_the_host_is_the_one_that_people_know(api_url: str, host: str) -> None:
    assert web_host(api_url) == host
