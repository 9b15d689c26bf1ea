"""What is stored of a forge's answer."""

from __future__ import annotations

from typing import Any

import pytest

from harvester.forges.github import payload as github_items
from harvester.forges.github.queries import Wanted

ORGANISATION = {"__typename": "Organization", "login": "italia", "name": "Developers Italia", "location": "Roma"}


def repository(**more: Any) -> dict[str, Any]:
    return {"id": "R", "url": "https://github.com/italia/a", "nameWithOwner": "italia/a", "owner": ORGANISATION} | more


def entry(name: str, *, kind: str = "blob", mode: int = 0o100644) -> dict[str, Any]:
    return {"name": name, "oid": "0", "size": 9, "type": kind, "mode": mode}


def stored(**more: Any) -> dict[str, Any]:
    return github_items.payload(repository(**more), [], {})


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
    assert (item["languages"], item["files"], item["headOid"]) == ([], [], None)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["README.md", "README"], "README.md"),
        (["readme.txt", "README"], "readme.txt"),
        (["ReadMe"], "ReadMe"),
        (["README.fr.md", "READMEs", "README.md.bak"], None),
    ],
)
def test_one_readme_is_taken_whatever_its_name(names: list[str], chosen: str | None) -> None:
    node = repository(tree={"entries": [entry(name) for name in names]})
    assert [file.path for file in github_items.wanted(node)] == ([chosen] if chosen else [])


def test_a_folder_or_a_link_named_like_a_file_is_no_file() -> None:
    others = [
        entry("publiccode.yml", kind="tree"),
        entry("README.md", mode=0o120000),
        entry("code.json", kind="commit"),
    ]
    node = repository(tree={"entries": [*others, entry("publiccode.yaml")]})
    assert [file.path for file in github_items.wanted(node)] == ["publiccode.yaml"]


@pytest.mark.parametrize(
    ("path", "size", "large"),
    [
        ("code.json", 256 * 1024, False),
        ("code.json", 256 * 1024 + 1, True),
        ("README.md", 128 * 1024, False),
        ("README.md", 128 * 1024 + 1, True),
    ],
)
def test_large_files_are_not_asked_for(path: str, size: int, large: bool) -> None:
    assert github_items.too_large(Wanted("R", path, "0", size)) is large


def test_a_character_is_never_cut_in_two() -> None:
    text = "é" * 40_000 + "x"
    assert github_items.kept_text("README.md", "x" + text) == "x" + "é" * 32_767
    assert github_items.kept_text("code.json", text) == text


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
    before = stored(defaultBranchRef=BRANCH, languages={"nodes": [{"name": "C"}]})
    again = github_items.again(before, github_items.sweep(repository(**{"defaultBranchRef": BRANCH} | now)))
    assert (again is not None) is enough
    assert again is None or again["languages"] == ["C"]


def test_a_payload_of_an_earlier_form_is_asked_for_anew() -> None:
    earlier = {name: value for name, value in stored().items() if name != "files"}
    assert github_items.again(earlier, github_items.sweep(repository())) is None


def test_former_names_are_kept_in_their_order_and_the_present_one_is_none() -> None:
    first = stored()
    second = github_items.payload(repository(nameWithOwner="italia/b"), [], first)
    third = github_items.payload(repository(nameWithOwner="team/b"), [], second)
    back = github_items.payload(repository(nameWithOwner="italia/b"), [], third)
    assert "formerly" not in first
    assert second["formerly"] == ["italia/a"]
    assert third["formerly"] == ["italia/a", "italia/b"]
    assert back["formerly"] == ["italia/a", "team/b"]


def test_a_persons_name_and_place_are_not_stored() -> None:
    person = {"__typename": "User", "login": "someone", "name": "Some One", "location": "Somewhere"}
    assert stored(owner=person)["owner"] == {"__typename": "User", "login": "someone"}
    assert stored()["owner"] == ORGANISATION
