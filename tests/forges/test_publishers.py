"""Files of publishers: the owners of one host, and an issue for what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harvester.forges.github.publishers import read


def found(text: str, **options: Any) -> tuple[list[str], list[str]]:
    """(logins, codes of issues) of a file, on github.com."""
    publishers = read(text.encode(), host="github.com", **options)
    return publishers.logins, [issue.code for issue in publishers.issues]


def test_groups_of_logins() -> None:
    text = "France: [etalab, dinum]\nItaly:\n- italia\n- Etalab\n"
    assert found(text) == (["etalab", "dinum", "italia"], [])
    assert found(text, groups=["Italy"]) == (["italia", "Etalab"], [])
    assert found(text, groups=["Italy", "Spain"])[1] == ["publishers-group"]


def test_forges_with_their_owners() -> None:
    text = (
        "https://github.com:\n  owners:\n    etalab: {}\n    old: {ignored_since: 2023-01-01}\n"
        "gitlab.com:\n  owners: {other: {}}\n"
        "https://www.github.com:\n  ignored_since: 2020-01-01\n  owners: {gone: {}}\n"
    )
    assert found(text) == (["etalab"], [])


def test_publishers_with_their_addresses() -> None:
    publishers = [
        {"codeHosting": [{"url": "https://github.com/rijk", "group": True}], "active": True},
        {"codeHosting": [{"url": "https://gitlab.com/rijk"}, {"url": "https://github.com/Stad/tool"}]},
        {"codeHosting": [{"url": "https://github.com/gone"}], "active": False},
        {"codeHosting": [{"url": 7}, {"url": "https://github.com/Rijk/"}]},
        {"name": "without"},
        "text",
    ]
    logins, issues = found(json.dumps({"data": publishers, "links": {"next": None}}))
    assert logins == ["rijk", "Stad"]
    assert issues == ["publishers-entry"] * 3


@pytest.mark.parametrize("text", ["a: [b", "[1, 2]", "", "just text", "a: b\x00"])
def test_what_is_no_file_of_publishers_is_said(text: str) -> None:
    logins, issues = found(text)
    assert logins == []
    assert issues in (["publishers-unreadable"], ["publishers-entry"])


def test_entries_that_are_no_logins_are_said_and_the_rest_is_used() -> None:
    publishers = read(b"France: [etalab, 'https://github.com/x', a b]\nItaly: 3\n", host="github.com")
    assert publishers.logins == ["etalab"]
    assert {issue.place for issue in publishers.issues} == {"Italy", "France[1]", "France[2]"}
    assert all(issue.remedy for issue in publishers.issues)


def test_a_file_full_of_errors_gives_a_bounded_list() -> None:
    publishers = read(("x: [" + ", ".join(["'a b'"] * 500) + "]").encode(), host="github.com")
    assert len(publishers.issues) == 21
    assert "480 more" in publishers.issues[-1].message
