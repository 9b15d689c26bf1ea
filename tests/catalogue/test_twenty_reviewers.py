"""Twenty reviewers at one queue, who are slow, leave in the middle, and say twice what they said: nothing is decided
twice, and nothing is lost."""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.builders import harvest, item

from harvester.catalogue import Catalogue, schema
from harvester.catalogue.acts import Act
from harvester.catalogue.review import EVERYTHING
from harvester.errors import Conflict
from harvester.model import Operation, SoftwareState

_REVIEWERS = 20
_LEASE_S = 0.4


def _reviewer(catalogue: Catalogue, number: int, refused: Counter[str], crashes: float) -> None:
    """Takes what comes next until nothing waits. One who crashes holds what they took until the lease ends; one whose
    answer was lost sends the same again."""
    dice, login = random.Random(number), f"reviewer{number}"
    while catalogue.review.waiting():
        mine = catalogue.claims.take_next(login, sought=EVERYTHING)
        if mine is None:
            time.sleep(0.05)
            continue
        fate = dice.random()
        if fate < crashes:
            login = f"{login}+"  # another sits down at their desk, who holds nothing
            continue
        if fate < 2 * crashes:
            time.sleep(_LEASE_S * 1.5)  # slower than the lease: another may have been at it
        operation = dice.choice([Operation.ACCEPT, Operation.REJECT])
        act = Act(software=mine, operation=operation, why="as it is", among=[SoftwareState.CANDIDATE], claimed=True)
        for _ in range(2 if fate > 1 - crashes else 1):
            try:
                catalogue.review.together([act], login)
            except Conflict:
                refused[login] += 1


def _decided_by_twenty(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, count: int, crashes: float = 0.05
) -> None:
    monkeypatch.setattr("harvester.catalogue.claims.LEASE", timedelta(seconds=_LEASE_S))
    harvest(catalogue, [item(f"e{number}", name=f"Tool {number}") for number in range(count)])
    assert catalogue.review.waiting() == count
    refused: Counter[str] = Counter()
    with ThreadPoolExecutor(_REVIEWERS) as desks:
        at_work = [desks.submit(_reviewer, catalogue, number, refused, crashes) for number in range(_REVIEWERS)]
    for one in at_work:
        one.result()
    table = schema.decision
    with catalogue.database.read() as connection:
        of = Counter(connection.execute(sa.select(table.c.software)).scalars())
        logged = connection.execute(
            sa.select(sa.func.count()).select_from(schema.audit).where(schema.audit.c.action.like("decision %"))
        ).scalar_one()
    assert len(of) == count, "something is lost"
    assert set(of.values()) == {1}, "something is decided twice"
    assert logged == count
    assert refused.total() > 0, "nobody was told that another was faster"
    assert sum(catalogue.software.count_by_state().values()) == count


def test_of_forty_nothing_is_decided_twice_and_nothing_lost(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    _decided_by_twenty(catalogue, monkeypatch, 40, crashes=0.15)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_of_two_thousand_nothing_is_decided_twice_and_nothing_lost(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    _decided_by_twenty(catalogue, monkeypatch, 2000)
