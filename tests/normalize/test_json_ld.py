"""JSON-LD in the forms that published files have: whatever is stated is read, or told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from normalize.file_items import item

from harvester.model import Reading
from harvester.normalize import codemeta


def read(**more: Any) -> Reading:
    return codemeta.read(item(json.dumps({"name": "Tide desk", **more}), "codemeta"))


EUPL = "https://spdx.org/licenses/EUPL-1.2"


@pytest.mark.parametrize(
    "written",
    [
        EUPL,
        "EUPL-1.2",
        [EUPL],
        [[EUPL]],
        {"@id": EUPL},
        {"id": EUPL, "type": "CreativeWork"},
        {"@type": "CreativeWork", "name": "EUPL-1.2"},
        {"Name": "EUPL-1.2", "URL": None},
        {"url": EUPL},
        {"URL": EUPL},
        {"@value": "EUPL-1.2"},
        {"@list": [{"@id": EUPL}]},
        {"list": [{"id": EUPL}]},
        {"@set": EUPL},
        {"CreativeWork": {"@type": "CreativeWork", "name": "EUPL-1.2"}, "Url": None},
        [{"creativeWork": [{"name": "EUPL-1.2"}]}],
        {"schema:license": {"schema:name": "EUPL-1.2"}},
    ],
)
def test_a_licence_is_read_however_it_is_wrapped(written: Any) -> None:
    found = read(license=written)
    assert (found.records[0].fields.license, found.issues) == ("EUPL-1.2", ())


def test_several_wrapped_licences_are_shown_and_told() -> None:
    found = read(license=[{"CreativeWork": {"name": "EUPL-1.2"}}, {"CreativeWork": {"name": "Apache-2.0"}}])
    fields = found.records[0].fields
    assert (fields.license, fields.license_text) == (None, "EUPL-1.2; Apache-2.0")
    assert [issue.code for issue in found.issues] == ["several-licences"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("license", {"a": 5}), ("description", {"text": 1}), ("codeRepository", {"git": True}), ("url", 1)],
)
def test_what_is_in_no_form_that_is_read_is_told(key: str, value: Any) -> None:
    assert [(issue.code, issue.place) for issue in read(**{key: value}).issues] == [("bad-value", key)]


def test_names_of_contexts_for_the_words_of_json_ld_are_those_words() -> None:
    found = read(
        type="SoftwareSourceCode",
        codeRepository={"id": "https://github.com/example/tide-desk"},
        developmentStatus={"id": "https://www.repostatus.org/#wip", "type": "DefinedTerm"},
        programmingLanguage=[{"id": "https://lang.example/python", "type": "ComputerLanguage", "name": "Python"}],
        maintainer={"type": "Organization", "id": "https://town.example", "name": "Town of Example"},
        description={"en": "Tells the tide.", "fr": "Dit la marée."},
    )
    (record,) = found.records
    assert [str(name) for name in record.identifiers] == ["repo:https://github.com/example/tide-desk"]
    fields = record.fields
    assert (fields.development_status, fields.programming_languages) == ("development", ("Python",))
    assert [(body.name, body.uri) for body in fields.organisations] == [("Town of Example", "https://town.example")]
    assert fields.short_description == {"en": "Tells the tide.", "fr": "Dit la marée."}
    assert found.issues == ()


def test_a_persons_affiliation_is_not_unwrapped_into_a_body_of_the_software() -> None:
    found = read(
        author=[{"givenName": "A", "familyName": "B", "affiliation": {"@type": "Organization", "name": "Lab"}}]
    )
    assert found.records[0].fields.organisations == ()


def test_a_date_that_is_none_is_told() -> None:
    assert [(issue.code, issue.place) for issue in read(dateCreated="last spring").issues] == [
        ("bad-date", "dateCreated")
    ]
