"""Readable names for URLs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.catalogue.software import MAX_LENGTH, slug, unique


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CKAN", "ckan"),
        ("Démarches simplifiées", "demarches-simplifiees"),
        ("L’Observatoire des œuvres", "lobservatoire-des-oeuvres"),
        ("Straße & Łódź / Ærø", "strasse-lodz-aero"),
        ("consul_democracy.v2", "consul-democracy-v2"),
        ("政府 portal", "portal"),
        ("政府網站", "id-7"),
        ("", "id-7"),
        (None, "id-7"),
        ("---", "id-7"),
    ],
)
def test_a_name_becomes_plain_letters_digits_and_hyphens(name: str | None, expected: str) -> None:
    assert slug(name, fallback="ID 7") == expected


def test_a_long_name_is_cut_between_words() -> None:
    made = slug("participatory " * 10, fallback="x")
    assert made == "participatory-participatory-participatory-participatory"
    assert len(slug("x" * 200, fallback="y")) == MAX_LENGTH


@given(st.text(), st.text())
def test_a_slug_is_always_fit_for_a_url(name: str, fallback: str) -> None:
    made = slug(name, fallback=fallback)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert len(made) <= MAX_LENGTH
    assert slug(made, fallback="x") == made


def test_a_taken_slug_gets_the_next_free_number() -> None:
    assert unique("ckan", set()) == "ckan"
    assert unique("ckan", {"ckan", "ckan-2"}) == "ckan-3"
    assert len(unique("x" * 60, {"x" * 60})) == MAX_LENGTH
