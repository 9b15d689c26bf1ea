"""The index follows the catalogue: what changed and nothing else, or all of it anew."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.errors import IndexLosses, SearchError
from harvester.model import Operation
from harvester.search import Document, Engine, Query
from harvester.search.sync import Differences, check, mend, rebuild, revert, sync
from harvester.search.tantivy_engine import TantivyEngine
from index_mappings import software


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Catalogue]:
    catalogue = Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    yield catalogue
    catalogue.close()


def _names(engine: Engine) -> list[str]:
    return [hit.document["name"] for hit in engine.search(Query(sort="name")).hits]


@pytest.mark.xdist_group("elasticsearch")
def test_what_is_published_is_found_and_nothing_else(opened: Catalogue, engine: Engine) -> None:
    harvest(opened, [item("one"), item("two")], trusted=True)
    harvest(opened, [item("waiting")], "beta")
    assert sync(opened, engine) == 2
    assert _names(engine) == ["one", "two"]


@pytest.mark.xdist_group("elasticsearch")
def test_only_what_changed_is_applied_the_next_time(opened: Catalogue, engine: Engine) -> None:
    harvest(opened, [item("one"), item("two")], trusted=True)
    sync(opened, engine)
    generation = engine.current()
    assert sync(opened, engine) == 0
    harvest(opened, [item("one", name="renamed"), item("two"), item("three")])
    assert sync(opened, engine) == 2
    assert _names(engine) == ["renamed", "three", "two"]
    assert engine.current() == generation


@pytest.mark.xdist_group("elasticsearch")
def test_a_decision_shows_and_its_undoing_too(opened: Catalogue, engine: Engine) -> None:
    harvest(opened, [item("one"), item("two")])
    sync(opened, engine)
    software_id = by_name(opened, "one").id
    accepted = opened.review.decide(software_id, Operation.ACCEPT, "reviewer")
    sync(opened, engine)
    assert _names(engine) == ["one"]
    opened.review.undo(accepted.id, "reviewer")
    sync(opened, engine)
    assert _names(engine) == []


def test_a_rebuild_tells_its_progress_and_takes_the_place_of_the_old_one(opened: Catalogue, tmp_path: Path) -> None:
    engine = TantivyEngine(tmp_path / "index")
    harvest(opened, [item(f"tool {n}") for n in range(7)], trusted=True)
    sync(opened, engine)
    before, told = engine.current(), []
    assert rebuild(opened, engine, lambda done, total: told.append((done, total))) == 7
    assert told == [(7, 7)]
    assert engine.current() != before
    assert len(_names(engine)) == 7
    assert opened.feed.pending(engine.name, engine.current() or "") == 0
    assert engine.previous() == before


class Picky(TantivyEngine):
    """Stands for an engine that refuses documents with stars."""

    def apply(self, generation, upserts, deletes=()):  # type: ignore[no-untyped-def]
        refused = {d.id: "too many stars" for d in upserts if d.software.fields.stars}
        applied = super().apply(generation, [d for d in upserts if not d.software.fields.stars], deletes)
        return type(applied)(applied.done, {**applied.failed, **refused})


@pytest.mark.xdist_group("elasticsearch")
def test_a_rebuild_that_lost_much_takes_no_place_unless_told_to_and_can_be_taken_back(
    opened: Catalogue, engine: Engine
) -> None:
    tools = [item(f"tool {n}") for n in range(10)]
    harvest(opened, tools, trusted=True)
    sync(opened, engine)
    before = engine.current()
    for good in (True, True):  # what is left stands for a catalogue that lost its softwares behind the index's back
        harvest(opened, tools[:7], good=good)
    opened.feed.applied(engine.name, before or "", opened.feed.dirty(engine.name, before or ""))
    with pytest.raises(IndexLosses, match=r"7 softwares, and the one in use 10.*--force"):
        rebuild(opened, engine)
    assert (engine.current(), engine.count()) == (before, 10)
    assert opened.feed.knows(engine.name, before or "")
    assert rebuild(opened, engine, force=True) == 7
    assert engine.count() == 7
    assert revert(opened, engine) == before
    assert (engine.current(), engine.count()) == (before, 10)
    rebuild(opened, engine, force=True)
    assert (engine.count(), engine.previous()) == (7, before)
    assert opened.feed.knows(engine.name, before or ""), "what is kept goes on to be fed"


def test_a_rebuild_in_which_documents_failed_takes_no_place(opened: Catalogue, tmp_path: Path) -> None:
    harvest(opened, [item("one"), *(item(f"tool {n}") for n in range(20))], trusted=True)
    sync(opened, TantivyEngine(tmp_path / "index"))
    engine = Picky(tmp_path / "index")
    before = engine.current()
    harvest(opened, [item("one", stars=2), *(item(f"tool {n}") for n in range(20))])
    with pytest.raises(IndexLosses, match=r"1 softwares cannot be indexed, first .*: too many stars"):
        rebuild(opened, engine)
    assert (engine.current(), engine.previous(), engine.count()) == (before, None, 21)
    with pytest.raises(SearchError, match="too many stars"):
        rebuild(opened, engine, force=True)
    assert engine.count() == 20


def test_there_is_nothing_to_take_back_before_a_second_generation(opened: Catalogue, tmp_path: Path) -> None:
    harvest(opened, [item("one")], trusted=True)
    engine = TantivyEngine(tmp_path / "index")
    sync(opened, engine)
    with pytest.raises(SearchError, match="no earlier index is kept"):
        revert(opened, engine)


def test_an_index_is_not_swapped_by_itself_for_that_of_a_catalogue_with_much_less(
    opened: Catalogue, tmp_path: Path
) -> None:
    harvest(opened, [item(f"tool {n}") for n in range(5)], trusted=True)
    engine = TantivyEngine(tmp_path / "index")
    sync(opened, engine)
    other = Catalogue.open(f"sqlite:///{tmp_path / 'other.sqlite'}")
    harvest(other, [item("elsewhere")], trusted=True)
    with pytest.raises(IndexLosses):
        sync(other, engine)
    assert engine.count() == 5
    other.close()


@pytest.mark.xdist_group("elasticsearch")
def test_a_check_says_what_differs_and_a_start_mends_it(opened: Catalogue, engine: Engine) -> None:
    tools = [item(f"tool {n}") for n in range(4)]
    harvest(opened, tools, trusted=True)
    sync(opened, engine)
    assert check(opened, engine) == Differences(published=4, indexed=4)
    generation = engine.current() or ""
    harvest(opened, [item("tool 0", name="renamed"), *tools[1:], item("new")])
    assert check(opened, engine).waiting == 2
    for n in range(2):  # as a kill between two commits could leave it on a disk that lies
        opened.feed.applied(engine.name, generation, opened.feed.dirty(engine.name, generation))
        engine.apply(generation, [], [(by_name(opened, f"tool {n + 2}").id, 1)])
    engine.apply(generation, [Document(replace(by_name(opened, "tool 1"), id="stranger", slug="stranger"))])
    found = check(opened, engine)
    assert found == Differences(
        published=5,
        indexed=3,
        missing=tuple(sorted(by_name(opened, name).id for name in ("tool 2", "tool 3", "new"))),
        stale=(by_name(opened, "renamed").id,),
        extra=("stranger",),
    )
    mend(opened, engine, found)
    sync(opened, engine)
    assert _names(engine) == ["new", "renamed", "tool 1", "tool 2", "tool 3"]
    assert check(opened, engine) == Differences(published=5, indexed=5)


def test_an_index_that_is_ahead_of_a_restored_catalogue_is_made_anew(opened: Catalogue, tmp_path: Path) -> None:
    engine = TantivyEngine(tmp_path / "index")
    harvest(opened, [item("one")], trusted=True)
    sync(opened, engine)
    generation = engine.current() or ""
    engine.apply(generation, [Document(replace(by_name(opened, "one"), version=9))])
    found = check(opened, engine)
    assert found.ahead == (by_name(opened, "one").id,)
    mend(opened, engine, found)
    assert engine.current() != generation
    assert not check(opened, engine).differ


def test_an_index_of_another_mapping_or_catalogue_is_made_anew(opened: Catalogue, tmp_path: Path) -> None:
    harvest(opened, [item("one")], trusted=True)
    declaration = copy.deepcopy(software())
    declaration["mappings"]["properties"]["more"] = {"type": "keyword"}
    sync(opened, TantivyEngine(tmp_path / "index", declaration=declaration))
    engine = TantivyEngine(tmp_path / "index")
    assert sync(opened, engine) == 1
    other = Catalogue.open(f"sqlite:///{tmp_path / 'other.sqlite'}")
    harvest(other, [item("elsewhere")], trusted=True)
    assert sync(other, engine) == 1
    assert _names(engine) == ["elsewhere"]
    other.close()


def test_a_software_that_cannot_be_indexed_is_named_and_keeps_no_other_back(opened: Catalogue, tmp_path: Path) -> None:
    engine = TantivyEngine(tmp_path / "index")
    harvest(opened, [item("one"), item("bad", stars=2), item("two")], trusted=True)
    bad = by_name(opened, "bad").id

    with pytest.raises(SearchError, match=rf"{bad}: too many stars"):
        sync(opened, Picky(tmp_path / "index"))
    assert _names(engine) == ["one", "two"]
    assert sync(opened, engine) == 1
    assert _names(engine) == ["bad", "one", "two"]
