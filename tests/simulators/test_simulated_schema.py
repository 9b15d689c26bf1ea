"""The simulated GitHub speaks a part of the published protocol, and nothing else."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    validate_schema,
)

from simulators.exchange import Ask
from simulators.github_resolvers import github_schema
from simulators.github_store import GitHubStore, Owner, Repo
from simulators.sim_github import GitHub

pytestmark = pytest.mark.xdist_group("schema")  # read once, not by each worker


@pytest.fixture(scope="module")
def published(corpus: Path) -> GraphQLSchema:
    with gzip.open(corpus / "api" / "github-graphql-schema.graphql.gz", "rt", encoding="utf-8") as text:
        return build_schema(text.read(), assume_valid=True)


@pytest.fixture(scope="module")
def openapi(corpus: Path) -> dict[str, Any]:
    with gzip.open(corpus / "api" / "github-openapi-harvest-subset.json.gz", "rt", encoding="utf-8") as text:
        return json.load(text)


def strangers(ours: GraphQLSchema, published: GraphQLSchema) -> Iterator[str]:
    """Whatever of our schema is not the same in the published one."""
    for name, kind in ours.type_map.items():
        if name.startswith("__"):
            continue
        theirs = published.type_map.get(name)
        if type(theirs) is not type(kind):
            yield f"{name}: {type(theirs).__name__} there"
        elif isinstance(kind, GraphQLUnionType):
            others = {one.name for one in theirs.types}
            yield from (f"{name}: has {one.name}" for one in kind.types if one.name not in others)
        elif isinstance(kind, GraphQLEnumType):
            if set(kind.values) != set(theirs.values):
                yield f"{name}: other values there"
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            yield from _fields(kind, theirs)
            yield from (
                f"{name}: implements {one.name}"
                for one in getattr(kind, "interfaces", ())
                if one.name not in {other.name for other in theirs.interfaces}
            )


def _fields(kind: Any, theirs: Any) -> Iterator[str]:
    for name, field in kind.fields.items():
        place = f"{kind.name}.{name}"
        other = theirs.fields.get(name)
        if other is None or str(other.type) != str(field.type):
            yield f"{place}: {field.type} here, {other and other.type} there"
            continue
        if getattr(field, "default_value", None) != getattr(other, "default_value", None):
            yield f"{place}: another default there"
        arguments, others = getattr(field, "args", {}), getattr(other, "args", {})
        if set(arguments) != set(others):
            yield f"{place}: other arguments there"
            continue
        for argument, given in arguments.items():
            if (str(given.type), given.default_value) != (str(others[argument].type), others[argument].default_value):
                yield f"{place}({argument}): another type or default there"


@pytest.mark.corpus
def test_every_part_of_the_schema_is_the_same_in_the_published_one(published: GraphQLSchema) -> None:
    assert validate_schema(github_schema()) == []
    assert list(strangers(github_schema(), published)) == []
    assert sum(not name.startswith("__") for name in github_schema().type_map) >= 40


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("instead", "of"),
    [
        ("  stargazerCount: Int\n", "  stargazerCount: Int!\n"),
        ("  PUSHED_ON\n", "  PUSHED_AT\n"),
        ("SearchResultItem = Topic |", "SearchResultItem ="),
        ("first: Int!\n    hasIssuesEnabled", "first: Int\n    hasIssuesEnabled"),
        ("  stars: Int!\n", "  stargazerCount: Int!\n"),
        ("dryRun: Boolean = true", "dryRun: Boolean = false"),
    ],
)
def test_a_part_that_differs_from_the_published_one_is_found(published: GraphQLSchema, instead: str, of: str) -> None:
    sdl = (Path(__file__).parents[2] / "simulators" / "github.graphql").read_text("utf-8")
    assert of in sdl
    assert list(strangers(build_schema(sdl.replace(of, instead)), published))


def breaches(value: Any, schema: dict[str, Any], openapi: dict[str, Any], place: str = "$") -> Iterator[str]:
    """Where a value is not as an OpenAPI 3.0 schema says: types, nullability, enums, required keys."""
    if "$ref" in schema:
        schema = openapi["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if value is None:
        if not (schema.get("nullable") or "null" in _names(schema)):
            yield f"{place}: null"
        return
    yield from _breaches_of_parts(value, schema, openapi, place)
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    names = [name for name in _names(schema) if name != "null"]
    if names and kinds[type(value)] not in names and not (isinstance(value, int) and names == ["number"]):
        yield f"{place}: {type(value).__name__} is no {names}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is none of {schema['enum']}"
    yield from _breaches_within(value, schema, openapi, place)


def _breaches_of_parts(value: Any, schema: dict[str, Any], openapi: dict[str, Any], place: str) -> Iterator[str]:
    for part in schema.get("allOf", ()):
        yield from breaches(value, part, openapi, place)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices and all(list(breaches(value, choice, openapi, place)) for choice in choices):
        yield f"{place}: none of the alternatives"


def _breaches_within(value: Any, schema: dict[str, Any], openapi: dict[str, Any], place: str) -> Iterator[str]:
    if isinstance(value, list) and "items" in schema:
        for index, one in enumerate(value):
            yield from breaches(one, schema["items"], openapi, f"{place}[{index}]")
    if isinstance(value, dict):
        yield from (f"{place}.{name}: missing" for name in schema.get("required", ()) if name not in value)
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from breaches(value[name], inner, openapi, f"{place}.{name}")


def _names(schema: dict[str, Any]) -> list[str]:
    names = schema.get("type", [])
    return [names] if isinstance(names, str) else list(names)


def rich() -> GitHub:
    repo = Repo(
        owner="a-town",
        name="permits",
        database_id=7,
        description="Permits",
        homepage="https://permits.example",
        created_at="2020-01-01T00:00:00Z",
        pushed_at="2026-01-01T00:00:00Z",
        primary_language="Python",
        languages={"Python": 10},
        topics=("civic",),
        license=("MIT", "MIT License"),
        release=("v1", "2025-01-01T00:00:00Z"),
        files={"README.md": "# Permits\n", "LICENSE": "MIT\n", "publiccode.yml": "name: Permits\n"},
    )
    bare = Repo(owner="a-town", name="bare")
    return GitHub(GitHubStore.of([repo, bare], [Owner(login="a-town")]))


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("path", "template", "schema"),
    [
        ("/orgs/a-town/repos", "/orgs/{org}/repos", None),
        ("/users/a-town/repos", "/users/{username}/repos", None),
        ("/repos/a-town/permits", "/repos/{owner}/{repo}", None),
        ("/repos/a-town/bare", "/repos/{owner}/{repo}", None),
        ("/repos/a-town/permits/languages", "/repos/{owner}/{repo}/languages", None),
        ("/repos/a-town/permits/license", "/repos/{owner}/{repo}/license", None),
        ("/repos/a-town/permits/readme", "/repos/{owner}/{repo}/readme", None),
        ("/repos/a-town/permits/contributors", "/repos/{owner}/{repo}/contributors", None),
        ("/repos/a-town/permits/topics", "/repos/{owner}/{repo}/topics", None),
        ("/repos/a-town/permits/contents/publiccode.yml", None, "content-file"),
        ("/repos/a-town/permits/releases/latest", None, "release"),
        ("/rate_limit", "/rate_limit", None),
    ],
)
def test_rest_answers_are_as_the_published_description_says(
    openapi: dict[str, Any], path: str, template: str | None, schema: str | None
) -> None:
    answer = rich().answer(Ask(host="api.github.com", path=path))
    assert answer.status_code == 200
    wanted: dict[str, Any] = {"$ref": f"#/components/schemas/{schema}"}
    if template:
        wanted = openapi["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert list(breaches(json.loads(answer.body), wanted, openapi)) == []


@pytest.mark.corpus
def test_a_file_that_was_searched_for_is_as_recorded_ones_are(openapi: dict[str, Any], corpus: Path) -> None:
    """The published part lacks code search: its answers are held against recorded ones, and their repository's part."""
    asked = Ask(host="api.github.com", path="/search/code", query={"q": "filename:publiccode.yml"})
    asked.headers = {"authorization": "bearer t"}
    (item,) = json.loads(rich().answer(asked).body)["items"]
    with gzip.open(corpus / "api" / "replay" / "github-pygithub.jsonl.gz", "rt", encoding="utf-8") as lines:
        recorded = [each for each in map(json.loads, lines) if "/search/code" in each["url"] and each["status"] == 200]
    newest = next(json.loads(each["body"]) for each in recorded if "incomplete_results" in each["body"])
    assert set(item) == set(newest["items"][0])
    assert set(item["repository"]) == set(newest["items"][0]["repository"])
    assert list(breaches(item["repository"]["owner"], {"$ref": "#/components/schemas/simple-user"}, openapi)) == []


@pytest.mark.corpus
def test_an_answer_that_lacks_a_required_field_is_found(openapi: dict[str, Any]) -> None:
    body = json.loads(rich().answer(Ask(host="api.github.com", path="/repos/a-town/permits")).body)
    wanted = {"$ref": "#/components/schemas/full-repository"}
    assert list(breaches({**body, "stargazers_count": "7"}, wanted, openapi)) == [
        "$.stargazers_count: str is no ['integer']"
    ]
    del body["keys_url"]
    assert list(breaches(body, wanted, openapi)) == ["$.keys_url: missing"]
