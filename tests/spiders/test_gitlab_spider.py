"""The GitLab spider against a simulated GitLab."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.responses import Response
from support import crawling

from harvester.config import load_settings
from harvester.model import Outcome, Page, RawItem, Source, Unit, UnitFailed
from harvester.net import Net
from harvester.normalize.readers import read
from simulators.exchange import Ask, Host, as_json
from simulators.gitlab_store import Project
from simulators.server import ThreadedServer
from simulators.sim_gitlab import GitLab
from simulators.web import create_app
from spiders.gitlab import GitLabSpider

HOST = "gitlab.example"
PUBLICCODE = "publiccodeYmlVersion: '0.4'\nname: Outil démocratique\n"


MODES = pytest.mark.parametrize("graphql", [True, False], ids=["graphql", "rest"])


class AllUnits:
    """A run of a source that has nothing stored."""

    def open_units(self, first: Iterable[Unit], *, confirms: bool = False) -> Sequence[Unit]:
        assert confirms
        return list(first)

    def known(self, _keys: Sequence[str]) -> dict[str, RawItem]:
        return {}

    def copied(self, host: str, *, limit: int) -> Mapping[str, Sequence[str]]:  # noqa: ARG002
        return {}

    def claimed(self, host: str, *, limit: int) -> Sequence[str]:  # noqa: ARG002
        return ()

    def unseen(self, *, limit: int) -> Sequence[RawItem]:
        assert limit
        return ()


class Counting:
    """A GitLab that counts, and answers what `instead` says where it says something."""

    def __init__(self, host: Host, instead: Callable[[Ask], Response | None] = lambda _: None) -> None:
        self.host, self.instead = host, instead
        self.paths: list[str] = []

    def answer(self, ask: Ask) -> Response:
        self.paths.append(ask.path)
        return self.instead(ask) or self.host.answer(ask)


@contextmanager
def simulated(host: Host) -> Iterator[Callable[..., GitLabSpider]]:
    """Spiders whose network is a web of this one instance."""
    with ThreadedServer(create_app({HOST: host})) as server:

        def spider(**params: Any) -> GitLabSpider:
            source = Source(name="gl", spider="gitlab", title="GitLab", params={"url": f"http://{HOST}", **params})
            net = Net("CivicHarvester/test", simulated_web=server.address)
            return GitLabSpider(source=source, frontier=AllUnits(), net=net)

        yield spider


def crawl(spider: GitLabSpider) -> tuple[list[Page], list[UnitFailed]]:
    crawled = crawling.crawl(spider)
    return crawled.pages, crawled.failed


def payloads(pages: Iterable[Page]) -> list[dict[str, Any]]:
    return [json.loads(raw.payload) for page in pages for raw in page.raw_items]


def projects(count: int, namespace: str = "inria", *, begin: int = 1, **more: Any) -> list[Project]:
    return [Project(id=n, path=f"{namespace}/tool-{n}", name=f"Tool {n}", **more) for n in range(begin, begin + count)]


@MODES
def test_a_whole_instance_costs_a_request_for_a_hundred_projects(graphql: bool) -> None:
    web = Counting(GitLab(HOST, projects(250)))
    with simulated(web) as spider:
        pages, failed = crawl(spider(whole_instance=True, graphql=graphql))
    assert failed == []
    assert web.paths == ["/api/graphql" if graphql else "/api/v4/projects"] * 3
    assert sorted(raw.key for page in pages for raw in page.raw_items) == sorted(f"{HOST}:{n}" for n in range(1, 251))


@MODES
def test_a_group_comes_with_its_subgroups_and_their_files(graphql: bool) -> None:
    tools = [
        *projects(1, "inria"),
        *projects(1, "inria/deep/er", begin=2, files={"publiccode.yml": PUBLICCODE, "a.py": "1", "ReadMe.rst": "Hi"}),
        *projects(1, "other", begin=3),
    ]
    with simulated(GitLab(HOST, tools)) as spider:
        pages, failed = crawl(spider(groups=["inria"], country="FR", publisher="Inria", graphql=graphql))
    assert failed == []
    found = {
        item["path_with_namespace"]: [(one["path"], one["text"]) for one in item["files"]] for item in payloads(pages)
    }
    assert found == {
        "inria/tool-1": [],
        "inria/deep/er/tool-2": [("publiccode.yml", PUBLICCODE), ("ReadMe.rst", "Hi")],
    }
    context = next(raw.context for page in pages for raw in page.raw_items)
    assert context == {"country": "FR", "publisher": "Inria"}
    assert pages[0].total == 2


@MODES
def test_a_subgroup_can_be_named_by_its_path(graphql: bool) -> None:
    with simulated(GitLab(HOST, projects(2, "inria/deep"))) as spider:
        pages, _ = crawl(spider(groups=["inria/deep"], files=False, graphql=graphql))
    assert len(payloads(pages)) == 2


@MODES
def test_a_users_projects_are_listed_with_their_files(graphql: bool) -> None:
    web = Counting(GitLab(HOST, projects(3, "someone", owned_by_user=True, files={"README": "Hi"})))
    with simulated(web) as spider:
        pages, _ = crawl(spider(users=["someone"], graphql=graphql))
    assert {item["namespace"]["kind"] for item in payloads(pages)} == {"user"}
    assert [item["files"][0]["text"] for item in payloads(pages)] == ["Hi"] * 3
    if graphql:  # it does not show a stranger what a user holds, but what is in it
        assert web.paths == ["/api/v4/users/someone/projects", "/api/graphql", "/api/graphql"]


@MODES
def test_projects_with_a_topic_are_a_listing_of_their_own(graphql: bool) -> None:
    tools = [*projects(2, topics=("civic-tech", "maps")), *projects(2, begin=3)]
    with simulated(GitLab(HOST, tools)) as spider:
        pages, _ = crawl(spider(topics=["Civic-Tech"], files=False, graphql=graphql))
    assert sorted(item["id"] for item in payloads(pages)) == [1, 2]


def test_what_is_inside_new_projects_is_asked_many_at_a_time() -> None:
    web = Counting(GitLab(HOST, projects(245, files={"README.md": "Hi"}), limit=10_000))
    with simulated(web) as spider:
        pages, failed = crawl(spider(groups=["inria"]))
    assert failed == []
    keys = [page.unit.key for page in pages]
    assert len(keys) == len(set(keys)) == 6
    assert len({item["id"] for item in payloads(pages)}) == 245
    assert web.paths == ["/api/graphql"] * 7  # three pages, and the inside of 50, 50, 100 and 45
    assert pages[1].raw_items  # before the next page is asked: a preview sees something at once


@MODES
def test_languages_and_licences_come_when_they_are_wanted(graphql: bool) -> None:
    tools = projects(1, languages={"CSS": 20.0, "Python": 80.0}, license=("agpl-3.0", "GNU AGPL"))
    with simulated(GitLab(HOST, tools)) as spider:
        plain, _ = crawl(spider(groups=["inria"], files=False, graphql=graphql))
        rich, _ = crawl(spider(groups=["inria"], files=False, languages=True, licenses=True, graphql=graphql))
    assert payloads(plain)[0]["languages"] is None
    assert "files" not in payloads(plain)[0]  # nobody asked: unknown is not "none"
    assert payloads(rich)[0]["languages"] == ["Python", "CSS"]
    assert payloads(rich)[0]["license"]["key"] == "agpl-3.0"


def test_a_group_that_is_not_there_fails_for_good_and_the_others_are_harvested() -> None:
    with simulated(GitLab(HOST, projects(2))) as spider:
        pages, failed = crawl(spider(groups=["nobody", "inria"], files=False))
    assert len(payloads(pages)) == 2
    ((status, final),) = [(each.status, each.final) for each in failed]
    assert (status, final) == (404, True)


@MODES
def test_a_file_that_is_huge_or_no_text_is_known_by_its_id_alone(graphql: bool) -> None:
    files = {"publiccode.yml": "x" * 5_000_000, "codemeta.json": "a\0b", "README.md": "é" * 40_000, "civic.json": "{}"}
    with simulated(GitLab(HOST, projects(3, files=files))) as spider:
        pages, failed = crawl(spider(groups=["inria"], graphql=graphql))
    assert failed == []
    for item in payloads(pages):
        texts = {file["path"]: file["text"] for file in item["files"]}
        assert list(texts) == ["publiccode.yml", "codemeta.json", "civic.json", "README.md"]
        assert (texts["publiccode.yml"], texts["codemeta.json"], texts["civic.json"]) == (None, None, "{}")
        assert texts["README.md"] == "é" * 32_768
    assert len(payloads(pages)) == 3


@MODES
def test_a_project_whose_code_is_closed_to_us_is_listed_without_it(graphql: bool) -> None:
    tools = projects(1, closed=True, files={"publiccode.yml": PUBLICCODE}, languages={"C": 100.0})
    with simulated(GitLab(HOST, tools)) as spider:
        pages, failed = crawl(spider(groups=["inria"], graphql=graphql))
    (item,) = payloads(pages)
    assert (failed, item.get("files"), item["languages"], item["default_branch"]) == ([], None, None, None)


def test_an_instance_that_breaks_over_a_project_stops_the_unit() -> None:
    def instead(ask: Ask) -> Response | None:
        return as_json({"message": "no"}, 500) if ask.path.startswith("/api/v4/projects/1/") else None

    with simulated(Counting(GitLab(HOST, projects(2)), instead)) as spider:
        pages, failed = crawl(spider(groups=["inria"], graphql=False))
    assert payloads(pages) == []
    assert [(each.status, each.final) for each in failed] == [(500, False)]


def test_a_listing_that_ends_early_says_so() -> None:
    def instead(_: Ask) -> Response | None:
        return as_json([{"id": 1, "path_with_namespace": "inria/a"}], headers={"X-Total": "9"})

    with simulated(Counting(GitLab(HOST, []), instead)) as spider:
        pages, _ = crawl(spider(groups=["inria"], files=False, graphql=False))
    (issue,) = pages[0].issues
    assert issue.code == "short-listing"
    assert "lists 9 and gave 1" in issue.message


def _without_end(page_shown: Callable[[int], int]) -> Callable[[Ask], Response]:
    """A listing of one project a page that always leads on; `page_shown` says which stands at which number."""

    def endless(ask: Ask) -> Response:
        page = int(ask.query.get("page", "1"))
        number = page_shown(page)
        project = {"id": number, "path_with_namespace": f"inria/{number}", "web_url": f"https://{HOST}/inria/{number}"}
        return as_json([project], headers={"X-Next-Page": str(page + 1)})

    return endless


@pytest.mark.parametrize(
    ("page_shown", "asked", "most", "why"),
    [(lambda page: 2 - page % 2, 3, 2000, "paging-trap"), (int, 4, 4, "bound-reached")],
)
def test_a_listing_without_end_is_left(page_shown: Callable[[int], int], asked: int, most: int, why: str) -> None:
    host = Counting(GitLab(HOST, []), _without_end(page_shown))
    with simulated(host) as spider:
        pages, _ = crawl(spider(groups=["inria"], files=False, graphql=False, max_pages=most))
    assert len(host.paths) == asked
    assert [issue.code for page in pages for issue in page.issues] == [why]


@pytest.mark.parametrize("wrong", [5, "x", [5], {"a": [1]}, None])
def test_projects_with_values_of_wrong_types_lose_nobody_but_themselves(wrong: Any) -> None:
    def harmed(ask: Ask) -> Response | None:
        if not ask.path.endswith("/projects"):
            return None
        answer = GitLab(HOST, projects(60)).answer(ask)
        listed = json.loads(answer.body)
        for place, name in enumerate(sorted(listed[0]) if listed else ()):
            listed[place % 40][name] = wrong
        return as_json([*listed, 7] if listed else [])

    with simulated(Counting(GitLab(HOST, projects(60)), harmed)) as spider:
        pages, failed = crawl(spider(groups=["inria"], files=False, graphql=False))
    assert failed == []
    assert {f"Tool {n}" for n in range(41, 61)} <= {str(one.get("name")) for one in payloads(pages)}
    assert {issue.code for page in pages for issue in page.issues} <= {"entry-form", "short-listing"}


@pytest.mark.parametrize("wrong", [5, "x", [5], {"a": [1]}, None])
def test_projects_of_graphql_with_values_of_wrong_types_lose_nobody_but_themselves(wrong: Any) -> None:
    real, harmed_names = GitLab(HOST, projects(60)), set()

    def harmed(ask: Ask) -> Response | None:
        if not ask.path.endswith("/graphql"):
            return None
        answer = real.answer(ask)
        told = json.loads(bytes(answer.body))
        nodes = ((told["data"].get("group") or {}).get("projects") or {}).get("nodes") or []
        for place, name in enumerate(sorted(nodes[0]) if len(nodes) > 20 else ()):
            harmed_names.add(nodes[place]["name"])
            nodes[place][name] = wrong
        return as_json(told)

    web = Counting(real, harmed)
    with simulated(web) as spider:
        pages, failed = crawl(spider(groups=["inria"], files=False))
    assert failed == []
    assert len(harmed_names) >= 10
    assert {f"Tool {n}" for n in range(1, 61)} - harmed_names <= {str(one.get("name")) for one in payloads(pages)}
    assert {issue.code for page in pages for issue in page.issues} <= {"entry-form", "short-listing"}
    assert not [path for path in web.paths if path.endswith("/projects")], "GraphQL was left for one project"


def test_a_spent_budget_leaves_the_rest_for_later() -> None:
    with simulated(GitLab(HOST, projects(250), limit=2)) as spider:
        pages, failed = crawl(spider(whole_instance=True))
    assert len(payloads(pages)) == 200
    assert [(each.capped, each.final) for each in failed] == [(True, False)]


@MODES
def test_units_are_named_alike_in_every_run_and_survive_being_stored_as_json(graphql: bool) -> None:
    with simulated(GitLab(HOST, projects(145, files={"README": "Hi"}), limit=10_000)) as spider:
        asked = {"groups": ["inria", "x"], "users": ["y"], "topics": ["z"], "graphql": graphql}
        first, again = spider(**asked), spider(**asked)
        units = list(first.first_units())
        assert units == list(again.first_units())
        assert len({unit.key for unit in units}) == 4
        *inside, listing = first.ask(units[0]).next_units
        assert inside
        for following in (listing, *inside[:1]):
            restored = Unit(following.key, json.loads(json.dumps(following.data)))
            assert again.ask(restored).next_units or again.ask(restored).raw_items


def test_a_cursor_of_graphql_that_rest_has_to_go_on_from_begins_anew() -> None:
    with simulated(GitLab(HOST, projects(145))) as spider:
        following = spider(groups=["inria"], files=False).ask(next(iter(spider(groups=["inria"]).first_units())))
        by_rest = spider(groups=["inria"], files=False, graphql=False)
        (anew,) = by_rest.ask(following.next_units[0]).next_units
        page = by_rest.ask(anew)
        assert len(page.raw_items) == 100
        assert len(by_rest.ask(page.next_units[0]).raw_items) == 45


@MODES
def test_the_same_project_gives_the_same_bytes_in_the_next_run(graphql: bool) -> None:
    def bytes_of(**changes: Any) -> list[bytes]:
        with simulated(GitLab(HOST, projects(3, **changes))) as spider:
            pages, _ = crawl(spider(groups=["inria"], files=False, graphql=graphql))
        return [raw.payload for page in pages for raw in page.raw_items]

    assert bytes_of() == bytes_of()
    for changes in ({"issues": 7}, {"forks": 3}, {"archived": True}):
        assert bytes_of() != bytes_of(**changes)


@MODES
def test_without_a_meaningful_number_the_address_is_the_key(graphql: bool) -> None:
    with simulated(GitLab(HOST, projects(1, files={"publiccode.yml": PUBLICCODE}))) as spider:
        placeholders = ["star_count", "id"]
        pages, _ = crawl(spider(whole_instance=True, files=True, placeholders=placeholders, graphql=graphql))
    (raw,) = [raw for page in pages for raw in page.raw_items]
    assert raw.key == f"https://{HOST}/inria/tool-1"
    assert raw.context["placeholders"] == ["id", "star_count"]
    assert payloads(pages)[0]["files"][0]["text"] == PUBLICCODE


def test_several_listings_can_be_asked_at_a_time() -> None:
    tools = [tool for n in range(4) for tool in projects(2, f"group{n}", begin=1 + 10 * n)]
    with simulated(GitLab(HOST, tools)) as spider:
        harvest = spider(groups=[f"group{n}" for n in range(4)], files=False, concurrency=4)
        assert harvest.concurrency == 4
        pages, failed = crawl(harvest)
    assert failed == []
    assert len(payloads(pages)) == 8


def test_what_was_fetched_can_be_read() -> None:
    with simulated(GitLab(HOST, projects(5, files={"publiccode.yml": PUBLICCODE}))) as spider:
        pages, _ = crawl(spider(groups=["inria"]))
    readings = [read(raw) for page in pages for raw in page.raw_items]
    assert {reading.outcome for reading in readings} == {Outcome.READ}


def test_the_token_goes_to_its_instance_alone_and_never_unencrypted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HARVESTER_GITLAB_TOKEN", "s3cret-token")
    (tmp_path / "tokens").write_text("gitlab.inria.fr their-own-token\n")
    monkeypatch.setenv("HARVESTER_TOKENS_FILE", str(tmp_path / "tokens"))
    sent = {}
    for url in ("https://gitlab.com", "http://gitlab.com", "https://gitlab.inria.fr", "https://gitlab.example"):
        source = Source(name="gl", spider="gitlab", title="", params={"url": url, "groups": ["x"]})
        spider = GitLabSpider(source=source, frontier=AllUnits(), net=Net.of(load_settings()))
        assert spider.client.client.private_token is None
        sent[url] = [token.value for token in spider.client.session.tokens_at(f"{url}/api/v4/projects")]
    assert sent == {
        "https://gitlab.com": ["s3cret-token"],
        "http://gitlab.com": [],
        "https://gitlab.inria.fr": ["their-own-token"],
        "https://gitlab.example": [],
    }


@pytest.mark.parametrize("params", [{}, {"groups": ["x"], "concurrency": 9}, {"groups": ["x"], "odd": 1}])
def test_parameters_that_cannot_work_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GitLabSpider.Params.model_validate(params)
