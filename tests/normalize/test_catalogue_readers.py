"""The readers of catalogues: no payload makes one raise, and only what is certain names a software."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from support.examples import examples

from harvester.catalogue.codec import dump
from harvester.model import Fields, Outcome, RawItem, Reading
from harvester.normalize import beta_gouv, codegouv, comptoir_du_libre, digital_public_goods, sill, wikidata
from harvester.normalize.canonical import canonical_json
from harvester.normalize.urls import surely_repository

READERS: dict[str, Callable[[RawItem], Reading]] = {
    "sill": sill.read,
    "comptoir-du-libre": comptoir_du_libre.read,
    "digital-public-goods": digital_public_goods.read,
    "wikidata": wikidata.read,
    "codegouv-repository": codegouv.read,
    "beta-gouv": beta_gouv.read,
}
KEYS = (
    "id name description license keywords categories softwareExternalData externalId sourceSlug codeRepositoryUrl url"
    " wikidataId comptoirDuLibreId latestVersion semVer publicationTime operatingSystems runtimePlatforms instances"
    " userAndReferentCountByOrganization authors i f l co sources website frama encoded-name fr-desc doc la se c"
    " licence external_resources wikidata sill framalibre cnll slug users type repository logoUrl"
    " dpgId dpgid repositories sourceURL otherSources openLicense openlicenses spdx locations developmentCountries"
    " originCountry SDGs sdgs sectors solutionType features organizations org_type ownerName category logo"
    " asked item software rows what value language label date"
    " repository_url organization_names homepage creation_date last_modification is_fork stars_count topics"
).split()
TEXTS = st.one_of(
    st.text(st.characters(), max_size=10),
    st.sampled_from(
        (
            "https://github.com/Owner/Name",
            "https://github.com/owner, see also http://[::1",
            "git@github.com:a/b.git",
            "https://é.example/%ff?%ff=%00",
            "9999-12-31T23:59:59-14:00",
            "Q42",
            "MIT OR (",
            "\ud800",
            "a\0b",
            "wikidata",
            "label",
            "sdg-3",
        )
    ),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.one_of(st.sampled_from(KEYS), TEXTS), inner, max_size=4)
    ),
    max_leaves=10,
)
PAYLOADS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=12)


def item(payload: bytes, **context: Any) -> RawItem:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return RawItem(key="k", format="x", payload=payload, url="https://x.example/k", fetched_at=now, context=context)


def read(kind: str, payload: Any, **context: Any) -> Reading:
    return READERS[kind](item(canonical_json(payload), **context))


def fields(reading: Reading) -> Fields:
    assert reading.outcome is Outcome.READ, reading
    return reading.records[0].fields


def names(reading: Reading) -> list[str]:
    return [str(name) for name in reading.records[0].identifiers]


def holds(reading: Reading) -> None:
    """What every reading promises, and that a database can take it."""
    assert (reading.outcome is Outcome.READ) == bool(reading.records)
    assert (reading.outcome is Outcome.SKIPPED) == bool(reading.reason)
    if reading.outcome is Outcome.REFUSED:
        assert any(issue.severity == "error" for issue in reading.issues)
    for record in reading.records:
        assert record.identifiers
        assert "\0" not in dump(record)
        dump(record).encode()
    for issue in reading.issues:
        dump(issue).encode()
        assert issue.value is None or 0 < len(issue.value) <= 200


@pytest.mark.parametrize("kind", sorted(set(READERS) - {"beta-gouv"}))
@examples(150, suppress_health_check=[HealthCheck.too_slow])
@given(payload=PAYLOADS)
def test_no_payload_makes_a_reader_raise(kind: str, payload: dict[str, Any]) -> None:
    holds(read(kind, payload, file="a/b.json", shared=["wikidata:Q42"]))


@pytest.mark.parametrize("kind", sorted(READERS))
@examples(80)
@given(payload=st.one_of(st.binary(max_size=60), st.sampled_from((b"", b"[]", b"[" * 100_000, b"null", b'{"id":1'))))
def test_no_bytes_make_a_reader_raise(kind: str, payload: bytes) -> None:
    holds(READERS[kind](item(payload)))


@examples(150)
@given(front=st.text(max_size=80))
def test_no_front_matter_makes_the_reader_of_services_raise(front: str) -> None:
    text = f"---\ntitle: T\n{front}\n---\nwords\n"
    holds(beta_gouv.read(item(text.encode("utf-8", "surrogatepass"), file="x/t.md")))


@pytest.mark.parametrize(
    ("address", "certain"),
    [
        ("https://github.com/a/b", True),
        ("https://github.com/a/b/blob/main/LICENSE", True),
        ("https://github.com/a", False),
        ("https://git.example.org/team/tool", False),
        ("https://git.example.org/c/", False),
        ("https://git.example.org/explore/projects/starred", False),
        ("https://www.example.org/tool.git", True),
        ("https://www.example.org/download", False),
        ("see our web site", False),
    ],
)
def test_what_is_certainly_a_repository(address: str, certain: bool) -> None:
    assert surely_repository(address) is certain


def test_a_similar_software_of_sill_is_no_name_of_the_entry() -> None:
    similar = [{"sourceSlug": "wikidata", "externalId": "Q5"}]
    assert names(read("sill", {"id": 7, "name": "A", "similarExternalSoftwares": similar})) == ["catalogue:sill:7"]


def test_a_licence_of_several_is_kept_as_written_and_never_chosen() -> None:
    payload = {"i": "A", "id": "1", "l": "LGPL-2.1, GPL-3.0"}
    assert (fields(read("sill", payload)).license, fields(read("sill", payload)).license_text) == (
        None,
        "LGPL-2.1; GPL-3.0",
    )


@pytest.mark.parametrize("nothing", [[], None, {}])
def test_an_empty_list_for_an_object_is_nothing_and_no_issue(nothing: Any) -> None:
    payload = {"id": 1, "name": "A", "external_resources": {"wikidata": nothing, "sill": nothing}}
    assert read("comptoir-du-libre", payload).issues == ()
    assert read("comptoir-du-libre", {**payload, "external_resources": nothing}).issues == ()


def test_people_who_use_a_software_are_not_named() -> None:
    users = [{"name": "Town", "type": "Administration"}, {"name": "Somebody", "type": "Person"}]
    assert fields(read("comptoir-du-libre", {"id": 1, "name": "A", "users": users})).used_by == ("Town",)


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        ({"type": ["software"]}, Outcome.READ),
        ({"type": ["content", "software"]}, Outcome.READ),
        ({"type": ["data", "content"]}, Outcome.SKIPPED),
        ({"category": "Open Data"}, Outcome.SKIPPED),
        ({"category": "Open Software"}, Outcome.READ),
        ({"category": "Open AI Model"}, Outcome.READ),
        ({}, Outcome.READ),
    ],
)
def test_a_public_good_without_software_is_skipped(kinds: dict[str, Any], outcome: Outcome) -> None:
    payload = {"dpgId": "G1", "name": "A", "website": "https://a.example", **kinds}
    assert read("digital-public-goods", payload).outcome is outcome


def test_mail_addresses_do_not_get_into_records_and_issues() -> None:
    payload = {"dpgId": "G1", "name": "A", "description": "Ask x@example.org", "sourceURL": "mail me: x@example.org"}
    reading = read("digital-public-goods", payload)
    assert "x@example.org" not in dump(reading)
