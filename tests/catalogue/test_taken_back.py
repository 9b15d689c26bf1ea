"""A way back: what a source said is taken back and given back, a software is withdrawn whatever is harvested."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.builders import EPOCH, begin, by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.errors import CatalogueError, Conflict
from harvester.model import Judgement, Operation, SoftwareState

DESK = "repo:https://github.com/town/desk"


def shown(catalogue: Catalogue) -> dict[str, Any]:
    """What visitors get, with who says it."""
    return {
        one.id: (one.slug, one.fields, one.identifiers, sorted(catalogue.software.provenance(one.id)))
        for one in catalogue.software.published(1000)
    }


def fill(catalogue: Catalogue) -> None:
    """A source of wrong words, beside one that speaks of one of its softwares as well."""
    wrong = [item(f"w{n}", name=f"Wrong {n}") for n in range(3)]
    both = item("desk", name="Desk (wrong)", names=[DESK], landing_url="https://wrong.example/", priority=90)
    harvest(catalogue, [*wrong, both], "wrong", trusted=True)
    harvest(
        catalogue, [item("d", name="Desk", names=[DESK], landing_url="https://desk.example/")], "right", trusted=True
    )


def test_what_a_source_said_is_previewed_taken_back_and_given_back(catalogue: Catalogue) -> None:
    fill(catalogue)
    before = shown(catalogue)
    told = catalogue.sources.would_take_back("wrong")
    assert (told.records, told.going, told.staying) == (4, ["Wrong 0", "Wrong 1", "Wrong 2"], 1)
    assert shown(catalogue) == before
    assert catalogue.sources.take_back("wrong", "ada") == told
    catalogue.resolver.resolve()
    (desk,) = catalogue.software.published(1000)
    assert (desk.fields.name, desk.fields.landing_url) == ("Desk", "https://desk.example/")
    assert {one.source for one in catalogue.software.provenance(desk.id).values()} == {"right"}
    assert not catalogue.sources.get("wrong").enabled
    assert catalogue.sources.give_back("wrong", "ada") == 4
    catalogue.resolver.resolve()
    assert shown(catalogue) == before
    assert not catalogue.sources.get("wrong").enabled


def test_a_source_that_was_taken_back_says_nothing_until_it_is_given_back(catalogue: Catalogue) -> None:
    fill(catalogue)
    run = begin(catalogue, "wrong")
    with pytest.raises(Conflict, match="a run of 'wrong' is open"):
        catalogue.sources.take_back("wrong", "ada")
    catalogue.runs.stop(run.id, "ada")
    counts = catalogue.harvest.counts(run.id)
    catalogue.runs.finish(run.id, run.attempt, judgement=Judgement.FAILED, reasons=(), counts=counts, spent={})
    catalogue.sources.take_back("wrong", "ada")
    with pytest.raises(Conflict, match="was taken back"):
        catalogue.runs.queue("wrong", EPOCH, by="ada")
    with pytest.raises(Conflict, match="was taken back"):
        catalogue.sources.put(replace(catalogue.sources.get("wrong"), enabled=True), "ada")
    as_added = replace(catalogue.sources.get("wrong"), title="Again", taken_back=None)
    catalogue.sources.put(as_added, "ada")
    assert catalogue.sources.get("wrong").taken_back is not None
    with pytest.raises(Conflict, match="already"):
        catalogue.sources.take_back("wrong", "ada")
    catalogue.sources.give_back("wrong", "ada")
    with pytest.raises(Conflict, match="nothing was taken back"):
        catalogue.sources.give_back("wrong", "ada")


def test_what_is_withdrawn_stays_so_whatever_is_harvested_until_that_is_undone(catalogue: Catalogue) -> None:
    fill(catalogue)
    desk = by_name(catalogue, "Desk (wrong)")
    before = shown(catalogue)
    with pytest.raises(CatalogueError, match="a withdrawal needs its reason"):
        catalogue.review.decide(desk.id, Operation.WITHDRAW, "ada")
    withdrawn = catalogue.review.decide(desk.id, Operation.WITHDRAW, "ada", why="its makers ask for it")
    assert catalogue.software.get(desk.id).state is SoftwareState.WITHDRAWN
    assert desk.id not in shown(catalogue)
    again = [item("desk", name="Desk (renamed)", names=[DESK], priority=90)]
    harvest(catalogue, again, "wrong", trusted=True)
    harvest(catalogue, [item("other", name="Other", names=[DESK])], "new-and-trusted", trusted=True)
    harvest(catalogue, [item("copy", name="Copy", names=[DESK])], "new", trusted=False)
    assert catalogue.software.get(desk.id).state is SoftwareState.WITHDRAWN
    named = {one.fields.name for one in [*catalogue.software.published(1000), *catalogue.review.queue(1000)]}
    assert not any("Desk" in str(name) or name in ("Other", "Copy") for name in named), named
    catalogue.review.undo(withdrawn.id, "ada")
    assert catalogue.software.get(desk.id).state is SoftwareState.PUBLISHED
    assert before.keys() >= {desk.id}


def test_what_is_withdrawn_stays_so_when_its_entries_go_and_come_under_another_key(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("a", name="Desk", names=[DESK])], "right", trusted=True)
    desk = by_name(catalogue, "Desk")
    catalogue.review.decide(desk.id, Operation.WITHDRAW, "ada", why="personal data")
    for _ in range(2):
        harvest(catalogue, [], "right", trusted=True)
    assert catalogue.software.get(desk.id).state is SoftwareState.WITHDRAWN
    harvest(catalogue, [item("b", name="Desk", names=[DESK])], "elsewhere", trusted=True)
    assert catalogue.software.published(1000) == []
    assert catalogue.review.queue() == []
