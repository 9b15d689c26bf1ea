"""The GitHub spider against a simulated GitHub that enforces the real one's limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.responses import PlainTextResponse, Response
from support import crawling

from harvester.catalogue import Catalogue
from harvester.config import load_settings
from harvester.forges.github import harvest as github_harvest
from harvester.model import Outcome, Page, RawItem, Source, Unit, UnitFailed
from harvester.net import Memory, Net
from harvester.normalize.readers import read
from simulators.exchange import Ask, Host, as_json
from simulators.github_store import GitHubStore, Owner, Repo, blob_oid, node_id, synthetic
from simulators.server import ThreadedServer
from simulators.sim_github import GitHub
from simulators.web import create_app
from spiders.github import GitHubSpider

API = "http://api.github.com"


class Remembered:
    """A frontier whose every unit is open, and that knows what earlier pages stored."""

    def __init__(self, *pages: Page) -> None:
        self.items = {raw.key: raw for page in pages for raw in page.raw_items}
        self.shown: set[str] = set()

    def open_units(self, first: Iterable[Unit], *, confirms: bool = False) -> Sequence[Unit]:
        assert confirms
        return list(first)

    def known(self, keys: Sequence[str]) -> Mapping[str, RawItem]:
        self.shown.update(keys)
        return {key: self.items[key] for key in keys if key in self.items}

    def copied(self, host: str, *, limit: int) -> Mapping[str, Sequence[str]]:  # noqa: ARG002
        return {}

    def claimed(self, host: str, *, limit: int) -> Sequence[str]:  # noqa: ARG002
        return ()

    def unseen(self, *, limit: int) -> Sequence[RawItem]:
        return [self.items[key] for key in sorted(self.items.keys() - self.shown)][:limit]


class Faulty:
    """A GitHub that answers 502 to every query that `gives_up` on its variables; it keeps what it was asked."""

    def __init__(self, host: Host, gives_up: Callable[[dict[str, Any]], bool] = lambda _: False) -> None:
        self.host, self.gives_up = host, gives_up
        self.asked: list[str] = []

    def answer(self, ask: Ask) -> Response:
        question = json.loads(ask.body) if ask.body else {}
        self.asked.append(question.get("query", ask.path).split("(", 1)[0].removeprefix("query "))
        if self.gives_up(question.get("variables", {})):
            return PlainTextResponse("<html>bad gateway</html>", 502)
        return self.host.answer(ask)


@contextmanager
def simulated(host: Host, memory: Memory | None = None, **others: Host) -> Iterator[Callable[..., GitHubSpider]]:
    """Spiders whose network is a web of GitHub and a few others; `known` are pages of earlier runs."""
    hosts = {"api.github.com": host, **{f"{name}.example": other for name, other in others.items()}}
    with ThreadedServer(create_app(hosts)) as server:

        def spider(*owners: str, known: Sequence[Page] = (), **params: Any) -> GitHubSpider:
            source = Source(
                name="gh", spider="github", title="GitHub", params={"owners": list(owners), "api_url": API, **params}
            )
            net = Net("CivicHarvester/test", simulated_web=server.address, memory=memory)
            return GitHubSpider(source=source, frontier=Remembered(*known), net=net)

        yield spider


def crawl(spider: GitHubSpider) -> tuple[list[Page], list[UnitFailed]]:
    crawled = crawling.crawl(spider)
    return crawled.pages, crawled.failed


def issues(pages: Iterable[Page]) -> list[tuple[str, str | None]]:
    return [(issue.code, issue.place) for page in pages for issue in page.issues]


def only(pages: Iterable[Page]) -> RawItem:
    (raw,) = (raw for page in pages for raw in page.raw_items)
    return raw


def names(pages: Iterable[Page]) -> list[str]:
    return sorted(json.loads(raw.payload)["nameWithOwner"] for page in pages for raw in page.raw_items)


def store(files: Mapping[str, str] = {}, **repositories: int) -> GitHubStore:
    """So many repositories of each owner."""
    return GitHubStore.of(
        Repo(
            owner=login,
            name=f"tool-{n}",
            database_id=1000 * position + n,
            created_at=f"2020-01-01T{n // 60:02d}:{n % 60:02d}:00Z",
            files={path: f"{text}{n}\n" for path, text in files.items()},
        )
        for position, (login, count) in enumerate(repositories.items(), 1)
        for n in range(count)
    )


class Harmed:
    """A GitHub that gives each attribute of a repository a wrong value in one repository: where `listed`, in the
    listing, else where details are asked for."""

    def __init__(self, host: Host, wrong: Any, *, listed: bool) -> None:
        self.host, self.wrong, self.listed = host, wrong, listed
        self.harmed: set[str] = set()

    def answer(self, ask: Ask) -> Response:
        answer = self.host.answer(ask)
        data = json.loads(bytes(answer.body)).get("data") or {}
        lists = [one["repositories"] for one in data.values() if isinstance(one, dict) and "repositories" in one]
        nodes = [*(node for one in lists for node in one["nodes"])] if self.listed else data.get("nodes") or []
        if len(nodes) < 2:
            return answer
        for node, name in zip(nodes, sorted(nodes[0]), strict=False):
            if name not in ("id", "isPrivate"):
                self.harmed.add(node["nameWithOwner"])
                node[name] = self.wrong
        return as_json({"data": data})


@pytest.mark.parametrize("wrong", [5, "x", [5], {"a": [1]}, True])
@pytest.mark.parametrize("listed", [True, False])
def test_repositories_with_values_of_wrong_types_lose_nobody_but_themselves(wrong: Any, listed: bool) -> None:
    web = Harmed(GitHub(store({"README.md": "# Tool "}, town=60)), wrong, listed=listed)
    with simulated(web) as spider:
        pages, failed = crawl(spider("town"))
    assert failed == []
    assert len(web.harmed) >= 8
    there = {str(json.loads(raw.payload)["nameWithOwner"]) for page in pages for raw in page.raw_items if raw.payload}
    assert {f"town/tool-{n}" for n in range(60)} - web.harmed <= there
    assert {code for code, _ in issues(pages)} <= {"entry-form", "short-listing", "files-untold", "repository-withheld"}


@pytest.mark.parametrize(("owners", "first", "again"), [(1, 30, 12), (100, 26, 8)])
def test_a_thousand_repositories_take_few_requests(owners: int, first: int, again: int) -> None:
    store = synthetic(1000, owners=owners)
    logins = [f"org-{n}" for n in range(owners)]
    web = Faulty(GitHub(store))
    with simulated(web) as spider:
        crawled = crawling.crawl(spider(*logins))
        assert (len(web.asked), crawled.failed) == (first, [])
        assert len(set(names(crawled.pages))) == len(names(crawled.pages)) == 1000
        assert crawled.pages[-1].total == 1000
        assert issues(crawled.pages) == []
        assert crawled.stats["github/points"] <= 60
        for number in range(0, 1000, 50):
            name = f"{store.by_id(1_000_000 + number).full_name}"  # type: ignore[union-attr]
            store.push(name, {"README.md": f"# Anew {number}\n"}, at="2026-06-01T00:00:00Z")
        web.asked.clear()
        crawled = crawling.crawl(spider(*logins, known=crawled.pages))
    assert len(web.asked) == again
    assert len(names(crawled.pages)) == 20
    assert len({key for page in crawled.pages for key in page.seen}) == 980


@pytest.mark.parametrize("owners", [1, 100])
def test_what_a_harvest_costs_is_foretold(owners: int) -> None:
    store = synthetic(1000, owners=owners)
    logins = [f"org-{n}" for n in range(owners)]
    host = GitHub(store)
    first = github_harvest.predicted(1000, owners=owners, detailed=1000)
    params = GitHubSpider.Params(owners=tuple(logins), api_url=API)
    again = GitHubSpider.forecast(params, known=1000, last=None)
    with simulated(Faulty(host)) as spider:
        pages = crawling.crawl(spider(*logins)).pages
        assert host.budgets.of("simulated", "graphql").used <= first.points
        spent = host.budgets.of("simulated", "graphql").used
        for number in range(0, 1000, 50):
            name = store.by_id(1_000_000 + number).full_name  # type: ignore[union-attr]
            store.push(name, {"README.md": f"# Anew {number}\n"}, at="2026-06-01T00:00:00Z")
        web = Faulty(host)
    with simulated(web) as spider:
        crawling.crawl(spider(*logins, known=pages))
    assert again == {"api.github.com graphql": len(web.asked), "api.github.com graphql points": again_points(owners)}
    assert host.budgets.of("simulated", "graphql").used - spent <= again_points(owners)
    assert first.requests == {1: 30, 100: 26}[owners]


def again_points(owners: int) -> int:
    """A point for each query, two for a listing of two hundred."""
    return {1: 12, 100: 13}[owners]


def test_what_is_not_known_yet_is_not_foretold() -> None:
    assert GitHubSpider.forecast(GitHubSpider.Params(topics=("civic-tech",)), known=0, last=None) is None
    told = GitHubSpider.forecast(GitHubSpider.Params(code_search=("filename:publiccode.yml",)), known=500, last=None)
    assert told is not None
    assert told["api.github.com rest /search"] == 10


def test_small_owners_share_a_query_and_large_ones_go_on_together() -> None:
    owners = {f"small{n}": 2 for n in range(8)} | {"large": 70, "larger": 180}
    web = Faulty(GitHub(store(**owners)))
    with simulated(web) as spider:
        pages, _ = crawl(spider(*owners))
    assert len(names(pages)) == len(set(names(pages))) == 266
    assert (web.asked.count("owners"), web.asked.count("repositories")) == (1, 2)
    assert web.asked.count("nodes") == 3


@pytest.mark.parametrize("with_error", [True, False])
def test_an_owner_that_nobody_has_is_an_issue_and_the_others_are_harvested(with_error: bool) -> None:
    with simulated(GitHub(store(italia=2, etalab=3), absent_owner_is_error=with_error)) as spider:
        pages, failed = crawl(spider("italia", "nobody-at-all", "etalab"))
    assert failed == []
    assert len(names(pages)) == 5
    assert issues(pages) == [("owner-missing", "nobody-at-all")]


def test_a_query_that_is_too_much_is_asked_in_parts_until_it_is_not() -> None:
    def heavy(variables: dict[str, Any]) -> bool:
        listed = sum(value for name, value in variables.items() if name.startswith("first"))
        owners = sum(name.startswith("login") for name in variables)
        files = sum(name.startswith("oid") for name in variables)
        return listed > 16 or owners > 4 or files > 5 or len(variables.get("ids", ())) > 7

    owners = {"a": 40, "b": 1, "c": 20, "d": 0, "e": 3}
    web = Faulty(GitHub(store(**owners, files={"README.md": "# A tool\n"})), heavy)
    with simulated(web) as spider:
        pages, failed = crawl(spider(*owners))
    assert failed == []
    assert len(names(pages)) == len(set(names(pages))) == 64
    assert len(web.asked) < 60


def test_one_repository_that_is_too_heavy_is_left_out_and_the_others_are_had() -> None:
    store_ = store(a=9)
    heavy = node_id(store_.repo("a/tool-4"))  # type: ignore[arg-type]
    web = Faulty(GitHub(store_), lambda variables: heavy in variables.get("ids", ()))
    with simulated(web) as spider:
        pages, failed = crawl(spider("a"))
    assert failed == []
    assert names(pages) == [f"a/tool-{n}" for n in range(9) if n != 4]
    assert issues(pages) == [("repository-untold", heavy)]


def test_a_github_that_is_down_is_asked_few_times_and_every_owner_stays_open() -> None:
    owners = [f"owner{n}" for n in range(300)]
    web = Faulty(GitHub(store()), lambda _: True)
    with simulated(web) as spider:
        pages, failed = crawl(spider(*owners))
    assert len(web.asked) <= 50
    assert pages == []
    assert not any(each.final for each in failed)
    assert {each.unit.data["login"] for each in failed} == set(owners)


def test_a_spent_budget_leaves_the_rest_for_later() -> None:
    with simulated(GitHub(store(a=200, b=1), limit=4)) as spider:
        pages, failed = crawl(spider("a", "b"))
    assert pages
    assert failed
    assert all(each.capped and not each.final for each in failed)


def test_units_are_named_alike_in_every_run_and_survive_being_stored_as_json() -> None:
    owners = [f"owner{n}" for n in range(5)]
    with simulated(GitHub(store(**dict.fromkeys(owners, 40)))) as spider:
        first, again = spider(*owners), spider(*owners)
        assert list(first.first_units()) == list(again.first_units())
        pages, _ = crawl(first)
        keys = [page.unit.key for page in pages]
        assert len(keys) == len(set(keys))
        assert [page.unit.key for page in crawl(spider(*owners))[0]] == keys
        asked = next(page.unit for page in pages if page.raw_items)
        restored = Unit(asked.key, json.loads(json.dumps(asked.data)))
        ((_, page),) = again.ask_all([restored])
        assert names([page]) == names(each for each in pages if each.unit.key == asked.key)


def test_an_owner_named_twice_is_asked_once() -> None:
    with simulated(GitHub(store(italia=2))) as spider:
        pages, _ = crawl(spider("italia", "Italia"))
    assert len(names(pages)) == 2


def test_the_same_repository_gives_the_same_bytes_in_the_next_run() -> None:
    github = GitHub(synthetic(40))
    with simulated(github) as spider:
        once, twice = ([(r.key, r.payload) for p in crawl(spider("org-0"))[0] for r in p.raw_items] for _ in range(2))
    assert len(once) == 40
    assert once == twice


def test_an_item_is_keyed_by_githubs_own_number_and_carries_its_file() -> None:
    text = "publiccodeYmlVersion: '0.4'\nname: Tool\n"
    github = GitHub(
        GitHubStore.of(
            [Repo(owner="italia", name="tool", database_id=77, files={"publiccode.yml": text}, topics=("open-data",))],
            [Owner(login="italia", name="Developers Italia")],
        )
    )
    with simulated(github) as spider:
        pages, _ = crawl(spider("italia", country="IT", publisher="Developers Italia"))
    raw = only(pages)
    payload = json.loads(raw.payload)
    assert (raw.key, raw.format, raw.url) == ("github.com:77", "github", "https://github.com/italia/tool")
    assert raw.context == {"country": "IT", "publisher": "Developers Italia"}
    assert payload["files"] == [{"path": "publiccode.yml", "oid": blob_oid(text), "text": text}]
    assert payload["topics"] == ["open-data"]
    assert payload["owner"] == {"__typename": "Organization", "login": "italia", "name": "Developers Italia"}


@pytest.mark.parametrize("placeholders", [(), ("databaseId",)])
def test_without_a_meaningful_number_the_address_is_the_key(placeholders: tuple[str, ...]) -> None:
    repo = Repo(owner="Italia", name="Tool", database_id=77 if placeholders else None)
    with simulated(GitHub(GitHubStore.of([repo]))) as spider:
        pages, _ = crawl(spider("italia", placeholders=placeholders))
    assert only(pages).key == "https://github.com/italia/tool"
    assert only(pages).context == ({"placeholders": ["databaseId"]} if placeholders else {})


def test_what_was_fetched_can_be_read() -> None:
    with simulated(GitHub(synthetic(33))) as spider:
        pages, _ = crawl(spider("org-0"))
    readings = [read(raw) for page in pages for raw in page.raw_items]
    assert {reading.outcome for reading in readings} == {Outcome.READ}
    assert sorted({record.key for reading in readings for record in reading.records}) == [
        "README.md",
        "publiccode.yml",
        "repository",
    ]


def test_the_token_goes_to_github_alone_and_never_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARVESTER_GITHUB_TOKEN", "s3cret-token")
    sent = {}
    for api_url in ("https://api.github.com", "http://api.github.com", "https://ghe.example/api/v3"):
        source = Source(name="gh", spider="github", title="", params={"owners": ["italia"], "api_url": api_url})
        spider = GitHubSpider(source=source, frontier=Remembered(), net=Net.of(load_settings()))
        assert spider.client.requester.auth is None
        sent[api_url] = [token.value for token in spider.client.session.tokens_at(f"{api_url}/graphql")]
        assert spider.client.session.tokens_at("https://api.github.com.example/graphql") == ()
    assert sent == {
        "https://api.github.com": ["Bearer s3cret-token"],
        "http://api.github.com": ["Bearer simulated"],
        "https://ghe.example/api/v3": [],
    }


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"owners": []},
        {"owners": ["https://github.com/italia"]},
        {"owners": ["italia"], "page_size": 101},
        {"owners": ["italia"], "unknown": 1},
        {"publishers": "publishers.yml"},
        {"topics": ["Two Words"]},
        {"search": ["tool created:>2020-01-01"]},
    ],
)
def test_parameters_that_cannot_work_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GitHubSpider.Params.model_validate(params)


class Text:
    """A host with one text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def answer(self, _ask: Ask) -> Response:
        return PlainTextResponse(self.text)


GROUPS = "# who\nFrance:\n- a\n- A\nItaly:\n- c\nNowhere: 3\nBroken:\n- 'no login'\n- [nested]\n"
FORGES = """
github.com:
  forge: github
  owners:
    a: {pso_id: x}
    b: {ignored_since: "2024-01-01"}
gitlab.example:
  forge: gitlab
  owners:
    c: {pso_id: x}
git.example:
  forge: gitlab
"""


@pytest.mark.parametrize(
    ("text", "groups", "found", "told"),
    [
        (
            GROUPS,
            [],
            ["a/tool-0", "c/tool-0"],
            [("publishers-entry", "Nowhere"), ("publishers-entry", "Broken[0]"), ("publishers-entry", "Broken[1]")],
        ),
        (GROUPS, ["Italy"], ["c/tool-0"], [("publishers-entry", "Nowhere")]),
        (GROUPS, ["France", "Spain"], ["a/tool-0"], [("publishers-entry", "Nowhere"), ("publishers-group", "Spain")]),
        (FORGES, [], ["a/tool-0"], []),
        ("a: [", [], [], [("publishers-unreadable", "line 2")]),
    ],
)
def test_owners_come_from_a_file_of_publishers(
    text: str, groups: list[str], found: list[str], told: list[tuple[str, str]]
) -> None:
    with simulated(GitHub(store(a=1, b=1, c=1)), lists=Text(text)) as spider:
        pages, failed = crawl(spider(publishers="http://lists.example/publishers.yml", groups=groups))
    assert failed == []
    assert names(pages) == found
    assert issues(pages) == told


def test_a_file_of_publishers_that_cannot_be_had_is_a_unit_that_failed() -> None:
    with simulated(GitHub(store(a=1))) as spider:
        pages, failed = crawl(spider("a", publishers="http://nowhere.example/publishers.yml"))
    assert names(pages) == ["a/tool-0"]
    assert [each.unit.key for each in failed] == ["publishers:http://nowhere.example/publishers.yml"]


class Noted:
    """A GitHub, one of whose repositories holds a list of publishers; it keeps what REST was asked, and the headers."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.asked: dict[str, Mapping[str, str]] = {}

    def answer(self, ask: Ask) -> Response:
        if ask.path != "/graphql":
            self.asked[ask.path] = ask.headers
        return PlainTextResponse(GROUPS) if ask.path == LISTS else self.host.answer(ask)


LISTS = "/repos/lists/who/contents/publishers.yml"


def test_every_question_to_rest_says_for_which_version_the_answer_is_meant() -> None:
    web = Noted(GitHub(store(a=2, b=1, files={"publiccode.yml": "name: Tool"})))
    with simulated(web) as spider:
        pages, failed = crawl(
            spider("b", publishers=API + LISTS, code_search=["filename:publiccode.yml"], search=["tool"])
        )
    assert failed == []
    assert names(pages) == ["a/tool-0", "a/tool-1", "b/tool-0"]
    assert {path: sent.get("x-github-api-version") for path, sent in web.asked.items()} == {
        LISTS: "2022-11-28",
        "/search/code": "2022-11-28",
    }
    assert web.asked[LISTS]["accept"] == "application/vnd.github.raw+json"


def many(count: int, *, days: int, topic: str = "civic-tech") -> GitHubStore:
    """So many repositories of many owners, made on so many days."""
    return GitHubStore.of(
        Repo(
            owner=f"owner-{n % 700}",
            name=f"tool-{n}",
            database_id=n + 1,
            topics=(topic,),
            created_at=f"2024-{1 + n % days // 28:02d}-{1 + n % days % 28:02d}T00:00:00Z",
        )
        for n in range(count)
    )


def test_a_topic_with_more_than_a_thousand_repositories_is_split_by_dates() -> None:
    github = GitHub(many(2300, days=200))
    with simulated(github) as spider:
        pages, failed = crawl(spider(topics=["civic-tech", "nothing"]))
    assert failed == []
    assert len(names(pages)) == len(set(names(pages))) == 2300
    assert issues(pages) == []


def test_a_single_day_with_more_than_can_be_had_is_said() -> None:
    with simulated(GitHub(many(1100, days=1))) as spider:
        pages, _ = crawl(spider(search=["topic:civic-tech"]))
    assert len(names(pages)) == 1000
    assert set(issues(pages)) == {("search-capped", "topic:civic-tech")}


def test_code_search_finds_repositories_that_nobody_named_and_is_asked_again_by_its_etag(tmp_path: Path) -> None:
    github = GitHub(store(a=120, b=2, files={"publiccode.yml": "name: Tool"}))
    web = Faulty(github)
    catalogue = Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    with simulated(web, memory=catalogue.memory) as spider:
        pages, failed = crawl(spider(code_search=["filename:publiccode.yml"]))
        charged = github.budgets.of("simulated", "code_search").used
        again, _ = crawl(spider(known=pages, code_search=["filename:publiccode.yml"]))
    catalogue.close()
    assert failed == []
    assert len(names(pages)) == 122
    assert names(again) == []
    assert web.asked.count("/search/code") == 4
    assert github.budgets.of("simulated", "code_search").used == charged == 2


def test_what_owners_and_searches_both_find_is_asked_for_once() -> None:
    web = Faulty(GitHub(store(a=3, files={"publiccode.yml": "name: Tool"})))
    with simulated(web) as spider:
        pages, _ = crawl(spider("a", code_search=["filename:publiccode.yml"], search=["tool"]))
    assert names(pages) == ["a/tool-0", "a/tool-1", "a/tool-2"]
    assert web.asked.count("nodes") == 1


def test_a_renamed_owner_is_found_by_its_repositories_and_its_new_ones_come_too() -> None:
    github = GitHub(store(ministry=3))
    with simulated(github) as spider:
        pages, _ = crawl(spider("ministry", "other"))
        for number in range(3):
            github.store.change(f"ministry/tool-{number}", owner="department")
        github.store.put(Repo(owner="department", name="new", database_id=77))
        github.store.remove_owner("ministry")
        again, failed = crawl(spider("ministry", "other", known=pages))
    assert failed == []
    assert set(names(again)) == {f"department/{name}" for name in ("new", "tool-0", "tool-1", "tool-2")}
    assert ("owner-renamed", "ministry") in issues(again)


def test_a_name_that_another_repository_took_over_is_no_former_name_any_more() -> None:
    github = GitHub(store(a=1))
    with simulated(github) as spider:
        first, _ = crawl(spider("a"))
        github.store.change("a/tool-0", name="better-name")
        renamed, _ = crawl(spider("a", known=first))
        assert json.loads(only(renamed).payload)["formerly"] == ["a/tool-0"]
        github.store.put(Repo(owner="a", name="tool-0", database_id=9, created_at="2024-01-01T00:00:00Z"))
        pages, _ = crawl(spider("a", known=renamed))
    found = {raw.key: json.loads(raw.payload) for page in pages for raw in page.raw_items}
    assert found.keys() == {"github.com:1000", "github.com:9"}
    assert "formerly" not in found["github.com:1000"]


def test_a_private_repository_that_the_token_sees_is_absent() -> None:
    class Opened(Faulty):
        def answer(self, ask: Ask) -> Response:
            answer = super().answer(ask)
            body = bytes(answer.body).replace(b'"isPrivate":false', b'"isPrivate":true')
            return Response(body, media_type="application/json")

    github = GitHub(store(a=1))
    with simulated(github) as spider:
        pages, _ = crawl(spider("a"))
    with simulated(Opened(github)) as spider:
        again, _ = crawl(spider("a", known=pages))
    assert names(again) == []
    assert [key for page in again for key in page.gone] == ["github.com:1000"]


def test_files_are_taken_by_their_names_and_sizes() -> None:
    files = {
        "publiccode.yml": "name: Tool\n",
        ".publiccode.yml": "name: Hidden\n",
        "CITATION.cff": "title: Tool\n",
        "codemeta.json": "{}",
        "code.json": "x" * 300_000,
        "Readme.rst": "é" * 40_000,
        "README": "plain",
        "readme.fr.md": "non",
        "docs/publiccode.yml": "name: Part\n",
        "src/civic.json": "{}",
    }
    github = GitHub(GitHubStore.of([Repo(owner="a", name="tool", database_id=1, files=files)]))
    with simulated(github) as spider:
        pages, _ = crawl(spider("a", paths=["docs/publiccode.yml", "sub/publiccode.yml"]))
    kept = {file["path"]: file["text"] for file in json.loads(only(pages).payload)["files"]}
    assert list(kept) == [
        "publiccode.yml",
        ".publiccode.yml",
        "codemeta.json",
        "code.json",
        "CITATION.cff",
        "Readme.rst",
        "docs/publiccode.yml",
    ]
    assert kept["code.json"] is None
    assert kept["Readme.rst"] == "é" * 32_768
    assert kept["docs/publiccode.yml"] == "name: Part\n"


def test_a_source_whose_country_changed_gives_its_items_anew_without_asking_for_details() -> None:
    web = Faulty(GitHub(store(a=2)))
    with simulated(web) as spider:
        pages, _ = crawl(spider("a"))
        web.asked.clear()
        again, _ = crawl(spider("a", known=pages, country="IT"))
    assert web.asked == ["repositories"]
    assert {raw.context["country"] for page in again for raw in page.raw_items} == {"IT"}
