"""What a source that can be asked for one thing says of it: seen, absent, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from support.builders import begin, by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.model import Judgement, Page, RawItem, Reading, Run, SoftwareState, Unit

Items = Sequence[tuple[RawItem, Reading]]


def asked(
    catalogue: Catalogue, items: Items = (), *, seen: Sequence[str] = (), gone: Sequence[str] = (), good: bool = True
) -> Run:
    """A whole run of a source that can be asked what is absent."""
    run = begin(catalogue, trusted=True)
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")], confirms=True)[0]
    page = Page(unit=unit, raw_items=tuple(raw for raw, _ in items), seen=tuple(seen), gone=tuple(gone))
    catalogue.harvest.store(run.id, run.attempt, [(page, items)])
    if good:
        catalogue.absence.apply(run.id, run.attempt)
    catalogue.resolver.resolve()
    return catalogue.runs.finish(
        run.id,
        run.attempt,
        judgement=Judgement.GOOD if good else Judgement.SUSPICIOUS,
        reasons=(),
        counts=catalogue.harvest.counts(run.id),
        spent={},
    )


def test_what_is_listed_as_stored_is_seen_and_unchanged(catalogue: Catalogue) -> None:
    asked(catalogue, [item("one"), item("two")])
    before = by_name(catalogue, "one")
    counts = asked(catalogue, seen=["one", "two"]).counts
    assert (counts.entries, counts.read, counts.unchanged, counts.new, counts.changed) == (2, 2, 2, 0, 0)
    assert counts.unseen == 0
    assert by_name(catalogue, "one").version == before.version


def test_a_key_that_was_never_stored_is_not_seen(catalogue: Catalogue) -> None:
    assert asked(catalogue, [item("one")], seen=["nobody"]).counts.entries == 1


def test_silence_is_no_absence_where_the_source_can_be_asked(catalogue: Catalogue) -> None:
    asked(catalogue, [item("stays"), item("silent")])
    for _ in range(4):
        counts = asked(catalogue, seen=["stays"]).counts
        assert (counts.gone, counts.unseen) == (0, 1)
    assert by_name(catalogue, "silent").state is SoftwareState.PUBLISHED


def test_confirmed_once_is_unknown_and_twice_is_gone(catalogue: Catalogue) -> None:
    asked(catalogue, [item("stays"), item("goes")])
    gone = by_name(catalogue, "goes").id
    first = asked(catalogue, seen=["stays"], gone=["goes"]).counts
    assert (first.gone, first.unseen) == (0, 1)
    assert catalogue.software.get(gone).state is SoftwareState.PUBLISHED
    second = asked(catalogue, seen=["stays"], gone=["goes"]).counts
    assert (second.gone, second.unseen) == (1, 0)
    assert catalogue.software.get(gone).state is SoftwareState.GONE
    asked(catalogue, [item("stays"), item("goes")])
    assert catalogue.software.get(gone).state is SoftwareState.PUBLISHED, "what comes back is the same software"


def test_an_absence_in_a_run_that_was_not_good_counts_for_nothing(catalogue: Catalogue) -> None:
    asked(catalogue, [item("stays"), item("goes")])
    for _ in range(3):
        asked(catalogue, seen=["stays"], gone=["goes"], good=False)
    asked(catalogue, seen=["stays"], gone=["goes"])
    assert by_name(catalogue, "goes").state is SoftwareState.PUBLISHED


def test_being_seen_again_begins_the_count_anew(catalogue: Catalogue) -> None:
    asked(catalogue, [item("stays"), item("flickers")])
    for _ in range(3):
        asked(catalogue, seen=["stays"], gone=["flickers"])
        asked(catalogue, seen=["stays", "flickers"])
    assert by_name(catalogue, "flickers").state is SoftwareState.PUBLISHED


def test_only_what_was_neither_shown_nor_told_absent_is_still_to_be_asked(catalogue: Catalogue) -> None:
    harvest(catalogue, [item(key) for key in ("a", "b", "c", "d")])
    run = begin(catalogue)
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")], confirms=True)[0]
    page = Page(unit=unit, seen=("b",), gone=("d",))
    catalogue.harvest.store(run.id, run.attempt, [(page, [])])
    assert [raw.key for raw in catalogue.harvest.unseen(run.id, limit=10)] == ["a", "c"]
    assert [raw.key for raw in catalogue.harvest.unseen(run.id, limit=1)] == ["a"]


def test_what_is_known_is_given_as_it_was_fetched(catalogue: Catalogue) -> None:
    items = [item("one"), item("two")]
    harvest(catalogue, items)
    run = begin(catalogue)
    known = catalogue.harvest.known(run.id, ["one", "two", "three"])
    assert {key: (raw.payload, raw.url, dict(raw.context)) for key, raw in known.items()} == {
        raw.key: (raw.payload, raw.url, dict(raw.context)) for raw, _ in items
    }


def test_what_is_gone_is_not_known(catalogue: Catalogue) -> None:
    both = [item("stays"), item("goes")]
    harvest(catalogue, both)
    harvest(catalogue, both[:1])
    harvest(catalogue, both[:1])
    run = begin(catalogue)
    assert set(catalogue.harvest.known(run.id, ["stays", "goes"])) == {"stays"}
    assert catalogue.harvest.unseen(run.id, limit=10)[0].key == "stays"


def test_another_sources_items_are_not_known(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("one")], name="beta")
    run = begin(catalogue)
    assert catalogue.harvest.known(run.id, ["one"]) == {}
    assert catalogue.harvest.unseen(run.id, limit=10) == []
