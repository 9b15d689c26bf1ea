"""The embedded index made anew by another process: who searches meanwhile notices nothing, be it killed or not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import stages
from support.apart import Fork, apart
from support.builders import harvest, item
from support.templates import lay_tables

from harvester.catalogue import Catalogue
from harvester.search import Query
from harvester.search.sync import check, sync
from harvester.search.tantivy_engine import TantivyEngine

_COUNT = 100
_PAUSE_S = 1 / 50
_LIMIT_S = 600.0


@dataclass
class Searched:
    """An index of so many softwares that is searched in this process, and made anew in others."""

    url: str
    folder: Path
    catalogue: Catalogue
    engine: TantivyEngine

    def asks(self) -> None:
        """All of them are found, with as many as a page holds."""
        found = self.engine.search(Query("tool", sort="name"))
        assert (found.total, len(found.hits)) == (_COUNT, Query().size)

    def renames(self, turn: int) -> None:
        harvest(self.catalogue, [_tool(n, again=turn if n == turn % _COUNT else 0) for n in range(_COUNT)])

    def generations(self) -> int:
        return sum(1 for one in self.folder.iterdir() if one.is_dir())


def _tool(number: int, *, again: int = 0) -> object:
    return item(f"tool-{number}", name=f"Tool {number} {again or ''}")


@pytest.fixture
def searched(tmp_path: Path) -> Iterator[Searched]:
    url, folder = f"sqlite:///{tmp_path / 'catalogue.sqlite'}", tmp_path / "index"
    lay_tables(url)
    catalogue, engine = Catalogue.open(url), TantivyEngine(folder)
    harvest(catalogue, [_tool(n) for n in range(_COUNT)], trusted=True)
    sync(catalogue, engine)
    yield Searched(url, folder, catalogue, engine)
    engine.close()
    catalogue.close()


@pytest.mark.parametrize("times", [2, pytest.param(10, marks=pytest.mark.long)])
def test_who_searches_while_the_index_is_made_anew_and_written_to_notices_nothing(
    searched: Searched, times: int
) -> None:
    before = searched.engine.current()
    fork = Fork(stages.rebuild, searched.url, str(searched.folder), times)
    asked, written = 0, 0
    try:
        while fork.runs or asked < 50:
            searched.asks()
            asked += 1
            if asked % 20 == 0:
                written += 1
                searched.renames(written)
            fork.wait(_PAUSE_S)
        fork.answer(_LIMIT_S)
    finally:
        fork.end()
    assert written
    assert searched.engine.current() != before
    sync(searched.catalogue, searched.engine)
    found = check(searched.catalogue, searched.engine)
    assert (found.differ, found.indexed) == (False, _COUNT), found.told
    searched.asks()
    print(f"{asked} searches, {written} harvests, {times} rebuilds")


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.long)])
def test_a_killed_rebuild_leaves_the_index_that_is_searched_and_the_next_clears_up(
    searched: Searched, kills: int
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance, arguments = random.Random(seed), (searched.url, str(searched.folder))
    whole = apart(stages.dying_in_time, stages.rebuild, 0, *arguments)
    done = 0
    for _ in range(3 * kills):
        if done == kills:
            break
        before = searched.engine.current()
        if stages.killed(stages.dying_in_time, stages.rebuild, max(chance.random() * whole, 0.001), *arguments):
            done += 1
        else:
            assert searched.engine.current() != before
        searched.asks()
    assert done == kills
    apart(stages.rebuild, *arguments)
    searched.asks()
    assert searched.generations() <= 2, "the one that is searched, and the one before"
    found = check(searched.catalogue, searched.engine)
    assert (found.differ, found.indexed) == (False, _COUNT), found.told
