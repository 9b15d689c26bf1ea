"""What each format's fields come to mean, and what is never stated."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from harvester.assess.meaning import understood
from harvester.model import Basis, Identifier, Issue, Outcome, RawItem, Reading, Record, Severity
from harvester.normalize import developers_italia, github, gitlab, html_link, publiccode
from harvester.normalize.canonical import canonical_json

NODE: dict[str, Any] = {
    "databaseId": 7,
    "id": "R_7",
    "nameWithOwner": "City/Forms",
    "name": "Forms",
    "url": "https://github.com/City/Forms",
    "description": "Procedures online",
    "homepageUrl": "https://forms.example.org/",
    "isArchived": False,
    "isFork": True,
    "createdAt": "2020-01-02T03:04:05Z",
    "pushedAt": "2026-01-02T03:04:05Z",
    "stargazerCount": 12,
    "owner": {"__typename": "Organization", "login": "City", "name": "City of Example"},
    "parent": {"url": "https://github.com/other/forms"},
    "primaryLanguage": "Python",
    "languages": ["HTML", "Python"],
    "topics": ["forms"],
    "license": {"spdxId": "GPL-3.0", "name": "GNU General Public License v3.0"},
    "latestRelease": {"tagName": "v2", "publishedAt": "2025-05-06T00:00:00Z"},
    "files": [],
}
PROJECT: dict[str, Any] = {
    "id": 31,
    "name": "Portal",
    "path_with_namespace": "gov/portal",
    "web_url": "https://gitlab.example/gov/portal",
    "description": "A portal, questions to help@city.example please",
    "topics": ["open-data"],
    "created_at": "2021-01-01T01:00:00.000+01:00",
    "last_activity_at": "2026-02-03T00:00:00Z",
    "star_count": 3,
    "archived": True,
    "license": {"key": "agpl-3.0", "name": "GNU Affero General Public License v3.0"},
    "forked_from_project": {"web_url": "https://gitlab.example/a/portal"},
    "namespace": {"kind": "group", "name": "Government", "web_url": "https://gitlab.example/groups/gov"},
    "languages": ["Ruby"],
    "files": [],
}
FILE = """\
publiccodeYmlVersion: "0.4"
name: Forms of the City
url: https://github.com/City/Forms
landingURL: https://forms.example.org
releaseDate: 2025-05-06
platforms: [web, linux]
categories: [procurement]
developmentStatus: stable
softwareType: standalone/web
usedBy: [City of Example, someone@example.org]
intendedAudience:
  countries: [it, NO]
description:
  it-IT:
    shortDescription: Moduli in linea
    longDescription: Scrivere a aiuto@city.example per domande.
    features: [Moduli, Firme]
  en:
    shortDescription: Forms online
    documentation: https://docs.example.org
legal:
  license: AGPL-3.0-or-later
  repoOwner: City of Example
maintenance:
  type: internal
  contacts:
    - name: Ada Example
      email: ada@city.example
      phone: "+39 055 123456"
localisation:
  localisationReady: yes
  availableLanguages: [it, en-GB]
it:
  riuso:
    codiceIPA: c_x123
"""


def raw(payload: bytes, kind: str, **context: Any) -> RawItem:
    return RawItem(
        key="k",
        format=kind,
        payload=payload,
        url="https://example.org",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        context=context,
    )


def read_github(changes: dict[str, Any] | None = None, **context: Any) -> Reading:
    return github.read(raw(canonical_json(NODE | (changes or {})), "github", **context))


def read_file(text: str, repository: str | None = "https://github.com/City/Forms") -> Reading:
    return publiccode.read(raw(text.encode(), "publiccode", repository=repository))


def only(reading: Reading) -> Record:
    assert reading.outcome is Outcome.READ
    (record,) = reading.records
    return record


def issue(reading: Reading, code: str) -> Issue:
    found = [each for each in reading.issues if each.code == code]
    assert len(found) == 1, reading.issues
    return found[0]


def test_a_repository_of_github_says_what_github_says() -> None:
    record = only(read_github(country="FR"))
    fields = record.fields
    assert (record.key, record.priority) == ("repository", 40)
    assert set(record.identifiers) == {
        Identifier("forge", "github.com:7"),
        Identifier("repo", "https://github.com/city/forms"),
    }
    assert (fields.name, fields.kind, fields.license) == ("Forms", "software", "GPL-3.0")
    assert fields.license_text == "GNU General Public License v3.0"
    assert fields.date_modified == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (fields.software_version, fields.release_date) == ("v2", date(2025, 5, 6))
    assert (fields.fork, fields.archived, fields.stars) == (True, False, 12)
    assert fields.is_based_on == "https://github.com/other/forms"
    assert fields.programming_languages == ("Python", "HTML")
    assert fields.countries == ("FR",)
    assert fields.has_publiccode is False
    assert [(body.name, body.uri) for body in fields.organisations] == [
        ("City of Example", "https://github.com/City"),
    ]
    assert record.basis["stars"] is Basis.FORGE


def test_a_placeholder_is_no_fact() -> None:
    names = ["databaseId", "stargazerCount", "isFork", "pushedAt", "owner.name", "files"]
    record = only(read_github(placeholders=names))
    assert record.identifiers == (Identifier("repo", "https://github.com/city/forms"),)
    assert (record.fields.stars, record.fields.fork, record.fields.date_modified) == (None, None, None)
    assert record.fields.has_publiccode is None
    assert record.fields.organisations[0].name == "City"


@pytest.mark.parametrize("name", sorted(set(NODE) - {"url", "nameWithOwner"}))
def test_what_is_absent_is_unknown(name: str) -> None:
    for missing in ({key: value for key, value in NODE.items() if key != name}, NODE | {name: None}):
        assert github.read(raw(canonical_json(missing), "github")).outcome is Outcome.READ


def test_a_person_is_no_organisation() -> None:
    fields = only(read_github({"owner": {"__typename": "User", "login": "ada", "name": "Ada Example"}})).fields
    assert fields.organisations == ()


def test_a_licence_that_the_forge_could_not_tell_is_unknown() -> None:
    fields = only(read_github({"license": {"spdxId": "NOASSERTION", "name": "Other"}})).fields
    assert (fields.license, fields.license_text) == (None, None)


def test_a_repository_with_a_file_gives_two_records_under_the_same_identifiers() -> None:
    reading = read_github({"files": [{"path": "publiccode.yml", "oid": "1", "text": FILE}]})
    first, second = reading.records
    assert [(each.key, each.priority) for each in (first, second)] == [("repository", 40), ("publiccode.yml", 80)]
    assert set(first.identifiers) == set(second.identifiers)
    assert second.fields.name == "Forms of the City"
    assert second.fields.code_repository == first.fields.code_repository
    assert first.fields.has_publiccode is second.fields.has_publiccode is True


@pytest.mark.parametrize(
    ("text", "code", "line"), [("name: 'x\n", "yaml-syntax", 2), ("# soon\n", "yaml-form", 1), (None, "no-text", None)]
)
def test_a_broken_file_leaves_the_repository_and_says_where(text: str | None, code: str, line: int | None) -> None:
    reading = read_github({"files": [{"path": "publiccode.yml", "oid": "1", "text": text}]})
    assert only(reading).key == "repository"
    told = issue(reading, code)
    assert (told.line, told.place, told.severity) == (line, "publiccode.yml", Severity.ERROR)


def test_a_url_of_another_repository_suggests_and_does_not_merge() -> None:
    text = FILE.replace("City/Forms", "Other/Backend")
    reading = read_github({"files": [{"path": "publiccode.yml", "oid": "1", "text": text}]})
    record = reading.records[1]
    other = Identifier("repo", "https://github.com/other/backend")
    assert record.suggests == (other,)
    assert other not in record.identifiers
    assert record.fields.url == "https://github.com/Other/Backend"
    assert issue(reading, "url-mismatch").severity is Severity.WARNING


def test_a_project_of_gitlab_says_what_gitlab_says() -> None:
    record = only(gitlab.read(raw(canonical_json(PROJECT), "gitlab", host="gitlab.example")))
    fields = record.fields
    assert set(record.identifiers) == {
        Identifier("forge", "gitlab.example:31"),
        Identifier("repo", "https://gitlab.example/gov/portal"),
    }
    assert (fields.license, fields.stars, fields.archived, fields.fork) == ("AGPL-3.0", 3, True, True)
    assert fields.date_created == datetime(2021, 1, 1, tzinfo=UTC)
    assert fields.short_description == {"und": "A portal, questions to (address) please"}
    assert fields.programming_languages == ("Ruby",)
    assert fields.organisations[0].name == "Government"


def test_placeholders_inside_a_project_are_no_facts() -> None:
    context = {"host": "gitlab.example", "placeholders": ["id", "namespace.kind"]}
    record = only(gitlab.read(raw(canonical_json(PROJECT), "gitlab", **context)))
    assert record.identifiers == (Identifier("repo", "https://gitlab.example/gov/portal"),)
    assert record.fields.organisations == ()


def test_a_file_says_what_it_says() -> None:
    reading = read_file(FILE)
    record = only(reading)
    fields = record.fields
    assert reading.issues == ()
    assert (fields.name, fields.license, fields.development_status) == (
        "Forms of the City",
        "AGPL-3.0-or-later",
        "stable",
    )
    assert fields.short_description == {"it": "Moduli in linea", "en": "Forms online"}
    assert fields.features == {"it": "Moduli\nFirme"}
    assert fields.release_date == date(2025, 5, 6)
    assert set(fields.countries) == {"IT", "NO"}
    assert fields.available_languages == ("it", "en")
    assert fields.documentation == "https://docs.example.org"
    assert [(body.name, body.uri, body.country) for body in fields.organisations] == [
        ("City of Example", "urn:x-italian-pa:c_x123", "IT"),
    ]
    meant = only(understood(reading))
    assert meant.fields.use_cases == ("budget-and-procurement",)
    assert meant.because["use_cases"]["budget-and-procurement"] == "procurement"


@pytest.mark.parametrize("personal", ["Ada Example", "ada@city.example", "055 123456", "aiuto@", "someone@"])
def test_no_contact_and_no_mail_address_is_kept(personal: str) -> None:
    broken = FILE.replace("type: internal", "type: ada@city.example").replace("stable", "someone@example.org")
    for reading in (read_file(FILE), read_file(broken)):
        assert personal not in repr(reading)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column", "place"),
    [
        ("name: Forms of the City\n", "", "missing", 1, 1, "name"),
        ("  type: internal\n", "", "missing", 24, 1, "maintenance.type"),
        ("stable", "finished", "unknown-term", 8, 1, "developmentStatus"),
        ("standalone/web", "standalone/any", "unknown-term", 9, 1, "softwareType"),
        ("type: internal", "type: nobody", "unknown-term", 25, 3, "maintenance.type"),
        ("AGPL-3.0-or-later", "Free", "unknown-licence", 22, 3, "legal.license"),
        ("landingURL: https://", "landingURL: ", "bad-url", 4, 1, "landingURL"),
        ("url: https://github.com/City/Forms", "url: ask us", "bad-url", 3, 1, "url"),
        ("2025-05-06", "06/05/2025", "bad-date", 5, 1, "releaseDate"),
        ("[it, NO]", "[it, Atlantis]", "unknown-country", 12, 19, "intendedAudience.countries[1]"),
        ("[it, en-GB]", "[it, none]", "unknown-language", 32, 28, "localisation.availableLanguages[1]"),
        ("platforms: [web, linux]", "platforms: {a: b}", "wrong-type", 6, 1, "platforms"),
        ("Ready: yes", "Ready: perhaps", "wrong-type", 31, 3, "localisation.localisationReady"),
        ("    shortDescription: Forms online\n", "", "missing", 18, 3, "description.en.shortDescription"),
        ('"0.4"', '"3"', "unknown-version", 1, 1, "publiccodeYmlVersion"),
    ],
)
def test_a_fault_is_told_with_its_place_and_the_file_is_read(
    old: str, new: str, code: str, line: int, column: int, place: str
) -> None:
    assert old in FILE
    reading = read_file(FILE.replace(old, new, 1))
    assert only(reading).fields.license_text or code == "unknown-licence"
    told = issue(reading, code)
    assert (told.line, told.column, told.place) == (line, column, place)
    assert told.remedy


def test_keys_of_the_oldest_versions_are_understood() -> None:
    reading = read_file(
        """
publiccode-yaml-version: "http://w3id.org/publiccode/version/0.1"
name: Old
url: https://example.org/old.git
landing-url: https://old.example.org
release-date: "2018-01-31"
development-status: beta
software-type: softwareAddon
intendedaudience: {countries: [nl]}
description:
  eng: {short-description: Old but read, feature-list: [a]}
legal: {license: EUPL-1.2, repo-owner: An Office}
localization: {localizationReady: true, available-languages: [nl]}
maintenance: {type: none}
platforms: [web]
""",
        None,
    )
    fields = only(reading).fields
    assert fields.landing_url == "https://old.example.org"
    assert fields.release_date == date(2018, 1, 31)
    assert (fields.development_status, fields.software_type) == ("beta", "addon")
    assert fields.countries == ("NL",)
    assert fields.short_description == {"en": "Old but read"}
    assert fields.available_languages == ("nl",)
    assert fields.organisations[0].name == "An Office"
    assert not [each for each in reading.issues if each.code in ("missing", "unknown-version")]


@pytest.mark.parametrize("description", ["Moduli in linea", "[{shortdesc: Moduli in linea}]"])
def test_a_description_without_language_is_kept_and_told(description: str) -> None:
    start, end = FILE.index("description:"), FILE.index("legal:")
    reading = read_file(f"{FILE[:start]}description: {description}\n{FILE[end:]}")
    assert only(reading).fields.short_description == {"und": "Moduli in linea"}
    assert issue(reading, "wrong-type").place == "description"


ENTRY = {
    "id": "9c07",
    "url": "https://gitlab.example/city/forms.git",
    "aliases": ["https://old.example/city/forms"],
    "publiccodeYml": FILE,
    "active": True,
}


def test_an_entry_is_known_by_its_id_its_repository_and_its_aliases() -> None:
    reading = developers_italia.read(raw(canonical_json(ENTRY), "developers-italia", country="IT"))
    record = only(reading)
    assert set(record.identifiers) == {
        Identifier("catalogue", "developers-italia:9c07"),
        Identifier("repo", "https://gitlab.example/city/forms"),
        Identifier("repo", "https://old.example/city/forms"),
    }
    assert record.suggests == (Identifier("repo", "https://github.com/city/forms"),)
    assert record.priority == 60


def test_an_entry_without_any_repository_is_a_service_known_by_its_page() -> None:
    text = FILE.replace("url: https://github.com/City/Forms\n", "", 1)
    entry = {"id": "1", "publiccodeYml": text}
    record = only(developers_italia.read(raw(canonical_json(entry), "developers-italia")))
    assert record.fields.kind == "service"
    assert Identifier("landing", "https://forms.example.org") in record.identifiers


@pytest.mark.parametrize("text", [None, "", "name: 'x", "- a list"])
def test_an_entry_whose_file_cannot_be_read_is_refused(text: str | None) -> None:
    reading = developers_italia.read(raw(canonical_json(ENTRY | {"publiccodeYml": text}), "developers-italia"))
    assert reading.outcome is Outcome.REFUSED
    assert reading.issues[0].place == "publiccodeYml"


def read_link(**link: Any) -> Reading:
    return html_link.read(raw(canonical_json(link), "html-link"))


def test_a_link_to_a_repository_is_software() -> None:
    reading = read_link(href="https://github.com/City/Forms/tree/main", text="Forms", country="fr")
    record = only(reading)
    assert record.identifiers == (Identifier("repo", "https://github.com/city/forms"),)
    assert (record.fields.kind, record.fields.name, record.priority) == ("software", "Forms", 20)
    assert record.fields.countries == ("FR",)


def test_a_link_to_a_page_of_its_own_is_a_service() -> None:
    record = only(read_link(href="https://www.forms.example.org/?utm_source=x", text="Forms", service=True))
    assert record.identifiers == (Identifier("landing", "https://forms.example.org"),)
    assert (record.fields.kind, record.fields.code_repository) == ("service", None)


@pytest.mark.parametrize(
    ("href", "service"),
    [("https://github.com/features", False), ("https://sites.google.com/view/forms", True)],
)
def test_a_link_that_names_nothing_of_its_own_is_skipped(href: str, service: bool) -> None:
    reading = read_link(href=href, text="x", service=service)
    assert reading.outcome is Outcome.SKIPPED
    assert reading.reason


@pytest.mark.parametrize("href", ["mailto:ada@city.example", "javascript:alert(1)", "", None, "https://"])
def test_a_link_to_no_web_address_is_refused(href: str | None) -> None:
    reading = read_link(href=href, text="x")
    assert reading.outcome is Outcome.REFUSED
    assert "ada@" not in repr(reading)
