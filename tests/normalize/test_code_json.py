"""code.json: inventories taken apart, and what a release or a project's own file says."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from file_items import REPOSITORY, item

from harvester.assess.meaning import understood
from harvester.model import Basis, Identifier, Organisation, Outcome, Reading, Severity
from harvester.normalize import code_json
from harvester.normalize.canonical import canonical_json

URL = "https://agency.example/code.json"
RELEASE: dict[str, Any] = {
    "name": "Permit desk",
    "repositoryURL": "git://github.com/Town/Permits.git",
    "description": "Answers requests for building permits of citizens",
    "permissions": {"licenses": [{"name": "GPL-3.0", "URL": REPOSITORY + "/LICENSE"}], "usageType": "openSource"},
    "tags": ["permits", "", "\u200b"],
    "languages": ["Ruby"],
    "contact": {"email": "someone@agency.example", "name": "Some One", "phone": "555 0100"},
    "organization": "Office of Permits",
    "status": "Production",
    "version": "2.1",
    "homepageURL": "https://permits.example.org",
    "date": {"created": "2015-1-2", "lastModified": "2020-01-02T03:04:05Z"},
    "laborHours": 12,
}
PROJECT: dict[str, Any] = {
    "name": "permits",
    "version": "",
    "description": "Building permits",
    "longDescription": "It takes requests for building permits and answers them.",
    "status": "Beta",
    "permissions": {"licenses": [{"name": "CC0-1.0", "URL": ""}], "usageType": ["openSource"]},
    "organization": "Centers for Example",
    "repositoryURL": REPOSITORY,
    "projectURL": "https://permits.example.org",
    "platforms": ["web"],
    "categories": ["digital-citizenship", "case-management"],
    "softwareType": "standalone/web",
    "languages": ["Ruby"],
    "projects": ["another"],
    "tags": ["permits"],
}
CANADA = {
    "federal": {
        "office-bureau": {
            "schemaVersion": "1.0",
            "adminCode": "office-bureau",
            "releases": [
                {
                    "name": {"en": "Permits", "fr": "Permis"},
                    "description": {
                        "whatItDoes": {"en": "Building permits", "fr": "Permis de construire"},
                        "howItWorks": {"en": "By forms", "fr": "Par formulaires"},
                    },
                    "licences": [{"spdxID": "MIT", "URL": {"en": REPOSITORY + "/LICENSE"}}],
                    "repositoryURL": {"en": REPOSITORY, "fr": REPOSITORY},
                    "homepageURL": {"fr": "https://permis.example.org"},
                    "tags": {"en": ["Forms"], "fr": ["Formulaires"]},
                    "status": "Maintained",
                }
            ],
        }
    },
    "municipal": {"town": {"releases": []}},
}


def read(payload: Any, **context: Any) -> Reading:
    return understood(code_json.read(item(payload, "code-json", **context)))


def test_a_release_is_read_whole_and_its_contact_is_not() -> None:
    found = read(RELEASE, agency="GSA", catalogue="us", country="US")
    (record,) = found.records
    fields = record.fields
    assert found.issues == ()
    assert record.identifiers == (
        Identifier("repo", "https://github.com/town/permits"),
        Identifier("catalogue", "us:item"),
    )
    assert (record.key, record.priority, fields.name, fields.kind) == ("code.json", 60, "Permit desk", "software")
    assert fields.code_repository == "https://github.com/Town/Permits"
    assert fields.landing_url == "https://permits.example.org"
    assert (fields.license, fields.license_text) == ("GPL-3.0", "GPL-3.0")
    assert (fields.development_status, fields.software_version) == ("stable", "2.1")
    assert fields.date_created == datetime(2015, 1, 2, tzinfo=UTC)
    assert fields.date_modified == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert fields.organisations == (Organisation("Office of Permits", None, "US"),)
    assert (fields.topics, fields.programming_languages, fields.countries) == (("permits",), ("Ruby",), ("US",))
    assert "someone" not in repr(found)
    assert "Some One" not in repr(found)
    assert "555" not in repr(found)


def test_a_project_s_own_file_stands_for_the_repository_it_was_found_in() -> None:
    (record,) = read(PROJECT, repository=REPOSITORY).records
    fields = record.fields
    assert record.identifiers == (Identifier("repo", "https://github.com/town/permits"),)
    assert record.priority == 68
    assert (fields.software_type, fields.development_status, fields.software_version) == (
        "standalone/web",
        "beta",
        None,
    )
    assert fields.categories == ("digital-citizenship", "case-management")
    assert fields.use_cases == ("forms-and-procedures", "back-office")
    assert record.basis["use_cases"] is Basis.TRANSLATED
    assert list(fields.long_description.values()) == [PROJECT["longDescription"]]


def test_a_copied_file_only_suggests_the_repository_it_names() -> None:
    found = read(PROJECT, repository="https://github.com/other/fork")
    (record,) = found.records
    assert record.identifiers == (Identifier("repo", "https://github.com/other/fork"),)
    assert record.suggests == (Identifier("repo", "https://github.com/town/permits"),)
    assert [issue.code for issue in found.issues] == ["url-mismatch"]


def test_a_page_of_any_host_is_no_identity() -> None:
    (record,) = read(RELEASE | {"repositoryURL": "https://agency.example/software/portal/"}).records
    assert record.identifiers == ()
    assert record.fields.code_repository is None
    assert record.fields.kind is None
    assert record.fields.landing_url == "https://permits.example.org"


@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        ([{"name": "NASA v3", "URL": "https://www.apache.org/licenses/LICENSE-2.0"}], None),
        ([{"name": "MIT", "URL": "https://www.apache.org/licenses/LICENSE-2.0"}], None),
        ([{"name": "Other", "URL": "https://www.apache.org/licenses/LICENSE-2.0"}], "Apache-2.0"),
        ([{"name": "", "URL": "https://api.github.com/licenses/gpl-3.0"}], "GPL-3.0"),
        ([{"name": "MIT"}, {"name": "GPL-3.0"}], None),
        ([{"name": "MIT"}, {"name": "MIT License"}], "MIT"),
        (["MIT"], "MIT"),
        (None, None),
        ("MIT", "MIT"),
        ({"name": "MIT"}, "MIT"),
        ([{"name": "null", "URL": ""}], None),
        ([7, None, {}], None),
    ],
)
def test_a_licence_is_certain_or_none(licenses: Any, expected: str | None) -> None:
    (record,) = read(RELEASE | {"permissions": {"licenses": licenses}}).records
    assert record.fields.license == expected


def test_schema_1_names_its_things_otherwise() -> None:
    release = {
        "name": "Permits",
        "repository": REPOSITORY,
        "license": "https://spdx.org/licenses/MIT",
        "openSourceProject": 1,
        "homepage": REPOSITORY + "/",
        "description": "Permits",
        "tags": "a, b",
    }
    (record,) = read(release).records
    assert record.fields.license == "MIT"
    assert record.fields.landing_url is None
    assert record.fields.topics == ("a", "b")


def test_an_entry_exempt_from_release_without_any_address_is_skipped() -> None:
    exempt = {"name": "Secret", "permissions": {"usageType": "exemptByLaw", "licenses": None}}
    found = read(exempt)
    assert found.outcome is Outcome.SKIPPED
    assert found.reason
    assert read(exempt | {"homepageURL": "https://secret.example.org"}).outcome is Outcome.READ


@pytest.mark.parametrize(("key", "name"), [("releases", "schema 2"), ("projects", "schema 1")])
def test_an_inventory_gives_every_entry_under_a_key_that_others_do_not_change(key: str, name: str) -> None:
    entries = [RELEASE, {"name": name, "organization": "Office"}, None, "text", RELEASE]
    found, issues = code_json.releases(canonical_json({"agency": "GSA", "version": "x", key: entries}), url=URL)
    keys = [key for key, _ in found]
    assert issues == []
    assert len(set(keys)) == len(entries)
    assert keys[0] == "https://github.com/town/permits#permit desk"
    assert keys[4] == keys[0] + "~2"
    assert found[0][1]["agency"] == "GSA"
    alone, _ = code_json.releases(canonical_json({key: [RELEASE]}), url=URL)
    assert alone[0][0] == keys[0]
    outcomes = [read(release).outcome for _, release in found]
    assert outcomes == [Outcome.READ, Outcome.READ, Outcome.REFUSED, Outcome.REFUSED, Outcome.READ]


def test_canada_s_inventory_is_read_in_both_languages() -> None:
    found, issues = code_json.releases(canonical_json(CANADA), url=URL)
    assert issues == []
    ((_, release),) = found
    (record,) = read(release, country="CA").records
    fields = record.fields
    assert record.identifiers == (Identifier("repo", "https://github.com/town/permits"),)
    assert fields.name == "Permits"
    assert fields.short_description == {"en": "Building permits", "fr": "Permis de construire"}
    assert fields.long_description == {"en": "By forms", "fr": "Par formulaires"}
    assert (fields.license, fields.development_status) == ("MIT", "stable")
    assert fields.topics == ("Forms", "Formulaires")
    assert fields.landing_url == "https://permis.example.org"
    assert fields.organisations == (Organisation("office-bureau", None, "CA"),)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"null",
        b'{"releases": null}',
        b'{"releases": {"name": "x"}}',
        b'{"releases": []}',
        b'{"agency": "GSA", "releases": [{"name": "x"}, {"na',
        b"<html><title>404</title></html>",
        b"[" * 100_000,
        b'{"releases": [NaN]}',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_whole_inventory_gives_no_entry_and_says_why(text: bytes) -> None:
    found, issues = code_json.releases(text, url=URL)
    assert found == []
    assert issues
    assert issues[-1].severity is Severity.ERROR
    assert issues[-1].remedy


def test_a_byte_order_mark_and_another_charset_are_borne() -> None:
    text = json.dumps({"releases": [{"name": "Été"}]}, ensure_ascii=False)
    for encoded, codes in ((b"\xef\xbb\xbf" + text.encode(), []), (text.encode("cp1252"), ["charset"])):
        found, issues = code_json.releases(encoded, url=URL)
        assert found[0][1]["name"] == "Été"
        assert [issue.code for issue in issues] == codes


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b'{"name": "x",}', "json-syntax"),
        ([], "several-things"),
        ([PROJECT, PROJECT], "several-things"),
        ({}, "no-name"),
    ],
)
def test_a_file_that_describes_no_one_project_is_refused_with_a_remedy(payload: Any, code: str) -> None:
    found = read(payload, repository=REPOSITORY) if payload != {} else read(payload)
    assert found.outcome is Outcome.REFUSED
    assert found.issues[0].code == code
    assert found.issues[0].remedy


@pytest.mark.corpus
@pytest.mark.long  # the whole corpus is harvested anyway
def test_every_entry_of_the_agencies_inventories_is_read_refused_or_skipped(corpus: Path) -> None:
    entries, outcomes = 0, []
    for path in sorted((corpus / "codejson" / "agency-inventories").glob("*.json")):
        inventory = json.loads(path.read_bytes())
        entries += len(inventory.get("releases") or inventory.get("projects") or [])
        found, _ = code_json.releases(path.read_bytes(), url=URL)
        outcomes += [read(release, country="US", key=key).outcome for key, release in found]
    assert entries == len(outcomes) > 4000
    assert outcomes.count(Outcome.REFUSED) == 0
    assert outcomes.count(Outcome.READ) / entries > 0.95


@pytest.mark.corpus
def test_published_project_files_are_read(corpus: Path) -> None:
    for path in sorted((corpus / "codejson" / "head").glob("*.json")):
        found = read(path.read_bytes(), repository=f"https://github.com/{path.stem.replace('+', '/')}")
        assert found.outcome is Outcome.READ, path.name
    big = gzip.decompress((corpus / "codejson" / "head" / "HHS+Source-Code-Inventory.json.gz").read_bytes())
    assert read(big, repository=REPOSITORY).outcome is Outcome.REFUSED  # an inventory is a source, no project
