"""codemeta.json: by the official crosswalk, whatever the context is called."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from file_items import REPOSITORY, item

from harvester.assess.meaning import understood
from harvester.model import Basis, Identifier, Organisation, Outcome, Reading
from harvester.normalize import codemeta

FILE: dict[str, Any] = {
    "@context": "https://doi.org/10.5063/schema/codemeta-2.0",
    "@type": "SoftwareSourceCode",
    "name": "Permits",
    "description": "Takes requests for building permits of citizens and answers them",
    "codeRepository": "git+https://github.com/Town/Permits.git",
    "license": "https://spdx.org/licenses/EUPL-1.2",
    "version": "1.0",
    "softwareVersion": "1.1",
    "programmingLanguage": [{"@type": "ComputerLanguage", "name": "Ruby"}, "SQL"],
    "operatingSystem": ["Linux", "macOS"],
    "keywords": "permits, forms",
    "applicationCategory": "Government",
    "developmentStatus": "https://www.repostatus.org/#active",
    "dateCreated": "2015-01-02",
    "dateModified": "2020-01-02",
    "datePublished": "2016-03-04",
    "url": "https://permits.example.org",
    "softwareHelp": {"@type": "CreativeWork", "url": "https://docs.permits.example.org"},
    "sameAs": "https://www.wikidata.org/wiki/Q42",
    "targetProduct": {"@type": "WebApplication"},
    "author": [
        {"@type": "Person", "givenName": "Some", "familyName": "One", "email": "some@one.example"},
        {"@type": "Organization", "name": "Town of Example", "url": "https://town.example.org"},
        {"@type": "Organization", "name": "Jane Roe"},
    ],
    "maintainer": {"@type": "Person", "name": "Some One"},
}


def read(payload: Any, **context: Any) -> Reading:
    return understood(codemeta.read(item(payload, "codemeta", **context)))


def test_a_file_is_read_whole_and_people_are_not() -> None:
    found = read(FILE, repository=REPOSITORY)
    (record,) = found.records
    fields = record.fields
    assert found.issues == ()
    assert record.identifiers == (Identifier("repo", "https://github.com/town/permits"),)
    assert record.suggests == (Identifier("wikidata", "Q42"),)
    assert (record.key, record.priority, fields.name) == ("codemeta.json", 70, "Permits")
    assert fields.code_repository == "https://github.com/Town/Permits"
    assert (fields.license, fields.development_status, fields.software_version) == ("EUPL-1.2", "stable", "1.1")
    assert fields.software_type == "standalone/web"
    assert fields.date_created == datetime(2015, 1, 2, tzinfo=UTC)
    assert fields.date_modified == datetime(2020, 1, 2, tzinfo=UTC)
    assert fields.release_date == date(2016, 3, 4)
    assert (fields.landing_url, fields.documentation) == (
        "https://permits.example.org",
        "https://docs.permits.example.org",
    )
    assert fields.programming_languages == ("Ruby", "SQL")
    assert (fields.platforms, fields.topics) == (("Linux", "macOS"), ("permits", "forms"))
    assert fields.categories == ("Government",)
    assert fields.organisations == (Organisation("Town of Example", "https://town.example.org", None, "local"),)
    assert fields.short_description == {"en": FILE["description"]}
    assert record.basis["short_description"] is Basis.DETECTED
    for personal in ("Some", "Roe", "one.example"):
        assert personal not in repr(found)


@pytest.mark.parametrize(
    "changes",
    [
        {"@context": ["https://w3id.org/codemeta/3.0", "http://schema.org"]},
        {"@context": {"schema": "http://schema.org/"}},
        {"@context": 7},
        {"@context": None},
    ],
)
def test_the_context_changes_nothing(changes: dict[str, Any]) -> None:
    assert read(FILE | changes).records == read(FILE).records


def test_prefixes_graphs_and_value_objects_are_seen_through() -> None:
    node = {
        "@type": "schema:SoftwareSourceCode",
        "schema:name": {"@value": "Permits"},
        "http://schema.org/description": [
            {"@value": "Building permits", "@language": "en"},
            {"@value": "Permis de construire", "@language": "fr"},
        ],
        "schema:codeRepository": {"@id": REPOSITORY},
        "codemeta:developmentStatus": {"@id": "https://www.repostatus.org/#wip"},
        "schema:keywords": {"@list": ["a", {"@value": "b"}]},
    }
    for payload in (node, [node], {"@graph": [{"@type": "Person", "name": "Some One"}, node]}):
        (record,) = read(payload).records
        assert record.fields.name == "Permits"
        assert record.fields.short_description == {"en": "Building permits", "fr": "Permis de construire"}
        assert record.fields.code_repository == REPOSITORY
        assert record.fields.development_status == "development"
        assert record.fields.topics == ("a", "b")


def test_another_declared_repository_only_suggests() -> None:
    found = read(FILE, repository="https://gitlab.example.org/other/copy")
    (record,) = found.records
    assert record.identifiers == (Identifier("repo", "https://gitlab.example.org/other/copy"),)
    assert Identifier("repo", "https://github.com/town/permits") in record.suggests
    assert [(issue.code, issue.place) for issue in found.issues] == [("url-mismatch", "codeRepository")]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("MIT", "MIT"),
        (["https://spdx.org/licenses/MIT"], "MIT"),
        ({"@type": "CreativeWork", "name": "Apache License 2.0", "url": "https://example.org/LICENSE"}, "Apache-2.0"),
        ({"@id": "https://spdx.org/licenses/MIT"}, "MIT"),
        (["MIT", "GPL-3.0-only"], None),  # nobody says whether all or any of them hold
        ("https://github.com/town/permits/blob/main/LICENSE", None),
        ("GPL", None),
        (7, None),
        (None, None),
    ],
)
def test_a_licence_is_certain_or_none(written: Any, expected: str | None) -> None:
    (record,) = read(FILE | {"license": written}).records
    assert record.fields.license == expected


@pytest.mark.parametrize(
    ("written", "expected", "codes"),
    [
        ("active", "stable", []),
        ("inactive", "stable", []),
        ("wip", "development", []),
        ("https://www.repostatus.org/#abandoned", "obsolete", []),
        ("suspended", None, []),
        (["https://www.repostatus.org/#concept", "https://example.org/levels#Level8"], "concept", []),
        ("quite good", None, ["unknown-term"]),
        ([], None, []),
    ],
)
def test_a_status_is_known_by_repostatus(written: Any, expected: str | None, codes: list[str]) -> None:
    found = read(FILE | {"developmentStatus": written})
    assert found.records[0].fields.development_status == expected
    assert [issue.code for issue in found.issues] == codes


def test_a_data_set_is_skipped_and_nothing_at_all_refused() -> None:
    assert read({"@type": "Dataset", "name": "x"}).outcome is Outcome.SKIPPED
    for payload in ({}, [], "text", [{"@type": "Thing"}, {"@type": "Thing"}], b'{"name": "x"', b""):
        found = read(payload if isinstance(payload, bytes) else json.dumps(payload))
        assert found.outcome is Outcome.REFUSED
        assert found.issues[0].remedy


def test_a_cut_file_tells_line_and_column() -> None:
    (issue,) = read(b'{\n "name": "x",\n').issues
    assert (issue.code, issue.line) == ("json-syntax", 3)
    assert "the file is cut off" in issue.message


@pytest.mark.corpus
def test_names_of_the_first_version_mean_what_the_crosswalk_says(corpus: Path) -> None:
    with (corpus / "codemeta" / "standard" / "crosswalk.csv").open(newline="", encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if "Person" not in row["Parent Type"]]
    first = {row["Property"]: row["codemeta-V1"] for row in rows if row["codemeta-V1"].isalpha()}
    values = {"license": "MIT", "keywords": ["a"], "operatingSystem": ["b"], "url": "https://c.example.org"}
    for name, value in values.items():
        assert first[name] != name
        base = {"name": "x", "codeRepository": REPOSITORY}
        assert read(base | {first[name]: value}).records == read(base | {name: value}).records
    declared = {row["Property"]: row["publiccode"] for row in rows if row["publiccode"]}
    assert declared["operatingSystem"] == "platforms"
    assert declared["datePublished"] == "releaseDate"
    assert "categories" in declared["applicationCategory"]


@pytest.mark.corpus
def test_published_files_are_read(corpus: Path) -> None:
    files = sorted((corpus / "codemeta" / "head").glob("*.json"))
    readings = [read(p.read_bytes(), repository=f"https://github.com/{p.stem.replace('+', '/')}") for p in files]
    assert len(readings) > 15
    assert all(reading.outcome is Outcome.READ for reading in readings)
    dump = json.loads(gzip.decompress((corpus / "codemeta" / "ropensci-2017.json.gz").read_bytes()))
    records = [record for entry in dump for record in read(entry).records]
    assert len(records) == len(dump)
    assert sum(record.fields.license is not None for record in records) / len(records) > 0.98
