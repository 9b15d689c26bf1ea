"""What the index holds of a software."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from harvester.model import ALSO, Appraisal, Evidence, Fields, Organisation, Software, SoftwareState, Verdict, licenses
from harvester.search import UNKNOWN, Document
from harvester.search.document import alphabetical
from index_mappings import digest, shapes, software


def _software(fields: Fields, **more: object) -> Software:
    given = {"id": "s1", "slug": "s-1", "state": SoftwareState.PUBLISHED, "version": 3, "fields": fields} | more
    return Software(**given)  # type: ignore[arg-type]


def test_a_software_becomes_flat_facts() -> None:
    evidence = {"name": (Evidence(value="x", record=1, source="b"), Evidence(value="y", record=2, source="a"))}
    fields = Fields(
        name="Decidim",
        organisations=(Organisation("Ville de Paris", country="FR", kind="local"),),
        license="AGPL-3.0-or-later",
        has_publiccode=True,
        date_modified=datetime(2026, 1, 2, tzinfo=UTC),
        used_by=("A", "B"),
    )
    made = Document(_software(fields, evidence=evidence, appraisal=Appraisal(standing=Verdict(value=0.5))))
    shown = made.shown()
    assert (made.id, shown["slug"], made.version, made.name) == ("s1", "s-1", 3, "Decidim")
    assert shown["organisations"] == [{"name": "Ville de Paris", "uri": None, "country": "FR", "kind": "local"}]
    assert made.facet_values()["organisation"] == ("Ville de Paris",)
    assert (shown["sources"], made.facet_values()["publiccode"]) == (["a", "b"], ("yes",))
    assert (shown["date_modified"], made.activity) == ("2026-01-02T00:00:00Z", 1767312000)
    assert shown["used_by"] == ["A", "B"]
    assert made.body()["by_standing"].startswith("499999")


def test_how_free_it_is_and_who_uses_it_is_concluded_and_what_is_not_told_stays_unknown() -> None:
    def told(**fields: Any) -> tuple[tuple[str, ...], ...]:
        values = Document(_software(Fields(**fields))).facet_values()
        return values["license_family"], values["used_by"]

    assert told(license="MIT") == (("free", "permissive"), ())
    assert told(license="AGPL-3.0-only AND MIT")[0] == ("free", "strong-copyleft")
    assert told(license="CC-BY-NC-4.0")[0] == ("other",)
    assert told(has_license=False)[0] == ("none",)
    assert told(has_license=False, license_text="see the site")[0] == told()[0] == ()
    assert told(used_by=("Comune di Prato", "Comune di Lucca", "Xyzzy"))[1] == ("local", "other")


def test_without_a_push_the_release_date_tells_the_activity_but_no_push() -> None:
    made = Document(_software(Fields(name="x", release_date=date(1970, 1, 2))))
    assert made.activity == made.shown()["activity"] == 86_400
    assert made.shown()["date_modified"] is None


def test_what_nobody_says_is_unknown_in_every_facet() -> None:
    made = Document(_software(Fields()))
    held = made.body()
    assert made.name == made.shown()["name"] == "s-1"
    assert held["name"] == "s 1 ."
    assert all(held[facet] == [UNKNOWN] for facet in made.facet_values() if facet != ALSO)
    assert held[ALSO] == ["listed"], "nothing speaks against it"
    assert made.activity is None


def test_texts_stand_in_the_fields_of_their_languages() -> None:
    fields = Fields(
        name="Name",
        topics=("topic",),
        organisations=(Organisation("Body"),),
        short_description={"en-GB": "english", "fr": "francais", "und": "unstated", "it": "italiano"},
        long_description={"fr": "longue"},
        features={"fr": "une\ndeux"},
    )
    held = Document(_software(fields)).body()
    assert held["en"] == "name . english . unstat . topic ."
    assert held["fr"] == "nam . francai . unstated . longu . une deux . topic ."
    assert held["it"] == "nam . unstated . italian . topic ."
    assert held["nl"] == "name . unstated . topic ."
    assert held["und"] == "name . english . francais . unstated . italiano . longue . une deux . body . topic ."
    assert held["text"].split() == "Name english francais unstated italiano longue une deux Body topic".split()


def test_a_run_of_letters_without_end_is_cut() -> None:
    held = Document(_software(Fields(name="x" * 5_000))).body()
    assert max(map(len, held["name"].split())) == 200


def test_every_licence_of_an_expression_is_a_value() -> None:
    assert licenses("(MIT OR Apache-2.0) AND GPL-2.0-only WITH Classpath-exception-2.0") == (
        "MIT",
        "Apache-2.0",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    )


def test_names_sort_without_accents_case_and_leading_marks() -> None:
    assert sorted(["zeta", "Éclair", "«Delta»", "eclairs", ".github"], key=alphabetical) == [
        "«Delta»",
        "Éclair",
        "eclairs",
        ".github",
        "zeta",
    ]


def test_what_a_tool_is_for_can_be_searched_in_both_languages() -> None:
    held = Document(_software(Fields(name="x", use_cases=("petition", "open-data-portal")))).body()
    assert "open data portal" in held["en"]
    assert held["fr"].split(" . ")[1] == "petition"
    assert "donne" in held["fr"]
    assert "donne" not in held["en"]


def test_an_index_whose_hits_carry_other_values_is_to_be_made_anew() -> None:
    shown = shapes()
    others = [{**shown, "used_by": ("scalar", "number")}, {name: one for name, one in shown.items() if name != "name"}]
    made_for = [digest(software(), hits=hits) for hits in (shown, *others)]
    assert len(set(made_for)) == 3
    assert digest(software()) == made_for[0]
