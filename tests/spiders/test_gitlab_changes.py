"""Harvests of a GitLab that changes between them, into a real catalogue: no change is missed, and none is invented."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response
from support.gitlab_harvest import HOST, Harvests, harvests
from support.runs import running

from harvester.model import Judgement, Run
from simulators.exchange import Ask, as_json
from simulators.gitlab_store import GitLabStore, Project, synthetic
from simulators.sim_gitlab import GitLab
from spiders.gitlab import GitLabSpider

OLD, NEW = "2026-01-01T08:00:00Z", "2026-02-01T08:00:00Z"
PUBLICCODE = "publiccodeYmlVersion: '0.4'\nname: Outil\n"
COUNT = 12


def tools() -> list[Project]:
    files = {"README.md": "Hi", "publiccode.yml": PUBLICCODE, "main.c": "1"}
    made = [
        Project(
            id=n,
            path=f"gov/unit-{n % 3}/tool-{n}",
            name=f"Tool {n}",
            active_at=OLD,
            created_at=OLD,
            files=files,
            languages={"C": 90.0, "CSS": 10.0},
            topics=("civic",),
            stars=n,
        )
        for n in range(1, COUNT + 1)
    ]
    made[1] = replace(made[1], forked_from="gov/unit-1/tool-1")
    made[2] = replace(made[2], files={}, empty=True)
    made[3] = replace(made[3], release=("v1", OLD))
    made[4] = replace(made[4], closed=True)
    return made


@pytest.fixture
def store() -> GitLabStore:
    return GitLabStore(tools())


@pytest.fixture(params=[200, 404], ids=["graphql", "rest"])
def lab(request: pytest.FixtureRequest, store: GitLabStore, tmp_path: Path) -> Iterator[Harvests]:
    """Harvests of an instance that serves GraphQL, and of one that does not."""
    with harvests(GitLab(HOST, store, limit=100_000, graphql=request.param), tmp_path) as lab:
        yield lab


def harvest(lab: Harvests, **params: Any) -> Run:
    run = lab.run(**({"groups": ["gov"]} | params))
    assert run.judgement is Judgement.GOOD, run.reasons
    return run


def test_a_second_harvest_of_the_same_finds_nothing_changed_and_asks_for_no_file(lab: Harvests) -> None:
    first = harvest(lab)
    assert (first.counts.new, first.counts.read, first.counts.skipped) == (COUNT, COUNT - 1, 1), "one is empty"
    lab.web.asked.clear()
    again = harvest(lab)
    assert (again.counts.unchanged, again.counts.changed, again.counts.new) == (COUNT, 0, 0)
    assert not [path for path in lab.web.asked if "/repository/" in path]
    assert len(lab.web.asked) <= 2


CHANGES: dict[str, tuple[int, dict[str, Any], Callable[[dict[str, Any]], Any], Any]] = {
    "description": (7, {"description": "New"}, lambda one: one["description"], "New"),
    "topics": (7, {"topics": ("civic", "maps")}, lambda one: one["topics"], ["civic", "maps"]),
    "stars": (7, {"stars": 99}, lambda one: one["star_count"], 99),
    "forks": (7, {"forks": 5}, lambda one: one["forks_count"], 5),
    "open issues": (7, {"issues": 3}, lambda one: one["open_issues_count"], 3),
    "archival": (7, {"archived": True}, lambda one: one["archived"], True),
    "rename": (7, {"path": "gov/unit-1/renamed"}, lambda one: one["formerly"], ["gov/unit-1/tool-7"]),
    "transfer": (7, {"path": "gov/unit-9/tool-7"}, lambda one: one["namespace"]["full_path"], "gov/unit-9"),
    "default branch": (7, {"default_branch": "trunk"}, lambda one: one["default_branch"], "trunk"),
    "file": (
        7,
        {"files": {"README.md": "Hi", "publiccode.yml": PUBLICCODE + "# new\n"}, "active_at": NEW},
        lambda one: one["files"][0]["text"],
        PUBLICCODE + "# new\n",
    ),
    "README renamed": (
        7,
        {"files": {"README.rst": "Hi", "publiccode.yml": PUBLICCODE}, "active_at": NEW},
        lambda one: [file["path"] for file in one["files"]],
        ["publiccode.yml", "README.rst"],
    ),
    "file deleted": (
        7,
        {"files": {"README.md": "Hi"}, "active_at": NEW},
        lambda one: [file["path"] for file in one["files"]],
        ["README.md"],
    ),
    "release": (
        7,
        {"release": ("v2", NEW), "active_at": NEW},
        lambda one: one["latest_release"],
        {"tag_name": "v2", "released_at": NEW},
    ),
    "languages": (7, {"languages": {"Rust": 100.0}, "active_at": NEW}, lambda one: one["languages"], ["Rust"]),
    "no fork any more": (2, {"forked_from": None}, lambda one: one["forked_from_project"], None),
    "first commit": (
        3,
        {"empty": False, "files": {"README": "Hi"}, "active_at": NEW},
        lambda one: one["files"][0]["text"],
        "Hi",
    ),
    "code opened": (5, {"closed": False}, lambda one: one["files"][0]["text"], PUBLICCODE),
}


def test_each_change_is_noticed_once_and_nothing_else(lab: Harvests, store: GitLabStore) -> None:
    def unaliased() -> dict[int, dict[str, Any]]:
        return {n: {key: value for key, value in one.items() if key != "formerly"} for n, one in lab.payloads().items()}

    harvest(lab)
    before = unaliased()
    for what, (number, changes, seen, expected) in CHANGES.items():
        original = store.get(str(number))
        assert original is not None
        store.change(number, **changes)
        run = harvest(lab)
        assert (run.counts.changed, run.counts.unchanged) == (1, COUNT - 1), what
        assert seen(lab.payloads()[number]) == expected, what
        assert {n for n, one in unaliased().items() if one != before[n]} == {number}, what
        store.put(original)
        assert harvest(lab).counts.changed == 1, what
        assert unaliased() == before, what


UNTIMED: dict[str, dict[str, Any]] = {
    "file": {"files": {"README.md": "Changed", "publiccode.yml": PUBLICCODE}},
    "release": {"release": ("v2", NEW)},
    "languages": {"languages": {"Rust": 100.0}},
}


@pytest.mark.parametrize("what", UNTIMED)
def test_graphql_notices_what_moves_no_timestamp(store: GitLabStore, tmp_path: Path, what: str) -> None:
    with harvests(GitLab(HOST, store, limit=100_000), tmp_path) as lab:
        harvest(lab)
        store.change(7, **UNTIMED[what])
        run = harvest(lab)
        assert (run.counts.changed, run.counts.unchanged) == (1, COUNT - 1)


def test_a_push_soon_after_the_last_activity_is_noticed_by_rest_too(store: GitLabStore, tmp_path: Path) -> None:
    """`last_activity_at` moves once an hour at the most: what was active when it was stored is looked into again."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    store.change(7, active_at=now)
    with harvests(GitLab(HOST, store, limit=100_000, graphql=404), tmp_path) as lab:
        harvest(lab)
        store.change(7, files={"README.md": "Pushed at once"})
        assert harvest(lab).counts.changed == 1
        assert lab.payloads()[7]["files"][0]["text"] == "Pushed at once"


def test_graphql_and_rest_tell_the_same_so_that_changing_over_reports_no_change(
    store: GitLabStore, tmp_path: Path
) -> None:
    store.put(Project(id=50, path="gov/forked", name="Forked", forked_from="elsewhere/x", mirror=True))
    store.put(Project(id=51, path="jane/own", name="Own", owned_by_user=True, files={"README": "Hi"}))
    params = {"whole_instance": True, "files": True, "licenses": True}
    with harvests(GitLab(HOST, store, limit=100_000), tmp_path) as lab:
        harvest(lab, **params)
        by_graphql = lab.payloads()
        assert "/api/graphql" in lab.web.asked
        lab.web.asked.clear()
        run = harvest(lab, **params, graphql=False)
        assert "/api/graphql" not in lab.web.asked
        assert (run.counts.changed, run.counts.unchanged) == (0, COUNT + 2)
        assert harvest(lab, **params).counts.changed == 0
    other = tmp_path / "other"
    other.mkdir()
    with harvests(GitLab(HOST, store, limit=100_000), other) as lab:
        harvest(lab, **params, graphql=False)
        assert lab.payloads() == by_graphql
        assert harvest(lab, **params).counts.changed == 0


def test_a_fork_follows_its_origin_through_a_rename(lab: Harvests, store: GitLabStore) -> None:
    harvest(lab)
    for number in (1, 2):  # the simulated store knows an origin by its path
        store.change(number, **({"path": "gov/unit-1/origin"} if number == 1 else {"forked_from": "gov/unit-1/origin"}))
    assert harvest(lab).counts.changed == 2
    assert lab.payloads()[2]["forked_from_project"]["path_with_namespace"] == "gov/unit-1/origin"
    assert harvest(lab).counts.changed == 0


def test_a_renamed_project_keeps_its_former_address_as_an_alias(lab: Harvests, store: GitLabStore) -> None:
    harvest(lab)
    store.change(7, path="gov/unit-1/second")
    harvest(lab)
    store.change(7, path="gov/unit-1/third")
    harvest(lab)
    assert lab.payloads()[7]["formerly"] == ["gov/unit-1/tool-7", "gov/unit-1/second"]
    store.change(7, path="gov/unit-1/tool-7")
    harvest(lab)
    assert lab.payloads()[7]["formerly"] == ["gov/unit-1/second", "gov/unit-1/third"]


def test_a_project_that_left_the_group_is_followed_by_its_number(lab: Harvests, store: GitLabStore) -> None:
    harvest(lab)
    store.change(7, path="elsewhere/tool-7", files={"README.md": "Moved"}, active_at=NEW)
    run = harvest(lab)
    assert (run.counts.changed, run.counts.unchanged, run.counts.gone) == (1, COUNT - 1, 0)
    moved = lab.payloads()[7]
    assert (moved["path_with_namespace"], moved["formerly"]) == ("elsewhere/tool-7", ["gov/unit-1/tool-7"])
    assert moved["files"][0]["text"] == "Moved"
    assert harvest(lab).counts.unchanged == COUNT


@pytest.mark.parametrize("how", ["deleted", "private"])
def test_an_absent_project_is_unknown_once_then_gone_and_may_come_back(
    lab: Harvests, store: GitLabStore, how: str
) -> None:
    harvest(lab)
    original = store.get("7")
    assert original is not None
    if how == "deleted":
        store.delete(7)
    else:
        store.change(7, private=True)
    first = harvest(lab)
    assert (first.counts.gone, first.counts.unseen) == (0, 1)
    assert 7 in lab.payloads()
    second = harvest(lab)
    assert second.counts.gone == 1
    assert 7 not in lab.payloads()
    store.put(original)
    back = harvest(lab)
    assert (back.counts.read, back.counts.skipped) == (COUNT - 1, 1)
    assert 7 in lab.payloads()


@pytest.mark.parametrize("status", [401, 403, 429, 451, 500, 502, 503, 200])
def test_a_forge_that_would_not_say_makes_nothing_gone(lab: Harvests, store: GitLabStore, status: int) -> None:
    """Whatever is not 404 or 410 for the project itself tells nothing of it; 200 here is a page that is no project."""
    harvest(lab)
    store.delete(7)

    def instead(ask: Ask) -> Response | None:
        if not ask.path.startswith("/api/v4/projects/7"):
            return None
        if status == 429:
            return PlainTextResponse("Retry later", 429, {"retry-after": "3600"})
        return as_json({"message": "no"}, status) if status != 200 else PlainTextResponse("<html>sign in</html>")

    lab.web.instead = instead
    for _ in range(2):  # two that say that it is absent make it gone
        run = lab.run(groups=["gov"])
        assert (run.counts.gone, run.counts.unseen) == (0, 1)
    assert 7 in lab.payloads()


def test_410_is_an_absence_like_404(lab: Harvests, store: GitLabStore) -> None:
    """GitLab documents no 410 for a project; a proxy in front of it may say so."""
    harvest(lab)
    store.delete(7)
    lab.web.instead = lambda ask: as_json({"message": "gone"}, 410) if ask.path == "/api/v4/projects/7" else None
    harvest(lab)
    assert harvest(lab).counts.gone == 1


def test_a_vanished_group_makes_no_project_gone_that_is_still_there(lab: Harvests, store: GitLabStore) -> None:
    harvest(lab)
    for project in list(store):
        store.change(project.id, path=project.path.replace("gov/", "state/"))
    run = lab.run(groups=["gov"])
    assert run.judgement is Judgement.FAILED
    assert (run.counts.gone, len(lab.payloads())) == (0, COUNT)


@pytest.mark.parametrize("graphql", [True, False], ids=["graphql", "rest"])
def test_what_a_harvest_will_cost_is_foreseen(tmp_path: Path, graphql: bool) -> None:
    """A run that is told beforehand what there is, and one that knows it all, against what they really sent."""
    store = synthetic(240, group="gov", publiccode_every=5)
    params = {"url": f"http://{HOST}", "groups": ("gov",), "graphql": graphql}
    with harvests(GitLab(HOST, store, limit=100_000), tmp_path) as lab:
        assert GitLabSpider.forecast(params, known=0, last=None) is None
        told = replace(harvest(lab, graphql=graphql), spent={})
        sent = len(lab.web.asked)
        first = GitLabSpider.forecast(params, known=0, last=told)
        assert first is not None
        assert abs(sum(first.values()) - sent) <= max(1, sent // 20)
        lab.web.asked.clear()
        for number in range(1000, 1005):  # 2 %
            store.change(number, files={"README.md": "New"}, active_at=NEW)
        assert harvest(lab, graphql=graphql).counts.changed == 5
        again = GitLabSpider.forecast(params, known=240, last=told)
        assert again is not None
        assert abs(sum(again.values()) - len(lab.web.asked)) <= 2
        assert set(again) == ({f"{HOST} graphql"} if graphql else {f"{HOST} rest /groups", f"{HOST} rest /projects"})


def test_an_instance_that_refused_graphql_is_foreseen_by_rest(tmp_path: Path) -> None:
    store = synthetic(20, group="gov")
    with harvests(GitLab(HOST, store, limit=100_000, graphql=404), tmp_path) as lab:
        run = harvest(lab)
    spent = {f"{HOST} graphql": 1, f"{HOST} rest /groups": 1, f"{HOST} rest /projects": 80}
    params = {"url": f"http://{HOST}", "groups": ("gov",)}
    foreseen = GitLabSpider.forecast(params, known=20, last=replace(run, spent=spent))
    assert foreseen is not None
    assert f"{HOST} graphql" not in foreseen


@pytest.mark.parametrize(("origins", "asked_alone"), [(True, 0), (False, 5)])
def test_forks_name_their_origin_and_older_instances_are_asked_for_each(
    origins: bool, asked_alone: int, tmp_path: Path
) -> None:
    tool = Project(id=1, path="gov/tool", name="Tool", files={"README.md": "Hi"})
    forks = [Project(id=n, path=f"town/tool-{n}", name="Tool", forked_from="gov/tool") for n in range(2, 7)]
    source = {"spider": "gitlab", "params": {"url": f"http://{HOST}", "groups": ["town"], "origins": 0}}
    with running({HOST: GitLab(HOST, [tool, *forks], origins=origins)}, tmp_path, source, resolves=False) as runs:
        runs.harvest()
        alone = [line for line in runs.log.lines if re.fullmatch(r"/api/v4/projects/\d+", line["path"])]
        assert len(alone) == asked_alone
        told = [one["forked_from_project"] for one in runs.stored().values()]
        runs.harvest()
        assert len(runs.log.lines) <= 2, "the listing, and whether origins moved"
    assert [one["path_with_namespace"] for one in told] == ["gov/tool"] * 5
    assert {one["web_url"] for one in told} == {f"https://{HOST}/gov/tool"}
