"""What is stored of a forge's answer."""

from __future__ import annotations

from typing import Any

import pytest

from harvester.forges import github_items

ORGANISATION = {"__typename": "Organization", "login": "italia", "name": "Developers Italia", "location": "Roma"}
FILE = {"oid": "e2e4f", "byteSize": 5, "isBinary": False, "isTruncated": False, "text": "name: a\n"}


def repository(**more: Any) -> dict[str, Any]:
    return github_items.payload({"url": "https://github.com/italia/a", **more}, ORGANISATION)


def test_connections_become_plain_lists_in_their_order() -> None:
    item = repository(
        languages={"nodes": [{"name": "Ruby"}, None, {"name": "CSS"}]},
        repositoryTopics={"nodes": [{"topic": {"name": "open-data"}}]},
        primaryLanguage={"name": "Ruby"},
        licenseInfo={"spdxId": "AGPL-3.0", "name": "GNU AGPL"},
    )
    assert (item["languages"], item["topics"], item["primaryLanguage"]) == (["Ruby", "CSS"], ["open-data"], "Ruby")
    assert item["license"] == {"spdxId": "AGPL-3.0", "name": "GNU AGPL"}


def test_what_is_absent_is_null_and_never_left_out() -> None:
    item = repository()
    assert item["description"] is None
    assert item["latestRelease"] is None
    assert (item["languages"], item["publiccode"]) == ([], None)


def test_the_usual_name_of_publiccode_wins_over_the_other() -> None:
    other = FILE | {"oid": "0ther"}
    assert repository(publiccodeYml=FILE, publiccodeYaml=other)["publiccode"]["path"] == "publiccode.yml"
    assert repository(publiccodeYml=None, publiccodeYaml=other)["publiccode"] == {
        "path": "publiccode.yaml",
        "oid": "0ther",
        "text": "name: a\n",
    }


def test_a_folder_named_like_the_file_is_no_file() -> None:
    assert repository(publiccodeYml={}, publiccodeYaml=FILE)["publiccode"]["path"] == "publiccode.yaml"


@pytest.mark.parametrize("flaw", ["isBinary", "isTruncated"])
def test_half_a_file_is_not_taken_for_the_whole(flaw: str) -> None:
    assert repository(publiccodeYml=FILE | {flaw: True})["publiccode"]["text"] is None


def test_a_persons_name_and_place_are_not_stored() -> None:
    person = {"__typename": "User", "login": "someone", "name": "Some One", "location": "Somewhere"}
    assert github_items.payload({}, person)["owner"] == {"__typename": "User", "login": "someone"}
    assert repository()["owner"] == ORGANISATION
