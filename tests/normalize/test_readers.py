"""Readers are found by the format that they are marked with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harvester.errors import InputError
from harvester.model import Outcome, RawItem
from harvester.normalize.readers import read, readers


def item(format: str, payload: bytes = b"{}") -> RawItem:
    return RawItem(key="k", format=format, payload=payload, url="https://x.example/", fetched_at=datetime.now(UTC))


def test_readers_are_found_by_format_and_name_themselves_with_their_version() -> None:
    found = readers()
    assert found["sill"].name == f"sill/{found['sill'].version}"
    assert {"github", "gitlab", "publiccode", "code-json", "html-link", "wikidata"} <= set(found)


@pytest.mark.parametrize("format", sorted(readers()))
def test_a_payload_of_nonsense_is_refused_or_skipped_by_every_reader(format: str) -> None:
    reading = read(item(format, b"\xff\x00[1"))
    assert reading.outcome in (Outcome.REFUSED, Outcome.SKIPPED)
    assert reading.issues or reading.reason


def test_a_format_without_a_reader_is_named_with_the_item_and_what_there_is() -> None:
    with pytest.raises(InputError, match=r"k: no reader of the format 'of-tomorrow'.*sill"):
        read(item("of-tomorrow"))
