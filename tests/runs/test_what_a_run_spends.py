"""What a run's record says of requests and budgets, whoever was killed, and what it never says: a token."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import Response
from support.builders import EPOCH
from support.killing import crawlers
from support.web import SlowCatalogue, source

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import Judgement, Run, RunState
from harvester.net import holders
from harvester.runs.execute import execute
from simulators.exchange import Ask
from simulators.server import ThreadedServer
from simulators.sim_italia import Italia
from simulators.web import create_app

SLOT = EPOCH - timedelta(days=1)
SECRET = "ghp_" + "0123456789abcdefghij"


def queued(catalogue: Catalogue) -> Run:
    catalogue.sources.put(source(), "test")
    run = catalogue.runs.queue("towns", SLOT, by="test")
    assert run is not None
    return run


def attempt(catalogue: Catalogue, settings: Settings, run: Run) -> Run:
    claimed = catalogue.runs.claim("test", 60, run_id=run.id)
    assert claimed is not None
    return execute(catalogue, settings, claimed)


def test_what_a_killed_child_had_sent_is_in_the_record_and_it_holds_no_host(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue
) -> None:
    run = queued(catalogue)

    def kill() -> None:
        time.sleep(0.6)  # what turns are handed on for is kept four times a second
        os.kill(crawlers(os.getpid())[0], signal.SIGKILL)

    web.when[5] = kill
    given_back = attempt(catalogue, settings, run)
    sent = len(web.asked)
    assert given_back.state is RunState.RUNNING
    assert sum(given_back.spent.values()) == sent == 5
    assert "holders" not in json.dumps(catalogue.ledger.read("host "))
    ended = attempt(catalogue, settings, run)
    assert ended.judgement is Judgement.GOOD
    assert sum(ended.spent.values()) == ended.counts.requests == len(web.asked)
    assert catalogue.ledger.read("spent ") == {}


def test_what_an_attempt_whose_worker_was_killed_held_and_sent_is_settled_by_the_next(
    catalogue: Catalogue, settings: Settings
) -> None:
    run = queued(catalogue)
    host = "host catalogue.test"

    def leave_behind(entries: Mapping[str, dict[str, Any]], now: float) -> None:
        entries[host]["holders"] = {f"run:{run.id}:1:": {"slots": 16, "until": now + 360_000}}
        entries[holders.spent_key(f"run:{run.id}:1:")]["catalogue.test rest /software"] = 3

    assert catalogue.runs.claim("killed", 0, run_id=run.id) is not None
    catalogue.ledger.change([host, holders.spent_key(f"run:{run.id}:1:")], leave_behind)
    ended = attempt(catalogue, settings, run)
    assert (ended.attempt, ended.judgement) == (2, Judgement.GOOD)
    assert ended.spent == {"catalogue.test rest /software": 12 + 3}


class Limited:
    """A catalogue that tells what is left of its budget."""

    def __init__(self, inner: Italia) -> None:
        self.inner, self.left = inner, 100

    def answer(self, ask: Ask) -> Response:
        self.left -= 1
        answer = self.inner.answer(ask)
        answer.headers["RateLimit-Limit"] = "100"
        answer.headers["RateLimit-Remaining"] = str(self.left)
        answer.headers["RateLimit-Reset"] = "600"
        return answer


def test_the_record_says_what_is_left_of_each_budget_and_holds_no_token(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARVESTER_GITHUB_TOKEN", SECRET)
    with ThreadedServer(create_app({"catalogue.test": Limited(Italia(web.entries))})) as server:
        chosen = settings.model_copy(update={"simulated_web": server.address})
        ended = attempt(catalogue, chosen, queued(catalogue))
    assert ended.judgement is Judgement.GOOD
    left = ended.left["catalogue.test core"]
    assert (left["remaining"], left["limit"], left["tokens"]) == (100 - 12, 100, 1)
    assert left["resets_at"].endswith("+00:00")
    assert SECRET not in repr(ended)
    for path in settings.data.parent.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
