"""The standard's rules: which key, where, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from validate_texts import LONG, VALID, changed, errors, warnings

from demo.publiccode_text import publiccode
from demo.tools import load_tools
from harvester.validate import validate

ROOT = Path(__file__).parents[2]


def test_a_valid_file_has_nothing_to_mend() -> None:
    report = validate(VALID.encode())
    assert (report.valid, report.results) == (True, ())


def test_the_files_that_we_publish_are_valid() -> None:
    assert errors((ROOT / "publiccode.yml").read_bytes()) == []
    served = [tool for tool in load_tools() if tool.publiccode]
    assert len(served) > 20
    assert {tool.slug: errors(publiccode(tool)) for tool in served if errors(publiccode(tool))} == {}


@pytest.mark.parametrize(
    ("old", "new", "key", "line", "column", "message"),
    [
        ("name: Agora\n", "", "name", 1, 1, "name is a required field"),
        ("name: Agora\n", "name:\n", "name", 2, 1, "name is a required field"),
        ("  license: EUPL-1.2", "  mainCopyrightOwner: Town", "legal.license", 17, 3, "license is a required field"),
        ("legal:\n  license: EUPL-1.2\n", "", "legal.license", 0, 0, "license is a required field"),
        ("legal:\n  license: EUPL-1.2\n", "legal: {}\n", "legal.license", 16, 8, "license is a required field"),
        ("EUPL-1.2", "Free for all", "legal.license", 17, 3, "license must be a valid license"),
        ("  - survey", "  - polls", "categories[0]", 7, 5, "categories[0] must be a valid category"),
        ("stable", "done", "developmentStatus", 8, 1, "developmentStatus must be one of the following"),
        ("standalone/web", "web", "softwareType", 9, 1, "softwareType must be one of the following"),
        ("https://forge.example.org/town/agora", "forge", "url", 3, 1, "url must be a valid URL"),
        ("Asks a town.", "a" * 151, "description.en.shortDescription", 12, 5, "must be a maximum of 150 characters"),
        (LONG, "Too short.", "description.en.longDescription", 13, 5, "must be at least 150 characters"),
        ("    features:\n      - Surveys\n", "", "description.en.features", 12, 5, "must contain more than 0 items"),
        ("  en:\n", "  en_GB:\n", "description", 10, 1, "description must be a valid BCP 47 language"),
        ("    - en\n", "    - eng\n", "localisation.availableLanguages[0]", 25, 7, "must be a valid BCP 47 language"),
        ("type: community", "type: contract", "maintenance.contractors", 19, 3, 'when "type" is "contract"'),
        (
            "type: community",
            "type: somebody",
            "maintenance.type",
            19,
            3,
            'one of the following: "internal", "contract"',
        ),
        ("    - name: The team", "    - phone: 1", "maintenance.contacts[0].name", 21, 7, "name is a required field"),
    ],
)
def test_a_broken_rule_is_told_with_its_key_and_place(
    old: str, new: str, key: str, line: int, column: int, message: str
) -> None:
    ((found_key, *place, said),) = errors(changed((old, new)))
    assert (found_key, *place) == (key, line, column)
    assert message in said


@pytest.mark.parametrize(
    "added",
    [
        "landingURL: agora.example.org",
        "roadmap: ftp://agora.example.org",
        "releaseDate: 2026-02-30",
        "releaseDate: 1.2.2026",
        'releaseDate: ""',
        "isBasedOn: agora",
        "isBasedOn: [agora]",
        "inputTypes: [text]",
        "organisation: {name: Town}",
        "organisation: {uri: Town}",
        "organisation: {uri: urn:x-italian-pa:no-such-body}",
        "fundedBy: [{uri: Town}]",
        "intendedAudience: {scope: [towns]}",
        "intendedAudience: {countries: [It]}",
        "intendedAudience: {unsupportedCountries: [XX]}",
        "supports: [{id: alias:nothing}]",
        "dependsOn: {open: [{version: '1'}]}",
        "IT: {countryExtensionVersion: '0.3'}",
        "IT: {riuso: {codiceIPA: no-such-body}}",
    ],
)
def test_a_value_against_its_rule_is_one_error_on_its_line(added: str) -> None:
    key = added.partition(":")[0]
    (found,) = errors(VALID + added + "\n")
    assert found[0].startswith(key)
    assert found[1] == VALID.count("\n") + 1


@pytest.mark.parametrize(
    "added",
    [
        "landingURL: https://agora.example.org/a?b#c",
        "releaseDate: 2024-02-29",
        "isBasedOn: https://forge.example.org/other",
        "organisation: {uri: https://town.example.org}",
        "organisation: {uri: urn:x-italian-pa:pcm}",
        "organisation: {uri: urn:example:town}",
        "fundedBy: [{uri: https://town.example.org, name: Town}]",
        "intendedAudience: {scope: [government], countries: [IT, XK]}",
        "supports: [{id: alias:gdpr}, {id: https://standard.example.org}]",
        "logo: assets/logo.svg",
        "dependsOn: {open: [{name: PostgreSQL, versionMin: '15', optional: false}], hardware: []}",
        "softwareVersion: 1.10",
        "applicationSuite:",
    ],
)
def test_a_value_that_keeps_its_rule_is_none(added: str) -> None:
    report = validate((VALID + added + "\n").encode())
    assert report.results == ()


@pytest.mark.parametrize(
    ("license_id", "valid"),
    [
        ("AGPL-3.0", True),
        ("agpl-3.0-or-later", True),
        ("GPL-2.0+", True),
        ("(MIT OR Apache-2.0) AND EUPL-1.2", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("LicenseRef-Town", True),
        ("MIT or Apache-2.0", False),
        ("MIT AND", False),
        ("(MIT", False),
        ("GPL", False),
        ("MIT WITH EUPL-1.2", False),
    ],
)
def test_licences_are_expressions_of_spdx(license_id: str, valid: bool) -> None:
    assert (errors(changed(("EUPL-1.2", license_id))) == []) is valid


@pytest.mark.parametrize(
    ("tag", "valid"),
    [("it", True), ("en-GB", True), ("zh-Hant", True), ("de-1996", True), ("en-US-x-town", True), ("fil", True),
     ("ita", False), ("en_GB", False), ("english", False), ("de-1996-1996x", False), ("fr-1996", False), ("", False)],
)  # fmt: skip
def test_languages_are_tags_of_the_registry(tag: str, valid: bool) -> None:
    assert (errors(changed(("    - en\n", f'    - "{tag}"\n'))) == []) is valid


@pytest.mark.parametrize(
    ("mail", "valid"),
    [("a@example.org", True), ("a+b@mail.example.org", True), ("a", False), ("a@b", False), ("", False)],
)
def test_mail_addresses_are_checked_and_not_repeated(mail: str, valid: bool) -> None:
    report = validate(changed(("name: The team", f'name: The team\n      email: "{mail}"')).encode())
    assert report.valid is valid
    assert len(mail) < 3 or mail not in repr(report)


def test_characters_are_counted_as_people_count_them() -> None:
    family = "\U0001f468‍\U0001f469‍\U0001f467"
    flag = "\U0001f1ee\U0001f1f9"
    for one in (family, flag, "é", "é", "각", "字"):
        assert errors(changed(("Asks a town.", one * 150))) == []
        assert len(errors(changed(("Asks a town.", one * 151)))) == 1


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ("name: Agora", "name: [Agora]", "name", 2),
        ("  - web\n", "  - [web]\n", "platforms[0]", 5),
        ("    features:\n      - Surveys", "    features: Surveys", "description.en.features", 14),
        ("  localisationReady: true", "  localisationReady: yes", "localisation.localisationReady", 23),
        ("legal:\n  license: EUPL-1.2", "legal: EUPL-1.2", "legal", 16),
        ("    - name: The team", "    - The team", "maintenance.contacts[0]", 21),
    ],
)
def test_a_value_of_another_type_is_told_at_its_line(old: str, new: str, key: str, line: int) -> None:
    assert (key, line, 1, "wrong type for this field") in errors(changed((old, new)))


def test_what_holds_a_wrong_type_counts_as_missing() -> None:
    said = [
        (key, message) for key, _, _, message in errors(changed(("localisationReady: true", "localisationReady: 1")))
    ]
    assert said == [
        ("localisation.localisationReady", "wrong type for this field"),
        ("localisation.localisationReady", "localisationReady is a required field"),
        ("localisation.availableLanguages", "availableLanguages is a required field"),
    ]


@pytest.mark.parametrize(
    ("added", "key", "line"),
    [("colour: red", "colour", 26), ("IT:\n  spid: true", "IT.spid", 27), ("Name: Agora", "Name", 26)],
)
def test_an_unknown_key_is_an_error(added: str, key: str, line: int) -> None:
    name = key.rpartition(".")[2]
    assert errors(VALID + added + "\n") == [(key, line, 1, f'unknown field "{name}"')]


@pytest.mark.parametrize(
    ("version", "message"),
    [('"0.1"', "unsupported version: '0.1'"), ('"1.0"', "unsupported version"), ("0.4", "wrong type for this field"),
     ("", "wrong type for this field"), ("[a]", "wrong type for this field")],
)  # fmt: skip
def test_a_version_that_cannot_be_judged_is_all_that_is_told(version: str, message: str) -> None:
    ((key, *_, said),) = errors(changed(('publiccodeYmlVersion: "0"\nname: Agora', f"publiccodeYmlVersion: {version}")))
    assert key == "publiccodeYmlVersion"
    assert said.startswith(message)


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "text", "name: Agora\n", "---\n...\n"])
def test_a_file_without_a_version_is_no_publiccode(text: str) -> None:
    assert errors(text) == [("publiccodeYmlVersion", 0, 0, "publiccodeYmlVersion is a required field")]


def test_older_versions_are_read_as_the_latest_with_a_warning() -> None:
    for version in ("0.2", "0.2.1", "0.3.0", "0.4", "0.5.0"):
        report = validate(changed(('"0"', f'"{version}"')).encode())
        assert (report.valid, warnings(report)) == (True, [("publiccodeYmlVersion", 1)])
    assert validate(changed(('"0"', "0.7.0")).encode()).results == ()


def test_deprecated_keys_warn_and_leave_the_file_valid() -> None:
    text = changed(
        ("Asks a town.", "Asks a town.\n    genericName: Survey"),
        ("license: EUPL-1.2", "license: EUPL-1.2\n  repoOwner: Town\n  authorsFile: AUTHORS"),
    )
    text += (
        "monochromeLogo: logo.svg\ninputTypes: [text/plain]\nintendedAudience: {countries: [it]}\n"
        "it:\n  conforme: {gdpr: true}\n  riuso:\n    codiceIPA: pcm\n"
    )
    report = validate(text.encode())
    assert report.valid
    assert {key for key, _ in warnings(report)} == {
        "description.en.genericName",
        "legal.repoOwner",
        "legal.authorsFile",
        "monochromeLogo",
        "inputTypes",
        "intendedAudience.countries[0]",
        "it",
        "IT.conforme",
        "IT.riuso.codiceIPA",
    }


def test_both_spellings_of_the_italian_section_are_one_too_many() -> None:
    assert [key for key, *_ in errors(VALID + "IT: {}\nit: {}\n")] == ["it"]


def test_every_result_says_what_to_do() -> None:
    text = (
        changed(("name: Agora\n", ""), ("stable", "done"), ("EUPL-1.2", "x"), ("    - en", "    - eng")) + "logo: /x\n"
    )
    results = validate(text.encode()).results
    assert len(results) == 5
    assert all(result.remedy for result in results)
