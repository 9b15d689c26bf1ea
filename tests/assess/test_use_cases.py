"""What a tool is for, concluded from words; and where nothing may be concluded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.assess.use_cases import LANGUAGES, infer
from harvester.model import USE_CASES


def codes(name: str | None = None, texts: Mapping[str, str] | None = None, topics: Sequence[str] = ()) -> set[str]:
    return {code for code, _ in infer(name, texts or {}, topics)}


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
    found = infer(None, {"fr": "Un Budget  Participatif, et des budgets participatifs"}, [])
    assert found == (("participatory-budgeting", "Budget Participatif, budgets participatifs"),)


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_use_case_has_phrases_in_every_language(language: str) -> None:
    folder = resources.files("harvester.assess") / "data"
    table = json.loads((folder / f"use_cases.{language}.json").read_text(encoding="utf-8"))
    assert list(table) == list(USE_CASES)
    for code, entry in table.items():
        assert entry["phrases"], code
        for phrase in entry["phrases"]:
            assert code in codes(None, {language: f"x {phrase} x"}), phrase


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
