"""What an accepted run let go is brought back by one command, whatever its share of the source."""

from __future__ import annotations

import pytest
from support.builders import begin, harvest, item
from support.killing import kept

from harvester.catalogue import Catalogue
from harvester.errors import NotFound
from harvester.model import Judgement, Page, Reason, SoftwareState, Unit

ALL = 100


def _long(share: int, held: bool) -> object:
    return pytest.param(share, held, marks=pytest.mark.long)


def accepted(catalogue: Catalogue, share: int, *, held: bool) -> int:
    """A run that shows so much less for the second time, and that an operator accepts."""
    items = [item(f"tool-{n:03}") for n in range(ALL)]
    left = items[share:]
    harvest(catalogue, [item(f"tool-{n:03}", name="before") for n in range(ALL)], trusted=True)
    harvest(catalogue, items)
    harvest(catalogue, left)
    run = begin(catalogue)
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
    catalogue.harvest.store(run.id, run.attempt, [(Page(unit=unit), left)])
    assert catalogue.absence.held(run.id) is held
    counts = catalogue.harvest.counts(run.id)
    catalogue.resolver.resolve()
    why = [Reason.of("judged.held", n=share)]
    catalogue.runs.finish(run.id, run.attempt, judgement=Judgement.SUSPICIOUS, reasons=why, counts=counts, spent={})
    before = kept(catalogue)
    assert catalogue.absence.confirm(run.id, "olga") == share
    catalogue.resolver.resolve()
    assert catalogue.software.count_by_state().get("gone", 0) == share
    assert kept(catalogue)["records"] != before["records"]
    return run.id


@pytest.mark.parametrize(("share", "held"), [(20, False), (21, True), (100, True), _long(5, False), _long(50, True)])
def test_what_was_accepted_and_went_is_brought_back(catalogue: Catalogue, share: int, held: bool) -> None:
    run_id = accepted(catalogue, share, held=held)
    back_from, came = catalogue.absence.bring_back("alpha", "olga")
    catalogue.resolver.resolve()
    assert (back_from, [one.name for one in came]) == (run_id, [f"tool-{n:03}" for n in range(share)])
    assert catalogue.software.count_by_state() == {"published": ALL}
    assert [software.state for software in catalogue.software.published(ALL)] == [SoftwareState.PUBLISHED] * ALL
    left = kept(catalogue)
    assert sorted(record[4] for record in left["records"]) == [True] * ALL
    assert {row[3] for row in left["raw"]} == {0}
    run = catalogue.runs.get(run_id)
    assert (run.judgement, run.reasons[-1]) == (Judgement.SUSPICIOUS, Reason.of("judged.taken-back", by="olga"))
    line = catalogue.audit.recent(subject=f"run:{run_id}")[0]
    assert (line.actor, line.action, line.after["back"]) == ("olga", "run taken back", share)
    with pytest.raises(NotFound, match="no accepted run"):
        catalogue.absence.bring_back("alpha", "olga")
    assert catalogue.absence.confirm(run_id, "olga") == 0, "what is back goes after two runs that do not show it"


def test_a_source_without_an_accepted_run_has_nothing_to_bring_back(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("tool")])
    with pytest.raises(NotFound, match="no accepted run"):
        catalogue.absence.bring_back("alpha", "olga")
