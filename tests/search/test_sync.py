"""The index follows the catalogue: what changed and nothing else, or all of it anew."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.errors import SearchError
from harvester.model import Operation
from harvester.search import Engine, Query
from harvester.search.sync import rebuild, sync
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
    assert not opened.feed.knows(engine.name, before or "")


def test_an_index_of_another_mapping_or_catalogue_is_made_anew(opened: Catalogue, tmp_path: Path) -> None:
    harvest(opened, [item("one")], trusted=True)
    declaration = copy.deepcopy(software())
    declaration["settings"]["analysis"]["analyzer"]["und"]["filter"] = ["lowercase"]
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

    class Picky(TantivyEngine):
        """Stands for an engine that refuses one document."""

        def apply(self, generation, upserts, deletes=()):  # type: ignore[no-untyped-def]
            refused = {d.id: "too many stars" for d in upserts if d.software.fields.stars}
            applied = super().apply(generation, [d for d in upserts if not d.software.fields.stars], deletes)
            return type(applied)(applied.done, {**applied.failed, **refused})

    with pytest.raises(SearchError, match=rf"{bad}: too many stars"):
        sync(opened, Picky(tmp_path / "index"))
    assert _names(engine) == ["one", "two"]
    assert sync(opened, engine) == 1
    assert _names(engine) == ["bad", "one", "two"]
