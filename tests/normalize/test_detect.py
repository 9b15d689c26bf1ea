"""Languages of texts: what is certain is tagged and marked, everything else stays as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from harvester.model import Basis, Fields, Record
from harvester.normalize.detect import language_of, probable_language_of, tagged, with_languages


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("An application with which citizens ask the town for a building permit", "en"),
        ("Une application pour demander un permis de construire à la mairie", "fr"),
        ("Un'applicazione con la quale i cittadini chiedono un permesso al comune", "it"),
        ("Eine Anwendung, mit der Bürgerinnen und Bürger eine Baugenehmigung beantragen", "de"),
        ("Una aplicación para que los ciudadanos soliciten permisos de construcción", "es"),
        ("Een toepassing waarmee inwoners een bouwvergunning bij de gemeente aanvragen", "nl"),
        ("Приложение для подачи заявлений на разрешение на строительство", "ru"),
        ("市民が建築許可を市役所に申請するためのアプリケーションです", "ja"),
        ("讓市民向市政府申請建築許可的應用程式", "zh"),
        ("See https://docs.example.org/fr/une/page/ for how the citizens of this town get their permits", "en"),
    ],
)
def test_a_sentence_tells_its_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    ["", "   ", "API", "CKAN", "Portail", "Open data", "docker compose", "12345", "https://example.org/une/page/longue",
     "decidim-module-core", "!!! ??? ---", "🚀🚀🚀", "Lorem", "\ud800", "a\0b", "Permis | Permesso | Permit"],
)  # fmt: skip
def test_a_name_a_link_or_noise_tells_none(text: str) -> None:
    assert language_of(text) is None


def test_only_a_lone_undeclared_text_is_tagged() -> None:
    french = "Une application pour demander un permis de construire à la mairie"
    assert tagged({"und": french}) == ({"fr": french}, True)
    assert tagged({"und": "API"}) == ({"und": "API"}, False)
    assert tagged({"en": french}) == ({"en": french}, False)  # never over what is declared
    assert tagged({"en": "Permits", "und": french}) == ({"en": "Permits", "und": french}, False)
    assert tagged({}) == ({}, False)


def test_a_detected_language_is_marked_and_the_rest_of_the_record_kept() -> None:
    french = "Une application pour demander un permis de construire à la mairie"
    fields = Fields(name="Permis", short_description={"und": french}, features={"und": "API"})
    record = Record(key="k", reader="test/1", fields=fields, identifiers=(), basis={"stars": Basis.FORGE})
    found = with_languages(record)
    assert found.fields.short_description == {"fr": french}
    assert found.fields.features == {"und": "API"}
    assert found.basis == {"stars": Basis.FORGE, "short_description": Basis.DETECTED}
    assert with_languages(found) is found


@examples(100)
@given(st.text(max_size=300))
def test_any_text_has_a_language_or_none(text: str) -> None:
    found = language_of(text)
    assert found is None or 2 <= len(found) <= 8


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The Open Savannah website.", "en"),
        ("Admin Console for ExpungeVT", "en"),
        ("Outil de gestion des stages", "fr"),
        ("Le blog de l'AGD", "fr"),
        ("Daten der Stadt Kiel", "de"),
        ("Gestione delle pratiche", "it"),
        ("Datos de la ciudad", "es"),
        ("Gegevens van de gemeente", "nl"),
        ("Dados abertos da cidade", "pt"),
        ("核電翻譯機", "zh"),
        ("5374(ゴミナシ).jp", "ja"),
        ("k8s-master-002", None),
        ("SturioSaintSeurin", None),
        ("https://github.com/a/b", None),
    ],
)
def test_a_short_text_is_told_by_what_only_its_language_has(text: str, language: str | None) -> None:
    assert probable_language_of(text) == language
