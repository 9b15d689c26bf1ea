"""A trusted source that would rename, replace or join much of what is published is held, as one that removes much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.builders import begin, by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.model import Judgement, Page, RawItem, Reading, Run, SoftwareState, Unit
from harvester.runs import execute as executing
from harvester.runs.execute import Ending

Items = Sequence[tuple[RawItem, Reading]]


def ended(catalogue: Catalogue, items: Items) -> Run:
    """A run that brings these, judged as a worker judges it."""
    run = begin(catalogue, trusted=True)
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
    page = Page(unit=unit, raw_items=tuple(raw for raw, _ in items))
    catalogue.harvest.store(run.id, run.attempt, [(page, items)])
    return executing._end(catalogue, run, executing._Crawl(Ending()))


def key(number: int) -> str:
    return f"tool {number:03}"


def told(number: int, *, name: str | None = None, names: Sequence[str] = ()) -> tuple[RawItem, Reading]:
    raw, reading = item(key(number), name=name, names=names or [f"catalogue:test:{key(number)}"])
    return replace(raw, payload=repr((name, names)).encode()), reading


HUNDRED = [told(number) for number in range(100)]


def renamed(number: int) -> tuple[RawItem, Reading]:
    return told(number, name=f"Moved {number}")


def another(number: int) -> tuple[RawItem, Reading]:
    return told(number, name=f"Moved {number}", names=[f"catalogue:test:other {number}"])


def joining(number: int) -> tuple[RawItem, Reading]:
    """It claims to be the software of the number fifty beyond."""
    return told(number, names=[f"catalogue:test:{key(number)}", f"catalogue:test:{key(number + 50)}"])


def published(catalogue: Catalogue) -> dict[str, str]:
    return {one.fields.name or "": one.id for one in catalogue.software.published(1000)}


@pytest.mark.parametrize(
    ("changed", "kind"),
    [(renamed, "renamed"), (another, "replaced"), (joining, "joined")],
    ids=["names", "things", "claims"],
)
def test_a_trusted_source_that_changes_thirty_of_a_hundred_is_held_until_that_is_accepted(
    catalogue: Catalogue, changed: object, kind: str
) -> None:
    assert ended(catalogue, HUNDRED).judgement is Judgement.GOOD
    before = published(catalogue)
    turned = [*(changed(number) for number in range(30)), *HUNDRED[30:]]  # type: ignore[operator]
    for _ in range(2):  # the next run says the same, and is held as well
        run = ended(catalogue, turned)
        assert run.judgement is Judgement.SUSPICIOUS
        assert [(reason.code, reason.args) for reason in run.reasons] == [("judged.shifted", {"n": 30})]
        assert published(catalogue) == before, "nothing was changed"
        shifts = catalogue.shifts.would_change(run.id)
        assert [(one.name, one.kind.value) for one in shifts] == [(key(number), kind) for number in range(30)]
    catalogue.absence.confirm(run.id, "olga")
    catalogue.resolver.resolve()
    after = published(catalogue)
    if kind != "joined":  # which is a reviewer's to say
        assert {f"Moved {number}" for number in range(30)} <= after.keys()
        assert key(1) not in after
    assert catalogue.shifts.would_change(run.id) == []
    assert [reason.code for reason in catalogue.runs.get(run.id).reasons][-2:] == ["judged.accepted", "judged.changed"]
    assert ended(catalogue, turned).judgement is Judgement.GOOD


def test_a_source_that_takes_it_back_is_held_no_more_and_a_few_names_change_at_once(catalogue: Catalogue) -> None:
    ended(catalogue, HUNDRED)
    before = published(catalogue)
    assert ended(catalogue, [*map(renamed, range(30)), *HUNDRED[30:]]).judgement is Judgement.SUSPICIOUS
    assert ended(catalogue, HUNDRED).judgement is Judgement.GOOD
    assert published(catalogue) == before
    few = ended(catalogue, [*map(renamed, range(20)), *HUNDRED[20:]])
    assert (few.judgement, few.reasons) == (Judgement.GOOD, ())
    assert by_name(catalogue, "Moved 19").state is SoftwareState.PUBLISHED


def test_what_is_resolved_meanwhile_keeps_what_is_held_as_it_was(catalogue: Catalogue) -> None:
    ended(catalogue, HUNDRED)
    ended(catalogue, [*map(renamed, range(30)), *HUNDRED[30:]])
    before = published(catalogue)
    harvest(catalogue, [told(3, names=[f"catalogue:test:{key(3)}"])], "beta", trusted=True)
    catalogue.policy.appraise_all()
    catalogue.resolver.resolve()
    assert published(catalogue) == before
