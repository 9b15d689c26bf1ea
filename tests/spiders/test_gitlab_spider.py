"""The GitLab spider against a simulated GitLab."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.responses import PlainTextResponse, Response
from support import crawling

from demo.exchange import Ask, Host, as_json
from demo.gitlab_store import Project
from demo.server import ThreadedServer
from demo.sim_gitlab import GitLab
from demo.web import create_app
from harvester.model import Outcome, Page, Source, Unit, UnitFailed
from harvester.net import Net
from spiders.gitlab import GitLabSpider

HOST = "gitlab.example"
PUBLICCODE = "publiccodeYmlVersion: '0.4'\nname: Outil démocratique\n"


class AllUnits:
    def open_units(self, first: Iterable[Unit]) -> Sequence[Unit]:
        return list(first)


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


def test_a_whole_instance_costs_a_request_for_a_hundred_projects() -> None:
    web = Counting(GitLab(HOST, projects(250)))
    with simulated(web) as spider:
        pages, failed = crawl(spider(whole_instance=True))
    assert failed == []
    assert web.paths == ["/api/v4/projects"] * 3
    assert sorted(raw.key for page in pages for raw in page.raw_items) == sorted(f"{HOST}:{n}" for n in range(1, 251))


def test_a_group_comes_with_its_subgroups_and_their_files() -> None:
    tools = [
        *projects(1, "inria"),
        *projects(1, "inria/deep/er", begin=2, files={"publiccode.yml": PUBLICCODE}),
        *projects(1, "other", begin=3),
    ]
    with simulated(GitLab(HOST, tools)) as spider:
        pages, failed = crawl(spider(groups=["inria"], country="FR", publisher="Inria"))
    assert failed == []
    found = {item["path_with_namespace"]: item["publiccode"] for item in payloads(pages)}
    assert found == {
        "inria/tool-1": None,
        "inria/deep/er/tool-2": {"path": "publiccode.yml", "text": PUBLICCODE},
    }
    assert pages[0].raw_items[0].context == {"host": HOST, "country": "FR", "publisher": "Inria"}
    assert pages[0].total == 2


def test_a_subgroup_can_be_named_by_its_path() -> None:
    with simulated(GitLab(HOST, projects(2, "inria/deep"))) as spider:
        pages, _ = crawl(spider(groups=["inria/deep"], files=False))
    assert len(payloads(pages)) == 2


def test_a_users_projects_are_listed() -> None:
    with simulated(GitLab(HOST, projects(3, "someone", owned_by_user=True))) as spider:
        pages, _ = crawl(spider(users=["someone"], files=False))
    assert {item["namespace"]["kind"] for item in payloads(pages)} == {"user"}
    assert len(payloads(pages)) == 3


def test_every_page_of_a_large_group_is_followed_once() -> None:
    web = Counting(GitLab(HOST, projects(45)))
    with simulated(web) as spider:
        pages, _ = crawl(spider(groups=["inria"]))
    keys = [page.unit.key for page in pages]
    assert len(keys) == len(set(keys)) == 3
    assert len({item["id"] for item in payloads(pages)}) == 45
    assert len(web.paths) == 3 + 45


def test_languages_and_licences_come_when_they_are_wanted() -> None:
    tools = projects(1, languages={"CSS": 20.0, "Python": 80.0}, license=("agpl-3.0", "GNU AGPL"))
    with simulated(GitLab(HOST, tools)) as spider:
        plain, _ = crawl(spider(groups=["inria"], files=False))
        rich, _ = crawl(spider(groups=["inria"], files=False, languages=True, licenses=True))
    assert payloads(plain)[0]["languages"] is None
    assert payloads(rich)[0]["languages"] == ["Python", "CSS"]
    assert payloads(rich)[0]["license"]["key"] == "agpl-3.0"


def test_a_group_that_is_not_there_fails_for_good_and_the_others_are_harvested() -> None:
    with simulated(GitLab(HOST, projects(2))) as spider:
        pages, failed = crawl(spider(groups=["nobody", "inria"], files=False))
    assert len(payloads(pages)) == 2
    ((status, final),) = [(each.status, each.final) for each in failed]
    assert (status, final) == (404, True)


def test_a_closed_or_huge_file_is_an_issue_and_a_broken_instance_stops_the_unit() -> None:
    refusals = {"/api/v4/projects/1/": 403}

    def instead(ask: Ask) -> Response | None:
        if ask.path.startswith("/api/v4/projects/2/"):
            return PlainTextResponse("x" * 5_000_000)
        status = next((refusals[start] for start in refusals if ask.path.startswith(start)), None)
        return as_json({"message": "no"}, status) if status else None

    with simulated(Counting(GitLab(HOST, projects(2)), instead)) as spider:
        pages, failed = crawl(spider(groups=["inria"]))
        assert failed == []
        assert [issue.code for page in pages for issue in page.issues] == ["publiccode-unreadable"] * 2
        assert len(payloads(pages)) == 2
        refusals["/api/v4/projects/1/"] = 500
        pages, failed = crawl(spider(groups=["inria"]))
        assert pages == []
        assert [(each.status, each.final) for each in failed] == [(500, False)]


def test_a_listing_that_ends_early_says_so() -> None:
    def instead(_: Ask) -> Response | None:
        return as_json([{"id": 1, "path_with_namespace": "inria/a"}], headers={"X-Total": "9"})

    with simulated(Counting(GitLab(HOST, []), instead)) as spider:
        pages, _ = crawl(spider(groups=["inria"], files=False))
    (issue,) = pages[0].issues
    assert issue.code == "short-listing"
    assert "1 of 9" in issue.message


def test_a_spent_budget_leaves_the_rest_for_later() -> None:
    with simulated(GitLab(HOST, projects(250), limit=2)) as spider:
        pages, failed = crawl(spider(whole_instance=True))
    assert len(payloads(pages)) == 200
    assert [(each.capped, each.final) for each in failed] == [(True, False)]


def test_units_are_named_alike_in_every_run_and_survive_being_stored_as_json() -> None:
    with simulated(GitLab(HOST, projects(45))) as spider:
        first, again = spider(groups=["inria", "x"], users=["y"]), spider(groups=["inria", "x"], users=["y"])
        units = list(first.first_units())
        assert units == list(again.first_units())
        assert len({unit.key for unit in units}) == 3
        following = first.ask(units[0]).next_units[0]
        restored = Unit(following.key, json.loads(json.dumps(following.data)))
        assert len(again.ask(restored).raw_items) == 20


def test_the_same_project_gives_the_same_bytes_in_the_next_run_whatever_is_counted() -> None:
    def bytes_of(**counted: Any) -> list[bytes]:
        with simulated(GitLab(HOST, projects(3, **counted))) as spider:
            return [raw.payload for page in crawl(spider(groups=["inria"], files=False))[0] for raw in page.raw_items]

    assert bytes_of() == bytes_of(issues=7, forks=3)
    assert bytes_of() != bytes_of(archived=True)


def test_without_a_meaningful_number_the_address_is_the_key() -> None:
    with simulated(GitLab(HOST, projects(1, files={"publiccode.yml": PUBLICCODE}))) as spider:
        pages, _ = crawl(spider(whole_instance=True, files=True, placeholders=["star_count", "id"]))
    (raw,) = pages[0].raw_items
    assert raw.key == f"https://{HOST}/inria/tool-1"
    assert raw.context["placeholders"] == ["id", "star_count"]
    assert payloads(pages)[0]["publiccode"]["text"] == PUBLICCODE


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
    readings = [GitLabSpider.read(raw) for page in pages for raw in page.raw_items]
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
        spider = GitLabSpider(source=source, frontier=AllUnits(), net=Net("CivicHarvester/test"))
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
