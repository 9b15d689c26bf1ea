"""Which records are one thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import InputError
from harvester.model import Identifier
from harvester.resolve.components import components


def repo(name: str) -> Identifier:
    return Identifier("repo", f"https://github.com/{name}")


def forge(number: int) -> Identifier:
    return Identifier("forge", f"github.com:{number}")


def sets(*groups: tuple[int, ...]) -> list[frozenset[int]]:
    return [frozenset(group) for group in groups]


def test_records_that_share_an_identifier_are_one_even_through_others() -> None:
    records = {1: [repo("a/a"), forge(1)], 2: [forge(1), repo("b/b")], 3: [repo("b/b")], 4: [repo("c/c")]}
    assert components(records) == sets((1, 2, 3), (4,))


def test_a_record_without_identifiers_stands_alone() -> None:
    assert components({5: [], 2: [repo("a/a")]}) == sets((2,), (5,))


def test_the_same_value_in_another_scheme_is_another_identifier() -> None:
    assert components({1: [Identifier("wikidata", "1")], 2: [Identifier("forge", "1")]}) == sets((1,), (2,))


def test_a_reviewer_can_join_what_no_record_joins() -> None:
    records = {1: [repo("a/a")], 2: [repo("b/b")], 3: [repo("c/c")]}
    assert components(records, same=[(repo("c/c"), repo("a/a"))]) == sets((1, 3), (2,))


def test_a_reviewer_can_keep_apart_what_a_record_joins() -> None:
    records = {1: [forge(1), repo("a/a")], 2: [forge(2), repo("b/b")], 3: [repo("a/a"), repo("b/b")]}
    assert components(records) == sets((1, 2, 3))
    assert components(records, different=[(forge(1), forge(2))]) == sets((1, 3), (2,))


def test_what_is_apart_stays_apart_though_a_reviewer_joined_it_before() -> None:
    records = {1: [repo("a/a")], 2: [repo("b/b")]}
    pair = (repo("a/a"), repo("b/b"))
    assert components(records, same=[pair], different=[pair]) == sets((1,), (2,))


def test_a_former_address_is_not_shared_with_whoever_took_it() -> None:
    moved, taker = [forge(1), repo("a/new"), repo("a/old")], [forge(2), repo("a/old")]
    assert components({1: moved, 2: taker}) == sets((1,), (2,))
    listed = {3: [repo("a/old")], 4: [repo("a/new")], 5: [forge(1)], 6: [forge(2)]}
    assert components({1: moved, 2: taker, **listed}) == sets((1, 4, 5), (2, 3, 6))


def test_a_former_address_that_nobody_took_leads_to_what_it_was() -> None:
    assert components({1: [forge(1), repo("a/new"), repo("a/old")], 2: [repo("a/old")]}) == sets((1, 2))


def test_a_former_address_of_two_is_nobodys() -> None:
    records = {1: [forge(1), repo("b/b"), repo("a/a")], 2: [forge(2), repo("c/c"), repo("a/a")], 3: [repo("a/a")]}
    assert components(records) == sets((1,), (2,), (3,))


def test_a_list_that_has_not_heard_of_the_move_does_not_join_the_two() -> None:
    records = {
        1: [forge(1), repo("a/new"), repo("a/old")],
        2: [forge(2), repo("a/old")],
        3: [forge(1), repo("a/old")],
    }
    assert components(records) == sets((1, 3), (2,))


def test_the_same_number_at_another_forge_is_another_thing_and_keeps_its_own_addresses() -> None:
    elsewhere = Identifier("forge", "gitlab.com:1")
    records = {1: [elsewhere, Identifier("repo", "https://gitlab.com/a/a"), repo("a/a")], 2: [forge(2), repo("a/a")]}
    assert components(records) == sets((1, 2))


def test_a_repository_made_anew_at_its_address_is_what_it_was() -> None:
    assert components({1: [forge(1), repo("a/a")], 2: [forge(2), repo("a/a")]}) == sets((1, 2))


def test_an_address_that_a_record_names_twice_is_no_former_one() -> None:
    assert components({1: [forge(1), repo("a/a"), repo("a/a")], 2: [forge(2), repo("a/a")]}) == sets((1, 2))


def test_what_another_strong_name_joins_is_one_though_an_address_was_taken() -> None:
    wikidata = Identifier("wikidata", "Q1")
    records = {1: [forge(1), repo("b/b"), repo("a/a"), wikidata], 2: [forge(2), repo("a/a"), wikidata]}
    assert components(records) == sets((1, 2))


def test_a_page_of_a_forge_is_no_identity() -> None:
    with pytest.raises(InputError, match=r"record 7.*github\.com/city.*merge them all"):
        components({7: [Identifier("landing", "https://github.com/city")]})


def test_a_scheme_that_identifies_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="'name'"):
        components({7: [Identifier("name", "CKAN")]})


def test_a_long_chain_is_one_and_does_not_exhaust_the_stack() -> None:
    records = {number: [forge(number), forge(number + 1)] for number in range(50_000)}
    assert components(records) == [frozenset(range(50_000))]


NODES = st.sampled_from([repo("a/a"), repo("b/b"), repo("c/c"), forge(1), forge(2), Identifier("wikidata", "Q1")])
RECORDS = st.dictionaries(st.integers(1, 9), st.lists(NODES, max_size=3), max_size=7)
PAIRS = st.lists(st.tuples(NODES, NODES), max_size=2)


def _own_first(data: st.DataObject, names: list[Identifier]) -> list[Identifier]:
    """The names in another order, save that a record's own address stays before its former ones."""
    shuffled = data.draw(st.permutations(names))
    own = next((name for name in names if name.scheme == "repo"), None)
    return shuffled if own is None else [own, *(name for name in shuffled if name != own)]


@given(RECORDS, PAIRS, PAIRS, st.data())
def test_the_order_of_input_changes_nothing(
    records: dict[int, list[Identifier]],
    same: list[tuple[Identifier, Identifier]],
    different: list[tuple[Identifier, Identifier]],
    data: st.DataObject,
) -> None:
    shuffled = {id: _own_first(data, records[id]) for id in data.draw(st.permutations(sorted(records)))}
    turned = [(right, left) for left, right in data.draw(st.permutations(same))]
    assert components(shuffled, same=turned, different=different[::-1]) == components(
        records, same=same, different=different
    )


@given(RECORDS, PAIRS, PAIRS)
def test_every_record_is_in_exactly_one_set_and_no_set_holds_records_to_be_apart(
    records: dict[int, list[Identifier]],
    same: list[tuple[Identifier, Identifier]],
    different: list[tuple[Identifier, Identifier]],
) -> None:
    found = components(records, same=same, different=different)
    assert sorted(id for group in found for id in group) == sorted(records)
    for left, right in different:
        if left == right:
            continue
        for group in found:
            only_left = {id for id in group if set(records[id]) == {left}}
            only_right = {id for id in group if set(records[id]) == {right}}
            assert not (only_left and only_right)


@given(RECORDS)
def test_records_are_together_exactly_when_identifiers_join_them(
    records: dict[int, list[Identifier]],
) -> None:
    records = {id: [name for name in names if name.scheme != "forge"] for id, names in records.items()}
    found = {id: group for group in components(records) for id in group}
    for start in records:
        reached, todo = {start}, [start]
        while todo:
            here = todo.pop()
            near = {id for id in records if set(records[id]) & set(records[here])} - reached
            reached |= near
            todo += near
        assert found[start] == reached
