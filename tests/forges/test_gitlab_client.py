"""GitLab's answers through the real python-gitlab."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harvester.errors import BudgetSpent, ForgeError
from harvester.forges.gitlab.client import GitLab
from harvester.net import Tokens

ROOT = "http://gitlab.example"
QUERY = {"order_by": "id", "per_page": "2", "page": "1"}


def client(web: Any, *, token: str | None = None) -> GitLab:
    tokens = Tokens.private(ROOT, [token]) if token else None
    return GitLab(web.session(tokens), url=ROOT, user_agent="CivicHarvester/test")


def told(body: Any, status: int = 200, **headers: str) -> tuple[int, dict[str, str], str]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json"} | sent, json.dumps(body)


def test_a_page_is_asked_on_the_instance_with_our_user_agent(web: Any) -> None:
    web.replies(told([{"id": 1}]))
    page = client(web).projects("/groups/inria%2Fsub/projects", QUERY)
    (asked,) = web.asked
    assert asked.url == f"{ROOT}/api/v4/groups/inria%2Fsub/projects?order_by=id&per_page=2&page=1"
    assert asked.headers["user-agent"] == "CivicHarvester/test"
    assert "private-token" not in asked.headers
    assert page.projects == ({"id": 1},)


def test_a_token_is_sent_and_no_redirect_carries_it_away(web: Any) -> None:
    web.replies((302, {"Location": "http://elsewhere.example/"}, ""), told([{"id": 1}]))
    assert client(web, token="t0ken").projects("/projects", QUERY).projects == ({"id": 1},)
    assert [asked.headers.get("private-token") for asked in web.asked] == ["t0ken", None]


def test_without_a_token_a_moved_group_is_followed(web: Any) -> None:
    web.replies((301, {"Location": f"{ROOT}/api/v4/groups/new/projects"}, ""), told([{"id": 1}]))
    assert client(web).projects("/groups/old/projects", QUERY).projects == ({"id": 1},)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Link": f'<{ROOT}/api/v4/projects?page=2&per_page=100&simple=true>; rel="next"'}, QUERY | {"page": "2"}),
        ({"Link": f'<{ROOT}/api/v4/projects?id_after=42&pagination=keyset>; rel="next"'}, QUERY | {"id_after": "42"}),
        ({"X-Next-Page": "2"}, QUERY | {"page": "2"}),
        ({"X-Next-Page": ""}, None),
        ({"Link": f'<{ROOT}/api/v4/projects?page=1>; rel="next"'}, None),  # leads back to where we are
        ({}, None),
    ],
)
def test_the_next_page_is_our_question_with_the_forges_cursor(
    web: Any, headers: dict[str, str], expected: dict[str, str] | None
) -> None:
    web.replies((200, {"Content-Type": "application/json", **headers}, '[{"id": 1}]'))
    assert client(web).projects("/projects", QUERY).following == expected


def test_the_total_is_known_only_when_the_instance_counts(web: Any) -> None:
    web.replies(told([], X_Total="11"), told([]))
    gitlab = client(web)
    assert [gitlab.projects("/projects", QUERY).total for _ in range(2)] == [11, None]


def test_a_root_is_paged_through_and_only_its_files_count(web: Any) -> None:
    entries = [{"id": f"{n:040x}", "name": f"f{n}", "type": "tree" if n == 1 else "blob"} for n in range(3)]
    web.replies(told(entries[:2], X_Next_Page="2"), told(entries[2:]))
    assert client(web).entries(7) == {"f0": f"{0:040x}", "f2": f"{2:040x}"}
    assert [asked.url.removeprefix(f"{ROOT}/api/v4/projects/7/repository/tree?") for asked in web.asked] == [
        "per_page=100&page=1",
        "per_page=100&page=2",
    ]


def test_a_root_that_is_closed_to_us_is_not_an_empty_one(web: Any) -> None:
    web.replies(told({"message": "403 Forbidden"}, 403), told({"message": "404 Tree Not Found"}, 404))
    gitlab = client(web)
    assert gitlab.entries("inria/tool") is None
    assert gitlab.entries("inria/tool") == {}
    assert web.asked[0].url.startswith(f"{ROOT}/api/v4/projects/inria%2Ftool/repository/tree?")


def test_a_file_is_asked_by_its_blob_id(web: Any) -> None:
    web.replies((200, {"Content-Type": "text/plain"}, "name: é\n"), told({"message": "404 Blob Not Found"}, 404))
    gitlab = client(web)
    assert gitlab.blob(7, "ab12") == "name: é\n"
    assert gitlab.blob(7, "ab13") is None
    assert web.asked[0].url == f"{ROOT}/api/v4/projects/7/repository/blobs/ab12/raw"


def test_an_instance_that_breaks_over_a_file_is_an_error(web: Any) -> None:
    web.replies(told({"message": "500"}, 500))
    with pytest.raises(ForgeError):
        client(web).blob(7, "ab12")


def test_languages_are_unknown_where_gitlab_does_not_tell(web: Any) -> None:
    web.replies(told({"CSS": 9.5, "Python": 80.0}), told({"message": "404"}, 404), told({"message": "403"}, 403))
    gitlab = client(web)
    assert gitlab.languages(7) == {"CSS": 9.5, "Python": 80.0}
    assert (gitlab.languages(8), gitlab.languages(9)) == (None, None)


def test_the_latest_release_is_the_first_that_is_listed(web: Any) -> None:
    web.replies(told([{"tag_name": "v2", "released_at": "2026-01-01T00:00:00.000Z"}]), told([]))
    gitlab = client(web)
    assert gitlab.release(7) == ("v2", "2026-01-01T00:00:00.000Z")
    assert gitlab.release(8) is None
    assert web.asked[0].url == f"{ROOT}/api/v4/projects/7/releases?per_page=1"


def test_too_many_requests_tell_when_to_come_back_and_are_not_repeated(web: Any) -> None:
    web.reply = lambda _: told({"message": "Retry later"}, 429, Retry_After="2")
    with pytest.raises(BudgetSpent) as caught:
        client(web).projects("/projects", QUERY)
    assert timedelta(0) < caught.value.retry_at - datetime.now(UTC) <= timedelta(seconds=2)
    assert len(web.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_error_of_the_instance_is_not_repeated(web: Any, status: int) -> None:
    web.reply = lambda _: (status, {}, "<html>GitLab is not responding</html>")
    with pytest.raises(ForgeError) as caught:
        client(web).projects("/projects", QUERY)
    assert caught.value.status == status
    assert caught.value.url == f"{ROOT}/api/v4/projects"
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (told({"message": "404 Group Not Found"}, 404), 404, "Group Not Found"),
        (told({"message": "401 Unauthorized"}, 401), 401, "Unauthorized"),
        ((200, {}, "<html>sign in</html>"), 200, "no JSON"),
        (told({"error": "odd"}), None, "no list of projects"),
        (told(["odd"]), None, "no list of projects"),
        (told([{"id": None}]), None, "no list of projects"),
    ],
)
def test_an_answer_that_is_none_names_its_url(web: Any, reply: Any, status: int | None, words: str) -> None:
    web.replies(reply)
    with pytest.raises(ForgeError, match=words) as caught:
        client(web).projects("/groups/x/projects", QUERY)
    assert caught.value.status == status
    assert "/api/v4/groups/x/projects" in str(caught.value)


def test_an_instance_that_is_not_there_is_an_error_that_names_it(web: Any) -> None:
    web.address = "127.0.0.1:1"
    with pytest.raises(ForgeError, match=r"gitlab\.example/api/v4/projects answered nothing"):
        client(web).projects("/projects", QUERY)


def test_the_licence_is_asked_of_the_project_itself(web: Any) -> None:
    web.replies(told({"id": 7, "license": {"key": "agpl-3.0"}}), told({"message": "404"}, 404), told(["odd"]))
    gitlab = client(web)
    assert gitlab.project(7, license=True)["license"] == {"key": "agpl-3.0"}
    for status in (404, None):
        with pytest.raises(ForgeError) as caught:
            gitlab.project(8)
        assert caught.value.status == status
    assert web.asked[0].url == f"{ROOT}/api/v4/projects/7?license=true"


def test_a_token_goes_with_what_is_posted_and_no_redirect_carries_it_away(web: Any) -> None:
    web.replies(told({"data": {}}), (302, {"Location": "http://elsewhere.example/"}, ""), told({"data": {}}))
    gitlab = client(web, token="t0ken")
    assert gitlab.post(f"{ROOT}/api/graphql", {"query": "{a}"}) == {"data": {}}
    with pytest.raises(ForgeError):
        gitlab.post(f"{ROOT}/api/graphql", {"query": "{a}"})
    assert [asked.headers.get("private-token") for asked in web.asked] == ["t0ken", "t0ken", None]
    assert json.loads(web.asked[0].body) == {"query": "{a}"}
