"""Words are cut, folded and stemmed once, so that both engines hold the same; strangers are not made one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from search_corpus import document_of, filled

from harvester.search import MARK_END, MARK_START, Document, Engine, Query
from harvester.search.analysis import BORDER, stem, terms
from index_mappings import LANGUAGES, TEXT_FIELDS

pytestmark = pytest.mark.xdist_group("elasticsearch")

STRANGERS = [
    ("pétition", "petite"),
    ("organisation", "organe"),
    ("université", "univers"),
    ("département", "départ"),
    ("logement", "loger"),
    ("parlement", "parler"),
    ("commune", "communication"),
    ("collectivité", "collecte"),
    ("gouvernement", "gouverner"),
    ("environnement", "environ"),
]
ENGLISH_STRANGERS = [
    ("university", "universe"),
    ("organization", "organ"),
    ("policy", "police"),
    ("generation", "general"),
    ("news", "new"),
]
"""Pairs that stemmers make one."""

RELATIVES = [
    ("en", "policies", "policy"),
    ("en", "mapping", "maps"),
    ("fr", "pétitions", "pétition"),
    ("fr", "nationaux", "nationale"),
    ("fr", "participative", "participation"),
    ("it", "comuni", "comune"),
    ("de", "Beteiligungen", "Beteiligung"),
    ("es", "presupuestos", "presupuesto"),
    ("nl", "gemeenten", "gemeente"),
    ("pt", "orçamentos", "orçamento"),
]


def _texts(pairs: Sequence[tuple[str, str]], language: str) -> list[Document]:
    words = dict.fromkeys(word for pair in pairs for word in pair)
    return [document_of(word, name=f"Tool {n}", short_description={language: word}) for n, word in enumerate(words)]


def _found(engine: Engine, text: str) -> set[str]:
    return {hit.id for hit in engine.search(Query(text)).hits}


@pytest.mark.parametrize(("pairs", "language"), [(STRANGERS, "und"), (ENGLISH_STRANGERS, "en")])
def test_strangers_stay_apart(engine: Engine, pairs: Sequence[tuple[str, str]], language: str) -> None:
    """What no language is known of is stemmed by each."""
    filled(engine, _texts(pairs, language))
    for pair in pairs:
        for word, other in (pair, pair[::-1]):
            assert word in (found := _found(engine, word))
            assert other not in found, pair


def test_a_word_is_found_by_its_other_forms_in_each_language(engine: Engine) -> None:
    documents = [
        document_of(f"{language} {said}", name=f"Tool {n}", short_description={language: said})
        for n, (language, said, _) in enumerate(RELATIVES)
    ]
    filled(engine, documents)
    for language, said, typed in RELATIVES:
        assert f"{language} {said}" in _found(engine, typed), typed
    assert {language for language, _, _ in RELATIVES} == set(LANGUAGES)


def test_a_text_is_stemmed_by_its_own_language_alone(engine: Engine) -> None:
    filled(engine, [document_of(tag, name=tag, short_description={tag: "nationaux"}) for tag in ("fr", "en")])
    assert _found(engine, "nationale") == {"fr"}
    assert _found(engine, "nationaux") == {"fr", "en"}


def test_no_phrase_goes_from_one_text_into_the_next(engine: Engine) -> None:
    filled(engine, [document_of("a", name="Open", topics=("open", "data"), short_description={"en": "Portal of data"})])
    assert _found(engine, "open data") == {"a"}
    assert _found(engine, '"open data"') == _found(engine, '"open portal"') == set()
    assert _found(engine, BORDER) == _found(engine, f'"{BORDER}"') == set()


def test_accents_change_nothing_and_a_short_word_keeps_its_letters() -> None:
    for accented, bare in (
        ("données", "donnees"),
        ("Bürgerämter", "burgeramter"),
        ("ações", "acoes"),
        ("œuvre", "oeuvre"),
    ):
        assert all(terms(field, (accented,)) == terms(field, (bare,)) for field in TEXT_FIELDS)
    assert [stem("en", word) for word in ("petition", "petitions", "petite", "automated", "automating")] == [
        *("petition", "petition", "petit"),
        *("automat", "automat"),
    ]


def test_names_with_signs_are_marked_as_they_are_written(engine: Engine) -> None:
    said = "Libraries in C++ and C, policies"
    filled(engine, [document_of("a", name="Kit", short_description={"en": said})])
    for typed, marked in (("c++", "C++"), ("c", "C,"), ("policy", "policies"), ("library", "Libraries")):
        told = engine.search(Query(typed)).hits[0].highlights["description"]
        bare = marked.rstrip(",")
        assert told == said.replace(marked, f"{MARK_START}{bare}{MARK_END}{marked[len(bare) :]}"), typed
