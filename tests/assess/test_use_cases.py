"""What a tool is for, concluded from words; and where nothing may be concluded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.assess.phrases import Phrasebook
from harvester.assess.use_cases import LANGUAGES, MOST, infer
from harvester.model import USE_CASES


def codes(
    name: str | None = None, texts: Mapping[str, str] | None = None, topics: Sequence[str] = (), **more: Any
) -> set[str]:
    return {code for code, _ in infer(name, texts or {}, topics, **more)}


# Well-known tools: the facts are theirs, the words are ours. What is expected is what a reviewer would call it;
# everything beyond it would be a wrong conclusion.
TOOLS: list[tuple[str, dict[str, str], list[str], set[str]]] = [
    ("CKAN", {"en": "Runs the open data portals of many governments."}, ["ckan"], {"open-data-portal"}),
    ("DKAN", {"en": "An open data catalog built on Drupal."}, [], {"open-data-portal"}),
    ("udata", {"fr": "Le moteur de portails de données d’un État ou d’une ville."}, [], {"open-data-portal"}),
    (
        "Decidim",
        {"en": "Cities run participatory budgeting, citizen proposals and public consultations on it."},
        ["decidim"],
        {"participatory-budgeting", "deliberation", "consultation"},
    ),
    ("Consul", {"fr": "Les villes y mènent débats citoyens et votes."}, [], {"deliberation"}),
    ("Consul", {"it": "I comuni vi tengono il bilancio partecipativo."}, [], {"participatory-budgeting"}),
    ("OpenFisca", {"en": "Writes tax law as rules as code."}, ["rules-as-code"], {"law-making"}),
    ("LexImpact", {"fr": "Chiffre l’effet d’un projet de loi avant son vote."}, [], {"law-making"}),
    ("Loomio", {"en": "Collaborative decision making for groups."}, [], {"deliberation"}),
    ("Pol.is", {"en": "Opinion mapping and deliberation with very many people."}, [], {"deliberation"}),
    ("UK Petitions", {"en": "The e-petitions of the House of Commons."}, [], {"petition"}),
    ("Firmiamo", {"it": "Raccolta di firme e petizioni ai consigli."}, [], {"petition"}),
    ("Alaveteli", {"en": "Sends Freedom of Information requests."}, ["foi"], {"freedom-of-information"}),
    ("Ma Dada", {"fr": "Facilite l’accès aux documents administratifs."}, [], {"freedom-of-information"}),
    ("FOIA Italia", {"it": "Prepara le richieste di accesso civico generalizzato."}, [], {"freedom-of-information"}),
    ("FixMyStreet", {"en": "Report local problems to the council that can mend them."}, [], {"issue-reporting"}),
    ("Municipium", {"it": "Le segnalazioni dei cittadini arrivano all’ufficio giusto."}, [], {"issue-reporting"}),
    ("Belenios", {"fr": "Vote électronique vérifiable par chacun."}, [], {"election-monitoring"}),
    ("Helios", {"en": "Verifiable online voting: a ballot that anybody can check."}, [], {"election-monitoring"}),
    ("GlobaLeaks", {"en": "Secure whistleblowing for newsrooms and agencies."}, [], {"transparency-monitoring"}),
    ("GlobaLeaks", {"it": "Raccoglie le segnalazioni di illeciti in modo protetto."}, [], {"transparency-monitoring"}),
    ("OGP tracker", {"en": "Follows each commitment of the national action plan."}, [], {"action-plan-evaluation"}),
    ("Suivi PAN", {"fr": "Le suivi des engagements du plan d’action national."}, [], {"action-plan-evaluation"}),
    ("Kingfisher", {"en": "Collects open contracting data."}, ["ocds"], {"budget-and-procurement"}),
    ("Atexo MPE", {"fr": "Publie les marchés publics d’une collectivité."}, [], {"budget-and-procurement"}),
    ("uMap", {"fr": "Fabrique des cartes interactives sur fond OpenStreetMap."}, [], {"mapping"}),
    ("GeoNode", {"en": "A spatial data infrastructure with a map viewer."}, [], {"mapping"}),
    ("Zooniverse", {"en": "Citizen science for everybody."}, [], {"crowdsourcing"}),
    ("Represent", {"en": "Find your representative by postal code."}, [], {"civic-education"}),
    ("Je veux aider", {"fr": "Le bénévolat près de chez soi."}, [], {"volunteering"}),
    ("Banca", {"it": "Gestisce una banca del tempo di quartiere."}, [], {"volunteering"}),
    ("Sahana", {"en": "Disaster management for relief organisations."}, [], {"emergency-response"}),
    ("IT-alert", {"it": "Il sistema della protezione civile."}, [], {"emergency-response"}),
    ("OpenTripPlanner", {"en": "A multimodal trip planner over GTFS."}, ["gtfs"], {"environment-and-mobility"}),
    ("Aria", {"it": "La qualità dell’aria in ogni comune."}, [], {"environment-and-mobility"}),
    ("Mes aides", {"fr": "Simulateur d’aides et de prestations sociales."}, [], {"social-services"}),
    ("GetCalFresh", {"en": "Apply for food stamps from a phone."}, [], {"social-services"}),
    ("docassemble", {"en": "Guided interviews for legal aid."}, [], {"justice"}),
    ("FranceConnect", {"fr": "L’identité numérique auprès des services publics."}, [], {"digital-identity"}),
    ("DSS", {"en": "Creates and checks electronic signatures under eIDAS."}, [], {"digital-identity"}),
    ("Firma", {"it": "Appone la firma digitale remota."}, [], {"digital-identity"}),
    ("Démarches simplifiées", {"fr": "Dématérialisation des démarches administratives."}, [], {"forms-and-procedures"}),
    ("Sportello", {"it": "Istanze online e modulistica del comune."}, [], {"forms-and-procedures"}),
    ("USWDS", {"en": "The design system of federal sites."}, ["uswds"], {"website-and-design"}),
    ("Comuni", {"it": "Il sito web del comune secondo le linee guida di design."}, [], {"website-and-design"}),
    ("Datawrapper", {"en": "Data visualization without code."}, [], {"data-tools"}),
    ("Maarch", {"fr": "Gestion du courrier et archivage électronique."}, [], {"back-office"}),
    ("Protocollo", {"it": "Il protocollo informatico dell’ente."}, [], {"back-office"}),
    ("Flarum", {"en": "Forum software that is a joy to use."}, [], {"communication"}),
    ("Haproxy", {"fr": "Répartition de charge entre serveurs."}, [], {"it-development"}),
    ("Docurba", {"fr": "Faciliter l’élaboration des documents d’urbanisme."}, [], {"mapping"}),
    ("Intelehealth", {"en": "Telemedicine for the last mile."}, [], {"social-services"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "texts", "topics", "expected"), TOOLS, ids=[f"{row[0]}-{next(iter(row[1]))}" for row in TOOLS]
)
def test_well_known_tools_are_for_what_they_are_for_and_nothing_else(
    name: str, texts: dict[str, str], topics: list[str], expected: set[str]
) -> None:
    assert codes(name, texts, topics) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("etcd", "Leader election for distributed systems."),
        ("hibernate", "Object-relational mapping for Java."),
        ("mapstruct", "Mapping between Java beans."),
        ("doctolib-clone", "Book a medical consultation."),
        ("certspotter", "Watches certificate transparency logs."),
        ("memcheck", "Finds memory corruption in C programs."),
        ("scikit-ensemble", "A voting classifier and other ensembles."),
        ("json-forms", "Renders forms from a schema."),
        ("http-proto", "Un protocollo di rete e il suo server."),
        ("libelf", "Une bibliothèque pour lire les fichiers."),
        ("budget", "Personal budget in a spreadsheet."),
        ("issues", "Report issues of this repository here."),
        ("debating-cats", "A game about cats."),
        ("identity", "The identity function, in every language."),
        ("kernel", "Scheduler of a kernel for small boards."),
        ("laws-of-physics", "Simulates the laws of physics."),
        ("sue", "Le sue pagine e la cie."),
        ("petitioner-free", "Repetitions of a competition."),
    ],
)
def test_words_that_only_look_civic_conclude_nothing(name: str, text: str) -> None:
    assert infer(name, {"und": text}, []) == ()


def test_the_words_that_decided_are_given_as_they_were_written() -> None:
    found = infer(None, {"fr": "Un Budget  Participatif, et un budget citoyen"}, [])
    assert found == (("participatory-budgeting", "Budget Participatif, budget citoyen"),)


def test_the_same_words_are_given_once() -> None:
    found = infer(None, {"fr": "Un Budget  Participatif, et des budgets participatifs"}, [])
    assert found == (("participatory-budgeting", "Budget Participatif"),)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Ein Bürgerbeteiligungsportal für Gemeinden.", {"consultation"}),
        ("de", "Mängelmelder für Schlaglöcher.", {"issue-reporting"}),
        ("es", "Plataforma de presupuestos participativos.", {"participatory-budgeting"}),
        ("es", "Solicitudes de información a las administraciones.", {"freedom-of-information"}),
        ("nl", "Meldingen openbare ruimte van de gemeente.", {"issue-reporting"}),
        ("pt", "Portal da transparência do município.", {"transparency-monitoring"}),
    ],
)
def test_the_other_languages_are_read_too(language: str, text: str, expected: set[str]) -> None:
    assert codes(None, {language: text}) == expected


def test_a_label_of_several_words_or_a_product_concludes_where_nothing_else_does() -> None:
    assert codes(None, {"en": "Plans the supply chain"}) == {"back-office"}
    assert codes(None, {"en": "A theme in the colours of Decidim"}) >= {"deliberation"}
    assert codes(None, {"en": "A game about the supply chain"}) == set(), "it speaks of something else"
    assert codes(None, {"en": "A petition on the supply chain"}) == {"petition"}, "another one has its points"
    leaning = {"data-collection": ("data-tools",)}
    assert codes(None, {"en": "Whatever you like"}, leanings=leaning) == set()


def test_words_of_a_later_sentence_need_two() -> None:
    assert codes(None, {"en": "Runs on any server. It has petitions."}) == set()
    assert codes(None, {"en": "Runs on any server. It has petitions, and gathers signatures: sign petition."}) == {
        "petition"
    }


def test_a_long_description_counts_beside_a_short_one_and_opens_where_there_is_none() -> None:
    long = {"en": "A platform for online petitions. Runs on any server."}
    assert codes(later=[long]) == {"petition"}
    assert codes(None, {"en": "A platform."}, later=[long]) == set()
    assert codes(None, {"en": "A platform for every petitioner: a petition."}, later=[long]) == {"petition"}


def test_hints_conclude_nothing_however_many() -> None:
    assert codes(None, {"en": "Manage the internal process of a department and track its schedule"}) == set()


@pytest.mark.parametrize(
    "text",
    ["A forum without petitions.", "Un forum sans pétitions.", "Ein Forum ohne Petitionen.", "No petitions here."],
)
def test_what_is_denied_does_not_count(text: str) -> None:
    assert codes(None, {"und": text}) == set()


def test_what_a_tool_is_only_built_with_is_not_what_it_is_for() -> None:
    assert codes(None, {"en": "Shows the opening hours of shops using OpenStreetMap"}) == set()


def test_where_the_text_is_about_something_else_more_is_needed() -> None:
    assert codes(None, {"en": "Noise of a jet engine"}) == codes(None, {"en": "A petition game"}) == set()


def test_a_leaning_term_needs_a_word_beside_it() -> None:
    leaning = {"data-collection": ("data-tools",)}
    assert codes(leanings=leaning) == set()
    assert codes(None, {"en": "Charts of whatever you like"}, leanings=leaning) == {"data-tools"}


def test_no_tool_is_for_everything() -> None:
    text = "Petitions, participatory budgeting, freedom of information requests, potholes and whistleblowing"
    assert len(codes(None, {"en": text})) == MOST


@pytest.mark.parametrize("text", ["Pétitions", "PETITION", "petition", "pe\u0301tition"])
def test_case_accents_and_plurals_make_no_difference(text: str) -> None:
    assert codes(None, {"fr": text}) == {"petition"}


def test_parts_of_words_are_no_words() -> None:
    assert codes(None, {"en": "A competition of repetitions"}) == set()


def test_a_label_says_more_than_the_word_in_a_sentence() -> None:
    assert codes(None, {}, ["participation"]) == {"consultation"}
    assert codes(None, {"en": "Thanks for your participation."}) == set()


@pytest.mark.parametrize("topic", ["participatory-budgeting", "participatory_budgeting", "Participatory Budgeting"])
def test_topics_are_read_however_they_are_joined(topic: str) -> None:
    assert codes(None, {}, [topic]) == {"participatory-budgeting"}


def test_a_name_in_one_word_is_read_as_several() -> None:
    assert codes("OpenDataPortal") == {"open-data-portal"}


def test_phrases_of_another_language_do_not_count_in_a_text_of_this_one() -> None:
    assert codes(None, {"en": "paghe"}) == set()
    assert codes(None, {"it": "paghe"}) == {"back-office"}


def test_a_veto_holds_for_its_text_alone() -> None:
    assert codes("Election results", {"en": "Uses leader election."}) == {"election-monitoring"}


def test_nothing_said_concludes_nothing() -> None:
    assert infer(None, {}, []) == infer("", {"en": ""}, [""]) == ()


TABLE = json.loads((resources.files("harvester.assess") / "data" / "use_cases.json").read_text(encoding="utf-8"))


def test_every_use_case_has_phrases_in_every_language() -> None:
    assert [code for code in TABLE if code != "elsewhere"] == list(USE_CASES)
    for code in USE_CASES:
        for language in LANGUAGES:
            assert TABLE[code][language]["says"], (code, language)


@pytest.mark.parametrize("code", USE_CASES)
def test_what_a_table_says_is_found(code: str) -> None:
    """As the only words of a text, unless it vetoes or speaks of something else."""
    vetoes = Phrasebook([(phrase, "") for phrase in (*TABLE[code]["unless"], *TABLE["elsewhere"])])
    for language in LANGUAGES:
        for phrase in TABLE[code][language]["says"]:
            written = phrase.replace("*", "xyz")
            found = codes(None, {language: f"x {written} x"})
            assert code in found or list(vetoes.find(written)) or len(found) == MOST, phrase


@given(
    st.none() | st.text(max_size=40),
    st.dictionaries(st.sampled_from(["en", "fr", "it", "de", "und", "zh-Hant", ""]), st.text(max_size=80), max_size=3),
    st.lists(st.text(max_size=20), max_size=4),
)
def test_any_text_is_read_and_only_known_codes_come_out(
    name: str | None, texts: dict[str, str], topics: list[str]
) -> None:
    found = infer(name, texts, topics)
    assert [code for code, _ in found] == [code for code in USE_CASES if code in dict(found)]
    assert all(said.strip() for _, said in found)
