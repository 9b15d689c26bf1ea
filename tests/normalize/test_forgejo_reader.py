"""What a Forgejo repository's payload means."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from harvester.model import Basis, Identifier, Organisation, Outcome, RawItem, Reading
from harvester.normalize import forgejo
from harvester.normalize.canonical import canonical_json

REPOSITORY: dict[str, Any] = {
    "id": 45,
    "name": "permits",
    "full_name": "Town/permits",
    "html_url": "https://forge.example.org/Town/permits",
    "clone_url": "https://forge.example.org/Town/permits.git",
    "description": "An open data portal",
    "website": "https://permits.example.org",
    "created_at": "2015-01-02T03:04:05Z",
    "updated_at": "2020-01-02T05:04:05+02:00",
    "archived": False,
    "empty": False,
    "fork": False,
    "mirror": False,
    "original_url": "",
    "stars_count": 3,
    "topics": ["open-data"],
    "language": "Ruby",
    "languages": ["Ruby", "CSS"],
    "owner": {"id": 1, "login": "Town", "organisation": True, "full_name": "Town of Example", "location": "Italy"},
    "parent": None,
    "formerly": [],
    "files": [],
    "release": {"tag_name": "v1.10", "published_at": "2019-01-02T03:04:05Z"},
}


def read(context: dict[str, Any] | None = None, **changes: Any) -> Reading:
    raw = RawItem(
        key="forge.example.org:45",
        format="forgejo",
        payload=canonical_json({**REPOSITORY, **changes}),
        url="https://forge.example.org/Town/permits",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        context=context or {},
    )
    return forgejo.read(raw)


def test_a_repository_is_read_whole() -> None:
    (record,) = read().records
    fields = record.fields
    assert record.identifiers == (
        Identifier("forge", "forge.example.org:45"),
        Identifier("repo", "https://forge.example.org/Town/permits"),
        Identifier("repo", "https://forge.example.org/town/permits"),  # as others write it: no forge minds the case
    )
    assert (fields.name, fields.landing_url, fields.stars) == ("permits", "https://permits.example.org", 3)
    assert fields.programming_languages == ("Ruby", "CSS")
    assert (fields.software_version, fields.release_date) == ("v1.10", date(2019, 1, 2))
    assert fields.date_modified == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert fields.organisations == (Organisation("Town of Example", "https://forge.example.org/Town", "IT"),)
    assert (fields.countries, record.basis["countries"]) == (("IT",), Basis.INFERRED)
    assert (fields.has_publiccode, fields.license, fields.is_based_on) == (False, None, None)


def test_what_was_not_asked_for_is_unknown() -> None:
    bare = {name: value for name, value in REPOSITORY.items() if name not in ("files", "languages", "release")}
    raw = RawItem(
        key="x", format="forgejo", payload=canonical_json(bare), url="x", fetched_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    (record,) = forgejo.read(raw).records
    assert record.fields.has_publiccode is None
    assert record.fields.programming_languages == ("Ruby",)
    assert record.fields.software_version is None


def test_former_names_are_its_addresses_too() -> None:
    (record,) = read(formerly=["Village/permits", "Town/allowances"]).records
    assert [name.value for name in record.identifiers[3:]] == [
        "https://forge.example.org/Village/permits",
        "https://forge.example.org/Town/allowances",
    ]


def test_on_a_host_that_ignores_case_former_names_are_lower_case() -> None:
    (record,) = read(html_url="https://codeberg.org/Town/permits", formerly=["Village/Permits", "town/PERMITS"]).records
    assert [name.value for name in record.identifiers[1:]] == [
        "https://codeberg.org/town/permits",
        "https://codeberg.org/village/permits",
    ]


def test_a_person_is_no_organisation() -> None:
    person = {"id": 2, "login": "someone", "organisation": False}
    assert read(owner=person).records[0].fields.organisations == ()
    published = read({"publisher": "Town", "country": "BE"}, owner=person).records[0].fields
    assert published.organisations == (Organisation("Town", None, "BE"),)


def test_a_fork_is_based_on_its_parent_and_a_mirror_on_what_it_mirrors() -> None:
    parent = {"id": 1, "full_name": "state/permits", "html_url": "https://forge.example.org/state/permits"}
    (fork,) = read(fork=True, parent=parent).records
    assert (fork.fields.fork, fork.fields.is_based_on) == (True, parent["html_url"])
    (mirror,) = read(mirror=True, original_url="https://github.com/State/permits.git").records
    assert mirror.fields.is_based_on == "https://github.com/State/permits.git"
    assert mirror.suggests == (Identifier("repo", "https://github.com/state/permits"),)


def test_a_moved_repository_suggests_where_it_came_from_and_is_based_on_nothing() -> None:
    (record,) = read(original_url="https://gitlab.com/state/permits").records
    assert record.fields.is_based_on is None
    assert record.suggests == (Identifier("repo", "https://gitlab.com/state/permits"),)


@pytest.mark.parametrize(
    ("found", "license_id", "text"),
    [
        (["EUPL-1.2"], "EUPL-1.2", "EUPL-1.2"),
        (["MIT", "Apache-2.0"], None, "MIT, Apache-2.0"),
        (["Our own terms"], None, "Our own terms"),
        ([], None, None),
    ],
)
def test_of_several_licences_none_is_chosen(found: list[str], license_id: str | None, text: str | None) -> None:
    fields = read(licenses=found).records[0].fields
    assert (fields.license, fields.license_text) == (license_id, text)


def test_a_publiccode_yml_is_a_record_of_its_own() -> None:
    text = "publiccodeYmlVersion: '0.4'\nname: Permits of the town\nurl: https://forge.example.org/Town/permits\n"
    files = [{"path": "README.md", "oid": "a", "text": "x"}, {"path": "publiccode.yml", "oid": "b", "text": text}]
    reading = read(files=files)
    assert {record.key for record in reading.records} >= {"repository", "publiccode.yml"}
    assert reading.records[0].fields.has_publiccode is True


def test_an_empty_repository_is_skipped_and_one_without_an_address_refused() -> None:
    assert read(empty=True).outcome is Outcome.SKIPPED
    assert read(html_url=None, clone_url="").outcome is Outcome.REFUSED


def test_where_only_publiccode_yml_counts_others_are_skipped() -> None:
    assert read({"publiccode_only": True}).outcome is Outcome.SKIPPED
