"""Each stage of a harvest killed at random: what is left when it is carried on is as if nobody had been killed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support import stages
from support.apart import apart
from support.builders import EPOCH, begin, harvest, item, source
from support.killing import kept
from support.templates import lay_tables
from support.whole import COMPARED, LEFT_OUT

from harvester.catalogue import Catalogue, schema
from harvester.model import Page, Unit
from harvester.search.sync import check
from harvester.search.tantivy_engine import TantivyEngine

Arguments = tuple[Any, ...]
Stage = tuple[Callable[..., None], Callable[..., Any], Callable[[Catalogue, Path], Arguments]]
_ROUND = 10
"""So often one catalogue's stage is killed at the most, before it is let come to its end."""
_COUNT = 16
_INTEGRITY = ("PRAGMA integrity_check", "PRAGMA foreign_key_check")


def to_normalise(catalogue: Catalogue, _: Path) -> Arguments:
    catalogue.sources.put(source("towns"), "test")
    run = catalogue.runs.queue("towns", EPOCH - timedelta(days=1), by="test")
    assert run is not None
    return (run.id,)


def to_resolve(catalogue: Catalogue, _: Path) -> Arguments:
    """Two sources that tell of the same softwares."""
    for name in ("alpha", "beta"):
        run = begin(catalogue, name)
        items = [item(f"t{n}", name=f"Tool {n}", names=(f"catalogue:{name}:{n}", f"repo:r/{n}")) for n in range(_COUNT)]
        unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
        catalogue.harvest.store(run.id, run.attempt, [(Page(unit=unit), items)])
    return ()


def to_review(catalogue: Catalogue, _: Path) -> Arguments:
    harvest(catalogue, [item(f"tool-{n:02}") for n in range(_COUNT)])
    return ()


def to_index(catalogue: Catalogue, folder: Path) -> Arguments:
    harvest(catalogue, [item(f"tool-{n:02}") for n in range(_COUNT)], trusted=True)
    return (str(folder / "index"),)


STAGES: dict[str, Stage] = {
    "normalise": (stages.normalise, stages.dying, to_normalise),
    "resolve": (stages.resolve, stages.dying, to_resolve),
    "review": (stages.review, stages.dying, to_review),
    "index": (stages.index, stages.dying_in_time, to_index),
}


def left(catalogue: Catalogue) -> dict[str, Any]:
    """What the stages leave, and how many lines of the audit and decisions of each kind."""
    with catalogue.database.read() as connection:
        lines = connection.execute(sa.select(schema.audit.c.action, schema.audit.c.actor)).all()
        decided = connection.execute(sa.select(schema.decision.c.operation, schema.decision.c.actor)).all()
        if catalogue.database.is_sqlite:
            sound = [connection.exec_driver_sql(query).all() for query in _INTEGRITY]
            assert sound == [[("ok",)], []]
    return {**kept(catalogue), "audit": Counter(map(tuple, lines)), "decisions": Counter(map(tuple, decided))}


def survives(name: str, url: str, folder: Path, chance: random.Random, kills: int) -> int:
    """Kill a stage so often on one catalogue, then let it end; returns how many kills there were."""
    stage, how, laid = STAGES[name]
    ends: Sequence[Any] = []
    whole: float = 0
    done = 0
    for most in (0, kills):
        folder = folder / "next"
        lay_tables(url)
        catalogue = Catalogue.open(url)
        try:
            arguments = (url, *laid(catalogue, folder))
            while done < most:
                at = chance.random() * whole
                if not stages.killed(how, stage, at if how is stages.dying_in_time else int(at) + 1, *arguments):
                    break
                done += 1
            whole = apart(how, stage, 0, *arguments)
            if name == "index":
                engine = TantivyEngine(Path(arguments[-1]))
                agree = check(catalogue, engine)
                engine.close()
                assert (agree.differ, agree.indexed) == (False, _COUNT), agree.told
            ends = [*ends, left(catalogue)]
        finally:
            catalogue.close()
        whole = whole if most == 0 else 0
    assert ends[0] == ends[1]
    return done


def test_every_table_is_compared_after_kills_or_left_out_for_a_reason() -> None:
    assert {*COMPARED, *LEFT_OUT} == {*schema.metadata.tables}
    assert not COMPARED.keys() & LEFT_OUT.keys()


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("kills", [2, pytest.param(100, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_a_stage_killed_at_random_ends_as_one_left_alone(
    database_url: str, tmp_path: Path, name: str, kills: int
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance, done, rounds = random.Random(seed), 0, 0
    while done < kills:
        rounds += 1
        assert rounds <= 2 * kills, "it is hardly ever killed"
        done += survives(name, database_url, tmp_path / str(rounds), chance, min(_ROUND, kills - done))
