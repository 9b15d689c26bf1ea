"""What is stored of a forge's answer."""

from __future__ import annotations

from typing import Any

import pytest

from harvester.forges.github import payload as github_items
from harvester.forges.sweep import Before
from harvester.normalize.repository import Repository

ORGANISATION = {"__typename": "Organization", "login": "italia", "name": "Developers Italia", "location": "Roma"}


def repository(**more: Any) -> dict[str, Any]:
    return {"id": "R", "url": "https://github.com/italia/a", "nameWithOwner": "italia/a", "owner": ORGANISATION} | more


def entry(name: str, *, kind: str = "blob", mode: int = 0o100644) -> dict[str, Any]:
    return {"name": name, "oid": "0", "size": 9, "type": kind, "mode": mode}


def stored(**more: Any) -> dict[str, Any]:
    now = github_items.detailed(repository(**more), [], {})
    assert now is not None
    return dict(now.told)


def test_connections_become_plain_lists_in_their_order() -> None:
    item = stored(
        languages={"nodes": [{"name": "Ruby"}, None, {"name": "CSS"}]},
        repositoryTopics={"nodes": [{"topic": {"name": "open-data"}}]},
        primaryLanguage={"name": "Ruby"},
        licenseInfo={"spdxId": "AGPL-3.0", "name": "GNU AGPL"},
        defaultBranchRef={"name": "main", "target": {"oid": "c0ffee"}},
    )
    assert (item["languages"], item["topics"], item["primaryLanguage"]) == (["Ruby", "CSS"], ["open-data"], "Ruby")
    assert item["license"] == {"spdxId": "AGPL-3.0", "name": "GNU AGPL"}
    assert (item["defaultBranch"], item["headOid"]) == ("main", "c0ffee")


def test_what_is_absent_is_null_and_never_left_out() -> None:
    item = stored()
    assert item["description"] is None
    assert item["latestRelease"] is None
    assert (item["languages"], item["headOid"]) == (None, None)


def test_languages_that_nobody_counted_are_not_none_of_them() -> None:
    assert stored(languages=None)["languages"] is None
    assert stored(languages={"nodes": []})["languages"] == []


def test_a_folder_or_a_link_named_like_a_file_is_no_file() -> None:
    others = [
        entry("publiccode.yml", kind="tree"),
        entry("README.md", mode=0o120000),
        entry("code.json", kind="commit"),
    ]
    node = repository(tree={"entries": [*others, entry("publiccode.yaml")]})
    assert [file.path for file in github_items.wanted(node)] == ["publiccode.yaml"]


def test_large_files_are_not_asked_for() -> None:
    sizes = {"code.json": 256 * 1024, "README.md": 256 * 1024 + 1}
    node = repository(tree={"entries": [{**entry(name), "oid": name, "size": size} for name, size in sizes.items()]})
    assert set(github_items.not_asked(list(github_items.wanted(node)))) == {"README.md"}


BRANCH = {"name": "main", "target": {"oid": "1"}}
OTHER = {"name": "main", "target": {"oid": "2"}}


@pytest.mark.parametrize(
    ("now", "enough"),
    [
        ({"stargazerCount": 4}, True),
        ({"defaultBranchRef": {**BRANCH, "name": "trunk"}}, True),
        ({"pushedAt": "2026-01-01T00:00:00Z"}, True),
        ({"defaultBranchRef": OTHER}, False),
        ({"defaultBranchRef": None}, False),
        ({"primaryLanguage": {"name": "Rust"}}, False),
    ],
)
def test_details_are_asked_for_where_a_commit_may_have_changed_them(now: dict[str, Any], enough: bool) -> None:
    told = stored(defaultBranchRef=BRANCH, languages={"nodes": [{"name": "C"}]})
    before = Before(repository=Repository(told=told, held=()), current=True)
    again = github_items.again(github_items.sweep(repository(**{"defaultBranchRef": BRANCH} | now)), before)
    assert (again is not None) is enough
    assert again is None or again.told["languages"] == ["C"]


def test_what_was_not_asked_for_all_that_is_asked_now_is_asked_for_anew() -> None:
    before = Before(repository=Repository(told=stored(), held=()), current=False)
    assert github_items.again(github_items.sweep(repository()), before) is None


def test_a_persons_name_and_place_are_not_stored() -> None:
    person = {"__typename": "User", "login": "someone", "name": "Some One", "location": "Somewhere"}
    assert stored(owner=person)["owner"] == {"__typename": "User", "login": "someone"}
    assert stored()["owner"] == ORGANISATION
