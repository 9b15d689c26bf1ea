"""A clock that steps back: leases that were taken by the clock before hold nobody up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.builders import begin

from harvester.catalogue import Catalogue, schema
from harvester.catalogue.database import now

AHEAD = timedelta(hours=2)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    yield opened
    opened.close()


def test_a_lock_of_two_hours_ahead_is_free_and_a_real_one_is_not(catalogue: Catalogue) -> None:
    assert catalogue.locks.take("worker", "dead", 10)
    assert not catalogue.locks.take("worker", "new", 10)
    with catalogue.database.write() as connection:
        connection.execute(sa.update(schema.lock).values(until=now() + AHEAD))
    assert catalogue.locks.holder("worker") is None
    assert catalogue.locks.take("worker", "new", 10)
    assert catalogue.locks.holder("worker") == "new"


def test_a_run_whose_lease_ends_in_two_hours_is_taken_up_and_one_in_a_minute_is_not(catalogue: Catalogue) -> None:
    run = begin(catalogue)
    assert catalogue.runs.claim("new", 60, run_id=run.id) is None
    with catalogue.database.write() as connection:
        connection.execute(sa.update(schema.run).values(lease_until=now() + AHEAD))
    taken = catalogue.runs.claim("new", 60, run_id=run.id)
    assert taken is not None
    assert (taken.worker, taken.attempt) == ("new", run.attempt + 1)
