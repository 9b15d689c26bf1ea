"""The simulated GitLab's answers have the shapes of recorded ones: every key that it serves is there, with that type.

Its GraphQL is held to the schema that is written from GitLab's documentation, for no recording of it exists.
"""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import validate_schema
from starlette.responses import Response

from simulators.exchange import Ask
from simulators.gitlab_graphql import gitlab_schema
from simulators.gitlab_limits import Scoring
from simulators.gitlab_store import Project
from simulators.sim_gitlab import GitLab

HOST = "gitlab.example.org"
Shapes = dict[str, set[str]]


@pytest.fixture
def host() -> GitLab:
    projects = [
        Project(
            id=1,
            path="town/permits",
            name="Permits",
            description="For permits",
            files={"README.md": "Hi", "docs/a.md": "a"},
            languages={"Ruby": 80.5, "C": 19.5},
            release=("v1", "2026-01-01T00:00:00Z"),
            license=("mit", "MIT"),
            topics=("maps",),
        ),
        Project(id=2, path="town/fork", name="Fork", forked_from="town/permits", mirror=True),
    ]
    return GitLab(HOST, projects)


def get(host: GitLab, path: str, **query: str) -> Response:
    return host.answer(Ask(host=HOST, path=f"/api/v4{path}", query=query))


def served(host: GitLab, path: str, **query: str) -> Any:
    return json.loads(get(host, path, **query).body)


@pytest.fixture(scope="module")
def recorded(corpus: Path) -> list[dict[str, Any]]:
    with gzip.open(corpus / "api" / "replay" / "gitlab-ogr.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def shapes(objects: Iterator[Any] | list[Any], place: str = "") -> Shapes:
    """The types that stand at each path of some objects."""
    found: Shapes = {}
    for value in objects:
        found.setdefault(place, set()).add(type(value).__name__)
        inner: dict[str, list[Any]] = {}
        if isinstance(value, dict):
            inner = {f"{place}.{key}": [one] for key, one in value.items()}
        elif isinstance(value, list):
            inner = {f"{place}[]": value}
        for where, some in inner.items():
            for path, kinds in shapes(some, where).items():
                found.setdefault(path, set()).update(kinds)
    return found


def strangers(ours: Any, theirs: list[Any]) -> dict[str, set[str]]:
    """What of our answer is not so in any recorded one."""
    known = shapes(theirs)
    odd = {path: kinds - known.get(path, set()) for path, kinds in shapes([ours]).items()}
    return {path: kinds for path, kinds in odd.items() if kinds}


def bodies(recorded: list[dict[str, Any]], wanted: Callable[[str], bool]) -> list[Any]:
    chosen = [each for each in recorded if each["status"] == 200 and each["method"] == "GET" and wanted(each["url"])]
    assert chosen
    return [json.loads(each["body"]) for each in chosen]


def single(url: str) -> bool:
    head, _, tail = url.partition("/api/v4/projects/")
    return bool(tail) and "/" not in tail and "gitlab.com" in head


@pytest.mark.corpus
def test_projects_have_the_shape_of_recorded_ones(host: GitLab, recorded: list[dict[str, Any]]) -> None:
    pages = bodies(recorded, lambda url: url.endswith(("/groups/470642/projects", "/forks")))
    theirs = [one for page in pages for one in page] + bodies(recorded, single)
    ours = [*served(host, "/groups/town/projects"), served(host, "/projects/1"), served(host, "/projects/2")]
    assert len(theirs) > 100
    for project in ours:
        assert strangers(project, theirs) == {}


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/projects/1/languages", "/languages"),
        ("/projects/1/releases", "/releases"),
        ("/projects/1/repository/tree", "/repository/tree?"),
    ],
)
def test_what_is_inside_a_project_has_the_recorded_shape(
    host: GitLab, recorded: list[dict[str, Any]], path: str, part: str
) -> None:
    theirs = bodies(recorded, lambda url: url.endswith(part) if not part.endswith("?") else part in url)
    if part == "/languages":
        numbers = {type(share) for one in theirs for share in one.values()}
        assert {type(share) for share in served(host, path).values()} <= numbers
    else:
        assert strangers(served(host, path), theirs) == {}


@pytest.mark.corpus
def test_a_root_lists_folders_and_files_as_other_recordings_do(host: GitLab, corpus: Path) -> None:
    with tarfile.open(corpus / "api" / "narkoz-gitlab-fixtures.tar.xz") as archive:
        content = archive.extractfile("tree.json")
        assert content is not None
        theirs = json.load(content)
    ours = served(host, "/projects/1/repository/tree")
    assert {one["type"] for one in theirs} == {one["type"] for one in ours} == {"tree", "blob"}
    assert set(theirs[0]) <= set(ours[0])
    modes = {(one["type"], one["mode"].zfill(6)) for one in theirs}
    assert {(one["type"], one["mode"]) for one in ours} <= modes | {("tree", "040000"), ("blob", "100644")}


@pytest.mark.corpus
def test_absences_and_pages_are_told_as_recorded(host: GitLab, recorded: list[dict[str, Any]]) -> None:
    absent = [each for each in recorded if each["status"] == 404 and single(each["url"])]
    assert absent
    answer = get(host, "/projects/99")
    for each in absent:
        assert (answer.status_code, json.loads(answer.body)) == (404, json.loads(each["body"]))
    paged = next(each for each in recorded if each["url"].endswith("/groups/470642/projects"))
    theirs = {name.lower() for name in paged["headers"]}
    ours = get(host, "/groups/town/projects").headers
    for name in ("x-total", "x-page", "x-per-page", "x-next-page", "x-total-pages", "link", "etag", "ratelimit-reset"):
        assert name in theirs
        assert name in ours


def post(host: GitLab, query: str, token: str = "", **variables: Any) -> dict[str, Any]:
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"private-token": token} if token else {}
    answer = host.answer(Ask(host=HOST, method="POST", path="/api/graphql", body=body, headers=headers))
    assert answer.status_code == 200
    return dict(json.loads(answer.body))


def test_the_schema_is_a_valid_one() -> None:
    assert validate_schema(gitlab_schema()) == []


def test_graphql_shows_what_rest_shows(host: GitLab) -> None:
    found = post(host, "{ projects { nodes { id fullPath starCount isForked repository { rootRef } } } }")["data"]
    by_rest = served(host, "/projects", order_by="id")
    assert [one["fullPath"] for one in found["projects"]["nodes"]] == [one["path_with_namespace"] for one in by_rest]
    assert [one["isForked"] for one in found["projects"]["nodes"]] == ["forked_from_project" in one for one in by_rest]


@pytest.mark.parametrize(("token", "limit"), [("", 200), ("t0ken", 250)])
def test_a_query_that_scores_too_much_is_refused_and_told_so(host: GitLab, token: str, limit: int) -> None:
    many = " ".join(f"p{n}: projects(first: 100) {{ nodes {{ id name webUrl }} }}" for n in range(30))
    found = post(host, f"{{ {many} }}", token)
    assert "data" not in found
    assert f"which exceeds max complexity of {limit}" in found["errors"][0]["message"]
    told = post(host, "{ queryComplexity { score limit } projects(first: 100) { nodes { id } } }", token)
    assert told["data"]["queryComplexity"] == {"score": 9, "limit": limit}


def test_a_second_path_may_be_dear() -> None:
    dear = GitLab(HOST, [Project(id=1, path="a/b", name="b")], scoring=Scoring(further_path=311))
    blobs = "repository { blobs(paths: $paths) { nodes { oid } } }"
    query = f"query($paths: [String!]!) {{ projects(first: 1) {{ nodes {{ {blobs} }} }} }}"
    assert "data" in post(dear, query, paths=["README.md"])
    assert "errors" in post(dear, query, paths=["README.md", "publiccode.yml"])


def test_a_query_may_not_be_longer_than_ten_thousand_characters(host: GitLab) -> None:
    assert "too large" in post(host, "{ projects { count } }" + " " * 10_000)["errors"][0]["message"]


def test_what_the_schema_lacks_is_an_error_as_an_old_release_gives_it(host: GitLab) -> None:
    found = post(host, "{ projects { nodes { forkedFrom } } }")
    assert "data" not in found
    assert "forkedFrom" in found["errors"][0]["message"]


def test_graphql_can_be_switched_off() -> None:
    off = GitLab(HOST, [], graphql=404)
    assert off.answer(Ask(host=HOST, method="POST", path="/api/graphql", body=b"{}")).status_code == 404
