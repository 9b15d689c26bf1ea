"""Whatever a source that is not trusted claims, nothing that is published changes before a reviewer says so; and what
was published apart stays apart, whoever claims that it is one."""

from __future__ import annotations

from typing import Any

import pytest
from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.catalogue.sought import QueueSought
from harvester.model import Operation, SoftwareState

TOOLS = [f"Tool {n}" for n in range(10)]
PLACES = [f"repo:https://github.com/town/tool-{n}" for n in range(10)]
EVIL = "https://login.evil.example/"


def publish(catalogue: Catalogue) -> None:
    entries = [
        item(f"t{n}", name=TOOLS[n], names=[PLACES[n], f"catalogue:towns:{n}"], landing_url=f"https://tool{n}.example/")
        for n in range(10)
    ]
    harvest(catalogue, entries, "towns", trusted=True)


def shown(catalogue: Catalogue) -> dict[str, Any]:
    """What visitors get of everything that is published, with who says it."""
    return {
        one.id: (one.slug, one.fields, one.identifiers, one.evidence, sorted(catalogue.software.provenance(one.id)))
        for one in catalogue.software.published(1000)
    }


def taking(n: int, **more: Any) -> Any:
    """An entry that claims to be a published tool, with a stronger word than whoever published it."""
    fields = {"landing_url": EVIL, "short_description": {"en": "Moved."}, "license": "MIT", **more}
    return item(f"e{n}", name=f"{TOOLS[n]} (moved)", names=[PLACES[n]], priority=90, **fields)


def test_an_untrusted_source_changes_nothing_and_stands_before_a_reviewer(catalogue: Catalogue) -> None:
    publish(catalogue)
    before = shown(catalogue)
    harvest(catalogue, [taking(n) for n in range(10)], "evil")
    assert shown(catalogue) == before
    waiting = catalogue.review.queue(sought=QueueSought(source="evil"))
    assert sorted(str(one.fields.name) for one in waiting) == [f"{name} (moved)" for name in TOOLS]
    catalogue.suggestions.refresh()
    for one in waiting:
        assert next(near.reason.code for near in catalogue.software.neighbours(one.id)) == "near.claimed"


def test_it_is_the_same_whoever_came_first(catalogue: Catalogue) -> None:
    harvest(catalogue, [taking(n) for n in range(10)], "evil")
    publish(catalogue)
    assert sorted(str(one.fields.name) for one in catalogue.software.published(1000)) == TOOLS
    assert len(catalogue.review.queue(sought=QueueSought(source="evil"))) == 10


@pytest.mark.parametrize("trusted", [False, True])
def test_an_entry_that_claims_everything_joins_nothing_that_is_published(catalogue: Catalogue, trusted: bool) -> None:
    publish(catalogue)
    before = {one.id: one.fields.name for one in catalogue.software.published(1000)}
    harvest(catalogue, [item("all", name="All of it", names=PLACES, priority=10)], "evil", trusted=trusted)
    assert {one.id: one.fields.name for one in catalogue.software.published(1000)} == before
    in_question = [one for one in catalogue.review.queue() if one.asks]
    assert len(in_question) == (10 if trusted else 0)
    for one in catalogue.review.queue(sought=QueueSought(source="evil")):
        catalogue.suggestions.refresh()
        assert catalogue.software.neighbours(one.id)


def test_a_reviewer_joins_what_was_claimed_and_takes_it_back(catalogue: Catalogue) -> None:
    publish(catalogue)
    before = shown(catalogue)
    harvest(catalogue, [taking(3)], "other")
    (claims,) = catalogue.review.queue()
    tool = by_name(catalogue, TOOLS[3])
    joined = catalogue.review.decide(claims.id, Operation.SAME, "ada", value=tool.id)
    assert len(catalogue.software.published(1000)) == 10
    assert str(catalogue.software.get(tool.id).fields.landing_url) == EVIL
    catalogue.review.undo(joined.id, "ada")
    assert {one: values[1] for one, values in shown(catalogue).items()} == {
        one: values[1] for one, values in before.items()
    }
    assert [one.id for one in catalogue.review.queue()] == [claims.id]


def test_what_a_reviewer_rejects_or_accepts_is_said_of_the_claim_alone(catalogue: Catalogue) -> None:
    publish(catalogue)
    before = shown(catalogue)
    harvest(catalogue, [taking(1), taking(2)], "evil")
    for one in catalogue.review.queue():
        rejects = one.fields.name == f"{TOOLS[1]} (moved)"
        catalogue.review.decide(one.id, Operation.REJECT if rejects else Operation.ACCEPT, "ada", why="a lie")
    assert {one: shown(catalogue)[one][1] for one in before} == {one: values[1] for one, values in before.items()}
    harvest(catalogue, [], "evil")
    harvest(catalogue, [], "evil")
    assert all(catalogue.software.get(one).state is SoftwareState.PUBLISHED for one in before)


def test_what_was_let_in_stands_until_a_reviewer_takes_what_its_source_says_now(catalogue: Catalogue) -> None:
    entry: dict[str, Any] = {"names": ["repo:https://github.com/town/desk"], "landing_url": "https://desk.example/"}
    harvest(catalogue, [item("desk", name="Desk", stars=1, **entry)], "village")
    tool = by_name(catalogue, "Desk")
    catalogue.review.decide(tool.id, Operation.ACCEPT, "ada")
    moved = entry | {"landing_url": EVIL}
    harvest(catalogue, [item("desk", name="Desk (moved)", stars=2, **moved)], "village")
    now = catalogue.software.get(tool.id)
    assert (now.fields.name, now.fields.landing_url, now.fields.stars) == ("Desk", "https://desk.example/", 2)
    assert [one.id for one in catalogue.review.queue()] == [tool.id]
    (waiting,) = catalogue.standing.waiting(tool.id)
    assert waiting.source == "village"
    assert waiting.fields["name"] == ("Desk", "Desk (moved)")
    left = catalogue.review.decide(tool.id, Operation.LEAVE, "ada")
    assert catalogue.review.waiting() == 0
    catalogue.review.undo(left.id, "ada")
    assert catalogue.review.waiting() == 1
    taken = catalogue.review.decide(tool.id, Operation.TAKE, "ada")
    assert catalogue.software.get(tool.id).fields.name == "Desk (moved)"
    assert catalogue.review.waiting() == 0
    catalogue.review.undo(taken.id, "ada")
    assert catalogue.software.get(tool.id).fields.name == "Desk"


def test_what_was_said_in_trust_stands_when_trust_is_lost(catalogue: Catalogue) -> None:
    publish(catalogue)
    catalogue.sources.put(
        type(catalogue.sources.get("towns"))(name="towns", spider="html_page", title="Towns", trusted=False), "ada"
    )
    harvest(catalogue, [taking(n, stars=7) for n in range(10)], "towns")
    assert sorted(str(one.fields.name) for one in catalogue.software.published(1000)) == TOOLS
