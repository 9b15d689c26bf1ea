"""publiccode.yml: every version's keys, an issue with its place for each fault, and a url that never identifies."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from harvester.assess.meaning import understood
from harvester.model import Basis, Identifier, Issue, Organisation, Outcome, RawItem, Reading, Record, Severity
from harvester.normalize import publiccode
from harvester.normalize.draft import FoundAt

HERE = "https://github.com/town/permits"
GOOD = """\
publiccodeYmlVersion: "0.4"
name: Permits
url: https://github.com/town/permits
landingURL: https://permits.example.org
isBasedOn: https://github.com/state/permits
softwareVersion: "1.10"
releaseDate: 2020-01-02
platforms: [web, linux]
categories: [whistleblowing]
usedBy: [Town of Example]
developmentStatus: stable
softwareType: standalone/web
intendedAudience:
  countries: [it, FR]
description:
  en:
    shortDescription: Issues permits.
    longDescription: It issues permits to those who ask for one.
    documentation: https://docs.example.org
    features: [Asks, Answers]
  it-IT:
    shortDescription: Rilascia permessi.
legal:
  license: AGPL-3.0-or-later
  repoOwner: Town of Example
maintenance:
  type: internal
  contacts:
    - name: Someone Whoever
      email: someone@example.org
      phone: "+39 000 1234567"
localisation:
  localisationReady: yes
  availableLanguages: [en, it-IT]
"""


def reading(text: str | bytes, repository: str | None = HERE) -> Reading:
    payload = text if isinstance(text, bytes) else text.encode()
    raw = RawItem(
        key="file",
        format="publiccode",
        payload=payload,
        url=HERE,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        context={"repository": repository},
    )
    return publiccode.read(raw)


def record(text: str | bytes, repository: str | None = HERE) -> Record:
    found = reading(text, repository)
    assert found.outcome is Outcome.READ
    (only,) = found.records
    return only


def changed(before: str, after: str) -> str:
    assert GOOD.count(before) == 1
    return GOOD.replace(before, after)


def the_issue(text: str) -> Issue:
    found = reading(text)
    assert found.outcome is Outcome.READ
    assert len(found.issues) == 1, [(issue.code, issue.place) for issue in found.issues]
    return found.issues[0]


def test_a_good_file_is_read_whole_and_without_complaint() -> None:
    found = reading(GOOD)
    assert found.issues == ()
    (only,) = found.records
    fields = only.fields
    assert (only.key, only.priority) == ("publiccode.yml", 80)
    assert only.identifiers == (Identifier("repo", HERE),)
    assert only.suggests == ()
    assert fields.name == "Permits"
    assert fields.kind == "software"
    assert fields.code_repository == fields.url == HERE
    assert fields.landing_url == "https://permits.example.org"
    assert fields.is_based_on == "https://github.com/state/permits"
    assert fields.software_version == "1.10"
    assert fields.release_date == date(2020, 1, 2)
    assert fields.platforms == ("web", "linux")
    assert fields.categories == ("whistleblowing",)
    assert fields.used_by == ("Town of Example",)
    assert fields.development_status == "stable"
    assert fields.software_type == "standalone/web"
    assert fields.countries == ("IT", "FR")
    assert fields.short_description == {"en": "Issues permits.", "it": "Rilascia permessi."}
    assert fields.features == {"en": "Asks\nAnswers"}
    assert fields.documentation == "https://docs.example.org"
    assert fields.license == "AGPL-3.0-or-later"
    assert fields.organisations == (Organisation("Town of Example"),)
    assert fields.available_languages == ("en", "it")
    assert fields.has_publiccode is True


def test_a_use_case_follows_from_the_category_and_says_so() -> None:
    (found,) = understood(reading(GOOD)).records
    assert found.fields.use_cases == ("transparency-monitoring",)
    assert found.basis == {"use_cases": Basis.TRANSLATED}
    assert found.because == {"use_cases": {"transparency-monitoring": "whistleblowing"}}


def test_nobody_who_is_named_as_a_contact_is_stored() -> None:
    found = repr(reading(GOOD))
    for said in ("Someone", "someone@", "1234567"):
        assert said not in found


def test_the_oldest_spellings_mean_todays_keys() -> None:
    old = """\
publiccode-yaml-version: "http://w3id.org/publiccode/version/0.1"
name: Permits
url: https://github.com/town/permits
landing-url: https://permits.example.org
software-version: "2"
release-date: 2019-04-05
platforms: [web]
development-status: production
software-type: standalone
description:
  en:
    short-description: Issues permits.
    long-description: It issues permits.
    feature-list: [Asks]
legal:
  license: EUPL-1.2
  repo-owner: Town of Example
maintenance: {type: internal}
localisation:
  localisation-ready: no
  available-languages: [en]
"""
    fields = record(old).fields
    assert fields.landing_url == "https://permits.example.org"
    assert fields.software_version == "2"
    assert fields.release_date == date(2019, 4, 5)
    assert fields.development_status == "stable"
    assert fields.software_type == "standalone/other"
    assert fields.short_description == {"en": "Issues permits."}
    assert fields.long_description == {"en": "It issues permits."}
    assert fields.license == "EUPL-1.2"
    assert fields.organisations == (Organisation("Town of Example"),)
    assert fields.available_languages == ("en",)


def test_an_old_key_s_issue_stands_where_the_old_key_was_written() -> None:
    issue = the_issue(changed("releaseDate: 2020-01-02", "release-date: soon"))
    assert (issue.code, issue.place, issue.line, issue.column) == ("bad-date", "releaseDate", 7, 1)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("name: Permits\n", "", ("missing", "name", 1, 1)),
        ("  license: AGPL-3.0-or-later\n", "", ("missing", "legal.license", 23, 1)),
        ("  type: internal\n", "", ("missing", "maintenance.type", 26, 1)),
        ("platforms: [web, linux]", "platforms: []", ("missing", "platforms", 8, 1)),
        ("platforms: [web, linux]", "platforms: web", ("wrong-type", "platforms", 8, 1)),
        ("categories: [whistleblowing]", "categories: {a: b}", ("wrong-type", "categories", 9, 1)),
        ("name: Permits", "name: [Permits]", ("wrong-type", "name", 2, 1)),
        ('softwareVersion: "1.10"', "softwareVersion: {a: 1}", ("wrong-type", "softwareVersion", 6, 1)),
        ("releaseDate: 2020-01-02", "releaseDate: 2020-13-02", ("bad-date", "releaseDate", 7, 1)),
        ("releaseDate: 2020-01-02", "releaseDate: 02/01/2020", ("bad-date", "releaseDate", 7, 1)),
        ("landingURL: https://permits", "landingURL: permits", ("bad-url", "landingURL", 4, 1)),
        ("developmentStatus: stable", "developmentStatus: fine", ("unknown-term", "developmentStatus", 11, 1)),
        ("softwareType: standalone/web", "softwareType: web", ("unknown-term", "softwareType", 12, 1)),
        ("  type: internal", "  type: somebody", ("unknown-term", "maintenance.type", 27, 3)),
        ("license: AGPL-3.0-or-later", "license: GPL", ("unknown-licence", "legal.license", 24, 3)),
        (
            "countries: [it, FR]",
            "countries: [it, Atlantis]",
            ("unknown-country", "intendedAudience.countries[1]", 14, 19),
        ),
        ("[en, it-IT]", "[en, 77]", ("unknown-language", "localisation.availableLanguages[1]", 34, 28)),
        ("  it-IT:\n", "  klingonish:\n", ("unknown-language", "description.klingonish", 21, 3)),
        ("name: Permits\n", "name: Old\nname: Permits\n", ("duplicate-key", "name", 3, 1)),
    ],
)
def test_each_fault_is_one_issue_at_its_place(before: str, after: str, expected: tuple[str, str, int, int]) -> None:
    issue = the_issue(changed(before, after))
    assert (issue.code, issue.place, issue.line, issue.column) == expected
    assert issue.severity is Severity.ERROR
    assert issue.message
    assert issue.remedy


def test_a_value_that_is_no_value_is_unknown_and_the_rest_stands() -> None:
    fields = record(changed("developmentStatus: stable", "developmentStatus: fine")).fields
    assert fields.development_status is None
    assert fields.software_type == "standalone/web"


def test_an_older_term_is_understood_with_a_warning() -> None:
    text = changed("developmentStatus: stable", "developmentStatus: Production")
    assert the_issue(text).severity is Severity.WARNING
    assert record(text).fields.development_status == "stable"


def test_a_family_of_licences_is_kept_as_written_and_never_completed() -> None:
    fields = record(changed("license: AGPL-3.0-or-later", "license: GPL")).fields
    assert (fields.license, fields.license_text) == (None, "GPL")


def test_another_url_suggests_and_never_identifies() -> None:
    text = changed("url: https://github.com/town/permits", "url: https://github.com/state/Permits.git")
    issue = the_issue(text)
    assert (issue.code, issue.severity, issue.place) == ("url-mismatch", Severity.WARNING, "url")
    assert (issue.line, issue.column) == (text[: text.index("url: ")].count("\n") + 1, 1)
    found = record(text)
    assert found.identifiers == (Identifier("repo", HERE),)
    assert found.suggests == (Identifier("repo", "https://github.com/state/permits"),)
    assert found.fields.code_repository == HERE


def test_another_spelling_of_the_same_url_is_no_mismatch() -> None:
    text = changed("url: https://github.com/town/permits", "url: git@github.com:Town/Permits.git")
    assert [issue.code for issue in reading(text).issues] == []
    assert record(text).suggests == ()


def test_an_alias_of_the_repository_is_no_mismatch() -> None:
    parsed = publiccode.parse(changed("url: https://github.com/town", "url: https://github.com/old-town"))
    alias = Identifier("repo", "https://github.com/old-town/permits")
    draft = publiccode.drafted(parsed, FoundAt(repository=HERE, identifiers=(alias,)))
    assert draft.issues == []
    assert draft.suggests == []


def test_a_file_of_no_known_place_has_no_identity() -> None:
    found = record(GOOD, repository=None)
    assert found.identifiers == ()
    assert found.suggests == ()
    assert found.fields.code_repository == HERE


def test_defaults_fill_only_what_the_file_leaves_open() -> None:
    said = publiccode.parse(GOOD)
    silent = publiccode.parse(changed("  countries: [it, FR]", "  scope: [culture]"))
    for parsed, countries in ((said, ("IT", "FR")), (silent, ("DE",))):
        draft = publiccode.drafted(parsed, FoundAt(repository=HERE, country="DE"))
        assert draft.values["countries"] == countries


def test_an_italian_body_is_in_italy() -> None:
    fields = record(GOOD + "it:\n  riuso:\n    codiceIPA: c_x000\n").fields
    assert fields.organisations == (Organisation("Town of Example", "urn:x-italian-pa:c_x000", "IT"),)
    assert fields.countries == ("IT", "FR")


def test_an_organisation_that_is_somebody_s_address_is_left_out() -> None:
    assert record(changed("repoOwner: Town of Example", "repoOwner: someone@example.org")).fields.organisations == ()


@pytest.mark.parametrize("key", ["name: ", "landingURL: ", "developmentStatus: ", "  license: "])
def test_no_issue_repeats_an_address_of_mail(key: str) -> None:
    line = next(line for line in GOOD.splitlines() if line.startswith(key))
    said = repr(reading(changed(line + "\n", f"{key}ask someone@example.org\n")).issues)
    assert "someone@" not in said


def test_an_address_of_mail_in_a_description_is_hidden() -> None:
    found = record(changed("Issues permits.", "Write to someone@example.org for a permit."))
    assert "@" not in found.fields.short_description["en"]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "yaml-form", 1, 1),
        ("# only a comment\n", "yaml-form", 1, 1),
        ("- a\n", "yaml-form", 1, 1),
        ("name: Permits\nurl: [\n", "yaml-syntax", 3, 1),
        ("name: Permits\nurl: !!python/name:os.system x\n", "yaml-form", 2, 6),
    ],
)
def test_what_is_no_mapping_is_refused_with_its_place(text: str, code: str, line: int, column: int) -> None:
    found = reading(text)
    assert found.outcome is Outcome.REFUSED
    (issue,) = found.issues
    assert (issue.code, issue.line, issue.column, issue.severity) == (code, line, column, Severity.ERROR)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_s_encoding_does_not_matter(encoding: str) -> None:
    text = changed("name: Permits", "name: Città")
    assert record(text.encode(encoding)).fields.name == "Città"
    warned = [issue.code for issue in reading(text.encode(encoding)).issues]
    assert warned == (["charset"] if encoding == "cp1252" else [])


def test_every_value_of_the_wrong_type_still_gives_a_record() -> None:
    keys = [line.partition(":")[0] for line in GOOD.splitlines() if not line.startswith(" ")]
    for odd in ("[]", "{}", "[[1]]", "{a: {b: 1}}", "5", "true", "~", "''"):
        text = "\n".join(f"{key}: {odd}" for key in keys)
        assert reading(text).outcome is Outcome.READ


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("features: [Asks, Answers]", "features: Asks and answers", "features"),
        ("longDescription: It issues permits to those who ask for one.", "longDescription: [a, b]", "longDescription"),
    ],
)
def test_what_has_another_type_is_told(before: str, after: str, key: str) -> None:
    found = reading(changed(before, after))
    assert [(issue.code, issue.place) for issue in found.issues] == [("wrong-type", f"description.en.{key}")]
    assert "Asks" in found.records[0].fields.features["en"]


@pytest.mark.parametrize(
    ("section", "countries"),
    [
        ("it:\n  conforme:\n    gdpr: true\n", ()),
        ("it:\n  countryExtensionVersion: '1.0'\n  piattaforme:\n    spid: false\n", ()),
        ("it:\n  riuso:\n    codiceIPA: c_x000\n", ("IT",)),
    ],
)
def test_an_it_section_means_italy_only_where_it_names_an_italian_body(
    section: str, countries: tuple[str, ...]
) -> None:
    silent = "\n".join(
        line for line in GOOD.splitlines() if "countries" not in line.lower() and "x-italian" not in line
    )
    assert record(silent + "\n" + section).fields.countries == countries
