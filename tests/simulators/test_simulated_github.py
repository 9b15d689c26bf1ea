"""The simulated GitHub keeps GitHub's manners: pages, cursors, limits, errors."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from graphql import get_operation_ast, parse
from starlette.responses import Response

from harvester.forges.github.queries import Listing, nodes_query, repositories_query, search_query, variables
from simulators.exchange import Ask
from simulators.github_limits import QueryCost, QueryRefused, cost_of
from simulators.github_resolvers import github_schema
from simulators.github_store import GitHubStore, Owner, Repo, blob_oid, node_id, synthetic
from simulators.sim_github import GitHub

PAGE = """query($login: String!, $first: Int, $after: String, $last: Int, $before: String,
                $order: RepositoryOrder, $archived: Boolean) {
  rateLimit { cost remaining nodeCount used limit resetAt }
  repositoryOwner(login: $login) {
    repositories(first: $first, after: $after, last: $last, before: $before, orderBy: $order, isArchived: $archived) {
      totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      nodes { name }
    }
  }
}"""


def asked(host: GitHub, query: str, /, token: str | None = "t", **values: Any) -> Response:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    body = json.dumps({"query": query, "variables": values}).encode()
    return host.answer(Ask(host="api.github.com", method="POST", path="/graphql", headers=headers, body=body))


def answered(host: GitHub, query: str, /, **values: Any) -> dict[str, Any]:
    return json.loads(asked(host, query, **values).body)


def repo(name: str, **known: Any) -> Repo:
    return Repo(owner="a-town", name=name, **known)


@pytest.fixture
def town() -> GitHub:
    repos = [
        repo("b", created_at="2020-01-01T00:00:00Z", stars=5, database_id=11),
        repo("a", created_at="2021-01-01T00:00:00Z", stars=9, database_id=12, archived=True),
        repo("c", created_at="2019-01-01T00:00:00Z", stars=1, database_id=13, former=("a-town/old-c",)),
        repo("d", created_at="2022-01-01T00:00:00Z", stars=3, database_id=14),
    ]
    return GitHub(GitHubStore.of(repos, [Owner(login="A-Town"), Owner(login="somebody", type="User")]))


def walk(host: GitHub, step: int, **values: Any) -> list[str]:
    names: list[str] = []
    after = None
    while True:
        page = answered(host, PAGE, login="a-town", first=step, after=after, **values)
        found = page["data"]["repositoryOwner"]["repositories"]
        names += [node["name"] for node in found["nodes"]]
        if not found["pageInfo"]["hasNextPage"]:
            return names
        after = found["pageInfo"]["endCursor"]


@pytest.mark.parametrize(
    ("field", "direction", "names"),
    [
        ("CREATED_AT", "ASC", ["c", "b", "a", "d"]),
        ("CREATED_AT", "DESC", ["d", "a", "b", "c"]),
        ("NAME", "ASC", ["a", "b", "c", "d"]),
        ("STARGAZERS", "DESC", ["a", "b", "d", "c"]),
        ("PUSHED_AT", "DESC", ["d", "c", "a", "b"]),
    ],
)
@pytest.mark.parametrize("step", [1, 3, 100])
def test_pages_give_each_repository_once_in_the_order_asked(
    town: GitHub, field: str, direction: str, names: list[str], step: int
) -> None:
    assert walk(town, step, order={"field": field, "direction": direction}) == names


def test_the_last_page_can_be_read_backwards(town: GitHub) -> None:
    page = answered(town, PAGE, login="a-town", last=3)["data"]["repositoryOwner"]["repositories"]
    assert [node["name"] for node in page["nodes"]] == ["b", "c", "d"]
    assert (page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]) == (True, False)
    before = page["pageInfo"]["startCursor"]
    page = answered(town, PAGE, login="a-town", last=3, before=before)["data"]["repositoryOwner"]["repositories"]
    assert [node["name"] for node in page["nodes"]] == ["a"]


def test_a_repository_that_goes_while_we_page_shifts_no_other(town: GitHub) -> None:
    order = {"field": "CREATED_AT", "direction": "ASC"}
    first = answered(town, PAGE, login="a-town", first=2, order=order)["data"]["repositoryOwner"]["repositories"]
    town.store.remove("a-town/c")
    rest = answered(town, PAGE, login="a-town", first=9, after=first["pageInfo"]["endCursor"], order=order)
    assert [node["name"] for node in rest["data"]["repositoryOwner"]["repositories"]["nodes"]] == ["a", "d"]


def test_a_filter_counts_only_what_it_keeps(town: GitHub) -> None:
    page = answered(town, PAGE, login="a-town", first=1, archived=False)["data"]["repositoryOwner"]["repositories"]
    assert page["totalCount"] == 3


def test_a_cursor_that_nobody_gave_is_refused(town: GitHub) -> None:
    answer = answered(town, PAGE, login="a-town", first=1, after="nonsense")
    assert answer["errors"][0]["type"] == "INVALID_CURSOR_ARGUMENTS"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, "MISSING_PAGINATION_BOUNDARIES"),
        ({"first": 101}, "EXCESSIVE_PAGINATION"),
        ({"last": 101}, "EXCESSIVE_PAGINATION"),
        ({"first": 0}, "ARGUMENT_LIMIT"),
    ],
)
def test_a_connection_says_how_much_and_never_more_than_100(town: GitHub, values: dict[str, int], kind: str) -> None:
    answer = answered(town, PAGE, login="a-town", **values)
    assert "data" not in answer
    assert answer["errors"][0]["type"] == kind


def test_a_call_that_could_touch_too_many_nodes_is_refused(town: GitHub) -> None:
    inner = "languages(first: 100) { nodes { name } } repositoryTopics(first: 100) { nodes { id } }"
    one = f'repositoryOwner(login: "a-town") {{ repositories(first: 100) {{ nodes {{ {inner} }} }} }}'
    many = " ".join(f"n{index}: {one}" for index in range(25))  # 25 x (100 + 100 x 200) = 502,500
    answer = answered(town, f"{{ {many} }}")
    assert answer["errors"][0]["type"] == "MAX_NODE_LIMIT_EXCEEDED"
    assert "502,500" in answer["errors"][0]["message"]


def cost(query: str, **values: Any) -> QueryCost:
    document = parse(query)
    operation = get_operation_ast(document)
    assert operation is not None
    return cost_of(github_schema(), document, operation, values)


def test_every_connection_is_counted_as_if_it_were_filled() -> None:
    query = (
        'query($n: Int, $topics: Int = 20) { organization(login: "a") { repositories(first: 100) { nodes { '
        "languages(first: $n) { nodes { name } } ...topics releases(last: 1) { totalCount } } } } }"
        "fragment topics on Repository { repositoryTopics(first: $topics) { nodes { id } } }"
    )
    # 1 + 3 x 100 requests, as docs.github.com counts them
    assert cost(query, n=10) == QueryCost(nodes=100 + 100 * 10 + 100 * 20 + 100, points=3)
    assert cost(query, n=10, topics=1).nodes == 100 + 100 * 10 + 100 + 100
    with pytest.raises(QueryRefused, match="languages"):
        cost(query)


def test_each_point_is_taken_from_the_tokens_hour_which_ends() -> None:
    now = [1_000_000.0]
    host = GitHub(GitHubStore.of([repo("a")]), limit=2, clock=lambda: now[0])
    first = asked(host, PAGE, login="a-town", first=10)
    assert first.headers["x-ratelimit-remaining"] == "1"
    rate = json.loads(first.body)["data"]["rateLimit"]
    assert (rate["cost"], rate["remaining"], rate["used"], rate["limit"], rate["nodeCount"]) == (1, 1, 1, 2, 10)
    assert rate["resetAt"] == "1970-01-12T14:46:40Z"
    asked(host, PAGE, login="a-town", first=10)
    spent = asked(host, PAGE, login="a-town", first=10)
    assert spent.status_code == 200
    assert json.loads(spent.body)["errors"][0]["type"] == "RATE_LIMITED"
    assert "data" not in json.loads(spent.body)
    assert (spent.headers["x-ratelimit-remaining"], spent.headers["x-ratelimit-reset"]) == ("0", "1003600")
    assert "errors" not in json.loads(asked(host, PAGE, token="another", login="a-town", first=10).body)
    now[0] += 3600
    assert "errors" not in json.loads(asked(host, PAGE, login="a-town", first=10).body)


def test_graphql_wants_a_token(town: GitHub) -> None:
    assert asked(town, PAGE, token=None, login="a-town", first=1).status_code == 401


@pytest.mark.parametrize("field", ["organization", "user", "repositoryOwner"])
def test_a_login_that_nobody_has_is_null_and_an_error_with_its_path(town: GitHub, field: str) -> None:
    answer = answered(town, f'{{ here: {field}(login: "nobody") {{ login }} rateLimit {{ cost }} }}')
    assert answer["data"]["here"] is None
    assert answer["data"]["rateLimit"]["cost"] == 1
    assert (answer["errors"][0]["type"], answer["errors"][0]["path"]) == ("NOT_FOUND", ["here"])


def test_an_absent_owner_can_be_null_without_an_error(town: GitHub) -> None:
    host = GitHub(town.store, absent_owner_is_error=False)
    assert answered(host, '{ repositoryOwner(login: "nobody") { login } }') == {"data": {"repositoryOwner": None}}


def test_a_user_is_no_organization(town: GitHub) -> None:
    answer = answered(town, '{ user(login: "somebody") { login } organization(login: "somebody") { login } }')
    assert answer["data"] == {"user": {"login": "somebody"}, "organization": None}


def test_a_former_name_leads_to_the_repository_unless_it_may_not(town: GitHub) -> None:
    found = answered(town, '{ repository(owner: "a-town", name: "old-c") { nameWithOwner } }')
    assert found["data"]["repository"]["nameWithOwner"] == "a-town/c"
    lost = answered(town, '{ repository(owner: "a-town", name: "old-c", followRenames: false) { name } }')
    assert lost["errors"][0]["type"] == "NOT_FOUND"


def test_a_query_outside_the_schema_is_refused_with_its_place(town: GitHub) -> None:
    answer = answered(town, "{ repository { stars } }")
    assert "data" not in answer
    assert answer["errors"][0]["locations"]


def test_files_have_gits_own_object_ids_and_long_ones_are_cut() -> None:
    long = "é" * 300_000
    host = GitHub(GitHubStore.of([repo("a", files={"publiccode.yml": "hello\n", "long.txt": long})]))
    query = """{ repository(owner: "a-town", name: "a") {
      short: object(expression: "HEAD:publiccode.yml") { ... on Blob { oid text byteSize isTruncated isBinary } }
      long: object(expression: "main:long.txt") { ... on Blob { byteSize text isTruncated } }
      none: object(expression: "HEAD:publiccode.yaml") { oid }
      tree: object(expression: "HEAD:") { ... on Tree { entries { name oid type } } }
    } }"""
    found = answered(host, query)["data"]["repository"]
    oid = "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object of "hello\n"
    assert found["short"] == {"oid": oid, "text": "hello\n", "byteSize": 6, "isTruncated": False, "isBinary": False}
    assert (found["long"]["byteSize"], found["long"]["isTruncated"]) == (600_000, True)
    assert len(found["long"]["text"].encode()) == 512_000
    assert found["none"] is None
    assert {"name": "publiccode.yml", "oid": oid, "type": "blob"} in found["tree"]["entries"]
    assert blob_oid("hello\n") == oid


def test_what_is_unknown_is_null_where_the_schema_allows_it() -> None:
    host = GitHub(GitHubStore.of([repo("a")]))
    query = """{ repository(owner: "a-town", name: "a") { databaseId pushedAt description homepageUrl parent { url }
      primaryLanguage { name } languages(first: 1) { nodes { name } } licenseInfo { spdxId } latestRelease { tagName }
      repositoryTopics(first: 1) { totalCount } } }"""
    found = answered(host, query)["data"]["repository"]
    assert found.pop("repositoryTopics") == {"totalCount": 0}
    assert set(found.values()) == {None}


def test_known_nodes_are_found_by_their_ids(town: GitHub) -> None:
    known = next(iter(town.store))
    answer = answered(
        town, "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { name } } }", ids=[node_id(known), "none"]
    )
    assert answer["data"]["nodes"] == [{"name": known.name}, None]


def test_our_own_query_lists_a_thousand_repositories_for_a_point_a_page_and_fast() -> None:
    host = GitHub(synthetic(1000))
    listing: Listing | None = Listing("org-0")
    names, pages = set[str](), 0
    began = time.process_time()
    while listing:
        answer = answered(host, repositories_query(1), **variables([listing]))
        assert "errors" not in answer
        assert answer["data"]["rateLimit"]["cost"] == 1
        page = answer["data"]["o0"]["repositories"]
        names |= {node["nameWithOwner"] for node in page["nodes"]}
        pages += 1
        following = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
        listing = Listing("org-0", following) if following else None
    assert (len(names), pages) == (1000, 10)
    assert (time.process_time() - began) / pages < 0.3  # about 30 ms on one core: a bound against accidents


def test_several_owners_answer_one_query() -> None:
    host = GitHub(synthetic(90, owners=3))
    owners = [Listing(f"org-{index}") for index in range(3)]
    answer = answered(host, repositories_query(3), **variables(owners))
    assert [answer["data"][f"o{index}"]["repositories"]["totalCount"] for index in range(3)] == [30, 30, 30]


def test_a_tree_has_the_files_and_folders_of_the_root_with_the_blobs_that_git_would_name(town: GitHub) -> None:
    files = {"README.md": "# E\n", "src/a.py": "", "src/b.py": ""}
    town.store.put(repo("e", database_id=15, files=files))
    (found,) = answered(town, nodes_query(1), ids=[node_id(town.store.by_id(15))], path0="HEAD:src/a.py")["data"][
        "nodes"
    ]
    assert found["tree"]["entries"] == [
        {"name": "README.md", "oid": blob_oid("# E\n"), "size": 4, "type": "blob", "mode": 0o100644},
        {"name": "src", "oid": found["tree"]["entries"][1]["oid"], "size": 0, "type": "tree", "mode": 0o40000},
    ]
    assert found["p0"] == {"oid": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "byteSize": 0}  # git's empty blob


def test_a_commit_changes_the_head_and_a_new_name_does_not(town: GitHub) -> None:
    def head(number: int) -> str:
        (found,) = answered(town, nodes_query(), ids=[node_id(town.store.by_id(number))])["data"]["nodes"]
        return str(found["defaultBranchRef"]["target"]["oid"])

    town.store.put(repo("e", database_id=15, files={"README.md": "# E\n"}))
    before = head(15)
    town.store.change("a-town/e", name="f", stars=9)
    assert head(15) == before
    town.store.push("a-town/f", {"README.md": "# F\n"}, at="2026-01-01T00:00:00Z")
    assert head(15) != before


def test_an_empty_repository_has_neither_branch_nor_tree(town: GitHub) -> None:
    town.store.put(repo("e", database_id=15))
    (found,) = answered(town, nodes_query(), ids=[node_id(town.store.by_id(15))])["data"]["nodes"]
    assert (found["defaultBranchRef"], found["tree"]) == (None, None)


def test_a_node_that_is_gone_is_null_with_its_error_beside_those_that_are_there(town: GitHub) -> None:
    there, gone = node_id(town.store.by_id(11)), node_id(town.store.by_id(12))
    town.store.remove("a-town/a")
    answer = answered(town, nodes_query(), ids=[gone, there])
    assert [node and node["name"] for node in answer["data"]["nodes"]] == [None, "b"]
    assert [(error["type"], error["path"]) for error in answer["errors"]] == [("NOT_FOUND", ["nodes", 0])]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("permit", ["permits", "permits-api"]),
        ("topic:civic is:public", ["permits"]),
        ("topic:civic created:2020-02-01..2020-12-31", []),
        ("created:2020-01-01..2020-01-31 fork:true", ["permits", "permits-api", "copy"]),
        ("fork:only", ["copy"]),
        ("user:A-Town language:python", ["permits"]),
    ],
)
def test_a_search_finds_by_words_and_qualifiers(words: str, names: list[str]) -> None:
    made = "2020-01-15T00:00:00Z"
    repos = [
        repo("permits", database_id=1, topics=("civic",), created_at=made, primary_language="Python"),
        repo("permits-api", database_id=2, created_at=made),
        repo("copy", database_id=3, fork=True, created_at=made),
    ]
    found = answered(GitHub(GitHubStore.of(repos)), search_query(), query=words, first=100)["data"]["search"]
    assert [node["name"] for node in found["nodes"]] == names
    assert found["repositoryCount"] == len(names)


def test_a_search_gives_a_thousand_of_what_it_finds() -> None:
    host, after, given = GitHub(synthetic(1100)), None, 0
    while True:
        found = answered(host, search_query(), query="tool", first=100, after=after)["data"]["search"]
        given += len(found["nodes"])
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert (given, found["repositoryCount"]) == (1000, 1100)


def test_code_is_searched_nine_times_a_minute_and_a_page_past_the_thousand_is_refused() -> None:
    host = GitHub(synthetic(2000, publiccode_every=1))
    pages = [
        rest(host, "/search/code", token="t", q="filename:publiccode.yml", per_page="100", page=str(page))
        for page in range(1, 3)
    ]
    assert [len(json.loads(page.body)["items"]) for page in pages] == [100, 100]
    assert json.loads(pages[0].body)["total_count"] == 2000
    assert 'rel="next"' in pages[0].headers["link"]
    assert (
        rest(host, "/search/code", token="t", q="filename:publiccode.yml", per_page="100", page="11").status_code == 422
    )
    assert rest(host, "/search/code", q="filename:publiccode.yml").status_code == 401
    statuses = [rest(host, "/search/code", token="t", q=f"word{n}").status_code for n in range(10)]
    assert statuses == [200] * 6 + [403] * 4


def rest(host: GitHub, path: str, token: str | None = None, etag: str = "", **query: str) -> Response:
    headers = {"authorization": f"token {token}"} if token else {}
    return host.answer(Ask(host="api.github.com", path=path, query=query, headers={**headers, "if-none-match": etag}))


def test_rest_pages_are_linked() -> None:
    host = GitHub(synthetic(95))
    found, query = [], {"per_page": "40"}
    while True:
        page = rest(host, "/orgs/org-0/repos", **query)
        found += [one["full_name"] for one in json.loads(page.body)]
        link = page.headers.get("link", "")
        following = re.search(r'<http://api.github.com/orgs/org-0/repos\?([^>]*)>; rel="next"', link)
        if not following:
            break
        query = dict(pair.split("=") for pair in following[1].split("&"))
    assert len(found) == len(set(found)) == 95
    assert 'rel="first"' in page.headers["link"]


def test_rest_gives_30_where_nothing_is_said_and_never_more_than_100() -> None:
    host = GitHub(synthetic(200))
    assert len(json.loads(rest(host, "/orgs/org-0/repos").body)) == 30
    assert len(json.loads(rest(host, "/orgs/org-0/repos", per_page="1000").body)) == 100


def test_what_has_not_changed_is_304_and_costs_nothing() -> None:
    host = GitHub(synthetic(3))
    first = rest(host, "/repos/org-0/tool-1", token="t")
    again = rest(host, "/repos/org-0/tool-1", token="t", etag=first.headers["etag"])
    assert (again.status_code, again.body) == (304, b"")
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"] == "4999"


def test_a_renamed_repository_is_moved_permanently(town: GitHub) -> None:
    moved = rest(town, "/repos/a-town/old-c")
    assert (moved.status_code, moved.headers["location"]) == (301, "http://api.github.com/repositories/13")
    assert json.loads(rest(town, "/repositories/13").body)["full_name"] == "a-town/c"


def test_without_a_token_rest_allows_60_requests_an_hour(town: GitHub) -> None:
    statuses = [rest(town, "/repos/a-town/a").status_code for _ in range(61)]
    assert statuses == [200] * 60 + [403]
    assert rest(town, "/repos/a-town/a").headers["x-ratelimit-remaining"] == "0"


@pytest.mark.parametrize("path", ["/repos/a-town/none", "/orgs/none/repos", "/repos/a-town/a/readme", "/none"])
def test_what_is_not_there_is_404(town: GitHub, path: str) -> None:
    assert rest(town, path).status_code == 404
