"""A licence that means no SPDX expression is kept and told by every reader that has a key for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from normalize.file_items import item

from harvester.model import Fields, Outcome, Reading
from harvester.normalize.readers import read, readers

UNKNOWN = "Town Licence 3"
REPOSITORY = "https://github.com/town/desk"
PUBLICCODE = f"publiccodeYmlVersion: '0.4'\nname: Desk\nurl: {REPOSITORY}\nlegal: {{license: %s}}\n"
STATING: dict[str, Any] = {
    "avoinkoodi": {"project": "Desk", "owner": "Town", "code_url": REPOSITORY, "license": UNKNOWN},
    "awesome-item": {
        "links": [{"text": "Desk", "href": REPOSITORY}],
        "codes": ["BSD", "Ruby"],
        "headings": ["Tools"],
    },
    "awesome-selfhosted": f"name: Desk\nsource_code_url: {REPOSITORY}\nlicenses: [{UNKNOWN}]\n",
    "catalogued-publiccode": PUBLICCODE % UNKNOWN,
    "citation": f"cff-version: 1.2.0\ntitle: Desk\nrepository-code: {REPOSITORY}\nlicense: {UNKNOWN}\n",
    "civic-json": {"name": "Desk", "repository": REPOSITORY, "license": UNKNOWN},
    "code-json": {"name": "Desk", "repositoryURL": REPOSITORY, "permissions": {"licenses": [{"name": UNKNOWN}]}},
    "codegouv-repository": {"name": "desk", "repository_url": REPOSITORY, "license": UNKNOWN},
    "codemeta": {"@type": "SoftwareSourceCode", "name": "Desk", "codeRepository": REPOSITORY, "license": UNKNOWN},
    "comptoir-du-libre": {"id": 1, "name": "Desk", "licence": UNKNOWN},
    "developers-italia": {"id": "a", "url": REPOSITORY, "publiccodeYml": PUBLICCODE % UNKNOWN},
    "digital-public-goods": {"dpgId": "G1", "name": "Desk", "sourceURL": REPOSITORY, "openLicense": [UNKNOWN]},
    "html-catalogue": {"fields": {"name": ["Desk"], "repository": [REPOSITORY], "license": [UNKNOWN]}},
    "munich": f"---\ntitle: Desk\ncode: {REPOSITORY}\nlicense: {UNKNOWN}\n---\nwords\n",
    "offentligkod": f"Name: Desk\nUrl: {REPOSITORY}\nLicense: {UNKNOWN}\n",
    "publiccode": PUBLICCODE % UNKNOWN,
    "sill": {"id": 1, "name": "Desk", "license": UNKNOWN},
    "taiwan-program": {"ProgramName": "Desk", "URL": REPOSITORY, "Authorization": UNKNOWN},
    "wikidata": {
        "asked": "Q42",
        "item": "Q42",
        "software": True,
        "rows": [
            {"what": "label", "value": "Desk", "language": "en"},
            {"what": "license", "value": "http://www.wikidata.org/entity/Q1", "label": UNKNOWN},
        ],
    },
}
WITHOUT_A_KEY = {"beta-gouv", "dutch-register", "gogs", "html-link", "proposal"}
OF_A_FORGE = {"brigade-project", "forgejo", "git-listing", "github", "github-rest", "gitlab"}
"""A forge names a licence out of its own list; a LICENSE that is none of them it calls "Other", which is no fault."""


def stated(format: str) -> tuple[Reading, Fields]:
    assert format in STATING, f"give STATING an entry of {format!r} that states {UNKNOWN!r}, or say that it has no key"
    payload = STATING[format]
    found = read(item(payload if isinstance(payload, str) else json.dumps(payload), format))
    assert found.outcome is Outcome.READ, found
    return found, found.records[0].fields


@pytest.mark.parametrize("format", sorted(set(readers()) - WITHOUT_A_KEY - OF_A_FORGE))
def test_an_unknown_licence_is_kept_and_told_by_every_reader(format: str) -> None:
    found, fields = stated(format)
    assert (fields.license, fields.license_text) == (None, "BSD" if format == "awesome-item" else UNKNOWN)
    told = [issue for issue in found.issues if issue.code == "unknown-licence"]
    assert [issue.value for issue in told] == [fields.license_text]
    assert told[0].place


def test_no_language_among_an_awesome_lists_codes_is_taken_for_a_licence() -> None:
    entry = {**STATING["awesome-item"], "codes": ["MIT", "Ruby", "Docker"]}
    found = read(item(entry, "awesome-item"))
    assert (found.records[0].fields.license, found.issues) == ("MIT", ())


def test_several_licences_of_a_catalogues_entry_are_told_too() -> None:
    entry = {**STATING["taiwan-program"], "Authorization": "Apache-2.0;MIT"}
    found = read(item(entry, "taiwan-program"))
    assert (found.records[0].fields.license, found.records[0].fields.license_text) == (None, "Apache-2.0; MIT")
    assert [(issue.code, issue.place) for issue in found.issues] == [("several-licences", "Authorization")]
