"""GitLab's GraphQL through python-gitlab: what is asked follows what the instance takes.

No recording of GitLab's GraphQL exists: the answers here are those of the simulated GitLab, which serves a part of the
documented schema, or made from the documentation (docs.gitlab.com, "GraphQL API").
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import parse, validate

from harvester.errors import BudgetSpent, ForgeError
from harvester.forges.gitlab import queries as gitlab_queries
from harvester.forges.gitlab.client import GitLab
from harvester.forges.gitlab.graphql import GraphQL, GraphQLRefused
from harvester.forges.gitlab.queries import Parts
from harvester.net import Net
from simulators.exchange import Ask
from simulators.gitlab_graphql import gitlab_schema
from simulators.gitlab_limits import MOST_CHARACTERS, Scoring
from simulators.gitlab_store import Project
from simulators.server import ThreadedServer
from simulators.sim_gitlab import GitLab as Simulated
from simulators.web import create_app

HOST = "gitlab.example"
ROOT = f"http://{HOST}"
ALL = Parts(files=True, languages=True)


def queries() -> Iterator[tuple[str, str]]:
    for parts in (Parts(), ALL, Parts(files=True), Parts(languages=True)):
        yield f"group {parts}", gitlab_queries.group_query(parts)
        yield f"instance {parts}", gitlab_queries.instance_query(parts)
        yield f"topics {parts}", gitlab_queries.instance_query(parts, topics=True)
        for blobs in (0, 1, 2):
            yield f"numbered {parts} {blobs}", gitlab_queries.numbered_query(parts, blobs=blobs)
    yield "blobs", gitlab_queries.blobs_query(2)
    yield "addresses", gitlab_queries.ADDRESSES


@pytest.mark.parametrize(("name", "query"), list(queries()))
def test_every_query_is_one_of_the_documented_schema_and_short_enough(name: str, query: str) -> None:
    assert validate(gitlab_schema(), parse(query)) == [], name
    assert len(query) < MOST_CHARACTERS / 2


@pytest.mark.parametrize("query", [gitlab_queries.group_query(ALL), gitlab_queries.instance_query(ALL, topics=True)])
def test_a_page_of_a_hundred_is_within_what_a_stranger_may_ask(query: str) -> None:
    document = parse(query)
    variables = {"first": 100, "topics": ["a"], "path": "g"}
    assert Scoring().score(document, document.definitions[0], variables) <= 200  # type: ignore[arg-type]


class Served:
    """GraphQL of a simulated GitLab, with what was posted to it."""

    def __init__(self, address: str, host: Simulated) -> None:
        self.posted: list[dict[str, Any]] = []
        self.host = host
        session = Net("CivicHarvester/test", simulated_web=address).session("test")
        self.graphql = GraphQL(GitLab(session, url=ROOT, user_agent="CivicHarvester/test"))

    def answer(self, ask: Ask) -> Any:
        if ask.path == "/api/graphql":
            self.posted.append(json.loads(ask.body)["variables"])
        return self.host.answer(ask)


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    servers = []

    def start(projects: list[Project], **options: Any) -> Served:
        hosts: dict[str, Any] = {}
        server = ThreadedServer(create_app({HOST: Relay(hosts)}))
        server.__enter__()
        servers.append(server)
        hosts["served"] = served = Served(server.address, Simulated(HOST, projects, limit=100_000, **options))
        return served

    yield start
    for server in servers:
        server.__exit__(None, None, None)


class Relay:
    def __init__(self, hosts: dict[str, Any]) -> None:
        self.hosts = hosts

    def answer(self, ask: Ask) -> Any:
        return self.hosts["served"].answer(ask)


def projects(count: int, **more: Any) -> list[Project]:
    return [Project(id=n, path=f"g/tool-{n}", name=f"Tool {n}", **more) for n in range(1, count + 1)]


def test_a_group_is_paged_to_its_end_a_hundred_at_a_time(serve: Callable[..., Served]) -> None:
    served = serve(projects(250))
    found, after = [], None
    while True:
        page = served.graphql.group("g", after=after, parts=ALL)
        assert page is not None
        assert page.total == 250
        found += [listed.number for listed in page.projects]
        after = page.following
        if after is None:
            break
    assert sorted(found) == list(range(1, 251))
    assert [asked["first"] for asked in served.posted] == [100, 100, 100]


def test_a_group_that_is_not_shown_is_none(serve: Callable[..., Served]) -> None:
    assert serve(projects(1)).graphql.group("other", after=None, parts=ALL) is None


def test_a_refused_page_is_asked_again_for_half_and_grows_by_what_it_scores(serve: Callable[..., Served]) -> None:
    served = serve(projects(300), scoring=Scoring(anonymous=100))
    page = served.graphql.instance(after=None, parts=ALL)
    first = [asked["first"] for asked in served.posted]
    assert first == [100, 50]
    assert len(page.projects) == 50
    served.posted.clear()
    served.graphql.instance(after=page.following, parts=ALL)
    (asked,) = served.posted  # the score of the last page told what fits
    assert 50 < asked["first"] < 100


def test_an_instance_that_allows_too_little_is_refused(serve: Callable[..., Served]) -> None:
    with pytest.raises(GraphQLRefused, match="max complexity of 20"):
        serve(projects(3), scoring=Scoring(anonymous=20)).graphql.instance(after=None, parts=ALL)


def files(graphql: GraphQL, count: int) -> list[tuple[int, dict[str, str | None]]]:
    numbers = list(range(1, count + 1))
    page = graphql.numbered(numbers, parts=ALL, paths=["README.md"])
    missing = {number: ["README.md", "publiccode.yml", "codemeta.json", "civic.json"] for number in numbers}
    listed = graphql.with_texts(page.projects, missing)
    return [
        (one.number, {path: text for (path, _), text in one.details.texts.items()}) for one in listed if one.details
    ]


FILES = {"README.md": "Hi", "publiccode.yml": "a: 1", "codemeta.json": "{}", "main.c": "1"}


def test_files_are_asked_for_two_paths_at_a_time(serve: Callable[..., Served]) -> None:
    served = serve(projects(60, files=FILES))
    found = files(served.graphql, 60)
    assert len(found) == 60
    assert all(texts == {"README.md": "Hi", "publiccode.yml": "a: 1", "codemeta.json": "{}"} for _, texts in found)
    assert max(len(asked.get("paths", ())) for asked in served.posted) == 2


def test_where_a_second_path_is_dear_one_is_asked_at_a_time(serve: Callable[..., Served]) -> None:
    served = serve(projects(60, files=FILES), scoring=Scoring(further_path=311))
    assert {len(texts) for _, texts in files(served.graphql, 60)} == {3}
    refused = [asked for asked in served.posted if len(asked.get("paths", ())) > 1]
    assert len(refused) == 1


def test_a_file_that_changed_since_the_root_was_shown_counts_as_it_is_now(serve: Callable[..., Served]) -> None:
    served = serve(projects(2, files=FILES))
    page = served.graphql.numbered([1, 2], parts=ALL)
    served.host.store.change(1, files={"README.md": "New", "publiccode.yml": "a: 1"})
    listed = served.graphql.with_texts(page.projects, {1: ["README.md", "codemeta.json"], 2: ["README.md"]})
    (one,) = [each for each in listed if each.number == 1]
    assert one.details is not None
    assert one.details.entries is not None
    assert "codemeta.json" not in one.details.entries
    assert one.details.texts["README.md", one.details.entries["README.md"]] == "New"


def test_a_root_of_more_than_a_hundred_files_is_known_not_to_be_whole(serve: Callable[..., Served]) -> None:
    page = serve(projects(1, files={f"a{n}": "" for n in range(101)})).graphql.numbered([1], parts=ALL)
    assert page.projects[0].details is not None
    assert not page.projects[0].details.whole


@pytest.mark.parametrize("status", [401, 403, 404, 405, 422])
def test_an_instance_that_refuses_graphql_says_so(web: Any, status: int) -> None:
    web.replies((status, {"Content-Type": "application/json"}, '{"message": "no"}'))
    with pytest.raises(GraphQLRefused) as caught:
        graphql(web).instance(after=None, parts=ALL)
    assert caught.value.status == status


@pytest.mark.parametrize(
    "body",
    [
        "<html>Sign in</html>",
        "[]",
        '{"errors": [{"message": "Field \'isForked\' doesn\'t exist on type \'Project\'"}]}',
        '{"data": null}',
        '{"data": {"projects": {"nodes": [{"id": "gid://gitlab/Project/1"}]}}}',
        '{"data": {"projects": null}, "errors": [{"message": "odd", "path": ["projects"]}]}',
    ],
)
def test_an_answer_that_is_none_of_ours_refuses_graphql(web: Any, body: str) -> None:
    web.replies((200, {"Content-Type": "application/json"}, body))
    with pytest.raises(GraphQLRefused):
        graphql(web).instance(after=None, parts=ALL)


def test_a_limit_of_requests_is_a_wait_and_no_refusal(web: Any) -> None:
    web.replies((429, {"Retry-After": "30"}, "Retry later"))
    with pytest.raises(BudgetSpent):
        graphql(web).instance(after=None, parts=ALL)


def test_an_instance_that_breaks_is_asked_for_less_and_then_left_alone(web: Any) -> None:
    web.reply = lambda _: (503, {}, "<html>")
    with pytest.raises(ForgeError) as caught:
        graphql(web).instance(after=None, parts=ALL)
    assert not isinstance(caught.value, GraphQLRefused)
    assert [asked.variables["first"] for asked in web.asked] == [100, 50, 25]


def test_a_query_that_took_too_long_is_asked_for_less(web: Any) -> None:
    slow = {"data": None, "errors": [{"message": "Timeout on Project.repository"}]}
    web.replies(json_of(slow), json_of({"data": {"projects": {"nodes": []}}}))
    assert graphql(web).instance(after=None, parts=ALL).projects == ()
    assert [asked.variables["first"] for asked in web.asked] == [100, 50]


def test_a_project_with_an_error_in_it_is_to_be_asked_by_itself(web: Any) -> None:
    nodes = [{"id": f"gid://gitlab/Project/{n}", "fullPath": f"g/{n}", "repository": None} for n in (1, 2)]
    error = {"message": "Gitaly is away", "path": ["projects", "nodes", 1, "repository", "tree"]}
    web.replies(json_of({"data": {"projects": {"nodes": nodes}}, "errors": [error]}))
    page = graphql(web).instance(after=None, parts=ALL)
    assert [listed.number for listed in page.projects] == [1]
    assert page.broken == (2,)


def graphql(web: Any) -> GraphQL:
    return GraphQL(GitLab(web.session(), url=ROOT, user_agent="CivicHarvester/test"))


def json_of(body: Any) -> tuple[int, dict[str, str], str]:
    return 200, {"Content-Type": "application/json"}, json.dumps(body)
