"""The GitHub spider against a simulated GitHub that enforces the real one's limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.responses import PlainTextResponse, Response
from support import crawling

from demo.exchange import Ask, Host
from demo.github_store import GitHubStore, Owner, Repo, synthetic
from demo.server import ThreadedServer
from demo.sim_github import GitHub
from demo.web import create_app
from harvester.model import Outcome, Page, Source, Unit, UnitFailed
from harvester.net import Net
from spiders.github import GitHubSpider

API = "http://api.github.com"


class AllUnits:
    def open_units(self, first: Iterable[Unit]) -> Sequence[Unit]:
        return list(first)


class Faulty:
    """A GitHub that answers 502 to every query that `gives_up` on its variables."""

    def __init__(self, host: Host, gives_up: Callable[[dict[str, Any]], bool]) -> None:
        self.host, self.gives_up, self.asked = host, gives_up, 0

    def answer(self, ask: Ask) -> Response:
        self.asked += 1
        if self.gives_up(json.loads(ask.body)["variables"]):
            return PlainTextResponse("<html>bad gateway</html>", 502)
        return self.host.answer(ask)


@contextmanager
def simulated(host: Host) -> Iterator[Callable[..., GitHubSpider]]:
    """Spiders whose network is a web of this one host."""
    with ThreadedServer(create_app({"api.github.com": host})) as server:

        def spider(*owners: str, **params: Any) -> GitHubSpider:
            source = Source(
                name="gh", spider="github", title="GitHub", params={"owners": list(owners), "api_url": API, **params}
            )
            net = Net("CivicHarvester/test", simulated_web=server.address)
            return GitHubSpider(source=source, frontier=AllUnits(), net=net)

        yield spider


def crawl(spider: GitHubSpider) -> tuple[list[Page], list[UnitFailed]]:
    crawled = crawling.crawl(spider)
    return crawled.pages, crawled.failed


def names(pages: Iterable[Page]) -> list[str]:
    return sorted(json.loads(raw.payload)["nameWithOwner"] for page in pages for raw in page.raw_items)


def store(**repositories: int) -> GitHubStore:
    """So many repositories of each owner."""
    return GitHubStore.of(
        Repo(owner=login, name=f"tool-{n}", database_id=1000 * position + n, created_at=f"2020-01-01T00:{n:02d}:00Z")
        for position, (login, count) in enumerate(repositories.items(), 1)
        for n in range(count)
    )


def test_a_thousand_repositories_of_one_owner_take_31_requests() -> None:
    web = Faulty(GitHub(synthetic(1000)), lambda _: False)
    with simulated(web) as spider:
        crawled = crawling.crawl(spider("org-0"))
    pages = crawled.pages
    assert crawled.failed == []
    assert web.asked == 31
    assert len(set(names(pages))) == 1000
    assert pages[-1].total == 1000
    assert [issue for page in pages for issue in page.issues] == []
    assert crawled.stats["github/points"] == 31


def test_small_owners_share_a_query_and_large_ones_go_on_together() -> None:
    owners = {f"small{n}": 2 for n in range(8)} | {"large": 70, "larger": 80}
    web = Faulty(GitHub(store(**owners)), lambda _: False)
    with simulated(web) as spider:
        pages, _ = crawl(spider(*owners))
    assert len(names(pages)) == len(set(names(pages))) == 166
    assert web.asked == 3


@pytest.mark.parametrize("with_error", [True, False])
def test_an_owner_that_nobody_has_is_an_issue_and_the_others_are_harvested(with_error: bool) -> None:
    with simulated(GitHub(store(italia=2, etalab=3), absent_owner_is_error=with_error)) as spider:
        pages, failed = crawl(spider("italia", "nobody-at-all", "etalab"))
    assert failed == []
    assert len(names(pages)) == 5
    assert [(issue.code, issue.place) for page in pages for issue in page.issues] == [
        ("owner-missing", "nobody-at-all")
    ]


def test_a_query_that_is_too_much_is_asked_in_halves_until_it_is_not() -> None:
    def heavy(variables: dict[str, Any]) -> bool:
        owners = sum(name.startswith("login") for name in variables)
        return owners > 2 or variables["first"] > 8 * (3 - owners)

    web = Faulty(GitHub(store(a=40, b=1, c=20, d=0, e=3)), heavy)
    with simulated(web) as spider:
        pages, failed = crawl(spider("a", "b", "c", "d", "e"))
    assert failed == []
    assert len(names(pages)) == len(set(names(pages))) == 64
    assert web.asked < 40


def test_a_github_that_is_down_is_asked_few_times_and_every_owner_stays_open() -> None:
    owners = [f"owner{n}" for n in range(300)]
    web = Faulty(GitHub(store()), lambda _: True)
    with simulated(web) as spider:
        pages, failed = crawl(spider(*owners))
    assert web.asked <= 50
    assert names(pages) == []
    assert not any(each.final for each in failed)
    still_open = {listing["login"] for each in failed for listing in each.unit.data["listings"]}
    assert still_open == set(owners)


def test_a_spent_budget_leaves_the_rest_for_later() -> None:
    with simulated(GitHub(store(a=200, b=1), limit=3)) as spider:
        pages, failed = crawl(spider("a", "b", owners_per_query=1))
    assert len(pages) == 3
    assert failed
    assert all(each.capped and not each.final for each in failed)


def test_units_are_named_alike_in_every_run_and_survive_being_stored_as_json() -> None:
    owners = [f"owner{n}" for n in range(25)]
    with simulated(GitHub(store(**dict.fromkeys(owners, 40)))) as spider:
        first, again = spider(*owners), spider(*owners)
        assert list(first.first_units()) == list(again.first_units())
        pages, _ = crawl(first)
        keys = [page.unit.key for page in pages]
        assert len(keys) == len(set(keys)) == 6
        following = next(page.next_units[0] for page in pages if page.next_units)
        restored = Unit(following.key, json.loads(json.dumps(following.data)))
        assert names([again.ask(restored)]) == names([next(page for page in pages if page.unit.key == following.key)])


def test_an_owner_named_twice_is_asked_once() -> None:
    with simulated(GitHub(store(italia=2))) as spider:
        pages, _ = crawl(spider("italia", "Italia"))
    assert len(names(pages)) == 2


def test_the_same_repository_gives_the_same_bytes_in_the_next_run() -> None:
    github = GitHub(synthetic(40))
    with simulated(github) as spider:
        once, twice = ([(r.key, r.payload) for p in crawl(spider("org-0"))[0] for r in p.raw_items] for _ in range(2))
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
        ((page,), _) = crawl(spider("italia", country="IT", publisher="Developers Italia"))
    (raw,) = page.raw_items
    payload = json.loads(raw.payload)
    assert (raw.key, raw.format, raw.url) == ("github.com:77", "github", "https://github.com/italia/tool")
    assert raw.context == {"country": "IT", "publisher": "Developers Italia"}
    assert payload["publiccode"]["text"] == text
    assert payload["topics"] == ["open-data"]
    assert payload["owner"] == {"__typename": "Organization", "login": "italia", "name": "Developers Italia"}


@pytest.mark.parametrize("placeholders", [(), ("databaseId",)])
def test_without_a_meaningful_number_the_address_is_the_key(placeholders: tuple[str, ...]) -> None:
    repo = Repo(owner="Italia", name="Tool", database_id=77 if placeholders else None)
    with simulated(GitHub(GitHubStore.of([repo]))) as spider:
        ((page,), _) = crawl(spider("italia", placeholders=placeholders))
    assert [raw.key for raw in page.raw_items] == ["https://github.com/italia/tool"]
    assert page.raw_items[0].context == ({"placeholders": ["databaseId"]} if placeholders else {})


def test_what_was_fetched_can_be_read() -> None:
    with simulated(GitHub(synthetic(33))) as spider:
        ((page,), _) = crawl(spider("org-0"))
    readings = [GitHubSpider.read(raw) for raw in page.raw_items]
    assert {reading.outcome for reading in readings} == {Outcome.READ}
    assert sorted({record.key for reading in readings for record in reading.records}) == [
        "publiccode.yml",
        "repository",
    ]


def test_the_token_goes_to_github_alone_and_never_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARVESTER_GITHUB_TOKEN", "s3cret-token")
    sent = {}
    for api_url in ("https://api.github.com", "http://api.github.com", "https://ghe.example/api/v3"):
        source = Source(name="gh", spider="github", title="", params={"owners": ["italia"], "api_url": api_url})
        spider = GitHubSpider(source=source, frontier=AllUnits(), net=Net("CivicHarvester/test"))
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
    ],
)
def test_parameters_that_cannot_work_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GitHubSpider.Params.model_validate(params)
