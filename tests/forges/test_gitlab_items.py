"""What is stored of a project of GitLab, whether REST or GraphQL told it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from harvester.forges.gitlab import items as gitlab_items
from harvester.forges.gitlab.items import Details, Listed
from harvester.forges.gitlab.payload import Alone, WantedParts, carried, compose, may_be_mirror, unmoved
from harvester.forges.sweep import Before, Now
from harvester.model import RawItem
from harvester.normalize.repository import File, Repository

SERVED: dict[str, Any] = {
    "id": 7,
    "name": "Tool",
    "path": "tool",
    "path_with_namespace": "g/tool",
    "name_with_namespace": "G / Tool",
    "default_branch": "main",
    "empty_repo": False,
    "visibility": "public",
    "last_activity_at": "2026-01-01T00:00:00.000Z",
}
FILES = WantedParts(files=True)


def project(**more: Any) -> Listed:
    return gitlab_items.from_rest(SERVED | more)


def inside(listed: Listed, **details: Any) -> Listed:
    return Listed(fields=listed.fields, forked=listed.forked, details=Details(**details))


def test_what_changes_by_itself_is_left_out() -> None:
    assert project(statistics={"commit_count": 9}, import_status="none", permissions={}) == project()


def test_what_somebody_changed_is_seen() -> None:
    assert project(description="new") != project()
    assert project(open_issues_count=4) != project()
    assert project(forks_count=2) != project()


def test_a_users_display_name_is_not_stored() -> None:
    person = {"id": 1, "kind": "user", "name": "Some One", "path": "someone", "full_path": "someone"}
    kept = project(namespace=person, owner={"name": "Some One"}, name_with_namespace="Some One / Tool")
    assert "Some One" not in str(kept)
    group = project(namespace={"id": 1, "kind": "group", "name": "Inria", "full_path": "inria"})
    assert group.fields["namespace"]["name"] == "Inria"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2019-09-10T10:28:09.946Z", "2019-09-10T10:28:09Z"),
        ("2019-09-10T12:28:09.946+02:00", "2019-09-10T10:28:09Z"),
        ("2019-09-10T10:28:09Z", "2019-09-10T10:28:09Z"),
        ("yesterday", "yesterday"),
        (None, None),
    ],
)
def test_times_are_utc_to_the_second(written: Any, expected: Any) -> None:
    assert project(created_at=written).fields["created_at"] == expected


def test_topics_of_old_releases_are_topics() -> None:
    assert project(tag_list=["a"]).fields["topics"] == ["a"]
    assert project(topics=["b"], tag_list=["b"]).fields["topics"] == ["b"]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, True),
        ({"default_branch": None}, False),
        ({"default_branch": None, "empty_repo": True}, False),
        ({"empty_repo": True}, False),
    ],
)
def test_files_are_asked_for_where_there_can_be_any(attributes: dict[str, Any], expected: bool) -> None:
    assert gitlab_items.may_hold_files(project(**attributes).fields) is expected


NEW = Before()


def kept(now: Now, *, fetched_at: datetime = datetime(2026, 2, 1, tzinfo=UTC), current: bool = True) -> Before:
    """What was stored of a project."""
    stored = Repository(told=now.told, held=now.held, asked="digest")
    raw = RawItem(key="k", format="gitlab", payload=stored.payload(), url="u", fetched_at=fetched_at)
    return Before(repository=stored, raw=raw, current=current)


def test_a_text_that_is_stored_is_not_missing() -> None:
    entries = {"README.md": "a1", "civic.json": "b1"}
    first = compose(inside(project(), entries=entries), NEW, wanted=FILES)
    assert (first.missing, first.whole) == (("civic.json", "README.md"), False)
    texts = {("README.md", "a1"): "Hi", ("civic.json", "b1"): "{}"}
    stored = compose(inside(project(), entries=entries, texts=texts), NEW, wanted=FILES)
    assert stored.whole
    assert compose(inside(project(), entries=entries), kept(stored.now), wanted=FILES).now == stored.now
    moved = inside(project(), entries={"README.md": "a2", "civic.json": "b1"})
    assert compose(moved, kept(stored.now), wanted=FILES).missing == ("README.md",)


def test_a_file_that_is_no_text_is_not_asked_for_twice() -> None:
    listed = inside(project(), entries={"README.md": "a1"}, texts={("README.md", "a1"): None})
    stored = compose(listed, NEW, wanted=FILES).now
    assert stored.held == (File(path="README.md", oid="a1", text=None),)
    assert compose(inside(project(), entries={"README.md": "a1"}), kept(stored), wanted=FILES).whole


def test_a_fork_that_graphql_shows_is_asked_for_its_origin_once() -> None:
    listed = Listed(fields=project().fields, forked=True, details=Details(entries={}))
    assert compose(listed, NEW, wanted=FILES).fork
    origin = {"id": 3, "path_with_namespace": "o/tool"}
    stored = compose(listed, NEW, wanted=FILES, alone=Alone(origin, None)).now
    again = compose(listed, kept(stored), wanted=FILES)
    assert (again.whole, again.now) == (True, stored)
    no_fork = Listed(fields=project().fields, forked=False, details=Details(entries={}))
    assert compose(no_fork, kept(stored), wanted=FILES).now.told["forked_from_project"] is None


def test_a_licence_is_asked_for_again_when_its_file_changed() -> None:
    wanted = WantedParts(files=True, license=True)
    listed = inside(project(), entries={"LICENSE": "a1"})
    assert compose(listed, NEW, wanted=wanted).alone
    stored = kept(compose(listed, NEW, wanted=wanted, alone=Alone(None, None, {"key": "mit"})).now)
    assert compose(listed, stored, wanted=wanted).whole
    assert compose(inside(project(), entries={"LICENSE": "a2"}), stored, wanted=wanted).alone


@pytest.mark.parametrize(
    ("text", "mirror", "expected"),
    [
        ('url: "https://github.com/town/tool.git"\n', None, True),
        ("name: x\nurl:   https://gitlab.example/g/tool\n", None, False),
        ("url: https://github.com/town/tool\n", True, False),
        ("url: soon\n", None, False),
        ("name: x\n", None, False),
    ],
)
def test_what_names_another_repository_is_asked_whether_it_mirrors_that_one(
    text: str, mirror: bool | None, expected: bool
) -> None:
    told = {"web_url": "https://gitlab.example/g/tool", "mirror": mirror}
    assert may_be_mirror(Now(told, (File.of("publiccode.yml", text),))) is expected
    assert not may_be_mirror(Now(told, (File.of("docs/publiccode.yml", text),)))


@pytest.mark.parametrize(
    ("changes", "minutes", "expected"),
    [
        ({}, 60 * 24, True),
        ({"star_count": 5}, 60 * 24, True),
        ({}, 30, False),  # a push soon after another one moves nothing
        ({"last_activity_at": "2026-01-02T00:00:00Z"}, 60 * 24, False),
        ({"default_branch": "trunk"}, 60 * 24, False),
    ],
)
def test_rest_looks_inside_where_somebody_may_have_pushed(
    changes: dict[str, Any], minutes: int, expected: bool
) -> None:
    fetched_at = datetime.fromtimestamp(datetime(2026, 1, 1, tzinfo=UTC).timestamp() + 60 * minutes, UTC)
    stored = kept(compose(inside(project(), entries={}), NEW, wanted=FILES).now, fetched_at=fetched_at)
    listed = project(**changes)
    assert unmoved(listed, stored, wanted=FILES) is expected
    if expected:
        assert carried(listed, stored, wanted=FILES).held == ()


def test_what_a_source_newly_wants_is_asked_for() -> None:
    stored = compose(project(), NEW, wanted=WantedParts()).now
    assert unmoved(project(), kept(stored), wanted=WantedParts())
    assert not unmoved(project(), kept(stored, current=False), wanted=WantedParts())
    for wanted in (FILES, WantedParts(languages=True), WantedParts(license=True)):
        assert not unmoved(project(), kept(stored), wanted=wanted)
