"""Concepts have names in seven languages, and no name means two things."""

from __future__ import annotations

from collections import Counter

from harvester.assess.concepts import LANGUAGES, concepts, in_words, label, says_little
from harvester.assess.phrases import load, stems
from harvester.model import USE_CASES


def test_every_concept_has_names_in_every_language() -> None:
    for code, told in load("concepts.json").items():
        assert set(told) == {*LANGUAGES, "use_case"}, code
        assert all(told[language] and all(told[language]) for language in LANGUAGES), code
        assert told["use_case"] is None or told["use_case"] in USE_CASES, code


def test_a_name_stands_for_one_concept() -> None:
    meant = Counter(name for concept in concepts().values() for name in {stems(name) for name in concept.names})
    assert {name for name, times in meant.items() if times > 1} == set()


def test_a_label_is_in_the_language_asked_for() -> None:
    assert label("participatory-budgeting", "fr") == "budget participatif"
    assert label("participatory-budgeting", "en") == label("participatory-budgeting", "eo") == "participatory budgeting"


def test_names_are_found_among_words_without_overlapping() -> None:
    words = "un portail de données ouvertes et une pétition".split()
    found = [(start, end, concept.code) for start, end, concept in in_words(words)]
    assert found == [(1, 5, "open-data-portal"), (7, 8, "petition")]


def test_what_every_software_says_of_itself_is_known_in_each_language() -> None:
    assert all(map(says_little, ("Logiciel", "tools", "für", "herramienta", "piattaforma", "voor", "ferramenta")))
    assert not any(map(says_little, ("petition", "decidim", "budget", "")))
