"""Recorded answers of GitHub and GitLab, served again to the real clients."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harvester.errors import BudgetSpent, ForgeError
from harvester.forges.github.client import GitHub
from harvester.forges.github.queries import Listing
from harvester.forges.gitlab.client import GitLab
from harvester.forges.gitlab.items import by_share, from_rest

pytestmark = pytest.mark.corpus
Exchange = dict[str, Any]


@pytest.fixture(scope="session")
def recorded(corpus: Path) -> Callable[[str], list[Exchange]]:
    def load(name: str) -> list[Exchange]:
        with gzip.open(corpus / "api" / "replay" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    return load


def reply(exchange: Exchange) -> tuple[int, dict[str, str], str]:
    return exchange["status"], exchange["headers"], exchange["body"]


def github_at(web: Any) -> GitHub:
    return GitHub(web.session(), api_url="http://api.github.com", user_agent="CivicHarvester/test")


def ask_github(web: Any, exchange: Exchange) -> Any:
    web.replies(reply(exchange))
    return list(github_at(web).repositories([Listing("italia", first=1)]))


def failures(exchanges: list[Exchange], *statuses: int) -> Iterator[Exchange]:
    return (each for each in exchanges if each["status"] in statuses)


def test_githubs_rate_limits_are_waits_and_its_other_refusals_errors(
    web: Any, recorded: Callable[[str], list[Exchange]]
) -> None:
    waits, errors = [], []
    for exchange in failures(recorded("github-pygithub"), 403):
        with pytest.raises((BudgetSpent, ForgeError)) as caught:
            ask_github(web, exchange)
        (waits if isinstance(caught.value, BudgetSpent) else errors).append(caught.value)
    assert len(waits) == 2  # "API Rate Limit Exceeded", "You have triggered an abuse detection mechanism"
    assert min(each.retry_at for each in waits) > datetime.now(UTC) + timedelta(seconds=50)
    assert [each.status for each in errors] == [403] * 4


@pytest.mark.parametrize(("status", "recordings"), [(500, 1), (503, 1), (401, 3), (404, 35), (400, 1)])
def test_githubs_errors_name_url_and_status(
    web: Any, recorded: Callable[[str], list[Exchange]], status: int, recordings: int
) -> None:
    exchanges = list(failures(recorded("github-pygithub"), status))
    assert len(exchanges) == recordings
    for exchange in exchanges[:5]:
        with pytest.raises(ForgeError, match=f"http://api.github.com/graphql answered {status}"):
            ask_github(web, exchange)


def test_githubs_502_is_a_query_that_was_too_much(web: Any, recorded: Callable[[str], list[Exchange]]) -> None:
    (exchange,) = failures(recorded("github-pygithub"), 502)
    with pytest.raises(ForgeError, match="however little was asked"):
        ask_github(web, exchange)


def test_githubs_not_found_in_an_answer_of_200_is_an_absent_owner(
    web: Any, recorded: Callable[[str], list[Exchange]]
) -> None:
    (exchange,) = [each for each in recorded("github-pygithub") if '"type":"NOT_FOUND"' in each["body"]]
    renamed = exchange | {"body": exchange["body"].replace('"node"', '"o0"')}
    (page,) = ask_github(web, renamed)
    assert [issue.code for issue in page.issues] == ["owner-missing"]
    web.replies(
        reply(
            exchange
            | {"body": exchange["body"].replace('"node":null', '"nodes":[null]').replace('["node"]', '["nodes",0]')}
        )
    )
    (nodes,) = github_at(web).nodes(["D_kwDOADYVqs4AaHoG"])
    assert (nodes.absent, nodes.found, nodes.unknown) == (("D_kwDOADYVqs4AaHoG",), (), ())


def test_githubs_code_search_names_the_repositories_of_its_files(
    web: Any, recorded: Callable[[str], list[Exchange]]
) -> None:
    searches = [each for each in recorded("github-pygithub") if "/search/code" in each["url"] and each["status"] == 200]
    whole = [each for each in searches if "incomplete_results" in each["body"]]
    assert len(whole) >= 8
    for exchange in whole:
        web.replies(reply(exchange))
        page = github_at(web).code("anything", page=1)
        body = json.loads(exchange["body"])
        assert (page.received, page.total) == (len(body["items"]), body["total_count"])
        assert page.whole is not body["incomplete_results"]
        assert len(page.repositories) == len(
            {item["repository"]["node_id"] for item in body["items"] if "node_id" in item["repository"]}
        )


def test_githubs_refusal_of_a_code_search_is_a_wait(web: Any, recorded: Callable[[str], list[Exchange]]) -> None:
    (exchange,) = [each for each in failures(recorded("github-pygithub"), 403) if "/search/code" in each["url"]]
    web.replies(reply(exchange))
    with pytest.raises(BudgetSpent, match="abuse detection"):
        github_at(web).code("anything", page=1)


def test_gitlabs_pages_of_projects_are_read_whole(web: Any, recorded: Callable[[str], list[Exchange]]) -> None:
    listings = [
        each
        for each in recorded("gitlab-ogr")
        if each["status"] == 200 and each["url"].endswith(("/groups/470642/projects", "/forks"))
    ]
    assert len(listings) >= 10
    gitlab = GitLab(web.session(), url="http://gitlab.com", user_agent="CivicHarvester/test")
    seen = 0
    for exchange in listings:
        web.replies(reply(exchange))
        page = gitlab.projects("/groups/470642/projects", {"page": "1"})
        assert page.total == len(page.projects)
        assert page.following is None
        for project in page.projects:
            kept = from_rest(project).fields
            assert kept["id"] == project["id"]
            assert kept["path_with_namespace"] == project["path_with_namespace"]
            assert not {"statistics", "permissions", "_links", "owner", "creator_id"} & set(kept)
            seen += 1
    assert seen >= 60


def test_gitlabs_languages_and_absences_are_read(web: Any, recorded: Callable[[str], list[Exchange]]) -> None:
    exchanges = recorded("gitlab-ogr")
    gitlab = GitLab(web.session(), url="http://gitlab.com", user_agent="CivicHarvester/test")
    web.replies(*(reply(each) for each in exchanges if each["url"].endswith("/20961968/languages")))
    assert by_share(gitlab.languages(20961968) or {}) == ["C", "CSS", "Shell", "Makefile", "M4"]
    absent = list(failures(exchanges, 404))
    web.replies(*map(reply, absent), *map(reply, absent))
    for _ in absent:
        assert gitlab.blob(14233409, "0" * 40) is None
        with pytest.raises(ForgeError, match="404"):
            gitlab.projects("/groups/nobody/projects", {"page": "1"})


def test_gitlabs_paging_is_followed_to_the_end(web: Any, recorded: Callable[[str], list[Exchange]]) -> None:
    """A recorded page cut in pieces of 4, with the headers of the recording and GitLab's own form of links."""
    exchange = next(each for each in recorded("gitlab-ogr") if each["url"].endswith("/groups/470642/projects"))
    projects = json.loads(exchange["body"])

    def piece(asked: Any) -> tuple[int, dict[str, str], str]:
        page = int(asked.url.partition("&page=")[2].partition("&")[0])
        headers = dict(exchange["headers"])
        more = page * 4 < len(projects)
        link = f'<https://gitlab.com/api/v4/groups/470642/projects?id=470642&page={page + 1}&per_page=4>; rel="next"'
        headers |= {"Link": link if more else "", "X-Next-Page": str(page + 1) if more else ""}
        return 200, headers, json.dumps(projects[(page - 1) * 4 : page * 4])

    web.reply = piece
    gitlab = GitLab(web.session(), url="http://gitlab.com", user_agent="CivicHarvester/test")
    found: list[Any] = []
    query: Any = {"per_page": "4", "page": "1"}
    while query:
        page = gitlab.projects("/groups/470642/projects", query)
        found += page.projects
        query = page.following
    assert [each["id"] for each in found] == [each["id"] for each in projects]
    assert len(web.asked) == 3


def test_gitlabs_roots_and_releases_are_read(web: Any, recorded: Callable[[str], list[Exchange]]) -> None:
    exchanges = recorded("gitlab-ogr")
    gitlab = GitLab(web.session(), url="http://gitlab.com", user_agent="CivicHarvester/test")
    (root,) = [each for each in exchanges if "/repository/tree?" in each["url"]]
    web.replies(reply(root))
    listed = json.loads(root["body"])
    assert gitlab.entries(14233409) == {one["name"]: one["id"] for one in listed if one["type"] == "blob"}
    releases = [each for each in exchanges if each["url"].endswith("/14233409/releases") and each["method"] == "GET"]
    assert releases
    for exchange in releases:
        web.replies(reply(exchange))
        newest = json.loads(exchange["body"])[0]
        assert gitlab.release(14233409) == (newest["tag_name"], newest["released_at"])


def test_gitlabs_refusals_are_errors_with_their_status(web: Any, recorded: Callable[[str], list[Exchange]]) -> None:
    """429, 410 and 422 are not among the recordings: tests/forges/test_gitlab_client.py has them as documented."""
    gitlab = GitLab(web.session(), url="http://gitlab.com", user_agent="CivicHarvester/test")
    exchanges = list(failures(recorded("gitlab-ogr"), 400, 401))
    assert sorted(each["status"] for each in exchanges) == [400, 400, 401]
    for exchange in exchanges:
        web.replies(reply(exchange))
        with pytest.raises(ForgeError) as caught:
            gitlab.project(14233409)
        assert caught.value.status == exchange["status"]


def test_gitlabs_single_projects_are_read(web: Any, recorded: Callable[[str], list[Exchange]]) -> None:
    exchanges = [
        each
        for each in recorded("gitlab-ogr")
        if each["status"] == 200 and each["method"] == "GET" and each["url"].split("/projects/")[-1].isdecimal()
    ]
    gitlab = GitLab(web.session(), url="http://gitlab.com", user_agent="CivicHarvester/test")
    forks = 0
    for exchange in exchanges:
        web.replies(reply(exchange))
        served = json.loads(exchange["body"])
        listed = from_rest(gitlab.project(served["id"]))
        assert listed.number == served["id"]
        assert str(listed.fields["created_at"]).endswith("Z")
        origin = listed.fields["forked_from_project"]
        assert (origin or {}).get("id") == (served.get("forked_from_project") or {}).get("id")
        forks += origin is not None
    assert len(exchanges) >= 15
    assert forks >= 1
