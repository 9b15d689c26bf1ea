"""What GitHub is asked, and what it costs by GitHub's own formula."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, get_operation_ast, parse, validate

from harvester.forges.github import cost
from harvester.forges.github.cost import Connection, estimate
from harvester.forges.github.queries import (
    Listing,
    Wanted,
    alias,
    file_variables,
    files_query,
    nodes_query,
    owners_query,
    repositories_query,
    search_query,
    variables,
)
from simulators.github_limits import cost_of

pytestmark = pytest.mark.xdist_group("schema")  # read once, not by each worker


@pytest.fixture(scope="session")
def published_schema(corpus: Path) -> GraphQLSchema:
    packed = (corpus / "api" / "github-graphql-schema.graphql.gz").read_bytes()
    # formally it is invalid (GitHub publishes it so), which says nothing about queries
    return build_schema(gzip.decompress(packed).decode(), assume_valid_sdl=True, assume_valid=True)


WANTED = Wanted("R_1", "civic.json", "0" * 40, 10)
QUERIES = {
    "owners": (owners_query(100), {f"login{n}": "x" for n in range(100)}, cost.owners(100)),
    "a listing": (repositories_query(1), variables([Listing("x")]), cost.repositories([100])),
    "listings": (repositories_query(30), variables([Listing("x", first=6)] * 30), cost.repositories([6] * 30)),
    "two listings": (repositories_query(2), variables([Listing("x"), Listing("y")]), cost.repositories([100, 100])),
    "a search": (search_query(), {"query": "topic:x", "first": 100, "after": None}, cost.search(100)),
    "details": (nodes_query(), {"ids": ["x"] * 100}, cost.nodes(100)),
    "details with paths": (nodes_query(2), {"ids": ["x"], "path0": "HEAD:a", "path1": "HEAD:b"}, cost.nodes(1)),
    "files": (files_query(150), file_variables([WANTED] * 150), cost.Cost()),
}


@pytest.mark.corpus
@pytest.mark.parametrize("name", QUERIES)
def test_every_query_is_valid_by_githubs_published_schema(published_schema: GraphQLSchema, name: str) -> None:
    assert validate(published_schema, parse(QUERIES[name][0])) == []


@pytest.mark.corpus
def test_a_misspelt_field_would_be_noticed(published_schema: GraphQLSchema) -> None:
    assert validate(published_schema, parse(repositories_query(1).replace("pushedAt", "pushedat")))


@pytest.mark.corpus
@pytest.mark.parametrize("name", QUERIES)
def test_the_estimate_is_what_walking_the_query_gives(published_schema: GraphQLSchema, name: str) -> None:
    query, asked, estimated = QUERIES[name]
    document = parse(query)
    operation = get_operation_ast(document)
    assert operation is not None
    walked = cost_of(published_schema, document, operation, asked)
    if name.startswith("details"):  # GitHub's formula counts connections; what a list of ids multiplies it leaves open
        assert estimated.points >= walked.points
    else:
        assert (estimated.nodes, estimated.points) == (walked.nodes, walked.points)


def test_githubs_own_example_of_counting_nodes() -> None:
    # 50 repositories, 20 pull requests of each with 10 comments, 20 issues of each with 10 comments, 10 followers
    repositories = Connection(50, (Connection(20, (Connection(10),)), Connection(20, (Connection(10),))))
    assert estimate((repositories, Connection(10))).nodes == 22_060


def test_githubs_own_example_of_counting_points() -> None:
    # 100 repositories, 50 issues of each, 60 labels of each issue
    found = estimate((Connection(100, (Connection(50, (Connection(60),)),)),))
    assert (found.requests, found.points) == (5_101, 51)


def test_a_listing_of_a_hundred_costs_a_point_and_would_cost_two_with_its_open_issues() -> None:
    assert cost.repositories([100]).points == 1
    assert estimate((Connection(100, (Connection(cost.TOPICS), Connection(1))),)).points == 2


def test_no_query_of_ours_comes_near_the_limit_on_nodes() -> None:
    assert max(estimated.nodes for _, _, estimated in QUERIES.values()) < cost.NODE_LIMIT / 50


def test_each_owner_has_its_own_cursor_and_page_size() -> None:
    asked = variables([Listing("italia", "Y3Vy"), Listing("etalab", first=3)])
    assert asked == {
        "login0": "italia",
        "first0": 100,
        "after0": "Y3Vy",
        "login1": "etalab",
        "first1": 3,
        "after1": None,
    }
    assert [alias(0), alias(1)] == ["o0", "o1"]


@pytest.mark.parametrize("first", [0, 101])
def test_a_page_that_github_would_refuse_is_not_asked(first: int) -> None:
    with pytest.raises(ValueError, match=f"first={first}"):
        variables([Listing("italia", first=first)])


def test_a_query_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="one owner"):
        repositories_query(0)
