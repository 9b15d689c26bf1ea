"""The recordings as simulated systems: everything recorded can be asked, nothing else is claimed."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.timing import costs_less_than

from harvester.forges.github.payload import sweep, wanted
from harvester.forges.github.queries import (
    Listing,
    file_variables,
    files_query,
    nodes_query,
    repositories_query,
    variables,
)
from harvester.model import Source
from simulators.exchange import Ask, Host
from simulators.github_store import EPOCH
from tools.corpus import corpus_sources, corpus_web
from tools.corpus_forges import GITHUB, HISTORY, ITALIA

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("simulated-corpus")]  # read once, not by each worker


@pytest.fixture(scope="module")
def web(corpus: Path) -> dict[str, Host]:
    with costs_less_than(5):
        return corpus_web(corpus)


@pytest.fixture(scope="module")
def sources(corpus: Path) -> dict[str, Source]:
    return {source.name: source for source in corpus_sources(corpus)}


def asked(web: dict[str, Host], source: Source, query: str, values: dict[str, Any]) -> dict[str, Any]:
    """The data of an answer of GitHub to a query of ours."""
    path = urlsplit(source.params["api_url"]).path
    answer = web[GITHUB].answer(
        Ask(
            host=GITHUB,
            method="POST",
            path=f"{path}/graphql",
            headers={"authorization": "bearer x"},
            body=json.dumps({"query": query, "variables": values}).encode(),
        )
    )
    told = json.loads(answer.body)
    assert "errors" not in told
    return dict(told["data"])


def github_nodes(web: dict[str, Host], source: Source) -> list[dict[str, Any]]:
    """Every repository that a source of GitHub can see, by our own queries."""
    waiting, nodes = [Listing(login) for login in source.params["owners"]], []
    while waiting:
        batch, waiting = waiting[:20], waiting[20:]
        told = asked(web, source, repositories_query(len(batch)), variables(batch))
        for place, listing in enumerate(batch):
            page = told[f"o{place}"]["repositories"]
            nodes += page["nodes"]
            if page["pageInfo"]["hasNextPage"]:
                waiting.append(Listing(listing.login, page["pageInfo"]["endCursor"]))
    return nodes


def test_the_135_published_files_are_served_as_they_are(
    web: dict[str, Host], sources: dict[str, Source], corpus: Path
) -> None:
    source = sources["publiccode-head"]
    nodes = github_nodes(web, source)
    texts = {}
    for start in range(0, len(nodes), 100):
        ids = [node["id"] for node in nodes[start : start + 100]]
        detailed = asked(web, source, nodes_query(), {"ids": ids})["nodes"]
        files = [(node["nameWithOwner"], file) for node in detailed for file in wanted(node)]
        told = asked(web, source, files_query(len(files)), file_variables([file for _, file in files]))
        texts |= {name: told[f"f{place}"]["object"]["text"] for place, (name, _) in enumerate(files)}
    recorded = {p.stem.replace("+", "/", 1): p.read_bytes() for p in (corpus / "publiccode" / "head").iterdir()}
    assert len(texts) == len(nodes) == 135
    assert {name: text.encode() for name, text in texts.items()} == recorded
    assert all(node["url"] == f"https://github.com/{node['nameWithOwner']}" for node in nodes)
    assert {node["databaseId"] for node in nodes} == {None}


def test_what_the_recordings_lack_is_null_or_named_a_placeholder(
    web: dict[str, Host], sources: dict[str, Source]
) -> None:
    node = github_nodes(web, sources["publiccode-head"])[0]
    claimed = {"name", "nameWithOwner", "url", "owner", "isPrivate"}
    unknown = {name for name, value in sweep(node).items() if value not in (None, [])} - claimed
    assert unknown == set(sources["publiccode-head"].params["placeholders"])
    assert node["createdAt"] == EPOCH
    brigade = github_nodes(web, sources["code-for-america"])[0]
    assert (brigade["pushedAt"], brigade["defaultBranchRef"]) == (None, None)
    assert {"stargazerCount", "isEmpty"} <= set(sources["code-for-america"].params["placeholders"])


def test_the_brigades_repositories_are_seen_each_once_with_their_real_ids(
    web: dict[str, Host], sources: dict[str, Source], corpus: Path
) -> None:
    nodes = github_nodes(web, sources["code-for-america"])
    assert len(nodes) == 6419
    assert len(sources["code-for-america"].params["owners"]) == 302
    recorded: dict[str, dict[str, Any]] = {}
    with gzip.open(corpus / "catalogues" / "cfa" / "brigade-projects.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [row["github"] for row in map(json.loads, lines) if row.get("github")]
    assert len(rows) == 7249
    for row in rows:
        recorded.setdefault(row["full_name"].lower(), row)
    for node in nodes:
        row = recorded[node["nameWithOwner"].lower()]
        assert (node["databaseId"], node["id"]) == (row["id"], row["node_id"])
        assert (node["description"] or {}) == (row["description"] or {})
        assert ((node["licenseInfo"] or {}).get("name")) == row["license"].get("name")
        assert [topic["topic"]["name"] for topic in node["repositoryTopics"]["nodes"]] == row["topics"][:20]
        assert (node["primaryLanguage"] or {}).get("name") == (row["language"] or None)
    assert sum(node["parent"] is not None for node in nodes) == len(
        {row["full_name"].lower() for row in recorded.values() if row.get("parent")}
    )


def test_every_project_of_every_gitlab_is_seen_by_walking_its_instance(
    web: dict[str, Host], sources: dict[str, Source]
) -> None:
    seen: Counter[str] = Counter()
    urls: set[str] = set()
    hosts = [source for source in sources.values() if source.spider == "gitlab"]
    for source in hosts:
        host = urlsplit(source.params["url"]).netloc
        query = {"pagination": "keyset", "order_by": "id", "sort": "asc", "per_page": "100"}
        while query:
            answer = web[host].answer(Ask(host=host, path="/api/v4/projects", query=query))
            projects = json.loads(answer.body)
            seen[host] += len(projects)
            urls |= {project["web_url"].lower() for project in projects}
            link = answer.headers.get("link", "")
            query = dict(parse_qsl(link.split(">")[0].partition("?")[2]))
    assert (len(hosts), seen.total(), len(urls)) == (31, 3887, 3887)
    assert seen["gitlab.inria.fr"] == max(seen.values())


def test_groups_of_a_recorded_gitlab_can_be_asked_too(web: dict[str, Host]) -> None:
    host = web["gitlab.adullact.net"]
    groups = json.loads(host.answer(Ask(host="x", path="/api/v4/groups", query={"top_level_only": "true"})).body)
    found = 0
    for group in groups:
        path = f"/api/v4/groups/{group['full_path']}/projects"
        query = {"include_subgroups": "true", "per_page": "100"}
        found += len(json.loads(host.answer(Ask(host="x", path=path, query=query)).body))
    every = json.loads(host.answer(Ask(host="x", path="/api/v4/projects", query={"per_page": "100"})).body)
    assert found == len(every)


def test_the_italian_pages_have_50_entries(web: dict[str, Host]) -> None:
    first = json.loads(web[ITALIA].answer(Ask(host=ITALIA, path="/v1/software")).body)
    link = dict(parse_qsl(first["links"]["next"].lstrip("?")))
    second = json.loads(web[ITALIA].answer(Ask(host=ITALIA, path="/v1/software", query=link)).body)
    assert len(first["data"]) + len(second["data"]) == 50
    assert second["links"]["next"] is None


def test_the_history_is_a_paged_listing_of_texts(web: dict[str, Host], corpus: Path) -> None:
    entries: list[dict[str, Any]] = []
    query: dict[str, str] = {}
    while True:
        page = json.loads(web[HISTORY].answer(Ask(host=HISTORY, path="/v1/texts", query=query)).body)
        entries += page["data"]
        assert page["total"] == 2548
        if page["links"]["next"] is None:
            break
        query = dict(parse_qsl(page["links"]["next"].lstrip("?")))
    with gzip.open(corpus / "publiccode" / "history.jsonl.gz", "rt", encoding="utf-8") as lines:
        assert entries == [json.loads(line) for line in lines]
