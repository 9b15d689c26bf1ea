"""What a run's end makes of the things that it was not shown, and of those that it could not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from support.builders import begin, by_name, item

from harvester.catalogue import Catalogue, schema
from harvester.model import Issue, Judgement, Outcome, Page, RawItem, Reading, Run, SoftwareState, Unit
from harvester.runs import execute as executing
from harvester.runs.execute import Ending
from harvester.words import say

Items = Sequence[tuple[RawItem, Reading]]
TRAP = Issue.of("paging-trap", place="next", value="https://town.example/?page=51", pages=50)


def ended(catalogue: Catalogue, items: Items, *issues: Issue, run: Run | None = None, **ending: object) -> Run:
    """A run that brings these items on one page with these issues, judged as a worker judges it."""
    run = run or begin(catalogue, trusted=True)
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
    page = Page(unit=unit, raw_items=tuple(raw for raw, _ in items), issues=tuple(issues))
    catalogue.harvest.store(run.id, run.attempt, [(page, items)])
    return executing._end(catalogue, run, executing._Crawl(Ending(**ending)))  # type: ignore[arg-type]


def skipped(key: str) -> tuple[RawItem, Reading]:
    raw, _ = item(key)
    return replace(raw, payload=b"nothing"), Reading(outcome=Outcome.SKIPPED, reason="no publiccode.yml")


def refused(key: str) -> tuple[RawItem, Reading]:
    raw, _ = item(key)
    issue = Issue.of("json-syntax", why="a comma is missing")
    return replace(raw, payload=b"broken"), Reading(outcome=Outcome.REFUSED, issues=(issue,))


def missing_runs(catalogue: Catalogue) -> dict[str, int]:
    raw = schema.raw_item
    with catalogue.database.read() as connection:
        return dict(connection.execute(sa.select(raw.c.key, raw.c.missing_runs)).all())


def told(run: Run) -> str:
    return "; ".join(say(reason) for reason in run.reasons)


FIVE = [item(f"tool {n}") for n in range(5)]


def test_what_lay_behind_a_trap_is_neither_missing_nor_gone(catalogue: Catalogue) -> None:
    ended(catalogue, FIVE)
    for _ in range(3):
        run = ended(catalogue, FIVE[:4], TRAP)
        assert (run.judgement, told(run)) == (
            Judgement.SUSPICIOUS,
            "1 listing was left before its end: what it did not show is not taken for missing",
        )
    assert catalogue.absence.would_remove(run.id) == []
    catalogue.absence.confirm(run.id, "olga")
    assert set(missing_runs(catalogue).values()) == {0}, "also where an operator accepts it"
    assert by_name(catalogue, "tool 4").state is SoftwareState.PUBLISHED


def test_what_lay_behind_a_bound_is_neither_missing_nor_gone(catalogue: Catalogue) -> None:
    ended(catalogue, FIVE)
    bound = Issue.of("bound-reached", place="page 3", bound="HARVESTER_RUN_PAGES", most=3, pages=3)
    for _ in range(3):
        run = ended(catalogue, FIVE[:2], bound)
        assert (run.judgement, told(run)) == (
            Judgement.CAPPED,
            "it came to 1 of its bounds: what lies behind is not taken for missing",
        )
    assert set(missing_runs(catalogue).values()) == {0}
    assert by_name(catalogue, "tool 4").state is SoftwareState.PUBLISHED


def test_a_listing_that_says_it_has_more_is_no_evidence_where_nothing_can_be_asked_for(catalogue: Catalogue) -> None:
    ended(catalogue, FIVE)
    short = Issue.of("short-listing", place="the catalogue", found=4, total=5)
    assert ended(catalogue, FIVE[:4], short).judgement is Judgement.SUSPICIOUS
    assert set(missing_runs(catalogue).values()) == {0}


def test_an_accepted_run_counts_nothing_for_missing_that_lay_on_pages_it_never_asked(catalogue: Catalogue) -> None:
    ended(catalogue, FIVE)
    run = begin(catalogue)
    first, _ = catalogue.harvest.open_units(run.id, run.attempt, [Unit("one"), Unit("two")])
    page = Page(unit=first, raw_items=tuple(raw for raw, _ in FIVE[:4]))
    catalogue.harvest.store(run.id, run.attempt, [(page, FIVE[:4])])
    executing._end(catalogue, run, executing._Crawl(Ending()))
    catalogue.absence.confirm(run.id, "olga")
    assert set(missing_runs(catalogue).values()) == {0}


def test_a_run_that_was_overtaken_counts_no_absence_when_it_is_taken_up(catalogue: Catalogue) -> None:
    ended(catalogue, FIVE)
    old = begin(catalogue)
    _ended_by_hand(catalogue, old)  # an installation of before, in which a source could have two open runs
    ended(catalogue, FIVE)
    with catalogue.database.write() as connection:
        connection.execute(sa.update(schema.run).where(schema.run.c.id == old.id).values(state="running"))
    again = ended(catalogue, [item("another")], run=old)
    assert again.judgement is Judgement.SUSPICIOUS
    assert "a newer run of the source began meanwhile: nothing is taken for missing" in told(again)
    assert set(missing_runs(catalogue).values()) == {0}


def _ended_by_hand(catalogue: Catalogue, run: Run) -> None:
    with catalogue.database.write() as connection:
        connection.execute(sa.update(schema.run).where(schema.run.c.id == run.id).values(state="stopped"))


def test_a_run_of_which_everything_was_skipped_or_refused_hides_nothing(catalogue: Catalogue) -> None:
    ended(catalogue, FIVE)
    for nothing in (skipped, refused):
        run = ended(catalogue, [nothing(f"tool {n}") for n in range(5)])
        assert run.judgement is Judgement.SUSPICIOUS
        assert "all 5 entries were skipped or refused" in told(run)
        assert by_name(catalogue, "tool 0").state is SoftwareState.PUBLISHED


def test_most_skipped_more_than_usual_is_held_with_the_list(catalogue: Catalogue) -> None:
    tools = [item(f"tool {n:02}") for n in range(20)]
    ended(catalogue, tools)
    run = ended(catalogue, [*tools[:8], *(skipped(f"tool {n:02}") for n in range(8, 20))])
    assert run.judgement is Judgement.SUSPICIOUS
    assert "12 of 20 entries were skipped or refused, 0 of 20 in the last good run" in told(run)
    assert "it would remove 12 entries" in told(run)
    assert catalogue.absence.would_remove(run.id) == [(f"tool {n:02}",) * 2 for n in range(8, 20)]
    assert by_name(catalogue, "tool 19").state is SoftwareState.PUBLISHED
    catalogue.absence.confirm(run.id, "olga")
    catalogue.resolver.resolve()
    accepted = catalogue.runs.get(run.id)
    assert told(accepted).endswith(
        "accepted by olga; 12 entries went: tool 08, tool 09, tool 10, tool 11, tool 12, tool 13, tool 14, tool 15, "
        "tool 16, tool 17, …"
    )
    assert catalogue.software.count_by_state()["published"] == 8


def test_what_a_good_run_skips_goes_and_what_it_cannot_read_stays_as_it_was(catalogue: Catalogue) -> None:
    many = [item(f"tool {n}") for n in range(8)]
    ended(catalogue, many)
    gone = by_name(catalogue, "tool 0").id
    run = ended(catalogue, [skipped("tool 0"), refused("tool 1"), *many[2:]])
    assert run.judgement is Judgement.GOOD
    assert catalogue.software.get(gone).state is SoftwareState.GONE
    assert by_name(catalogue, "tool 1").state is SoftwareState.PUBLISHED


def test_what_trust_published_stays_so_when_the_source_loses_it(catalogue: Catalogue) -> None:
    ended(catalogue, FIVE)
    catalogue.sources.put(replace(catalogue.sources.get("alpha"), trusted=False), "olga")
    ended(catalogue, [*FIVE[:3], item("tool 3", name="renamed"), item("new")])
    assert missing_runs(catalogue)["tool 4"] == 1
    states = {name: by_name(catalogue, name).state for name in ("tool 0", "tool 4", "tool 3", "new")}
    assert states == dict.fromkeys(("tool 0", "tool 4", "tool 3"), SoftwareState.PUBLISHED) | {
        "new": SoftwareState.CANDIDATE
    }
    (waiting,) = catalogue.standing.waiting(by_name(catalogue, "tool 3").id)
    assert waiting.fields["name"] == ("tool 3", "renamed")
