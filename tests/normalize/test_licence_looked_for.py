"""Whether a repository holds a licence: only the forge that was asked, and looked into it, says that it has none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from harvester.model import RawItem
from harvester.normalize import forgejo, github, gitlab

_GITHUB = {"nameWithOwner": "town/ledger", "url": "https://github.com/town/ledger"}
_GITLAB = {"path_with_namespace": "town/ledger", "web_url": "https://gitlab.example.org/town/ledger"}
_FORGEJO = {"full_name": "town/ledger", "html_url": "https://forge.example.org/town/ledger"}


@pytest.mark.parametrize(
    ("reader", "payload", "told"),
    [
        (github, {**_GITHUB, "files": [], "license": None}, False),
        (github, {**_GITHUB, "files": [], "license": {"spdxId": "MIT", "name": "MIT License"}}, True),
        (github, {**_GITHUB, "files": [], "license": {"spdxId": "NOASSERTION", "name": "Other"}}, True),
        (github, {**_GITHUB, "license": None}, None),  # listed, but never looked into
        (gitlab, {**_GITLAB, "files": [], "license": None, "license_files": []}, False),
        (gitlab, {**_GITLAB, "files": [], "license": None, "license_files": ["COPYING"]}, True),
        (gitlab, {**_GITLAB, "files": []}, None),  # the source did not want to know
        (forgejo, {**_FORGEJO, "files": [], "licenses": []}, False),
        (forgejo, {**_FORGEJO, "files": [], "licenses": ["MIT"]}, True),
        (forgejo, {**_FORGEJO, "files": []}, None),  # an older forge does not tell
    ],
)
def test_a_repository_without_a_licence_is_one_that_was_looked_into(
    reader: Any, payload: dict[str, Any], told: bool | None
) -> None:
    raw = RawItem(
        key="x",
        format=reader.__name__.rpartition(".")[2],
        payload=json.dumps(payload).encode(),
        url="https://example.org/x",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    (record,) = reader.read(raw).records
    assert record.fields.has_license is told
