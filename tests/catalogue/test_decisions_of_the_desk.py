"""What people decide of published software: corrections that last, merges whose survivor is chosen, splits that later
harvests respect; and that undoing any of it brings back what was exported before."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.catalogue.acts import Act
from harvester.catalogue.database import now
from harvester.catalogue.people import MACHINE
from harvester.errors import CatalogueError, Conflict, InputError
from harvester.model import FIELDS, Fields, Operation, SoftwareState

SHARED = "repo:https://forge.example.org/shared"


def told(catalogue: Catalogue) -> dict[str, Any]:
    """What is exported, but for versions and dates: by id what each published software and candidate is."""
    shown = catalogue.software.published(1000) + catalogue.review.queue(1000)
    return {
        one.id: (one.slug, one.state.value, one.asks, spelled(one.fields), *map(str, one.identifiers)) for one in shown
    }


def spelled(fields: Fields) -> str:
    return ", ".join(f"{name}={value}" for name in FIELDS if (value := getattr(fields, name)) not in (None, (), {}))


def records_of(catalogue: Catalogue, software_id: str) -> list[int]:
    return sorted(catalogue.software.provenance(software_id))


def two_in_one(catalogue: Catalogue, trusted: bool) -> str:
    """Two entries that share an address, which makes one software of them."""
    entries = [
        item("one", name="Tool", names=[SHARED, "catalogue:test:one"]),
        item("two", name="Tool", names=[SHARED, "catalogue:test:two"], license="MIT"),
    ]
    harvest(catalogue, entries, "register", trusted=trusted)
    return str(by_name(catalogue, "Tool").id)


@pytest.mark.parametrize("trusted", [True, False])
def test_a_split_lasts_through_harvests_and_its_undoing_brings_back_what_was(
    catalogue: Catalogue, trusted: bool
) -> None:
    whole = two_in_one(catalogue, trusted)
    before = told(catalogue)
    first, second = records_of(catalogue, whole)
    for sides in ([], [first, second], [first, 10_000]):
        with pytest.raises(CatalogueError):
            catalogue.review.decide(whole, Operation.SPLIT, "ada", value=sides)
    tried = catalogue.review.tried([Act(software=whole, operation=Operation.SPLIT, value=[second])], "ada")
    assert [one.fields.license for one in tried] == [None, "MIT"]
    assert told(catalogue) == before, "what is tried is not kept"
    split = catalogue.review.decide(whole, Operation.SPLIT, "ada", value=[second])
    new = split.value["software"]
    assert (records_of(catalogue, whole), records_of(catalogue, new)) == ([first], [second])
    parted = told(catalogue)
    entries = [
        item("one", name="Tool", names=[SHARED, "catalogue:test:one"], stars=3),
        item("two", name="Tool", names=[SHARED, "catalogue:test:two"], license="MIT", stars=4),
    ]
    harvest(catalogue, entries, "register")
    assert (records_of(catalogue, whole), records_of(catalogue, new)) == ([first], [second])
    assert [catalogue.software.get(one).fields.stars for one in (whole, new)] == [3, 4]
    assert parted.keys() == told(catalogue).keys()
    correction = catalogue.review.decide(new, Operation.SET, "grace", field="license", value="MIT-0")
    assert [one.id for one in catalogue.review.stands_on(split.id)] == [correction.id]
    with pytest.raises(Conflict, match="grace"):
        catalogue.review.undo(split.id, "ada")
    catalogue.review.undo(correction.id, "ada")
    again = Act(software=whole, operation=Operation.SAME, value=new, survives=True)
    joined = catalogue.review.together([again], "ada")[0]
    assert records_of(catalogue, whole) == [first, second]
    catalogue.review.undo(joined.id, "ada")
    assert (records_of(catalogue, whole), records_of(catalogue, new)) == ([first], [second])
    catalogue.review.undo(split.id, "ada")
    last = [item(key, name="Tool", names=[SHARED, f"catalogue:test:{key}"], **more) for key, more in _ENTRIES]
    harvest(catalogue, last, "register")
    assert told(catalogue) == before


_ENTRIES: list[tuple[str, dict[str, Any]]] = [("one", {}), ("two", {"license": "MIT"})]


def test_the_survivor_and_the_values_of_a_merge_are_chosen_and_one_undo_takes_all_back(catalogue: Catalogue) -> None:
    entries = [item(name, name=name, license=said) for name, said in (("old", "MIT"), ("new", "AGPL-3.0-only"))]
    harvest(catalogue, [*entries, item("third")], "register", trusted=True)
    before = told(catalogue)
    old, new, third = (by_name(catalogue, name).id for name in ("old", "new", "third"))
    acts = [Act(software=new, operation=Operation.SAME, value=one, survives=True) for one in (old, third)]
    acts.append(Act(software=new, operation=Operation.SET, field="license", value="agpl-3.0-only"))
    tried = {one.id: one.state for one in catalogue.review.tried(acts, "ada")}
    assert (tried[new], tried[old]) == (SoftwareState.PUBLISHED, SoftwareState.MERGED)
    lines = catalogue.audit.count()
    made = catalogue.review.together(acts, "ada")
    by_ada = [line for line in catalogue.audit.recent(catalogue.audit.count() - lines) if line.actor == "ada"]
    assert len(by_ada) == 1
    assert {one.id for one in catalogue.software.published(10)} == {new}
    assert catalogue.software.get(old).merged_into == new
    assert catalogue.software.get(new).fields.license == "AGPL-3.0-only"
    harvest(catalogue, [*entries, item("third")], "register")
    assert {one.id for one in catalogue.software.published(10)} == {new}
    catalogue.review.undo(made[1].id, "grace")
    assert told(catalogue) == before


def test_a_correction_is_checked_holds_says_what_changed_beneath_it_and_ends(catalogue: Catalogue) -> None:
    said: dict[str, Any] = {"license": "MIT", "organisations": (), "use_cases": ("petition",)}
    harvest(catalogue, [item("tool", **said)], "register", trusted=True)
    tool = by_name(catalogue, "tool").id
    wrong = [
        ("license", "some licence"),
        ("countries", ["Atlantis"]),
        ("landing_url", "javascript:alert(1)"),
        ("use_cases", ["no-such-use"]),
        ("stars", "many"),
        ("short_description", {"no language": "text"}),
        ("name", "x" * 10_001),
    ]
    for field, value in wrong:
        with pytest.raises(InputError):
            catalogue.review.decide(tool, Operation.SET, "ada", field=field, value=value)
    before = told(catalogue)
    until = now() + timedelta(days=1)
    catalogue.review.decide(tool, Operation.SET, "ada", field="license", value="apache-2.0", why="COPYING", until=until)
    catalogue.review.decide(tool, Operation.ADD, "ada", field="use_cases", value=["consultation"])
    assert catalogue.software.get(tool).fields.license == "Apache-2.0"
    assert catalogue.corrections.count(contested=True) == 0
    harvest(catalogue, [item("tool", **{**said, "license": "GPL-3.0-only"})], "register")
    lock = catalogue.corrections.locks()[0]
    assert (lock.decision.field, lock.decision.contested) == ("license", True)
    assert (lock.decision.saw, lock.decision.value, lock.now) == (["MIT"], "Apache-2.0", ["GPL-3.0-only"])
    assert catalogue.software.get(tool).fields.license == "Apache-2.0", "a correction outlives every harvest"
    harvest(catalogue, [item("tool", **said)], "register")
    assert catalogue.corrections.count(contested=True) == 0
    assert catalogue.review.end_due(now()) == 0
    assert catalogue.review.end_due(until) == 1
    assert catalogue.software.get(tool).fields.license == "MIT"
    assert catalogue.audit.recent(1)[0].actor == MACHINE
    catalogue.review.undo(catalogue.corrections.locks()[0].decision.id, "ada")
    assert told(catalogue) == before


def test_what_was_taken_off_is_reopened_and_a_second_decision_meets_the_first(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("shown")], "register", trusted=True)
    harvest(catalogue, [item("waits")], "stranger")
    before = told(catalogue)
    shown, waits = by_name(catalogue, "shown").id, by_name(catalogue, "waits").id
    catalogue.review.decide(shown, Operation.WITHDRAW, "ada", why="its makers ask for it")
    catalogue.review.decide(waits, Operation.REJECT, "ada", why="a toy")
    late = Act(software=waits, operation=Operation.ACCEPT, among=[SoftwareState.CANDIDATE])
    with pytest.raises(Conflict, match="already"):
        catalogue.review.together([late], "grace")
    assert catalogue.review.together([late], "grace", still=True) == []
    for one in (shown, waits):
        catalogue.review.reopen(one, "grace")
    with pytest.raises(Conflict):
        catalogue.review.reopen(waits, "grace")
    assert told(catalogue) == before


def _sequence(catalogue: Catalogue, dice: random.Random, steps: int) -> None:
    entries = [item(f"e{n}", name=f"Tool {n // 2}", names=_names(n), stars=n) for n in range(8)]
    harvest(catalogue, entries, "register", trusted=True)
    before, stand = told(catalogue), []
    for _ in range(steps):
        shown = catalogue.software.published(100)
        kind = dice.choice(["merge", "split", "correct", "undo", "harvest"])
        one = dice.choice(shown)
        records = records_of(catalogue, one.id)
        if kind == "merge" and len(shown) > 1:
            other = dice.choice([each for each in shown if each.id != one.id])
            act = Act(software=one.id, operation=Operation.SAME, value=other.id, survives=True)
            stand.append(catalogue.review.together([act], "ada")[0].id)
            assert catalogue.software.get(other.id).merged_into == one.id
        elif kind == "split" and len(records) > 1:
            stand.append(catalogue.review.decide(one.id, Operation.SPLIT, "ada", value=records[:1]).id)
        elif kind == "correct":
            value = dice.randrange(100)
            stand.append(catalogue.review.decide(one.id, Operation.SET, "ada", field="stars", value=value).id)
            assert catalogue.software.get(one.id).fields.stars == value
        elif kind == "undo" and stand:
            chosen = dice.choice(stand)
            if not catalogue.review.stands_on(chosen):
                catalogue.review.undo(chosen, "grace")
                stand.remove(chosen)
        else:
            there = told(catalogue)
            harvest(catalogue, entries, "register")
            assert told(catalogue) == there
    for decision in reversed(stand):
        catalogue.review.undo(decision, "grace")
    assert told(catalogue) == before


def _names(number: int) -> list[str]:
    return [f"repo:https://forge.example.org/{number // 2}", f"catalogue:test:e{number}"]


@pytest.mark.parametrize("seed", range(3))
def test_any_sequence_of_acts_is_undone_whole(catalogue: Catalogue, seed: int) -> None:
    _sequence(catalogue, random.Random(seed), 12)


@pytest.mark.long
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("seed", range(100, 350))
def test_hundreds_of_sequences_of_acts_are_undone_whole(catalogue: Catalogue, seed: int) -> None:
    _sequence(catalogue, random.Random(seed), 20)
