"""Two sources that bring again what they brought, in any order and at once: no row, no line, no write to the index."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from support.builders import harvest, item
from support.killing import kept
from support.stored import written

from harvester.catalogue import Catalogue, schema
from harvester.search.sync import sync
from harvester.search.tantivy_engine import TantivyEngine

_COUNT = 40
_SOURCES = ("alpha", "beta")


def _items(source: str) -> list[Any]:
    """Half of what a source tells of is told of by the other one, too."""
    begin = 0 if source == "alpha" else _COUNT // 2
    return [
        item(f"t{n}", name=f"Tool {n}", names=(f"catalogue:{source}:{n}", f"repo:r/{n}"))
        for n in range(begin, begin + _COUNT)
    ]


def _left(catalogue: Catalogue, index: Path) -> Any:
    tables = (schema.audit, schema.issue, schema.software_version, schema.membership, schema.index_dirt)
    with catalogue.database.read() as connection:
        counts = [connection.execute(sa.select(sa.func.count()).select_from(one)).scalar_one() for one in tables]
    return kept(catalogue), counts, written(index)


def test_the_same_three_times_shuffled_and_twice_at_once_changes_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    engine, chance = TantivyEngine(tmp_path / "index"), random.Random(7)
    for source in _SOURCES:
        harvest(catalogue, _items(source), source, trusted=True)
    sync(catalogue, engine)
    before = _left(catalogue, tmp_path / "index")
    assert len(before[0]["software"]) == _COUNT + _COUNT // 2

    def again(source: str) -> None:
        shuffled = _items(source)
        chance.shuffle(shuffled)
        run = harvest(catalogue, shuffled, source)
        assert (run.counts.new, run.counts.changed, run.counts.gone) == (0, 0, 0)

    for _ in range(3):
        for source in _SOURCES:
            again(source)
    with ThreadPoolExecutor(2) as threads:
        for _ in range(2):
            list(threads.map(again, _SOURCES))
    assert sync(catalogue, engine) == 0
    engine.close()
    assert _left(catalogue, tmp_path / "index") == before
