"""The publiccode.yml in a raw item of any format, as it was published."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from harvester.model import RawItem
from harvester.normalize.publiccode_text import publiccode_of

TEXT = "name: Agorà\n"


def raw(format: str, payload: bytes) -> RawItem:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return RawItem(key="x", format=format, payload=payload, url="https://forge.example/x", fetched_at=when)


@pytest.mark.parametrize(
    ("format", "entry"),
    [
        ("developers-italia", {"publiccodeYml": TEXT}),
        ("github", {"publiccode": {"path": "publiccode.yml", "text": TEXT}}),
        ("gitlab", {"publiccode": {"path": "publiccode.yaml", "text": TEXT}}),
    ],
)
def test_the_file_is_found_in_every_format_that_carries_it(format: str, entry: dict[str, Any]) -> None:
    assert publiccode_of(raw(format, json.dumps(entry).encode())) == TEXT.encode()


def test_a_bare_file_is_given_back_byte_for_byte() -> None:
    assert publiccode_of(raw("publiccode", b"\xff\xfename")) == b"\xff\xfename"


@pytest.mark.parametrize(
    ("format", "payload"),
    [
        ("github", b'{"publiccode": null}'),
        ("github", b'{"publiccode": {"path": "publiccode.yml", "text": null}}'),
        ("gitlab", b"{}"),
        ("developers-italia", b"[1]"),
        ("developers-italia", b"not JSON"),
        ("developers-italia", b"[" * 100_000),
        ("html-link", b"name: Agora"),
    ],
)
def test_where_there_is_none_nothing_is_given(format: str, payload: bytes) -> None:
    assert publiccode_of(raw(format, payload)) is None
