"""What is read of a GitLab project beside what every forge tells: its files, its release, its former addresses."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from harvester.model import Identifier, Outcome, RawItem, Reading
from harvester.normalize import gitlab

PROJECT = {
    "id": 31,
    "name": "Portal",
    "path_with_namespace": "Gov/Portal",
    "web_url": "https://gitlab.example/Gov/Portal",
    "files": [],
}
PUBLICCODE = "publiccodeYmlVersion: '0.4'\nname: Portal\n"


def read(**changes: Any) -> Reading:
    payload = json.dumps(PROJECT | changes).encode()
    url = "https://gitlab.example/Gov/Portal"
    return gitlab.read(RawItem(key="k", format="gitlab", payload=payload, url=url, fetched_at=datetime.now(UTC)))


def file(path: str, text: str | None) -> dict[str, Any]:
    return {"path": path, "oid": "a1", "text": text}


@pytest.mark.parametrize("path", ["publiccode.yml", "publiccode.yaml", ".publiccode.yml"])
def test_a_publiccode_among_the_files_is_read_under_each_of_its_names(path: str) -> None:
    reading = read(files=[file(path, PUBLICCODE), file("README.md", "# Portal")])
    assert reading.outcome is Outcome.READ
    assert reading.records[0].fields.has_publiccode is True
    assert any(record.fields.name == "Portal" for record in reading.records[1:])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"files": [file("README.md", "Hi")]}, False),
        ({"files": [file("publiccode.yml", None)]}, True),
        ({"files": None}, None),  # nobody may look
    ],
)
def test_whether_there_is_one_is_said_only_where_somebody_looked(changes: dict[str, Any], expected: Any) -> None:
    assert read(**changes).records[0].fields.has_publiccode is expected


def test_a_file_that_is_no_text_is_an_issue() -> None:
    reading = read(files=[file("publiccode.yml", None)])
    assert reading.outcome is Outcome.READ
    assert [issue.place for issue in reading.issues] == ["publiccode.yml"]


def test_former_addresses_are_aliases_after_the_present_one() -> None:
    reading = read(formerly=["Gov/Old", "state/portal"])
    assert reading.records[0].identifiers == (
        Identifier("forge", "gitlab.example:31"),
        Identifier("repo", "https://gitlab.example/gov/portal"),
        Identifier("repo", "https://gitlab.example/gov/old"),
        Identifier("repo", "https://gitlab.example/state/portal"),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"formerly": ["a"]},  # no project's path
        {"formerly": "gov/old"},
        {"formerly": [None, 7, ""]},
        {"formerly": ["gov/old"], "path_with_namespace": "gov/other"},  # the address is not that of the path
        {"formerly": ["gov/old"], "id": None},  # without a number nothing says that it is the same project
    ],
)
def test_what_is_no_former_address_is_no_alias(changes: dict[str, Any]) -> None:
    identifiers = read(**changes).records[0].identifiers
    assert [one.value for one in identifiers if one.scheme == "repo"] == ["https://gitlab.example/gov/portal"]


@pytest.mark.parametrize(
    ("release", "version", "day"),
    [
        ({"tag_name": "v2.1", "released_at": "2026-01-02T23:00:00Z"}, "v2.1", date(2026, 1, 2)),
        ({"tag_name": "", "released_at": "soon"}, None, None),
        (None, None, None),
        ("v2", None, None),
    ],
)
def test_the_latest_release_is_the_version(release: Any, version: str | None, day: date | None) -> None:
    fields = read(latest_release=release).records[0].fields
    assert (fields.software_version, fields.release_date) == (version, day)
