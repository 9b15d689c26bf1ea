"""Names that begin as what was typed."""

from __future__ import annotations

from harvester.search.prefixes import Named, Prefixes

TABLE = Prefixes(
    [
        Named("city", 5, ("Ville de Paris", "City of Paris")),
        Named("energy", 9, ("Agence parisienne de l’énergie",)),
        Named("paris", 1, ("Paris",)),
        Named("signs", 3, ("--",)),
        Named("budgets", 9, ("Budgets",), also=("Haushalt",)),
        Named("households", 1, ("Haushalte",)),
    ]
)


def test_where_the_name_begins_stands_first_and_then_what_has_most() -> None:
    assert TABLE.going_on("par") == ["paris", "energy", "city"]
    assert TABLE.going_on("parisi") == ["energy"]  # longer than what is known beforehand
    assert TABLE.going_on("paris") == ["paris", "energy", "city"]
    assert TABLE.going_on("par", most=1) == ["paris"]


def test_other_names_come_after_those_that_are_shown() -> None:
    assert TABLE.going_on("haus") == ["households", "budgets"]


def test_accents_and_case_do_not_count_and_words_go_on() -> None:
    assert TABLE.going_on("ÉNER") == ["energy"]
    assert TABLE.going_on("ville de p") == ["city"]
    assert TABLE.going_on("city of p") == ["city"]
    assert TABLE.going_on("de paris") == ["city"]


def test_what_begins_so_nowhere_and_signs_alone_find_nothing() -> None:
    assert TABLE.going_on("aris") == []
    assert TABLE.going_on("--") == TABLE.going_on("") == []


def test_no_more_than_twelve_are_told_however_many_there_are() -> None:
    many = Prefixes([Named(n, n, (f"Municipality {n:04}",)) for n in range(2000)])
    assert many.going_on("muni") == list(range(1999, 1987, -1))
    assert len(many.going_on("municipality")) == 12
