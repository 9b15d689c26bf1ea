"""A name that several entries of one source give to different software: what stands in the catalogue, on both
databases, in whatever order they came."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.model import Operation, RawItem, Reading, Reason, SoftwareState

FOREST = "repo:https://github.com/grove-lab/forest"
Item = tuple[RawItem, Reading]


def entry(key: str, name: str) -> Item:
    return item(key, name=name, names=[FOREST])


def waiting(catalogue: Catalogue) -> dict[str, list[str]]:
    """The candidates' names, with what is strong of each."""
    return {str(one.fields.name): sorted(map(str, one.identifiers)) for one in catalogue.review.queue(1000)}


def shared(catalogue: Catalogue, source: str = "alpha") -> list[tuple[str | None, str | None]]:
    """Which entries are told that a name is nobody's own, and which name."""
    rows = catalogue.issues.recent(source=source)
    return sorted((row.raw_key, row.issue.value) for row in rows if row.issue.code == "shared-name")


def test_packages_of_one_repository_are_several_that_suggest_each_other(catalogue: Catalogue) -> None:
    names = [f"{tree} tools" for tree in ("Alder", "Birch", "Cedar", "Dogwood")]
    run = harvest(catalogue, [entry(name, name) for name in names])
    assert sorted(waiting(catalogue)) == names
    assert shared(catalogue) == [(name, FOREST) for name in names]
    assert run.counts.issues == 4
    catalogue.suggestions.refresh()
    near = catalogue.software.neighbours(by_name(catalogue, "Alder tools").id)
    assert near
    assert {one.reason for one in near} == {Reason.of("near.shared-address", value=FOREST.removeprefix("repo:"))}


def test_many_packages_are_linked_with_whoever_has_the_address(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("forest", names=[FOREST, "forge:github.com:7"])], "forge")
    harvest(catalogue, [entry(str(number), f"Package {'abcdefghijklmnopqrstuvwxyz'[number]}") for number in range(20)])
    catalogue.suggestions.refresh()
    assert len(catalogue.software.neighbours(by_name(catalogue, "forest").id)) == 20


def test_a_second_claimant_parts_what_was_one_and_its_going_joins_it_again(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("forest", names=[FOREST, "forge:github.com:7"])], "forge")
    harvest(catalogue, [entry("a", "Alder")])
    assert len(waiting(catalogue)) == 1
    one = catalogue.review.queue()[0].id
    harvest(catalogue, [entry("a", "Alder"), entry("b", "Birch")])
    assert sorted(waiting(catalogue)) == ["Alder", "Birch", "forest"]
    assert by_name(catalogue, "forest").id == one
    alder = by_name(catalogue, "Alder").id
    for _ in range(2):  # what is absent once may come back
        harvest(catalogue, [entry("a", "Alder")])
    assert len(waiting(catalogue)) == 1
    assert catalogue.software.get(alder).merged_into == one
    assert shared(catalogue) == []


def test_an_entry_that_its_source_renames_stays_what_it_was(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("forest", names=[FOREST, "forge:github.com:7"])], "forge")
    harvest(catalogue, [entry("Alder", "Alder")])
    one = catalogue.review.queue()[0].id
    harvest(catalogue, [entry("Birch", "Birch")])  # under its new name it is another item
    assert [found.id for found in catalogue.review.queue()] == [one]
    harvest(catalogue, [entry("Alder", "Alder"), entry("Birch", "Birch")])  # no: there are two
    assert sorted(waiting(catalogue)) == ["Alder", "Birch", "forest"]


def test_a_new_name_alone_parts_and_joins(catalogue: Catalogue) -> None:
    harvest(catalogue, [entry("a", "Alder"), entry("b", "alder 1.2")])
    assert len(waiting(catalogue)) == 1
    harvest(catalogue, [entry("a", "Alder"), entry("b", "Birch")])
    assert sorted(waiting(catalogue)) == ["Alder", "Birch"]
    harvest(catalogue, [entry("a", "Birch 2.0"), entry("b", "Birch")])
    assert len(waiting(catalogue)) == 1


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_bit_by_bit_gives_what_all_at_once_gives(catalogue: Catalogue, order: Sequence[int]) -> None:
    forest, two = item("forest", names=[FOREST, "forge:github.com:7"]), "wikidata:Q2"
    items = [entry("a", "Alder"), entry("b", "Birch"), entry("c", "ALDER"), item("d", name="D", names=[FOREST, two])]
    harvest(catalogue, [forest], "forge")
    so_far: list[Item] = []
    for place in order:
        so_far.append(items[place])
        harvest(catalogue, so_far)
    bit_by_bit = waiting(catalogue)
    harvest(catalogue, [item(key, names=["catalogue:elsewhere:1"]) for key in "abcd"])  # none of them claims it now
    harvest(catalogue, items)
    assert waiting(catalogue) == bit_by_bit
    assert {name.title() for name in bit_by_bit} == {"Alder", "Birch", "D", "Forest"}
    assert len(bit_by_bit) == 4


def test_an_item_that_is_fetched_anew_keeps_what_the_resolver_told_of_it(catalogue: Catalogue) -> None:
    harvest(catalogue, [entry("a", "Alder"), entry("b", "Birch")])
    raw, reading = entry("a", "Alder")
    fetched = RawItem(
        key=raw.key, format=raw.format, payload=raw.payload + b" ", url=raw.url, fetched_at=raw.fetched_at
    )
    harvest(catalogue, [(fetched, reading), entry("b", "Birch")])
    assert shared(catalogue) == [("a", FOREST), ("b", FOREST)]


def test_a_verdict_on_one_package_says_nothing_of_the_others(catalogue: Catalogue) -> None:
    items = [entry("a", "Alder"), entry("b", "Birch"), entry("c", "Cedar")]
    harvest(catalogue, items)
    harvest(catalogue, [item("forest", names=[FOREST])], "forge")
    ids = {name: by_name(catalogue, name).id for name in ("Alder", "Birch", "Cedar", "forest")}
    catalogue.review.decide(ids["Alder"], Operation.REJECT, "ada", why="no tool")
    harvest(catalogue, items)
    assert {name: catalogue.software.get(one).state for name, one in ids.items()} == {
        "Alder": SoftwareState.REJECTED,
        "Birch": SoftwareState.CANDIDATE,
        "Cedar": SoftwareState.CANDIDATE,
        "forest": SoftwareState.CANDIDATE,
    }
    assert catalogue.review.history(ids["Birch"]) == []
    decision = catalogue.review.decide(ids["Birch"], Operation.SAME, "ada", value=ids["Cedar"])
    both = {ids["Birch"], ids["Cedar"]}
    assert {catalogue.software.get(one).merged_into for one in both} - {None} < both
    harvest(catalogue, [*items, entry("d", "Dogwood")])
    assert {catalogue.software.get(one).merged_into for one in both} - {None} < both
    catalogue.review.undo(decision.id, "ada")
    assert {by_name(catalogue, "Birch").id, by_name(catalogue, "Cedar").id} == both


def test_reading_again_changes_no_software(catalogue: Catalogue) -> None:
    items = [entry("a", "Alder"), entry("b", "Birch")]
    harvest(catalogue, items)
    before = {name: by_name(catalogue, name).version for name in ("Alder", "Birch")}
    readings = {raw.key: reading for raw, reading in items}
    catalogue.rereading.reread("alpha", lambda raw: readings[raw.key])
    catalogue.resolver.resolve()
    assert {name: by_name(catalogue, name).version for name in ("Alder", "Birch")} == before
    assert shared(catalogue) == [("a", FOREST), ("b", FOREST)]
