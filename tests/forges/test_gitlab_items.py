"""What is stored of a project of GitLab, whether REST or GraphQL told it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from harvester.forges.gitlab import files as gitlab_files
from harvester.forges.gitlab import items as gitlab_items
from harvester.forges.gitlab.items import Details, Listed
from harvester.forges.gitlab.payload import Alone, Wanted, carried, compose, unmoved

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
FILES = Wanted(files=True)


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


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("a.py", "LICENSE"), ()),
        (("README.md", "publiccode.yml", "codemeta.json"), ("publiccode.yml", "codemeta.json", "README.md")),
        ((".publiccode.yml", "publiccode.yaml"), ("publiccode.yaml", ".publiccode.yml")),
        (("PublicCode.yml", "citation.cff"), ()),  # their names are fixed
        (("README.txt", "readme.rst", "README"), ("readme.rst",)),
        (("Readme.fr.md",), ("Readme.fr.md",)),
        (("readme_old",), ("readme_old",)),
        (("readmeish.md", "notreadme.md"), ()),
    ],
)
def test_of_a_root_the_metadata_and_one_readme_are_read(names: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert gitlab_files.paths(names) == expected


@pytest.mark.parametrize(
    ("path", "size", "kept"),
    [
        ("publiccode.yml", 256 * 1024, 256 * 1024),
        ("publiccode.yml", 256 * 1024 + 1, None),
        ("README.md", 64 * 1024, 64 * 1024),
        ("README.md", 64 * 1024 + 1, 64 * 1024),
        ("README.md", 128 * 1024, 64 * 1024),
        ("README.md", 128 * 1024 + 1, None),
    ],
)
def test_long_files_are_cut_or_known_by_their_id_alone(path: str, size: int, kept: int | None) -> None:
    text = gitlab_files.kept_text(path, "x" * size)
    assert (None if text is None else len(text)) == kept


def test_a_readme_is_never_cut_inside_a_character() -> None:
    text = gitlab_files.kept_text("README.md", "x" + "é" * 40_000)
    assert text is not None
    assert text == "x" + "é" * 32_767


def test_a_text_that_is_stored_is_not_missing() -> None:
    listed = inside(project(), entries={"README.md": "a1", "civic.json": "b1"})
    first = compose(listed, None, wanted=FILES)
    assert (first.missing, first.whole) == (("civic.json", "README.md"), False)
    texts = {("README.md", "a1"): "Hi", ("civic.json", "b1"): "{}"}
    stored = compose(inside(project(), entries=listed.details.entries, texts=texts), None, wanted=FILES)  # type: ignore[union-attr]
    assert stored.whole
    assert compose(listed, stored.payload, wanted=FILES).payload == stored.payload
    moved = inside(project(), entries={"README.md": "a2", "civic.json": "b1"})
    assert compose(moved, stored.payload, wanted=FILES).missing == ("README.md",)


def test_a_file_that_is_no_text_is_not_asked_for_twice() -> None:
    listed = inside(project(), entries={"README.md": "a1"}, texts={("README.md", "a1"): None})
    stored = compose(listed, None, wanted=FILES).payload
    assert stored["files"] == [{"path": "README.md", "oid": "a1", "text": None}]
    assert compose(inside(project(), entries={"README.md": "a1"}), stored, wanted=FILES).whole


def test_a_fork_that_graphql_shows_is_asked_for_its_origin_once() -> None:
    listed = Listed(fields=project().fields, forked=True, details=Details(entries={}))
    assert compose(listed, None, wanted=FILES).alone
    origin = {"id": 3, "path_with_namespace": "o/tool"}
    stored = compose(listed, None, wanted=FILES, alone=Alone(origin, None)).payload
    again = compose(listed, stored, wanted=FILES)
    assert (again.whole, again.payload) == (True, stored)
    no_fork = Listed(fields=project().fields, forked=False, details=Details(entries={}))
    assert compose(no_fork, stored, wanted=FILES).payload["forked_from_project"] is None


def test_a_licence_is_asked_for_again_when_its_file_changed() -> None:
    wanted = Wanted(files=True, license=True)
    listed = inside(project(), entries={"LICENSE": "a1"})
    assert compose(listed, None, wanted=wanted).alone
    stored = compose(listed, None, wanted=wanted, alone=Alone(None, None, {"key": "mit"})).payload
    assert compose(listed, stored, wanted=wanted).whole
    assert compose(inside(project(), entries={"LICENSE": "a2"}), stored, wanted=wanted).alone


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
    stored = compose(inside(project(), entries={}), None, wanted=FILES).payload
    fetched_at = datetime.fromtimestamp(datetime(2026, 1, 1, tzinfo=UTC).timestamp() + 60 * minutes, UTC)
    listed = project(**changes)
    assert unmoved(listed, stored, fetched_at=fetched_at, wanted=FILES) is expected
    if expected:
        assert carried(listed, stored, wanted=FILES)["files"] == []


def test_what_a_source_newly_wants_is_asked_for() -> None:
    fetched_at = datetime(2026, 2, 1, tzinfo=UTC)
    stored = compose(project(), None, wanted=Wanted()).payload
    assert unmoved(project(), stored, fetched_at=fetched_at, wanted=Wanted())
    for wanted in (FILES, Wanted(languages=True), Wanted(license=True)):
        assert not unmoved(project(), stored, fetched_at=fetched_at, wanted=wanted)
