"""GitHub's and GitLab's repositories, a catalogue's entries and pages' links: only what is known is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from harvester.assess.meaning import understood
from harvester.model import Basis, Identifier, Organisation, Outcome, RawItem, Reading, Severity
from harvester.normalize import developers_italia, github, gitlab, html_link
from harvester.normalize.canonical import canonical_json

PUBLICCODE = """\
publiccodeYmlVersion: "0.4"
name: Permits of the town
url: https://github.com/town/permits
platforms: [web]
categories: [whistleblowing]
developmentStatus: stable
softwareType: standalone/web
description:
  en:
    shortDescription: Issues permits.
legal:
  license: AGPL-3.0-or-later
maintenance:
  type: internal
localisation:
  localisationReady: false
  availableLanguages: [en]
"""
NODE: dict[str, Any] = {
    "databaseId": 123,
    "nameWithOwner": "Town/Permits",
    "name": "Permits",
    "url": "https://github.com/Town/Permits",
    "description": "An open data portal",
    "homepageUrl": "https://permits.example.org",
    "isArchived": False,
    "isFork": True,
    "createdAt": "2015-01-02T03:04:05Z",
    "pushedAt": "2020-01-02T03:04:05Z",
    "stargazerCount": 7,
    "owner": {"__typename": "Organization", "login": "Town", "name": "Town of Example"},
    "parent": {"url": "https://github.com/state/permits"},
    "primaryLanguage": "Ruby",
    "languages": ["Ruby", "CSS"],
    "topics": ["open-data"],
    "license": {"spdxId": "MIT", "name": "MIT License"},
    "latestRelease": {"tagName": "v1.10", "publishedAt": "2019-01-02T03:04:05Z"},
    "files": [],
}
PROJECT: dict[str, Any] = {
    "id": 45,
    "name": "Permits",
    "path_with_namespace": "town/permits",
    "web_url": "https://gitlab.example.org/Town/permits",
    "description": "An open data portal",
    "created_at": "2015-01-02T03:04:05.000Z",
    "last_activity_at": "2020-01-02T05:04:05.000+02:00",
    "archived": False,
    "star_count": 3,
    "topics": ["open-data"],
    "license": {"key": "agpl-3.0", "name": "GNU Affero General Public License v3.0"},
    "namespace": {"kind": "group", "name": "Town of Example", "web_url": "https://gitlab.example.org/groups/town"},
    "languages": ["Ruby"],
    "files": [],
}


def item(payload: Any, kind: str, **context: Any) -> RawItem:
    return RawItem(
        key="item",
        format=kind,
        payload=payload if isinstance(payload, bytes) else canonical_json(payload),
        url="https://source.example/item",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        context=context,
    )


def hub(changes: dict[str, Any] | None = None, **context: Any) -> Reading:
    return understood(github.read(item(NODE | (changes or {}), "github", **context)))


def lab(changes: dict[str, Any] | None = None, **context: Any) -> Reading:
    return understood(gitlab.read(item(PROJECT | (changes or {}), "gitlab", **context)))


def test_a_repository_of_github_is_read_whole() -> None:
    found = hub(country="IT")
    assert found.outcome is Outcome.READ
    assert found.issues == ()
    (record,) = found.records
    fields = record.fields
    assert (record.key, record.priority) == ("repository", 40)
    assert record.identifiers == (
        Identifier("forge", "github.com:123"),
        Identifier("repo", "https://github.com/town/permits"),
    )
    assert fields.name == "Permits"
    assert fields.kind == "software"
    assert fields.code_repository == "https://github.com/Town/Permits"
    assert fields.landing_url == "https://permits.example.org"
    assert fields.short_description == {"en": "An open data portal"}
    assert (fields.license, fields.license_text) == ("MIT", "MIT License")
    assert (fields.software_version, fields.release_date) == ("v1.10", date(2019, 1, 2))
    assert fields.date_created == datetime(2015, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert fields.date_modified == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (fields.archived, fields.fork, fields.stars) == (False, True, 7)
    assert fields.is_based_on == "https://github.com/state/permits"
    assert fields.has_publiccode is False
    assert fields.organisations == (Organisation("Town of Example", "https://github.com/Town", "IT", "local"),)
    assert fields.countries == ("IT",)
    assert set(fields.programming_languages) == {"Ruby", "CSS"}
    assert fields.use_cases == ("open-data-portal",)
    assert record.basis["use_cases"] is Basis.INFERRED
    assert record.because["use_cases"]
    assert record.basis["stars"] is Basis.FORGE


@pytest.mark.parametrize("path", ["publiccode.yml", "publiccode.yaml", ".publiccode.yml"])
def test_a_publiccode_among_the_files_of_github_gives_its_record(path: str) -> None:
    files = [{"path": "README.md", "oid": "1", "text": "# A"}, {"path": path, "oid": "2", "text": PUBLICCODE}]
    node = {name: value for name, value in NODE.items() if name != "publiccode"}
    found = github.read(item(node | {"files": files}, "github"))
    assert found.records[0].fields.has_publiccode is True
    assert found.records[1].fields.name == "Permits of the town"
    without = github.read(item(node | {"files": files[:1]}, "github"))
    assert [record.fields.has_publiccode for record in without.records] == [False]


def test_a_former_name_on_github_is_an_address_of_the_same_software() -> None:
    (record,) = hub({"formerly": ["Town/Old-Name", "state/permits", "town/permits", "", 7]}).records
    assert record.identifiers == (
        Identifier("forge", "github.com:123"),
        Identifier("repo", "https://github.com/town/permits"),
        Identifier("repo", "https://github.com/town/old-name"),
        Identifier("repo", "https://github.com/state/permits"),
    )


def test_a_mirror_is_based_on_what_it_mirrors_and_a_fork_on_its_parent() -> None:
    (mirror,) = hub({"parent": None, "isFork": False, "mirrorUrl": "https://git.example.org/permits.git"}).records
    (fork,) = hub({"mirrorUrl": "https://git.example.org/permits.git"}).records
    assert mirror.fields.is_based_on == "https://git.example.org/permits.git"
    assert fork.fields.is_based_on == "https://github.com/state/permits"


def test_forks_mirrors_and_templates_are_told_apart_and_a_mirror_may_be_what_it_mirrors() -> None:
    (mirror,) = hub({"isFork": False, "isMirror": True, "mirrorUrl": "https://git.example.org/permits.git"}).records
    (template,) = hub({"isFork": False, "isMirror": False, "isTemplate": True, "mirrorUrl": None}).records
    assert (mirror.fields.fork, mirror.fields.mirror, mirror.fields.template) == (False, True, None)
    assert mirror.suggests == (Identifier("repo", "https://git.example.org/permits"),)
    assert (template.fields.fork, template.fields.mirror, template.fields.template) == (False, False, True)
    assert template.suggests == ()
    assert template.basis["template"] is Basis.FORGE
    assert "is_based_on" not in lab(forked_from_project=None).records[0].basis  # nothing is said, so by nobody


def test_a_project_of_gitlab_is_read_whole() -> None:
    (record,) = lab(country="FR").records
    fields = record.fields
    assert record.identifiers == (
        Identifier("forge", "gitlab.example.org:45"),
        Identifier("repo", "https://gitlab.example.org/town/permits"),
    )
    assert fields.code_repository == "https://gitlab.example.org/Town/permits"
    assert fields.license == "AGPL-3.0"
    assert fields.date_modified == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert fields.stars == 3
    assert fields.programming_languages == ("Ruby",)
    assert fields.organisations == (
        Organisation("Town of Example", "https://gitlab.example.org/groups/town", "FR", "local"),
    )
    assert fields.use_cases == ("open-data-portal",)


@pytest.mark.parametrize("name", sorted(set(NODE) - {"url", "nameWithOwner", "name"}))
def test_what_github_leaves_out_is_unknown_and_not_false(name: str) -> None:
    without = {key: value for key, value in NODE.items() if key != name}
    found = github.read(item(without, "github"))
    assert found.outcome is Outcome.READ
    of = {
        "databaseId": None,
        "isArchived": "archived",
        "isFork": "fork",
        "stargazerCount": "stars",
        "files": "has_publiccode",
        "license": "license",
        "pushedAt": "date_modified",
        "latestRelease": "software_version",
        "description": "short_description",
        "parent": "is_based_on",
    }.get(name)
    if of:
        assert not getattr(found.records[0].fields, of)
        assert getattr(found.records[0].fields, of) is not False
    if name == "databaseId":
        assert [identifier.scheme for identifier in found.records[0].identifiers] == ["repo"]


def test_a_placeholder_of_github_is_never_shown_as_fact() -> None:
    names = ["databaseId", "stargazerCount", "isFork", "isArchived", "pushedAt", "files", "license"]
    (record,) = hub(placeholders=names).records
    assert record.identifiers == (Identifier("repo", "https://github.com/town/permits"),)
    fields = record.fields
    assert (fields.stars, fields.fork, fields.archived, fields.date_modified) == (None, None, None, None)
    assert (fields.has_publiccode, fields.license) == (None, None)


def test_a_placeholder_of_gitlab_is_never_shown_as_fact() -> None:
    forked = {"forked_from_project": {"web_url": "https://gitlab.example.org/state/permits"}}
    names = ["id", "star_count", "forked_from_project", "archived", "namespace.kind"]
    (record,) = lab(forked, placeholders=names).records
    assert record.identifiers == (Identifier("repo", "https://gitlab.example.org/town/permits"),)
    fields = record.fields
    assert (fields.stars, fields.fork, fields.archived, fields.is_based_on) == (None, None, None, None)
    assert fields.organisations == ()


@pytest.mark.parametrize(("value", "fork"), [({"web_url": "https://gitlab.example.org/a/b"}, True), (None, False)])
def test_a_fork_on_gitlab_is_one_when_it_names_its_origin(value: Any, fork: bool) -> None:
    assert lab({"forked_from_project": value}).records[0].fields.fork is fork
    assert lab().records[0].fields.fork is None


@pytest.mark.parametrize(
    "owner", [{"__typename": "User", "login": "someone", "name": "Someone Whoever"}, {"login": "x"}, None, [], {}]
)
def test_a_person_s_account_is_no_organisation(owner: Any) -> None:
    found = hub({"owner": owner})
    assert found.records[0].fields.organisations == ()
    assert "Someone" not in repr(found)


@pytest.mark.parametrize("namespace", [{"kind": "user", "name": "Someone Whoever", "full_path": "x"}, {}, None, "x"])
def test_a_person_s_namespace_is_no_organisation(namespace: Any) -> None:
    found = lab({"namespace": namespace})
    assert found.records[0].fields.organisations == ()
    assert "Someone" not in repr(found)


def test_the_publisher_of_a_source_stands_for_a_person_s_account() -> None:
    person = {"__typename": "User", "login": "someone"}
    assert hub({"owner": person}, publisher="A ministry", country="FR").records[0].fields.organisations == (
        Organisation("A ministry", None, "FR"),
    )


@pytest.mark.parametrize(
    ("license", "expected"),
    [
        ({"spdxId": "NOASSERTION", "name": "Other"}, (None, None)),
        ({"spdxId": "GPL-3.0", "name": "GNU General Public License v3.0"}, ("GPL-3.0", None)),
        ({"spdxId": "LicenseRef-own", "name": "Own"}, (None, None)),
        ({"spdxId": None, "name": "Other"}, (None, None)),
        (None, (None, None)),
        ("MIT", (None, None)),
    ],
)
def test_a_licence_of_github_is_never_guessed(license: Any, expected: tuple[str | None, None]) -> None:
    assert hub({"license": license}).records[0].fields.license == expected[0]


@pytest.mark.parametrize("license", [{"key": "other", "name": "Other"}, {"key": "gpl"}, None, [], "mit"])
def test_a_licence_of_gitlab_is_never_guessed(license: Any) -> None:
    assert lab({"license": license}).records[0].fields.license is None


READERS: list[tuple[Callable[..., Reading], str]] = [
    (hub, "https://github.com/town/permits"),
    (lab, "https://gitlab.example.org/town/permits"),
]


@pytest.mark.parametrize(("read", "repository"), READERS)
def test_a_publiccode_in_a_repository_gives_a_second_record(read: Callable[..., Reading], repository: str) -> None:
    text = PUBLICCODE.replace("https://github.com/town/permits", repository)
    found = read({"files": [{"path": "publiccode.yml", "text": text}]})
    assert found.outcome is Outcome.READ
    assert found.issues == ()
    own, file = found.records
    assert (own.key, own.priority, own.fields.name) == ("repository", 40, "Permits")
    assert (file.key, file.priority, file.fields.name) == ("publiccode.yml", 80, "Permits of the town")
    assert file.identifiers == own.identifiers
    assert {identifier.scheme for identifier in own.identifiers} == {"forge", "repo"}
    assert own.fields.has_publiccode is True
    assert file.fields.license == "AGPL-3.0-or-later"


@pytest.mark.parametrize(("read", "repository"), READERS)
def test_what_the_file_says_of_use_replaces_what_words_suggest(read: Callable[..., Reading], repository: str) -> None:
    del repository
    own, file = read({"files": [{"path": "publiccode.yml", "text": PUBLICCODE}]}).records
    assert file.fields.use_cases == ("transparency-monitoring",)
    assert own.fields.use_cases == ()
    assert "use_cases" not in own.basis
    assert "use_cases" not in own.because


@pytest.mark.parametrize(("read", "repository"), READERS)
def test_a_copied_publiccode_suggests_its_origin_and_is_not_it(read: Callable[..., Reading], repository: str) -> None:
    text = PUBLICCODE.replace("github.com/town", "github.com/state")
    found = read({"files": [{"path": "publiccode.yml", "text": text}]})
    own, file = found.records
    assert [issue.code for issue in found.issues] == ["url-mismatch"]
    assert file.suggests == (Identifier("repo", "https://github.com/state/permits"),)
    assert Identifier("repo", repository) in file.identifiers
    assert file.fields.code_repository == own.fields.code_repository


@pytest.mark.parametrize(("read", "repository"), READERS)
def test_what_names_another_repository_and_holds_no_code_is_a_question(
    read: Callable[..., Reading], repository: str
) -> None:
    text = PUBLICCODE.replace(repository, "https://github.com/state/permits").replace("town/permits", "state/permits")
    held = {"files": [{"path": "publiccode.yml", "text": text}], "primaryLanguage": None}
    asked = read(held | {"languages": []})
    assert {record.question for record in asked.records} == {"describes-another"}
    assert [(issue.code, issue.place, issue.line) for issue in asked.issues] == [("describes-another", "url", 3)]
    for languages in (["C++"], None):  # it holds code, and nobody asked
        found = read(held | {"languages": languages})
        assert {record.question for record in found.records} == {None}
        assert [issue.code for issue in found.issues] == ["url-mismatch"]


@pytest.mark.parametrize(("read", "repository"), READERS)
@pytest.mark.parametrize(
    ("file", "code"),
    [
        ({"path": "publiccode.yml", "text": "name: [\n"}, "yaml-syntax"),
        ({"path": "publiccode.yml", "text": "- a\n"}, "yaml-form"),
        ({"path": "publiccode.yml", "text": ""}, "yaml-form"),
        ({"path": "publiccode.yml", "text": None}, "no-text"),
        ({"path": "publiccode.yml"}, "no-text"),
    ],
)
def test_a_broken_publiccode_leaves_the_repository_and_an_issue(
    read: Callable[..., Reading], repository: str, file: Any, code: str
) -> None:
    found = read({"files": [file]})
    assert found.outcome is Outcome.READ
    assert [record.key for record in found.records] == ["repository"]
    assert Identifier("repo", repository) in found.records[0].identifiers
    (issue,) = found.issues
    assert (issue.code, issue.severity, issue.place) == (code, Severity.ERROR, "publiccode.yml")
    assert (issue.line is not None) is code.startswith("yaml")


@pytest.mark.parametrize(
    "changes",
    [
        {"url": None, "nameWithOwner": None},
        {"url": "https://github.com/town", "nameWithOwner": None},
        {"url": "javascript:alert(1)"},
    ],
)
def test_a_node_without_a_repository_is_refused(changes: dict[str, Any]) -> None:
    found = hub(changes)
    assert found.outcome is Outcome.REFUSED
    assert [issue.code for issue in found.issues] == ["no-repository"]


def test_a_project_without_a_repository_is_refused() -> None:
    assert lab({"web_url": None, "http_url_to_repo": None}).outcome is Outcome.REFUSED
    assert lab({"web_url": None, "http_url_to_repo": "https://gitlab.example.org/a/b.git"}).outcome is Outcome.READ


@pytest.mark.parametrize("read", [github.read, gitlab.read, developers_italia.read, html_link.read])
@pytest.mark.parametrize(
    ("payload", "code"), [(b"{", "json-syntax"), (b"[]", "json-form"), (b"[" * 99_999, "json-syntax")]
)
def test_what_is_no_json_object_is_refused(read: Callable[[RawItem], Reading], payload: bytes, code: str) -> None:
    found = read(item(payload, "any"))
    assert found.outcome is Outcome.REFUSED
    assert [issue.code for issue in found.issues] == [code]


ENTRY: dict[str, Any] = {
    "id": "9c07d69d-0000",
    "url": "https://github.com/town/permits.git",
    "aliases": ["https://github.com/old-town/permits"],
    "publiccodeYml": PUBLICCODE,
    "active": True,
}


def entry(changes: dict[str, Any] | None = None, **context: Any) -> Reading:
    return developers_italia.read(item(ENTRY | (changes or {}), "developers-italia", **context))


def test_a_catalogue_s_entry_is_known_by_its_id_and_every_address() -> None:
    found = entry(country="IT")
    assert found.issues == ()
    (record,) = found.records
    assert set(record.identifiers) == {
        Identifier("repo", "https://github.com/town/permits"),
        Identifier("repo", "https://github.com/old-town/permits"),
        Identifier("catalogue", "developers-italia:9c07d69d-0000"),
    }
    assert record.fields.countries == ("IT",)
    assert entry(catalogue="other").records[0].identifiers[-1] == Identifier("catalogue", "other:9c07d69d-0000")


def test_an_entry_whose_file_names_an_alias_is_no_mismatch() -> None:
    aliased = PUBLICCODE.replace("github.com/town", "github.com/Old-Town")
    assert entry({"publiccodeYml": aliased}).issues == ()
    foreign = entry({"publiccodeYml": PUBLICCODE.replace("github.com/town", "github.com/state")})
    assert [issue.code for issue in foreign.issues] == ["url-mismatch"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "no-publiccode"),
        ("", "no-publiccode"),
        (5, "no-publiccode"),
        ("a: [", "yaml-syntax"),
        ("- a", "yaml-form"),
    ],
)
def test_an_entry_without_a_readable_file_is_refused(text: Any, code: str) -> None:
    found = entry({"publiccodeYml": text})
    assert found.outcome is Outcome.REFUSED
    assert [issue.code for issue in found.issues] == [code]


def link(**said: Any) -> Reading:
    return html_link.read(item({"text": "Permits", "page": "https://town.example"} | said, "html-link"))


def test_a_link_to_a_repository_is_software() -> None:
    (record,) = link(href="https://github.com/Town/Permits/tree/main").records
    assert (record.key, record.priority) == ("link", 20)
    assert record.identifiers == (Identifier("repo", "https://github.com/town/permits"),)
    assert record.fields.kind == "software"
    assert record.fields.code_repository == "https://github.com/Town/Permits"
    assert record.fields.organisations == ()


def test_a_link_to_a_site_of_its_own_is_a_service() -> None:
    (record,) = link(service=True, href="https://www.permits.example.org/?utm_source=town").records
    assert record.identifiers == (Identifier("landing", "https://permits.example.org"),)
    assert record.fields.kind == "service"
    assert record.fields.code_repository is None


def test_a_link_that_an_earlier_version_kept_as_a_service_is_one() -> None:
    (record,) = link(kind="service", href="https://www.permits.example.org/").records
    assert record.fields.kind == "service"
    assert link(kind="repository", href="https://www.permits.example.org/").outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    "href",
    [
        "https://www.facebook.com/permits",
        "https://permits.github.io",
        "https://docs.google.com/x",
    ],
)
def test_a_service_on_a_host_of_many_is_skipped_with_the_reason(href: str) -> None:
    found = link(service=True, href=href)
    assert found.outcome is Outcome.SKIPPED
    assert found.reason
    assert found.records == ()


@pytest.mark.parametrize("href", ["https://github.com/town", "https://town.example/", "https://github.com/topics/x"])
def test_a_link_to_no_repository_is_skipped(href: str) -> None:
    assert link(href=href).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    "href", [None, "", "permits", "mailto:someone@example.org", "javascript:x", "ftp://a.example/b", 5]
)
def test_an_unusable_link_is_refused(href: Any) -> None:
    found = link(href=href)
    assert found.outcome is Outcome.REFUSED
    (issue,) = found.issues
    assert (issue.code, issue.place, issue.severity) == ("bad-url", "href", Severity.ERROR)
    assert "someone@" not in repr(found)


FOREIGN = PUBLICCODE.replace("github.com/town", "git.example/town")


def test_a_mirror_is_not_told_to_name_itself() -> None:
    found = hub({"files": [{"path": "publiccode.yml", "text": FOREIGN}], "isMirror": True})
    assert found.issues == ()
    assert found.records[0].fields.mirror is True
    assert found.records[1].suggests == (Identifier("repo", "https://git.example/town/permits"),)


def test_a_repository_that_describes_another_software_is_none_itself() -> None:
    found = hub({"files": [{"path": "publiccode.yml", "text": FOREIGN}]}, describes_another=True)
    (record,) = found.records
    assert (record.identifiers, record.suggests) == ((Identifier("repo", "https://git.example/town/permits"),), ())
    assert record.fields.code_repository == "https://git.example/town/permits"
    assert found.issues == ()
    for text in (PUBLICCODE, "name: [\n"):
        refused = hub({"files": [{"path": "publiccode.yml", "text": text}]}, describes_another=True)
        assert refused.outcome is Outcome.REFUSED
        assert refused.issues[-1].code == "no-repository"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"isEmpty": True}, "the repository is empty"),
        ({"nameWithOwner": "Town/.github"}, "the repository holds its owner's pages on the forge"),
    ],
)
def test_what_holds_nothing_or_the_owner_s_pages_is_no_software(changes: dict[str, Any], reason: str) -> None:
    found = hub(changes)
    assert (found.outcome, found.reason, found.records) == (Outcome.SKIPPED, reason, ())


def test_the_letter_case_of_a_path_is_the_forge_s_own_business() -> None:
    found = lab({"web_url": "https://forge.example.org/DSI/Permits", "path_with_namespace": "DSI/Permits"})
    values = {one.value for one in found.records[0].identifiers}
    assert {"https://forge.example.org/DSI/Permits", "https://forge.example.org/dsi/permits"} <= values
