"""The simulated Forgejo answers as the published definition says, and as recorded instances do."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.responses import Response
from support.swagger import Swagger

from simulators.exchange import Ask
from simulators.forgejo_store import Account, ForgejoStore, Repository
from simulators.sim_forgejo import Forgejo

HOST = "forge.example"
AT = "2026-01-01T00:00:00Z"
SINCE_THE_DEFINITION = {"topics", "pronouns", "source_id", "username", "html_url", "object_format_name"}
"""Attributes that recorded instances serve and the published definition has not."""


@pytest.fixture(scope="session")
def published(corpus: Path) -> Swagger:
    return Swagger(corpus / "api" / "forgejo-swagger-v1_json.tmpl.gz")


@pytest.fixture(scope="session")
def recorded(corpus: Path) -> list[dict[str, Any]]:
    with gzip.open(corpus / "api" / "replay" / "forgejo-ogr.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def simulated(**more: Any) -> Forgejo:
    tool = Repository(
        id=1,
        owner="town",
        name="tool",
        description="A tool",
        created_at=AT,
        updated_at=AT,
        topics=("maps",),
        languages={"Go": 9},
        release=("v1", AT),
        files={"README.md": "# Tool\n", "publiccode.yml": "name: Tool\n"},
        folders=("src",),
        archived=True,
    )
    fork = Repository(id=2, owner="someone", name="tool", parent="town/tool", files={"a": "b"}, mirror=True)
    empty = Repository(id=3, owner="town", name="soon", former=("town/sooner",))
    accounts = [Account(login="town", full_name="Town"), Account(login="someone", organisation=False)]
    return Forgejo(HOST, ForgejoStore([tool, fork, empty], accounts), **more)


def ask(forge: Forgejo, path: str, *, method: str = "GET", body: bytes = b"") -> Response:
    where, _, query = path.partition("?")
    asked = Ask(host=HOST, method=method, path=f"/api/v1{where}", query=dict(parse_qsl(query)), body=body)
    return forge.answer(asked)


ANSWERS = {
    "/version": 200,
    "/settings/api": 200,
    "/repos/search?limit=50&page=1&sort=id&order=asc": 200,
    "/repos/search?q=maps&topic=true": 200,
    "/repos/search?sort=odd": 422,
    "/orgs": 200,
    "/orgs/town": 200,
    "/orgs/someone": 404,
    "/orgs/town/repos?limit=1": 200,
    "/orgs/nobody/repos": 404,
    "/users/someone": 200,
    "/users/nobody": 404,
    "/users/someone/repos": 200,
    "/repositories/2": 200,
    "/repositories/99": 404,
    "/repos/town/tool": 200,
    "/repos/town/nothing": 404,
    "/repos/town/tool/git/trees/main": 200,
    "/repos/town/soon/git/trees/main": 404,
    "/repos/town/tool/contents": 200,
    "/repos/town/tool/raw/README.md": 200,
    "/repos/town/tool/raw/nothing": 404,
    "/repos/town/tool/languages": 200,
    "/repos/town/tool/topics": 200,
    "/repos/town/tool/releases": 200,
    "/repos/town/tool/releases/latest": 200,
    "/repos/town/soon/releases/latest": 404,
}


@pytest.mark.corpus
@pytest.mark.parametrize(("path", "status"), ANSWERS.items())
def test_every_answer_is_as_the_definition_says(published: Swagger, path: str, status: int) -> None:
    answer = ask(simulated(), path)
    assert answer.status_code == status
    if "/raw/" in path and status == 200:
        return  # a file, and no JSON
    faults = published.faults("GET", path.partition("?")[0], status, bytes(answer.body), stranger=True)
    assert [
        one for one in faults if one.rpartition(".")[2].removesuffix(" is unknown") not in SINCE_THE_DEFINITION
    ] == []


@pytest.mark.corpus
def test_what_was_recorded_is_as_the_definition_says_so_the_check_is_not_too_strict(
    published: Swagger, recorded: list[dict[str, Any]]
) -> None:
    checked = 0
    for exchange in recorded:
        path = exchange["url"].partition("/api/v1")[2].partition("?")[0]
        if (
            exchange["method"] == "GET"
            and exchange["status"] == 200
            and (path.count("/") == 3 or path.endswith("/contents"))
        ):
            assert published.faults("GET", path, 200, exchange["body"].encode()) == [], path
            checked += 1
    assert checked == 28  # 27 repositories and a folder


@pytest.mark.corpus
def test_a_repository_has_the_attributes_that_recorded_ones_have(recorded: list[dict[str, Any]]) -> None:
    real = {
        name
        for exchange in recorded
        if exchange["status"] == 200 and exchange["url"].endswith("/packit-validator/ogr-tests")
        for name in json.loads(exchange["body"])
    }
    ours = set(json.loads(bytes(ask(simulated(), "/repos/town/tool").body)))
    assert ours <= real
    assert not {name for name in real - ours if not name.startswith(("allow_", "default_", "globally_", "wiki_"))} - {
        "ignore_whitespace_conflicts"
    }


@pytest.mark.corpus
def test_a_check_finds_what_is_wrong(published: Swagger) -> None:
    assert published.faults_of({"id": "1"}, "Repository") == ["$.id is str, not integer"]
    assert published.faults_of({"owner": {"id": True}}, "Repository") == ["$.owner.id is bool, not integer"]
    assert published.faults_of({"created_at": "yesterday"}, "Repository") == ["$.created_at is no time: 'yesterday'"]
    assert published.faults_of({"odd": 1}, "Repository", stranger=True) == ["$.odd is unknown"]
    assert published.faults("GET", "/repos/a/b", 418, b"{}") == ["GET /repos/a/b never answers 418"]
    assert published.faults("GET", "/nothing", 200, b"{}") == ["GET /nothing is no operation"]


@pytest.mark.corpus
def test_links_have_the_form_that_was_recorded(recorded: list[dict[str, Any]]) -> None:
    exchange = next(one for one in recorded if one["url"].endswith("state=all&type=issues&page=2"))
    real = [part.rpartition(";")[2].strip() for part in exchange["headers"]["link"].split(",")]
    ours = ask(simulated(), "/repos/search?limit=1&page=2").headers["link"]
    assert [part.rpartition(";")[2].strip() for part in ours.split(",")] == real
    assert "limit=1" in ours


def test_a_page_holds_no_more_than_the_server_allows_whatever_is_asked_for() -> None:
    answer = ask(simulated(most=2), "/repos/search?limit=50")
    assert len(json.loads(bytes(answer.body))["data"]) == 2
    assert answer.headers["x-total-count"] == "3"
    assert "page=2" in answer.headers["link"]
    assert "link" not in ask(simulated(), "/repos/search?limit=50").headers


def test_a_former_name_leads_to_the_new_one() -> None:
    answer = ask(simulated(), "/repos/town/sooner/languages")
    assert (answer.status_code, answer.headers["location"]) == (
        307,
        f"http://{HOST}/api/v1/repos/town/soon/languages",
    )


def test_beyond_its_limit_the_proxy_before_it_refuses_with_a_wait() -> None:
    """Made from RFC 6585: no recorded instance refused so."""
    forge = simulated(limit=2, clock=lambda: 1000.0)
    statuses = [ask(forge, "/version").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert int(ask(forge, "/version").headers["retry-after"]) > 0


def test_many_files_at_once_are_given_by_those_that_say_so_alone() -> None:
    """Made from Gitea's documentation of its version 1.24: none was recorded."""
    body = json.dumps({"files": ["README.md", "nothing"]}).encode()
    path = "/repos/town/tool/file-contents"
    assert ask(simulated(), path, method="POST", body=body).status_code == 404
    read, none = json.loads(bytes(ask(simulated(gitea=True), path, method="POST", body=body).body))
    assert (read["path"], read["content"], none) == ("README.md", "IyBUb29sCg==", None)
    asked = Ask(host=HOST, path="/swagger.v1.json")
    listed = [json.loads(bytes(simulated(gitea=gitea).answer(asked).body))["paths"] for gitea in (True, False)]
    assert ["/repos/{owner}/{repo}/file-contents" in paths for paths in listed] == [True, False]
