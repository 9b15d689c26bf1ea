"""The simulated GitLab pages, limits and errs as GitLab does."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from starlette.responses import Response

from simulators.exchange import Ask
from simulators.gitlab_store import Project
from simulators.sim_gitlab import GitLab

HOST = "gitlab.example.org"


def project(number: int, path: str, **known: Any) -> Project:
    return Project(id=number, path=path, name=path.rsplit("/", 1)[-1], **known)


@pytest.fixture
def host() -> GitLab:
    projects = [
        project(5, "town/permits", files={"publiccode.yml": "name: Permits\n"}, languages={"Ruby": 80.5, "CSS": 19.5}),
        project(3, "town/maps/tiles", created_at="2020-05-05T00:00:00Z", archived=True),
        project(9, "town/maps/deep/er", created_at="2021-05-05T00:00:00Z"),
        project(7, "jane/notes", owned_by_user=True),
    ]
    return GitLab(HOST, projects)


def get(host: GitLab, path: str, etag: str = "", **query: str) -> Response:
    return host.answer(Ask(host=HOST, path=f"/api/v4{path}", query=query, headers={"if-none-match": etag}))


def ids(answer: Response) -> list[int]:
    return [one["id"] for one in json.loads(answer.body)]


def test_a_group_lists_its_own_projects_and_on_request_its_subgroups(host: GitLab) -> None:
    assert ids(get(host, "/groups/town/projects")) == [5]
    assert ids(get(host, "/groups/town/projects", include_subgroups="true", order_by="id", sort="asc")) == [3, 5, 9]
    assert ids(get(host, "/groups/town%2Fmaps/projects", include_subgroups="true")) == [9, 3]
    assert [one["full_path"] for one in json.loads(get(host, "/groups/town/subgroups").body)] == ["town/maps"]


def test_a_user_is_no_group(host: GitLab) -> None:
    assert ids(get(host, "/users/jane/projects")) == [7]
    answer = get(host, "/groups/jane/projects")
    assert (answer.status_code, json.loads(answer.body)) == (404, {"message": "404 Group Not Found"})


def test_offset_pages_say_where_they_stand(host: GitLab) -> None:
    first = get(host, "/projects", per_page="3", order_by="id", sort="asc")
    assert ids(first) == [3, 5, 7]
    assert (first.headers["x-total"], first.headers["x-total-pages"], first.headers["x-next-page"]) == ("4", "2", "2")
    assert 'page=2>; rel="next"' in first.headers["link"]
    last = get(host, "/projects", per_page="3", page="2", order_by="id", sort="asc")
    assert (ids(last), last.headers["x-next-page"]) == ([9], "")
    assert 'rel="next"' not in last.headers["link"]


@pytest.mark.parametrize(("sort", "wanted"), [("asc", [3, 5, 7, 9]), ("desc", [9, 7, 5, 3])])
def test_keyset_pages_follow_their_links_to_the_end(host: GitLab, sort: str, wanted: list[int]) -> None:
    query = {"pagination": "keyset", "order_by": "id", "sort": sort, "per_page": "2"}
    found: list[int] = []
    for _ in range(9):
        answer = get(host, "/projects", **query)
        found += ids(answer)
        assert "x-total" not in answer.headers
        if "link" not in answer.headers:
            break
        url = answer.headers["link"].split(">")[0]
        query = dict(pair.split("=") for pair in url.split("?")[1].split("&"))
    assert found == wanted


def test_keyset_is_for_ids_alone(host: GitLab) -> None:
    assert get(host, "/projects", pagination="keyset", order_by="created_at").status_code == 405


def test_archived_projects_can_be_left_out(host: GitLab) -> None:
    assert ids(get(host, "/projects", archived="false", order_by="id", sort="asc")) == [5, 7, 9]


@pytest.mark.parametrize("name", ["5", "town%2Fpermits", "Town%2FPermits"])
def test_a_project_is_found_by_its_number_and_by_its_path(host: GitLab, name: str) -> None:
    found = json.loads(get(host, f"/projects/{name}").body)
    assert found["path_with_namespace"] == "town/permits"
    assert found["namespace"]["kind"] == "group"
    assert found["web_url"] == f"https://{HOST}/town/permits"
    assert json.loads(get(host, f"/projects/{name}/languages").body) == {"Ruby": 80.5, "CSS": 19.5}


def test_files_come_raw_and_encoded_and_are_not_everywhere(host: GitLab) -> None:
    raw = get(host, "/projects/5/repository/files/publiccode.yml/raw", ref="HEAD")
    assert raw.body == b"name: Permits\n"
    told = json.loads(get(host, "/projects/5/repository/files/publiccode.yml", ref="main").body)
    assert base64.b64decode(told["content"]) == raw.body
    assert get(host, "/projects/5/repository/files/publiccode.yml/raw", ref="other").status_code == 404
    assert get(host, "/projects/9/repository/files/publiccode.yml/raw", ref="HEAD").status_code == 404


def test_what_has_not_changed_is_304(host: GitLab) -> None:
    first = get(host, "/projects/5")
    assert get(host, "/projects/5", etag=first.headers["etag"]).status_code == 304


def test_beyond_the_minutes_limit_it_says_when_to_come_back() -> None:
    now = [1000.0]
    host = GitLab(HOST, [project(1, "town/a")], limit=2, clock=lambda: now[0])
    assert get(host, "/projects/1").headers["ratelimit-remaining"] == "1"
    assert get(host, "/projects/1").status_code == 200
    now[0] += 20
    refused = get(host, "/projects/1")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")
    now[0] += 40
    assert get(host, "/projects/1").status_code == 200
