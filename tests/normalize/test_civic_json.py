"""civic.json, in both of its versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from file_items import REPOSITORY, item

from harvester.assess.meaning import understood
from harvester.model import Basis, Identifier, Outcome, Reading
from harvester.normalize import civic_json

FIRST = {
    "status": "Beta",
    "thumbnailUrl": "https://town.example.org/logo.png",
    "bornAt": "Hack night",
    "geography": "NYC",
    "politicalEntity": "City record",
    "type": "Web App",
    "needs": [{"need": "Designer"}],
    "categories": [{"category": "Participatory budgeting"}, "Open Data"],
}
SECOND = {
    "name": "Permits",
    "description": "Building permits",
    "license": "MIT",
    "status": "Production",
    "type": "API",
    "homepage": "https://permits.example.org",
    "repository": "https://github.com/Town/Permits",
    "thumbnail": "",
    "geography": ["Brazil", "Curitiba"],
    "contact": {"name": "Some One", "email": "some@one.example"},
    "partners": [{"name": "Jane Roe", "email": "jane@roe.example", "url": ""}],
    "tags": ["permits"],
}


def read(payload: Any, **context: Any) -> Reading:
    return understood(civic_json.read(item(payload, "civic-json", **context)))


def test_the_first_version_takes_its_name_from_the_repository() -> None:
    (record,) = read(FIRST, repository=REPOSITORY).records
    fields = record.fields
    assert (record.key, fields.name) == ("civic.json", "Permits")
    assert (fields.development_status, fields.software_type) == ("beta", "standalone/web")
    assert fields.logo == "https://town.example.org/logo.png"
    assert fields.categories == ("Participatory budgeting", "Open Data")
    assert "participatory-budgeting" in fields.use_cases
    assert record.basis["use_cases"] is Basis.TRANSLATED  # the term is in the crosswalk
    assert fields.countries == ()  # a city is no country


def test_a_file_without_a_repository_keeps_its_site() -> None:
    (record,) = read({name: value for name, value in SECOND.items() if name != "repository"}).records
    assert (record.fields.code_repository, record.fields.landing_url) == (None, "https://permits.example.org")


def test_the_second_version_is_read_whole_and_its_people_are_not() -> None:
    found = read(SECOND)
    (record,) = found.records
    fields = record.fields
    assert record.identifiers == (Identifier("repo", "https://github.com/town/permits"),)
    assert (fields.license, fields.development_status, fields.software_type) == ("MIT", "stable", "standalone/backend")
    assert (fields.landing_url, fields.countries) == ("https://permits.example.org", ("BR",))
    for personal in ("Some One", "one.example", "Roe"):
        assert personal not in repr(found)


@pytest.mark.parametrize("payload", [FIRST, {}, [], "x", None, b'{"name": "x",}', b"", b"\xff"])
def test_what_names_nothing_is_refused(payload: Any) -> None:
    found = read(payload if isinstance(payload, bytes) else json.dumps(payload))
    assert found.outcome is Outcome.REFUSED
    assert found.issues[0].remedy


def test_a_status_that_is_none_is_an_issue() -> None:
    found = read(SECOND | {"status": "Nearly"})
    assert found.records[0].fields.development_status is None
    assert [(issue.code, issue.value) for issue in found.issues] == [("unknown-term", "Nearly")]


@pytest.mark.corpus
def test_published_files_are_read_unless_they_are_no_json(corpus: Path) -> None:
    paths = sorted((corpus / "civicjson").glob("*/*.json"))
    for path in paths:
        found = read(path.read_bytes(), repository=f"https://github.com/{path.stem.replace('+', '/')}")
        try:
            json.loads(path.read_bytes())
        except ValueError:
            assert found.outcome is Outcome.REFUSED
            assert found.issues[0].line
        else:
            assert found.outcome is Outcome.READ, path.name
            assert not any("@" in str(value) for value in found.records[0].fields.topics)
    assert len(paths) > 25
