"""People are kept out, also where a file calls them organisations."""

from __future__ import annotations

import pytest

from harvester.normalize.personal import surely_a_body, without_mail


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Town of Example", None),
        ("Comune di Esempio", None),
        ("Ministère de l'Exemple", None),
        ("Stadt Beispiel", None),
        ("Universidad de Ejemplo", None),
        ("Example Software Foundation", None),
        ("Example", None),
        ("DINUM", None),
        ("EX Humanities Cluster", "https://ex.example.org"),
        ("Permits contributors", None),
    ],
)
def test_a_body_is_known_by_its_words_its_one_word_or_its_site(name: str, address: str | None) -> None:
    assert surely_a_body(name, address)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Jane Roe", None),
        ("Jane Roe", "https://jane.example.org"),
        ("J. R. Roe", "https://jane.example.org"),
        ("Jean-Pierre d’Exemple", None),
        ("María del Mar Ejemplo", "https://orcid.org/0000-0000-0000-0000"),
        ("EX Humanities Cluster", None),
        ("Town jane@roe.example", None),
    ],
)
def test_what_can_be_a_person_is_no_body(name: str, address: str | None) -> None:
    assert not surely_a_body(name, address)


def test_addresses_of_people_are_replaced_and_those_of_git_left() -> None:
    assert without_mail("Write to jane@roe.example, or clone git@github.com:a/b") == (
        "Write to (address), or clone git@github.com:a/b"
    )
