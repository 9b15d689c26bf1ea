"""What a run stores, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import EPOCH, begin, by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.errors import Conflict, Fenced, HarvesterError, NotFound
from harvester.model import (
    Identifier,
    Issue,
    Judgement,
    Operation,
    Outcome,
    Page,
    RawItem,
    Reading,
    Reason,
    Run,
    SoftwareState,
    Unit,
)


def test_a_stored_page_closes_its_unit_and_opens_the_next(catalogue: Catalogue) -> None:
    run = begin(catalogue)
    first = catalogue.harvest.open_units(run.id, run.attempt, [Unit("page:1")])
    assert [unit.key for unit in first] == ["page:1"]
    page = Page(unit=first[0], next_units=(Unit("page:2", {"after": "x"}),))
    catalogue.harvest.store(run.id, run.attempt, [(page, [])])
    again = catalogue.harvest.open_units(run.id, run.attempt, [Unit("page:1")])
    assert again == [Unit("page:2", {"after": "x"})]


def test_pages_may_be_stored_out_of_order(catalogue: Catalogue) -> None:
    run = begin(catalogue)
    first = catalogue.harvest.open_units(run.id, run.attempt, [Unit("page:1")])[0]
    second, third = Unit("page:2"), Unit("page:3")
    catalogue.harvest.unit_failed(run.id, run.attempt, third, reason="too large", final=True)
    catalogue.harvest.store(run.id, run.attempt, [(Page(unit=second, next_units=(third,)), [])])
    catalogue.harvest.store(run.id, run.attempt, [(Page(unit=first, next_units=(second,)), [])])
    assert catalogue.harvest.open_units(run.id, run.attempt, []) == []
    assert catalogue.harvest.failures(run.id) == [("page:3", "too large", None)]


def test_a_replaced_attempt_can_store_nothing(catalogue: Catalogue) -> None:
    run = begin(catalogue)
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
    catalogue.runs.release(run.id, run.attempt, spent={})
    taken = catalogue.runs.claim("other", 60, run_id=run.id)
    assert taken is not None
    assert taken.attempt == run.attempt + 1
    raw = item("one")
    with pytest.raises(Fenced, match="taken over"):
        catalogue.harvest.store(run.id, run.attempt, [(Page(unit=unit, raw_items=(raw[0],)), [raw])])
    assert catalogue.harvest.counts(run.id).entries == 0


def test_the_same_harvest_again_changes_nothing(catalogue: Catalogue) -> None:
    items = [item(f"tool-{n}", issues=[Issue.of("no-id")]) for n in range(20)]
    harvest(catalogue, items, trusted=True)
    before = by_name(catalogue, "tool-3")
    lines = catalogue.audit.count()
    run = harvest(catalogue, list(reversed(items)))
    assert (run.counts.new, run.counts.changed, run.counts.unchanged, run.counts.issues) == (0, 0, 20, 20)
    after = by_name(catalogue, "tool-3")
    assert (after.version, after.id) == (before.version, before.id)
    assert after.last_seen is not None
    assert before.last_seen is not None
    assert after.last_seen >= before.last_seen
    assert catalogue.audit.count() == lines
    assert len(catalogue.software.versions(after.id)) == 1


def test_a_changed_item_makes_a_new_version_with_the_old_one_kept(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("tool", name="Old name")])
    run = harvest(catalogue, [item("tool", name="New name")])
    assert (run.counts.new, run.counts.changed) == (0, 1)
    software = by_name(catalogue, "New name")
    assert software.version == 2
    assert [row.data.fields.name for row in catalogue.software.versions(software.id)] == ["New name", "Old name"]
    assert catalogue.software.get("old-name").id == software.id  # a former slug still finds it


def test_each_entry_is_counted_in_exactly_one_outcome(catalogue: Catalogue) -> None:
    good = item("good")
    refused = (item("bad")[0], Reading(outcome=Outcome.REFUSED, issues=(Issue.of("yaml-syntax", why="line 3"),)))
    skipped = (item("other")[0], Reading(outcome=Outcome.SKIPPED, reason="a fork"))
    counts = harvest(catalogue, [good, refused, skipped, good]).counts
    assert (counts.entries, counts.read, counts.refused, counts.skipped) == (3, 1, 1, 1)
    issue = catalogue.issues.recent(source="alpha")[0]
    assert (issue.raw_key, issue.issue.message) == ("bad", "not YAML: line 3")


def test_an_issue_goes_when_its_item_is_mended(catalogue: Catalogue) -> None:
    raw, _ = item("tool", name="A")
    harvest(catalogue, [(raw, Reading(outcome=Outcome.REFUSED, issues=(Issue.of("yaml-syntax", why="broken"),)))])
    assert len(catalogue.issues.recent()) == 1
    harvest(catalogue, [item("tool", name="B")])
    assert catalogue.issues.recent() == []


def test_absent_once_is_unknown_and_twice_is_gone(catalogue: Catalogue) -> None:
    both = [item("stays"), item("goes")]
    harvest(catalogue, both, trusted=True)
    gone = by_name(catalogue, "goes").id
    harvest(catalogue, both[:1])
    assert catalogue.software.get(gone).state is SoftwareState.PUBLISHED
    harvest(catalogue, both[:1])
    assert catalogue.software.get(gone).state is SoftwareState.GONE
    harvest(catalogue, both)
    assert catalogue.software.get(gone).state is SoftwareState.PUBLISHED, "what comes back is the same software"


def test_a_failed_run_proves_no_absence(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("tool")], trusted=True)
    for _ in range(3):
        harvest(catalogue, [], good=False)
    assert by_name(catalogue, "tool").state is SoftwareState.PUBLISHED


@pytest.mark.parametrize(("share", "held"), [(5, False), (20, False), (21, True), (50, True), (100, True)])
def test_mass_removal_is_held(catalogue: Catalogue, share: int, held: bool) -> None:
    items = [item(f"tool-{n}") for n in range(100)]
    left = items[share:]
    harvest(catalogue, items)
    harvest(catalogue, left)
    run = begin(catalogue)
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
    catalogue.harvest.store(run.id, run.attempt, [(Page(unit=unit), left)])
    assert len(catalogue.absence.would_remove(run.id)) == share
    assert catalogue.absence.held(run.id) is held


def test_an_operator_lets_go_what_was_held(catalogue: Catalogue) -> None:
    items = [item(f"tool-{n}") for n in range(50)]
    harvest(catalogue, items)
    harvest(catalogue, items[:30])
    run = begin(catalogue)
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
    catalogue.harvest.store(run.id, run.attempt, [(Page(unit=unit), items[:30])])
    ended = catalogue.runs.finish(
        run.id,
        run.attempt,
        judgement=Judgement.SUSPICIOUS,
        reasons=[Reason.of("judged.held", n=20)],
        counts=catalogue.harvest.counts(run.id),
        spent={},
    )
    assert catalogue.absence.confirm(ended.id, "olga") == 20
    catalogue.resolver.resolve()
    assert catalogue.review.waiting() == 30
    after = catalogue.runs.get(ended.id)
    assert (after.judgement, after.reasons[:2]) == (
        Judgement.GOOD,
        (Reason.of("judged.held", n=20), Reason.of("judged.accepted", by="olga")),
    )
    (line,) = catalogue.audit.recent(subject=f"run:{run.id}")
    assert (line.action, line.after) == ("run accepted", {"gone": 20, "names": [f"tool-{n}" for n in range(30, 50)]})
    assert [name for _, name in catalogue.absence.went(run.id)] == [f"tool-{n}" for n in range(30, 50)]
    with pytest.raises(Conflict, match="cannot be accepted"):
        catalogue.absence.confirm(ended.id, "olga")


def test_records_that_share_a_strong_identifier_are_one_software(catalogue: Catalogue) -> None:
    repo = "repo:https://github.com/example/tool"
    harvest(catalogue, [item("a", name="Tool", names=[repo], priority=80, license="MIT")], "alpha")
    harvest(catalogue, [item("b", name="The tool", names=[repo, "wikidata:Q1"], license="ISC")], "beta")
    software = by_name(catalogue, "Tool")
    assert software.fields.license == "MIT"
    said = {evidence.value: evidence.chosen for evidence in software.evidence["license"]}
    assert said == {"MIT": True, "ISC": False}
    assert {row.source for row in catalogue.software.provenance(software.id).values()} == {"alpha", "beta"}


def test_a_bridge_merges_two_softwares_into_the_older(catalogue: Catalogue) -> None:
    one, two = "repo:https://github.com/example/one", "wikidata:Q2"
    harvest(catalogue, [item("a", name="One", names=[one])], "alpha")
    old = by_name(catalogue, "One").id
    harvest(catalogue, [item("b", name="Two", names=[two])], "beta")
    young = by_name(catalogue, "Two").id
    harvest(catalogue, [item("c", name="Both", names=[one, two], priority=10)], "gamma")
    assert catalogue.software.get(young).state is SoftwareState.MERGED
    assert catalogue.software.get(young).merged_into == old
    assert len(catalogue.software.provenance(old)) == 3


def test_a_lost_bridge_splits_them_again(catalogue: Catalogue) -> None:
    one, two = "repo:https://github.com/example/one", "wikidata:Q2"
    harvest(catalogue, [item("a", name="One", names=[one])])
    harvest(catalogue, [item("b", name="Two", names=[one, two])], "beta")
    assert catalogue.review.waiting() == 1
    harvest(catalogue, [item("b", name="Two", names=[two])], "beta")
    assert catalogue.review.waiting() == 2


def test_a_suggested_pair_never_merges(catalogue: Catalogue) -> None:
    repo = "repo:https://github.com/example/original"
    harvest(catalogue, [item("a", name="Original", names=[repo]), item("b", name="Copy", suggests=[repo])])
    assert catalogue.review.waiting() == 2
    catalogue.suggestions.refresh()
    neighbours = catalogue.software.neighbours(by_name(catalogue, "Copy").id)
    assert [neighbour.name for neighbour in neighbours] == ["Original"]


def test_pairs_are_made_anew_when_only_what_a_record_suggests_has_changed(catalogue: Catalogue) -> None:
    one, two = "repo:https://github.com/example/one", "repo:https://github.com/example/two"
    originals = [item("a", name="First", names=[one]), item("b", name="Second", names=[two])]
    for suggested, name in ((one, "First"), (two, "Second")):
        harvest(catalogue, [*originals, item("c", name="Copy", suggests=[suggested])])
        assert catalogue.suggestions.refresh() == catalogue.suggestions.refresh() == 1
        assert [near.name for near in catalogue.software.neighbours(by_name(catalogue, "Copy").id)] == [name]


def test_softwares_of_one_long_name_have_slugs_of_their_own(catalogue: Catalogue) -> None:
    harvest(catalogue, [item(str(number), name="a" * 60) for number in range(12)])
    harvest(catalogue, [item(str(number), name="a" * 60) for number in range(24)])
    slugs = {software.slug for software in catalogue.review.queue(100)}
    assert len(slugs) == 24


def test_a_rejection_needs_a_reason_is_remembered_and_can_be_undone(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("tool")])
    software = by_name(catalogue, "tool")
    with pytest.raises(HarvesterError, match="reason"):
        catalogue.review.decide(software.id, Operation.REJECT, "ada")
    decision = catalogue.review.decide(software.id, Operation.REJECT, "ada", why="a test copy")
    assert catalogue.software.get(software.id).state is SoftwareState.REJECTED
    harvest(catalogue, [item("tool", name="tool, renamed")])
    assert catalogue.software.get(software.id).state is SoftwareState.REJECTED
    assert catalogue.review.undo(decision.id, "ada").state is SoftwareState.CANDIDATE
    with pytest.raises(Conflict, match="undone already"):
        catalogue.review.undo(decision.id, "ada")
    assert [line.action for line in catalogue.audit.recent(subject=f"software:{software.id}")][:2] == [
        "decision reject undone",
        "software candidate",
    ]


def test_a_decision_on_what_has_changed_meanwhile_is_refused(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("tool", name="A")])
    seen = by_name(catalogue, "A")
    harvest(catalogue, [item("tool", name="B")])
    with pytest.raises(Conflict, match="changed meanwhile"):
        catalogue.review.decide(seen.id, Operation.ACCEPT, "ada", seen=seen.version)


@pytest.mark.parametrize("times", [10, pytest.param(100, marks=pytest.mark.long)])
def test_a_reviewers_value_survives_many_harvests(catalogue: Catalogue, times: int) -> None:
    harvest(catalogue, [item("tool", name="Wrong")])
    software = by_name(catalogue, "Wrong")
    catalogue.review.decide(software.id, Operation.SET, "ada", field="name", value="Right")
    for turn in range(times):
        harvest(catalogue, [item("tool", name=f"Wrong {turn}")])
    assert catalogue.software.get(software.id).fields.name == "Right"


def test_a_reviewers_same_merges_and_undo_parts_them(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("a", name="One"), item("b", name="Two")])
    one, two = by_name(catalogue, "One"), by_name(catalogue, "Two")
    decision = catalogue.review.decide(one.id, Operation.SAME, "ada", value=two.id)
    assert catalogue.review.waiting() == 1
    catalogue.review.undo(decision.id, "ada")
    assert {by_name(catalogue, "One").id, by_name(catalogue, "Two").id} == {one.id, two.id}


def test_only_what_is_published_reaches_an_index_and_late_writes_never_win(catalogue: Catalogue) -> None:
    catalogue.feed.begin("test", "g1")
    harvest(catalogue, [item("candidate")])
    harvest(catalogue, [item("tool", name="A")], "beta", trusted=True)
    dirty = dict(catalogue.feed.dirty("test", "g1"))
    software = by_name(catalogue, "A")
    assert dirty[software.id] == 1
    harvest(catalogue, [item("tool", name="B")], "beta")
    catalogue.feed.applied("test", "g1", [(software.id, 1)])
    assert dict(catalogue.feed.dirty("test", "g1"))[software.id] == 2


def ended(catalogue: Catalogue, run: Run) -> None:
    """The run as it is over, good."""
    counts = catalogue.harvest.counts(run.id)
    claimed = catalogue.runs.claim("test", 60, run_id=run.id) or run
    catalogue.runs.finish(run.id, claimed.attempt, judgement=Judgement.GOOD, reasons=(), counts=counts, spent={})


def test_a_source_runs_alone_and_a_slot_is_queued_once(catalogue: Catalogue) -> None:
    run = begin(catalogue)
    assert catalogue.runs.queue("alpha", EPOCH) is None, "the first run of the source still runs"
    catalogue.runs.release(run.id, run.attempt, spent={})
    assert catalogue.runs.queue("alpha", EPOCH) is None, "nor beside one whose process was killed"
    ended(catalogue, run)
    assert catalogue.runs.queue("alpha", run.due_at) is None, "a slot has one run"
    assert catalogue.runs.queue("alpha", EPOCH) is not None
    assert catalogue.runs.queue("alpha", EPOCH - timedelta(days=1)) is None
    with pytest.raises(NotFound):
        catalogue.runs.get(9999)


def test_a_silent_workers_run_is_taken_up(catalogue: Catalogue) -> None:
    run = begin(catalogue)
    catalogue.runs.heartbeat(run.id, run.attempt, -1)
    taken = catalogue.runs.claim("other", 60)
    assert taken is not None
    assert (taken.id, taken.attempt) == (run.id, 2)
    with pytest.raises(Fenced):
        catalogue.runs.heartbeat(run.id, 1, 60)


def test_only_attempts_that_bring_nothing_count_for_giving_a_run_up(catalogue: Catalogue) -> None:
    run = begin(catalogue)
    unit = catalogue.harvest.open_units(run.id, 1, [Unit("page 1")])[0]
    for number in range(1, 13):  # each attempt stores a page and is killed
        assert (run.attempt, run.fruitless) == (number, 1)
        page = Page(unit=unit, next_units=(Unit(f"page {number + 1}"),))
        catalogue.harvest.store(run.id, run.attempt, [(page, [])])
        unit = page.next_units[0]
        catalogue.runs.release(run.id, run.attempt, spent={})
        run = catalogue.runs.claim("test", 60) or run
    for number in range(1, 4):
        assert run.fruitless == number
        catalogue.runs.release(run.id, run.attempt, spent={})
        run = catalogue.runs.claim("test", 60) or run
    catalogue.runs.pause(run.id, run.attempt, resume_at=EPOCH, reasons=(), counts=run.counts, spent={})
    resumed = catalogue.runs.claim("test", 60)
    assert resumed is not None
    assert resumed.fruitless == 1, "a budget that is spent is nobody's fault"


def test_stopping_a_waiting_run_ends_it(catalogue: Catalogue) -> None:
    run = begin(catalogue)
    catalogue.runs.stop(run.id, "olga")
    assert catalogue.runs.heartbeat(run.id, run.attempt, 60) is False


def test_two_first_starts_at_once_make_one_catalogue(bare_database_url: str) -> None:
    import threading

    failures: list[BaseException] = []

    def start() -> None:
        try:
            Catalogue.open(bare_database_url).close()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_times_come_back_aware_and_in_utc(catalogue: Catalogue) -> None:
    run = begin(catalogue)
    read = catalogue.runs.get(run.id).due_at
    assert read.utcoffset() == timedelta(0)


def test_reading_again_with_a_better_reader_changes_the_records(catalogue: Catalogue) -> None:
    items = {raw.key: (raw, reading) for raw, reading in [item("a", name="A"), item("b", name="B")]}
    harvest(catalogue, list(items.values()))

    def read(raw: object) -> Reading:
        _, reading = items[raw.key]  # type: ignore[attr-defined]
        record = reading.records[0]
        better = replace(record, reader="test/2", fields=replace(record.fields, license="MIT"))
        return replace(reading, records=(better,)) if raw.key == "b" else reading  # type: ignore[attr-defined]

    assert catalogue.rereading.reread("alpha", read) == (2, 1)
    catalogue.resolver.resolve()
    assert by_name(catalogue, "B").fields.license == "MIT"
    assert by_name(catalogue, "B").version == 2


def test_a_record_that_a_better_reader_calls_otherwise_keeps_its_software(catalogue: Catalogue) -> None:
    """Also where nothing else names it as before: a landing page becomes a repository."""
    items = {
        raw.key: (raw, reading)
        for raw, reading in [item("a", name="A", names=["landing:https://a.example"]), item("b", name="B")]
    }
    harvest(catalogue, list(items.values()), trusted=True)
    before = {name: by_name(catalogue, name) for name in "AB"}

    def renamed(raw: RawItem, *keys: str) -> Reading:
        _, reading = items[raw.key]
        names = (Identifier("repo", f"https://forge.example.org/{raw.key}"),)
        records = tuple(replace(reading.records[0], key=key, reader="test/2", identifiers=names) for key in keys)
        return replace(reading, records=records)

    assert catalogue.rereading.reread("alpha", lambda raw: renamed(raw, "repository")) == (2, 2)
    catalogue.resolver.resolve()
    for name, software in before.items():
        after = by_name(catalogue, name)
        assert (after.id, after.slug, after.state) == (software.id, software.slug, SoftwareState.PUBLISHED)
        assert str(after.identifiers[0]) == f"repo:https://forge.example.org/{name.lower()}"
    assert catalogue.software.count_by_state() == {"published": 2}
    assert catalogue.rereading.reread("alpha", lambda raw: renamed(raw, "repository")) == (2, 0)
    assert catalogue.rereading.reread("alpha", lambda raw: renamed(raw, "repository", "file")) == (2, 2)
    catalogue.resolver.resolve()
    assert {name: by_name(catalogue, name).id for name in "AB"} == {name: one.id for name, one in before.items()}
    assert catalogue.software.count_by_state() == {"published": 2}
