"""A spent budget in the middle of a run: it waits, and goes on with what is left."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from starlette.responses import PlainTextResponse
from support.builders import EPOCH
from support.web import SlowCatalogue, source

from harvester.catalogue import Catalogue, schema
from harvester.catalogue.database import now
from harvester.config import Settings
from harvester.model import Judgement, Run, RunState
from harvester.runs.execute import MOST_ATTEMPTS, MOST_RESUMED, execute
from harvester.words import say

SPENT_AT = 5
WAIT_S = 600


@pytest.fixture
def spent(web: SlowCatalogue) -> SlowCatalogue:
    """A catalogue that says "not now" from its fifth request on."""
    web.broken = lambda _: PlainTextResponse("slow down", 429, headers={"Retry-After": str(WAIT_S)})
    web.broken_from = SPENT_AT
    return web


def taken(catalogue: Catalogue, run_id: int) -> Run | None:
    """The run as a worker takes it, if it may be taken."""
    return catalogue.runs.claim("test", 60, run_id=run_id)


def begun(catalogue: Catalogue) -> Run:
    """A claimed run of the catalogue."""
    catalogue.sources.put(source(), "test")
    queued = catalogue.runs.queue("towns", EPOCH)
    assert queued is not None
    run = taken(catalogue, queued.id)
    assert run is not None
    return run


def let_time_pass(catalogue: Catalogue, run_id: int) -> None:
    """As if the budget had refilled."""
    with catalogue.database.write() as connection:
        past = {"resume_at": now() - timedelta(seconds=1)}
        connection.execute(sa.update(schema.run).where(schema.run.c.id == run_id).values(**past))
    waits = [*catalogue.ledger.read("host "), *catalogue.ledger.read("budget ")]
    catalogue.ledger.change(waits, lambda entries, _: [entry.clear() for entry in entries.values()])


def test_a_capped_run_waits_and_goes_on_where_it_stopped(
    catalogue: Catalogue, settings: Settings, spent: SlowCatalogue
) -> None:
    began = now()
    run = execute(catalogue, settings, begun(catalogue))
    assert (run.state, run.judgement, run.resumed) == (RunState.CAPPED, None, 1)
    assert run.resume_at is not None
    assert run.resume_at >= began + timedelta(seconds=WAIT_S)
    assert run.counts.entries == 5 * (SPENT_AT - 1), "what came is kept"
    assert "goes on at" in say(run.reasons[0])
    assert "reprendra à" in say(run.reasons[0], "fr")
    assert taken(catalogue, run.id) is None, "not before the budget is there again"
    assert catalogue.runs.queue("towns", EPOCH + timedelta(days=1)) is None, "the clock adds no second one"
    stored, spent.broken = list(spent.asked[: SPENT_AT - 1]), None
    asked_before = len(spent.asked)
    let_time_pass(catalogue, run.id)
    again = taken(catalogue, run.id)
    assert again is not None
    ended = execute(catalogue, settings, again)
    assert (ended.state, ended.judgement, ended.counts.entries) == (RunState.FINISHED, Judgement.GOOD, 60)
    assert not set(stored) & set(spent.asked[asked_before:]), "no stored page was asked again"
    assert ended.counts.requests == len(spent.asked)


def test_being_capped_often_is_no_broken_attempt(
    catalogue: Catalogue, settings: Settings, spent: SlowCatalogue
) -> None:
    run = begun(catalogue)
    spent.broken_from = 1
    for _ in range(MOST_ATTEMPTS + 2):
        run = execute(catalogue, settings, run)
        assert run.state is RunState.CAPPED
        let_time_pass(catalogue, run.id)
        claimed = taken(catalogue, run.id)
        assert claimed is not None
        run = claimed
    spent.broken = None
    assert execute(catalogue, settings, run).judgement is Judgement.GOOD


def test_a_budget_that_never_comes_back_ends_the_run(
    catalogue: Catalogue, settings: Settings, spent: SlowCatalogue
) -> None:
    run = begun(catalogue)
    with catalogue.database.write() as connection:
        connection.execute(sa.update(schema.run).where(schema.run.c.id == run.id).values(resumed=MOST_RESUMED))
    ended = execute(catalogue, settings, catalogue.runs.get(run.id))
    assert (ended.state, ended.judgement) == (RunState.FINISHED, Judgement.SUSPICIOUS)
    assert "the budget is spent; the rest waits" in [say(reason) for reason in ended.reasons]
    assert ended.counts.entries == 5 * (SPENT_AT - 1)
    assert len(spent.asked) >= SPENT_AT


def test_an_operator_can_stop_a_capped_run(catalogue: Catalogue, settings: Settings, spent: SlowCatalogue) -> None:
    run = execute(catalogue, settings, begun(catalogue))
    assert spent.asked
    catalogue.runs.stop(run.id, "olga")
    assert catalogue.runs.get(run.id).state is RunState.STOPPED
    assert catalogue.runs.queue("towns", EPOCH + timedelta(days=1)) is not None
