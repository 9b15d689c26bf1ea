"""CITATION.cff 1.0 to 1.2: what it says of the software, and of nobody."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from file_items import REPOSITORY, item

from harvester.assess.meaning import understood
from harvester.model import Basis, Identifier, Organisation, Outcome, Reading
from harvester.normalize import citation

FILE = """\
cff-version: 1.2.0
message: Please cite it.
title: Permits
abstract: Takes requests for building permits of citizens and answers them.
type: software
authors:
  - family-names: One
    given-names: Some
    orcid: https://orcid.org/0000-0000-0000-0000
    email: some@one.example
  - name: Town of Example
    website: https://town.example.org
    country: FR
  - name: Jane Roe
contact:
  - name: Office of Permits
    tel: 555 0100
keywords: [permits, forms]
license: EUPL-1.2
repository-code: https://github.com/Town/Permits
url: https://permits.example.org
version: 1.10
date-released: 2020-01-02
"""


def read(payload: str | bytes, **context: Any) -> Reading:
    return understood(citation.read(item(payload, "citation", **context)))


def test_a_file_is_read_whole_and_people_are_not() -> None:
    found = read(FILE, repository=REPOSITORY)
    (record,) = found.records
    fields = record.fields
    assert found.issues == ()
    assert record.identifiers == (Identifier("repo", "https://github.com/town/permits"),)
    assert (record.key, record.priority, fields.name) == ("CITATION.cff", 50, "Permits")
    assert fields.code_repository == "https://github.com/Town/Permits"
    assert fields.landing_url == "https://permits.example.org"
    assert (fields.license, fields.software_version) == ("EUPL-1.2", "1.10")
    assert fields.release_date == date(2020, 1, 2)
    assert fields.topics == ("permits", "forms")
    assert fields.organisations == (Organisation("Town of Example", "https://town.example.org", "FR", "local"),)
    assert list(fields.short_description) == ["en"]
    assert record.basis["short_description"] is Basis.DETECTED
    for personal in ("One", "Roe", "555", "one.example"):
        assert personal not in repr(found)


@pytest.mark.parametrize("version", ["1.0.3", "1.1.0", "1.2.0"])
def test_every_version_is_read(version: str) -> None:
    text = FILE.replace("1.2.0", version).replace("type: software\n", "")
    assert read(text).issues == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[MIT, Apache-2.0]", "MIT OR Apache-2.0"),  # the format says that one may choose
        ("[MIT, GPL]", None),
        ("[GPL-2.0-only, MIT AND ISC]", "GPL-2.0-only OR MIT AND ISC"),
        ("MIT License", "MIT"),
        ("GPL", None),
        ("{name: MIT}", "MIT"),
        ("7", None),
    ],
)
def test_a_licence_is_certain_or_none(written: str, expected: str | None) -> None:
    found = read(FILE.replace("license: EUPL-1.2", f"license: {written}"))
    assert found.records[0].fields.license == expected
    assert ("unknown-licence" in [issue.code for issue in found.issues]) is (expected is None)


def test_issues_have_their_line() -> None:
    text = FILE.replace("cff-version: 1.2.0", "cff-version: 3").replace("2020-01-02", "soon").replace("EUPL-1.2", "GPL")
    found = read(text + "title: Again\n", repository="https://github.com/other/fork")
    placed = {issue.code: (issue.line, issue.column) for issue in found.issues}
    lines = text.splitlines()
    assert placed["unknown-version"] == (1, 1)
    assert placed["unknown-licence"] == (lines.index("license: GPL") + 1, 1)
    assert placed["bad-date"] == (lines.index("date-released: soon") + 1, 1)
    assert placed["url-mismatch"] == (lines.index("repository-code: https://github.com/Town/Permits") + 1, 1)
    assert placed["duplicate-key"] == (len(lines) + 1, 1)
    assert found.records[0].suggests == (Identifier("repo", "https://github.com/town/permits"),)


def test_a_file_without_a_repository_keeps_its_site() -> None:
    (record,) = read(FILE.replace("repository-code: https://github.com/Town/Permits\n", "")).records
    assert (record.fields.code_repository, record.fields.landing_url) == (None, "https://permits.example.org")


def test_a_data_set_is_skipped() -> None:
    assert read(FILE.replace("type: software", "type: dataset")).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    "text", ["", "- a\n- b\n", "title: [", "title: &a [*a]\n", "cff-version: 1.2.0\n", "a: !!python/x y"]
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str) -> None:
    found = read(text)
    assert found.outcome is Outcome.REFUSED
    assert found.issues[0].line
    assert found.issues[0].remedy
