"""GitHub harvested again and again while its repositories change: every change is found, and none that is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.responses import Response

from harvester.catalogue import Catalogue, schema
from harvester.config import Settings
from harvester.model import Judgement, Run, RunState, Source
from harvester.runs.execute import execute
from simulators.exchange import Ask
from simulators.github_store import GitHubStore, Owner, Repo, node_id
from simulators.server import ThreadedServer
from simulators.sim_github import GitHub
from simulators.web import create_app

NAMES = (
    "described", "tagged", "starred", "forked", "archived", "licensed", "released", "filed", "readme", "branched",
    "renamed", "transferred", "deleted", "withheld", "quiet", "silent", "fork", "mirror",
)  # fmt: skip
NUMBERS = {name: 100 + place for place, name in enumerate(NAMES)}
PUBLICCODE = "publiccodeYmlVersion: '0.4'\nname: {}\nurl: https://github.com/town/filed\n"
DAY = "2026-02-01T00:00:00Z"


def key(name: str) -> str:
    return f"github.com:{NUMBERS[name]}"


def town() -> GitHubStore:
    repos = [
        Repo(
            owner="town",
            name=name,
            database_id=number,
            description=f"What {name} does",
            created_at=f"2020-01-{number - 99:02d}T00:00:00Z",
            pushed_at="2026-01-01T00:00:00Z",
            primary_language="Python",
            languages={"Python": 10, "HTML": 1},
            topics=("open-data",),
            license=("MIT", "MIT License"),
            release=("v1", "2025-12-01T00:00:00Z"),
            files={
                "README.md": f"# {name}\n",
                **({"publiccode.yml": PUBLICCODE.format("Filed")} if number % 2 else {}),
            },
            fork=name == "fork",
            parent="elsewhere/origin" if name == "fork" else None,
            mirror="https://git.example/origin.git" if name == "mirror" else None,
        )
        for name, number in NUMBERS.items()
    ]
    return GitHubStore.of(repos, [Owner(login="town"), Owner(login="agency")])


@dataclass
class Web:
    """GitHub, which refuses to say anything of some node ids; it keeps how it was asked."""

    host: GitHub
    refused: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def answer(self, ask: Ask) -> Response:
        answer = self.host.answer(ask)
        if ask.path == "/graphql":
            question = json.loads(ask.body)
            self.asked.append(question["query"].split("(", 1)[0].removeprefix("query "))
            body = json.loads(bytes(answer.body))
            for error in body.get("errors", ()):
                if any(identifier in error["message"] for identifier in self.refused):
                    error |= {"type": "FORBIDDEN", "message": "Repository access blocked"}
            answer = Response(json.dumps(body), answer.status_code, media_type="application/json")
        return answer


@dataclass
class Told:
    """What one run left."""

    run: Run
    asked: list[str]
    moved: set[str]
    gone: set[str]
    payloads: dict[str, dict[str, Any]]
    identifiers: dict[str, set[str]]
    software: dict[str, str]


@dataclass
class Story:
    catalogue: Catalogue
    settings: Settings
    web: Web

    def harvest(self, number: int) -> Told:
        self.web.asked.clear()
        self.catalogue.runs.queue("gh", datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=number))
        run = self.catalogue.runs.claim("test", 600)
        assert run is not None
        ended = execute(self.catalogue, self.settings, run)
        assert (ended.state, ended.judgement, ended.reasons) == (RunState.FINISHED, Judgement.GOOD, ())
        raw, record, name, member = schema.raw_item, schema.record, schema.identifier, schema.membership
        with self.catalogue.database.read() as connection:
            rows = connection.execute(sa.select(raw.c.key, raw.c.changed_run, raw.c.gone_at)).all()
            names = connection.execute(
                sa.select(raw.c.key, name.c.scheme, name.c.value)
                .select_from(raw.join(record, record.c.raw_item == raw.c.id).join(name, name.c.record == record.c.id))
                .where(name.c.strong, record.c.active)
            ).all()
            members = connection.execute(
                sa.select(raw.c.key, member.c.software)
                .select_from(raw.join(record, record.c.raw_item == raw.c.id))
                .join(member, member.c.record == record.c.id)
            ).all()
        items = self.catalogue.harvest.known(run.id, [row.key for row in rows])
        identifiers: dict[str, set[str]] = {}
        for row in names:
            identifiers.setdefault(row.key, set()).add(f"{row.scheme}:{row.value}")
        return Told(
            run=ended,
            asked=list(self.web.asked),
            moved={row.key for row in rows if row.changed_run == run.id and row.gone_at is None},
            gone={row.key for row in rows if row.gone_at is not None},
            payloads={found: json.loads(item.payload) for found, item in items.items()},
            identifiers=identifiers,
            software=dict(map(tuple, members)),
        )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Told]]:
    """First; again without news; after every change at once; again; after one came back."""
    folder: Path = tmp_path_factory.mktemp("github")
    store = town()
    web = Web(GitHub(store))
    with ThreadedServer(create_app({"api.github.com": web})) as server:
        settings = Settings(data=folder, simulated_web=server.address, log_level="WARNING")
        catalogue = Catalogue.open(settings.database_url)
        params = {"api_url": "http://api.github.com", "owners": ["town"]}
        catalogue.sources.put(Source(name="gh", spider="github", title="GitHub", params=params, trusted=True), "test")
        story = Story(catalogue, settings, web)
        found = [story.harvest(1), story.harvest(2)]
        deleted = store.repo("town/deleted")
        assert deleted is not None
        change(store, web)
        found += [story.harvest(3), story.harvest(4)]
        store.put(deleted)
        found.append(story.harvest(5))
        yield found
        catalogue.close()


def change(store: GitHubStore, web: Web) -> None:
    store.change("town/described", description="Something else")
    store.change("town/tagged", topics=("open-data", "budget"))
    store.change("town/starred", stars=7)
    store.change("town/forked", forks=3)
    store.change("town/archived", archived=True)
    store.change("town/licensed", license=("EUPL-1.2", "European Union Public License 1.2"))
    store.change("town/released", release=("v2", "2026-02-01T00:00:00Z"))
    store.push("town/filed", {"publiccode.yml": PUBLICCODE.format("Filed anew")}, at=DAY)
    store.push("town/readme", {"README.md": None, "README.rst": "readme\n"}, at=DAY)
    store.change("town/branched", default_branch="trunk")
    store.change("town/renamed", name="a-new-name")
    store.change("town/transferred", owner="agency")
    withheld = store.repo("town/withheld")
    assert withheld is not None
    web.refused.add(node_id(withheld))
    store.remove("town/withheld")
    store.remove("town/deleted")


def texts(payload: dict[str, Any]) -> dict[str, str | None]:
    return {file["path"]: file["text"] for file in payload["files"]}


def test_the_first_harvest_has_every_repository_with_its_files(told: list[Told]) -> None:
    assert told[0].moved == set(map(key, NAMES))
    assert told[0].asked == ["repositories", "nodes", "files", "origins"]
    assert texts(told[0].payloads[key("filed")]) == {
        "publiccode.yml": PUBLICCODE.format("Filed"),
        "README.md": "# filed\n",
    }
    assert told[0].payloads[key("filed")]["languages"] == ["Python", "HTML"]


def test_a_harvest_without_news_asks_once_and_reports_nothing(told: list[Told]) -> None:
    assert told[1].moved == set()
    assert told[1].asked == ["repositories"]
    assert (told[1].run.counts.unchanged, told[1].run.counts.unseen) == (len(NAMES), 0)
    assert told[1].payloads == told[0].payloads


def test_every_change_is_found_and_none_that_is_none(told: list[Told]) -> None:
    unmoved = {"deleted", "withheld", "quiet", "silent", "fork", "mirror"}
    assert told[2].moved == {key(name) for name in NAMES if name not in unmoved}
    assert told[2].run.counts.changed == len(NAMES) - len(unmoved)
    assert told[3].moved == set()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("described", {"description": "Something else"}),
        ("tagged", {"topics": ["open-data", "budget"]}),
        ("starred", {"stargazerCount": 7}),
        ("forked", {"forkCount": 3}),
        ("archived", {"isArchived": True}),
        ("licensed", {"license": {"spdxId": "EUPL-1.2", "name": "European Union Public License 1.2"}}),
        ("released", {"latestRelease": {"tagName": "v2", "publishedAt": "2026-02-01T00:00:00Z"}}),
        ("branched", {"defaultBranch": "trunk"}),
        ("renamed", {"nameWithOwner": "town/a-new-name", "name": "a-new-name", "formerly": ["town/renamed"]}),
        ("transferred", {"nameWithOwner": "agency/transferred", "formerly": ["town/transferred"]}),
    ],
)
def test_a_change_without_a_commit_costs_no_details_and_leaves_the_rest(
    told: list[Told], name: str, fields: dict[str, Any]
) -> None:
    before, after = told[1].payloads[key(name)], told[2].payloads[key(name)]
    moved = {field for field in after if after[field] != before.get(field)}
    assert {field: after[field] for field in fields} == fields
    assert moved - set(fields) <= {"url", "owner"}
    assert texts(after) == texts(before)


def test_a_commit_is_read_by_its_blobs(told: list[Told]) -> None:
    filed, readme = (texts(told[2].payloads[key(name)]) for name in ("filed", "readme"))
    assert filed == {"publiccode.yml": PUBLICCODE.format("Filed anew"), "README.md": "# filed\n"}
    assert readme == {"README.rst": "readme\n"}
    # a sweep, what was pushed and its new texts, and what no listing showed
    assert told[2].asked == ["repositories", "nodes", "files", "nodes"]


@pytest.mark.parametrize(("name", "now"), [("renamed", "town/a-new-name"), ("transferred", "agency/transferred")])
def test_a_renamed_repository_keeps_its_identity_and_its_former_address(told: list[Told], name: str, now: str) -> None:
    assert told[2].identifiers[key(name)] == {
        f"forge:{key(name)}",
        f"repo:https://github.com/{now}",
        f"repo:https://github.com/town/{name}",
    }
    assert told[4].software[key(name)] == told[0].software[key(name)]


def test_a_deleted_repository_is_unknown_then_gone_and_comes_back(told: list[Told]) -> None:
    assert told[2].gone == set()
    assert told[2].run.counts.unseen == 2
    assert told[3].gone == {key("deleted")}
    assert told[4].gone == set()
    assert told[4].moved == {key("deleted")}
    assert told[4].software[key("deleted")] == told[0].software[key("deleted")]


def test_what_github_refuses_to_say_is_never_taken_for_gone(told: list[Told]) -> None:
    assert [each.run.counts.unseen for each in told] == [0, 0, 2, 1, 1]
    assert key("withheld") not in told[4].gone


def test_forks_and_mirrors_point_to_their_original(told: list[Told]) -> None:
    fork, mirror = told[0].payloads[key("fork")], told[0].payloads[key("mirror")]
    assert (fork["isFork"], fork["parent"]) == (True, {"url": "https://github.com/elsewhere/origin"})
    assert (mirror["isMirror"], mirror["mirrorUrl"]) == (True, "https://git.example/origin.git")
