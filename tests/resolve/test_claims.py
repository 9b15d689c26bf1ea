"""A name that several entries of one source claim for different software is nobody's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model import PART, Identifier
from harvester.resolve.claims import Claimant, bare, settle, whole
from harvester.resolve.components import components

FOREST = Identifier("repo", "https://github.com/grove-lab/forest")
OTHER = Identifier("repo", "https://github.com/grove-lab/meadow")
NUMBER = Identifier("forge", "github.com:7")


def own(number: int) -> Identifier:
    return Identifier("catalogue", f"test:{number}")


def entry(item: int, name: str | None, source: str = "list") -> Claimant:
    return Claimant(source, item, name)


def repository(item: int, name: str, source: str = "forge") -> Claimant:
    return Claimant(source, item, name, repository=True)


def found(*said: tuple[Claimant, Iterable[Identifier]]) -> list[set[int]]:
    """The softwares, as sets of the places of their records, counted from 1."""
    records = {place: list(names) for place, (_, names) in enumerate(said, 1)}
    settled = settle(records, {place: claimant for place, (claimant, _) in enumerate(said, 1)})
    return [set(group) for group in components(settled.names)]


def test_packages_of_one_repository_stay_several() -> None:
    assert found(*((entry(number, name), [FOREST]) for number, name in enumerate(("Alder", "Birch", "Cedar")))) == [
        {1},
        {2},
        {3},
    ]


def test_entries_of_one_name_are_one_software() -> None:
    said = [(entry(1, "Open-SIS"), [FOREST]), (entry(2, "OpenSIS v2.1"), [FOREST]), (entry(3, "Plug-in"), [FOREST])]
    assert found(*said) == [{1, 2}, {3}]
    assert found(*said[:2]) == [{1, 2}]


def test_who_has_the_address_elsewhere_keeps_it() -> None:
    packages = [(entry(1, "Alder"), [FOREST]), (entry(2, "Birch"), [FOREST])]
    assert found(*packages, (repository(3, "forest"), [NUMBER, FOREST]), (entry(4, "Forest", "other"), [FOREST])) == [
        {1},
        {2},
        {3, 4},
    ]


def test_who_is_called_like_one_of_them_elsewhere_is_that_one() -> None:
    desk = [(entry(1, "Desk"), [FOREST]), (entry(2, "Plug-in for Desk"), [FOREST])]
    assert found(*desk, (repository(3, "desk"), [NUMBER, FOREST])) == [{1, 3}, {2}]


def test_where_two_of_them_are_found_elsewhere_it_is_not_certain_which_and_nothing_is_joined() -> None:
    desk = [(entry(1, "Desk"), [FOREST]), (entry(2, "Chair"), [FOREST])]
    elsewhere = [(entry(3, "Desk", "beta"), [FOREST]), (entry(4, "Chair", "gamma"), [FOREST])]
    assert found(*desk, *elsewhere) == [{1}, {2}, {3, 4}]


def test_two_sources_that_tell_the_same_parts_tell_the_same_softwares() -> None:
    said = [
        (entry(number, name, source), [FOREST])
        for number, (name, source) in enumerate((("Alder", "a"), ("Birch", "a"), ("ALDER", "b"), ("Cedar", "b")), 1)
    ]
    assert found(*said) == [{1, 3}, {2}, {4}]


def test_a_list_of_repositories_is_one_of_repositories_whatever_they_are_called() -> None:
    assert found((repository(1, "forest"), [FOREST]), (repository(2, "Forest, the library"), [FOREST])) == [{1, 2}]


def test_what_was_read_from_one_item_is_one_thing_however_it_is_called() -> None:
    assert found((entry(1, "owner/forest"), [FOREST]), (entry(1, "The Forest"), [FOREST])) == [{1, 2}]
    assert found(
        (entry(1, "owner/forest"), [FOREST]), (entry(1, "The Forest"), [FOREST]), (entry(2, "the forest"), [FOREST])
    ) == [{1, 2, 3}]


def test_who_gives_no_name_contradicts_nobody() -> None:
    assert found((entry(1, "Desk"), [FOREST]), (entry(2, None), [FOREST])) == [{1, 2}]
    assert found((entry(1, "Desk"), [FOREST]), (entry(2, None), [FOREST]), (entry(3, "Chair"), [FOREST])) == [
        {1},
        {2},
        {3},
    ]


def test_an_entry_keeps_the_names_that_are_its_own() -> None:
    settled = settle({1: [FOREST, own(1)], 2: [own(2), FOREST]}, {1: entry(1, "Desk"), 2: entry(2, "Chair")})
    assert list(settled.names[1]) == [own(1), Identifier(PART, f"{FOREST}#desk")]
    assert list(settled.names[2]) == [own(2), Identifier(PART, f"{FOREST}#chair")]
    assert settled.shared == {1: (FOREST,), 2: (FOREST,)}
    assert [whole(name) for name in settled.names[1]] == [None, FOREST]


def test_where_nothing_is_shared_nothing_changes() -> None:
    records = {1: [FOREST], 2: [OTHER], 3: [FOREST]}
    settled = settle(records, {1: entry(1, "Desk"), 2: entry(2, "Chair"), 3: entry(3, "A table", "beta")})
    assert settled.names == records
    assert not settled.shared


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Open-SIS", "openSIS"),
        ("Décidim", "DECIDIM"),
        ("PHREEQC Version 3", "Phreeqc"),
        ("Alder (v1.2)", "alder"),
        ("Alder 2.0.1", "Alder"),
        ("FixMyStreet", "Fix My Street"),
        ("ALDER v.1.27", "Alder Ver. 1.65"),
        ("Alderv.1.9", "Alder"),
        ("Alder (A kit) V1.0 beta", "Alder (A kit) v. 0.2 beta"),
        ("Alder, Version 1", "Alder™"),
    ],
)
def test_versions_case_and_punctuation_make_no_other_name(one: str, other: str) -> None:
    assert bare(one) == bare(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Budget 2019", "Budget 2020"),
        ("Alder", "Alder tools"),
        ("C++ kit", "C kit"),
        ("Plan V 2 for schools", "Plan"),
        ("平台", "程式"),
        ("2.0", "3.0"),
    ],
)
def test_what_else_differs_is_another_name(one: str, other: str) -> None:
    assert bare(one) != bare(other)


NAMES = st.sampled_from(["Desk", "desk!", "Chair", "Table", None])
SAID = st.lists(
    st.tuples(
        st.builds(Claimant, st.sampled_from("ab"), st.integers(1, 5), NAMES, st.booleans()),
        st.lists(st.sampled_from([FOREST, OTHER, NUMBER, own(1)]), min_size=1, max_size=3),
    ),
    max_size=7,
)


@given(SAID, st.randoms())
def test_the_order_of_records_decides_nothing(said: list[tuple[Claimant, list[Identifier]]], random: object) -> None:
    def settled(places: Iterable[int]) -> Mapping[int, frozenset[Identifier]]:
        order = list(places)
        # a raw item is of one source
        claimants = {place: Claimant(f"{said[place][0].item % 2}", *_rest(said[place][0])) for place in order}
        names = settle({place: said[place][1] for place in order}, claimants).names
        return {place: frozenset(names[place]) for place in order}

    mixed = list(range(len(said)))
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert settled(range(len(said))) == settled(mixed)


def _rest(claimant: Claimant) -> tuple[int, str | None, bool]:
    return claimant.item, claimant.name, claimant.repository
