"""Language tags and country codes: what is surely one, and None for the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from harvester.normalize.countries import alpha2
from harvester.normalize.languages import tag


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("en", "en"),
        ("EN", "en"),
        (" it ", "it"),
        ("it-IT", "it"),
        ("it_IT", "it"),
        ("eng", "en"),
        ("fra", "fr"),
        ("ger", "de"),
        ("pt-BR", "pt"),
        ("zh-Hant", "zh-Hant"),
        ("zh-hant-TW", "zh-Hant"),
        ("sr-Latn", "sr-Latn"),
        ("English", "en"),
        ("Italiano", "it"),
        ("français", "fr"),
        ("Deutsch", "de"),
        ("español", "es"),
    ],
)
def test_a_language_has_one_tag(written: str, standard: str) -> None:
    assert tag(written) == standard


@pytest.mark.parametrize(
    "written", [None, "", "und", "mul", "zxx", "xx", "q", "123", "english only", "-", "en-", "ë", "\0", "i18n"]
)
def test_what_is_no_language_has_no_tag(written: str | None) -> None:
    assert tag(written) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("IT", "IT"),
        ("it", "IT"),
        (" fr ", "FR"),
        ("FRA", "FR"),
        ("Italia", "IT"),
        ("Italie", "IT"),
        ("Deutschland", "DE"),
        ("Germany", "DE"),
        ("España", "ES"),
        ("Nederland", "NL"),
        ("the Netherlands", "NL"),
        ("UK", "GB"),
        ("USA", "US"),
        ("Great Britain", "GB"),
        ("Suisse", "CH"),
        ("TW", "TW"),
    ],
)
def test_a_country_has_one_code(written: str, code: str) -> None:
    assert alpha2(written) == code


@pytest.mark.parametrize("written", [None, "", "EU", "UN", "ZZ", "Europe", "worldwide", "001", "XX", "Lombardia", "\0"])
def test_what_is_no_country_has_no_code(written: str | None) -> None:
    assert alpha2(written) is None


@given(st.text(max_size=30))
@examples(200)
def test_any_text_is_one_or_none(text: str) -> None:
    language, country = tag(text), alpha2(text)
    assert language is None or tag(language) == language
    assert country is None or alpha2(country) == country
