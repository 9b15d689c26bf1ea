"""The demo's hosts show what the scenario says, in the forges' own words, to the forges' own clients."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import github
import gitlab
import pytest
import requests
import yaml

from demo.publiccode_text import EMPTY, broken_publiccode, publiccode
from demo.sites import demo_hosts, repositories
from demo.sources import demo_sources
from demo.tools import Broken, load_scenario, load_tools
from harvester.forges.github.queries import Listing, repositories_query, variables
from simulators.exchange import Ask, Host
from simulators.server import ThreadedServer
from simulators.web import create_app


@pytest.fixture(scope="module")
def web() -> dict[str, Host]:
    return demo_hosts()


@pytest.fixture(scope="module")
def address(web: dict[str, Host]) -> Iterator[str]:
    with ThreadedServer(create_app(web)) as server:
        yield server.address


def test_each_github_source_sees_its_own_repositories_alone(web: dict[str, Host]) -> None:
    sites = {site.name: site for site in load_scenario().sites if site.system == "github"}
    sources = [source for source in demo_sources() if source.spider == "github"]
    assert len(sources) == len(sites) >= 2
    for source in sources:
        at = urlsplit(source.params["api_url"])
        seen: list[str] = []
        for login in source.params["owners"]:
            body = {"query": repositories_query(1), "variables": variables([Listing(login)])}
            ask = Ask(
                host=at.netloc,
                method="POST",
                path=f"{at.path}/graphql",
                headers={"authorization": "bearer x"},
                body=json.dumps(body).encode(),
            )
            told = json.loads(web[at.netloc].answer(ask).body)
            seen += [node["nameWithOwner"] for node in told["data"]["o0"]["repositories"]["nodes"]]
        assert sorted(seen) == sorted(repositories(sites[source.name]))


def test_every_gitlab_source_finds_its_entries_in_its_groups(web: dict[str, Host]) -> None:
    for source in (source for source in demo_sources() if source.spider == "gitlab"):
        host = urlsplit(source.params["url"]).netloc
        found = []
        for group in source.params["groups"]:
            query = {"include_subgroups": "true", "per_page": "100"}
            told = web[host].answer(Ask(host=host, path=f"/api/v4/groups/{group}/projects", query=query))
            found += [project["path_with_namespace"] for project in json.loads(told.body)]
        site = next(site for site in load_scenario().sites if site.name == source.name)
        assert sorted(found) == sorted(repositories(site))


def test_the_catalogue_and_the_pages_show_each_of_their_entries(web: dict[str, Host]) -> None:
    for site in load_scenario().sites:
        if site.system == "developers_italia":
            ask = Ask(host=site.host, path="/v1/software", query={"page[size]": "100"})
            told = json.loads(web[site.host].answer(ask).body)
            assert len(told["data"]) >= len(site.entries)
            assert len({entry["id"] for entry in told["data"]}) == len(told["data"])
            assert {entry.url for entry in site.entries if entry.url} <= {entry["url"] for entry in told["data"]}
        elif site.system == "html_page":
            page = web[site.host].answer(Ask(host=site.host, path=str(site.page)))
            assert page.status_code == 200
            assert bytes(page.body).decode().count("<li>") >= len(site.entries)


@pytest.mark.parametrize("tool", [tool for tool in load_tools() if tool.publiccode], ids=lambda tool: tool.slug)
def test_a_tools_publiccode_has_all_that_the_standard_requires(tool: Any) -> None:
    text = publiccode(tool)
    document = yaml.safe_load(text)
    required = "publiccodeYmlVersion name url platforms developmentStatus softwareType description legal maintenance"
    assert set(required.split()) | {"localisation"} <= set(document)
    assert (document["name"], document["url"]) == (tool.name, tool.repository)
    assert document["legal"]["license"] == tool.license
    for words in document["description"].values():
        assert len(words["shortDescription"]) <= 150
        assert 150 <= len(words["longDescription"]) <= 10_000
        assert words["features"]
    assert document["localisation"]["availableLanguages"]
    assert document["maintenance"]["contacts"]
    assert "@" not in text


def broken(how: str) -> str:
    tool = next(tool for tool in load_tools() if tool.publiccode)
    return broken_publiccode(tool, Broken(source="x", how=how, why="a test", value="https://github.com/other/one"))


def test_each_way_of_being_broken_is_broken_in_that_way() -> None:
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load(broken("yaml-syntax"))
    assert broken("empty-publiccode") == EMPTY
    assert yaml.safe_load(EMPTY) is None
    assert yaml.safe_load(broken("url-mismatch"))["url"] == "https://github.com/other/one"
    assert isinstance(yaml.safe_load(broken("wrong-type"))["description"], str)
    assert "github.com" in yaml.safe_load(broken("unknown-licence"))["legal"]["license"]


def test_every_broken_entry_of_the_scenario_is_served(web: dict[str, Host]) -> None:
    served = ""
    for site in load_scenario().sites:
        if site.system == "developers_italia":
            ask = Ask(host=site.host, path="/v1/software", query={"page[size]": "100"})
            served += bytes(web[site.host].answer(ask).body).decode()
    for entry in load_scenario().broken:
        if entry.source == "developers-italia" and entry.url:
            assert entry.url in served
        elif entry.source.startswith("github"):
            site = next(site for site in load_scenario().sites if site.name == entry.source)
            name = urlsplit(entry.url).path.strip("/") if entry.url else None
            assert name is None or name in repositories(site)
    assert "a quotation that never ends" in served


def test_pygithub_reads_the_simulated_github_as_it_reads_the_real_one(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://{address}")
    monkeypatch.delenv("no_proxy", raising=False)
    client = github.Github(base_url="http://api.github.com", auth=github.Auth.Token("x"), per_page=100, retry=None)
    with client:
        udata = client.get_repo("opendatateam/udata")
        assert udata.get_languages().keys() >= {"Python"}
        assert b"publiccodeYmlVersion" in udata.get_contents("publiccode.yml").decoded_content  # type: ignore[union-attr]
        assert client.get_repo("etalab/udata").full_name == "opendatateam/udata"  # moved
        assert udata.full_name in {repo.full_name for repo in client.get_organization("opendatateam").get_repos()}
        with pytest.raises(github.UnknownObjectException):
            udata.get_latest_release()
        assert client.get_rate_limit().resources.core.limit == 5000


def test_python_gitlab_reads_the_simulated_gitlab_as_it_reads_the_real_one(address: str) -> None:
    session = requests.Session()
    session.proxies = {"http": f"http://{address}"}
    source = next(source for source in demo_sources() if source.name == "gitlab-com")
    client = gitlab.Gitlab("http://gitlab.com", session=session, keep_base_url=True)
    found = [
        project
        for group in source.params["groups"]
        for project in client.groups.get(group, lazy=True).projects.list(include_subgroups=True, iterator=True)
    ]
    site = next(site for site in load_scenario().sites if site.name == "gitlab-com")
    assert sorted(project.path_with_namespace for project in found) == sorted(repositories(site))
    walked = client.projects.list(pagination="keyset", order_by="id", per_page=2, iterator=True)
    assert len(list(walked)) == len(found)
    with pytest.raises(gitlab.GitlabGetError, match="404"):
        client.projects.get("nobody/nothing")
    session.close()
