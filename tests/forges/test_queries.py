"""What GitHub is asked, and what it costs by GitHub's own formula."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, get_operation_ast, parse, validate

from demo.github_limits import cost_of
from harvester.forges import cost
from harvester.forges.cost import Connection, estimate
from harvester.forges.queries import Listing, alias, repositories_query, variables


@pytest.fixture(scope="session")
def published_schema(corpus: Path) -> GraphQLSchema:
    packed = (corpus / "api" / "github-graphql-schema.graphql.gz").read_bytes()
    # formally it is invalid (GitHub publishes it so), which says nothing about queries
    return build_schema(gzip.decompress(packed).decode(), assume_valid_sdl=True, assume_valid=True)


@pytest.mark.corpus
@pytest.mark.parametrize("owners", [1, 2, 10, 30])
def test_every_query_is_valid_by_githubs_published_schema(published_schema: GraphQLSchema, owners: int) -> None:
    assert validate(published_schema, parse(repositories_query(owners))) == []


@pytest.mark.corpus
def test_a_misspelt_field_would_be_noticed(published_schema: GraphQLSchema) -> None:
    assert validate(published_schema, parse(repositories_query(1).replace("pushedAt", "pushedat")))


@pytest.mark.corpus
@pytest.mark.parametrize(("owners", "first"), [(1, 33), (1, 100), (10, 33), (30, 1)])
def test_the_estimate_is_what_walking_the_query_gives(published_schema: GraphQLSchema, owners: int, first: int) -> None:
    document = parse(repositories_query(owners))
    operation = get_operation_ast(document)
    assert operation is not None
    asked = variables([Listing(f"owner{n}") for n in range(owners)], first=first)
    walked = cost_of(published_schema, document, operation, asked)
    estimated = cost.repositories(owners, first=first)
    assert (estimated.nodes, estimated.points) == (walked.nodes, walked.points)


def test_githubs_own_example_of_counting_nodes() -> None:
    # 50 repositories, 20 pull requests of each with 10 comments, 20 issues of each with 10 comments, 10 followers
    repositories = Connection(50, (Connection(20, (Connection(10),)), Connection(20, (Connection(10),))))
    assert estimate((repositories, Connection(10))).nodes == 22_060


def test_githubs_own_example_of_counting_points() -> None:
    # 100 repositories, 50 issues of each, 60 labels of each issue
    found = estimate((Connection(100, (Connection(50, (Connection(60),)),)),))
    assert (found.requests, found.points) == (5_101, 51)


def test_the_cheapest_query_costs_a_point() -> None:
    assert cost.repositories(1, first=1).points == 1


def test_a_page_of_33_repositories_costs_a_point() -> None:
    assert cost.repositories(1, first=33).points == 1


@pytest.mark.parametrize("first", [1, 33, 100])
def test_the_owners_that_fit_stay_below_the_bound_and_one_more_would_not(first: int) -> None:
    owners = cost.owners_that_fit(first=first)
    assert cost.repositories(owners, first=first).nodes <= cost.MODEST_NODES < cost.NODE_LIMIT
    assert cost.repositories(owners + 1, first=first).nodes > cost.MODEST_NODES


def test_each_owner_has_its_own_cursor() -> None:
    asked = variables([Listing("italia", "Y3Vy"), Listing("etalab")], first=33)
    assert asked == {"first": 33, "login0": "italia", "after0": "Y3Vy", "login1": "etalab", "after1": None}
    assert [alias(0), alias(1)] == ["o0", "o1"]


@pytest.mark.parametrize("first", [0, 101])
def test_a_page_that_github_would_refuse_is_not_asked(first: int) -> None:
    with pytest.raises(ValueError, match=f"first={first}"):
        variables([Listing("italia")], first=first)


def test_a_query_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="one owner"):
        repositories_query(0)
