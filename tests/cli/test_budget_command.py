"""`harvester budget`: what a run would cost."""

from __future__ import annotations

import json

from cli_words import parameters


def test_a_source_that_never_ran_has_no_known_cost(harvester, online: str) -> None:  # noqa: ARG001
    assert harvester("sources", "add", "italia", *parameters("developers-italia")).code == 0
    told = harvester("budget", "italia")
    assert (told.code, told.out) == (0, "")
    assert "it never ran" in told.err
    plain = harvester("budget", "italia", "--json").json
    assert (plain["predicted"], plain["ends_at"], plain["last_run"]) == (None, None, None)


def test_a_run_is_predicted_to_cost_what_the_last_one_did(harvester, online: str) -> None:  # noqa: ARG001
    assert harvester("sources", "add", "italia", *parameters("developers-italia")).code == 0
    harvester("harvest", "italia")
    (run,) = harvester("runs", "italia", "--json").json
    assert sum(run["spent"].values()) == run["requests"] > 0
    assert run["left"] == {}
    plain = harvester("budget", "italia", "--json").json
    assert {line["endpoint"]: line["predicted"] for line in plain["predicted"]} == run["spent"]
    assert plain["last_run"] == run["id"]
    assert plain["ends_at"] is not None
    assert plain["waits_for_budget"] is False
    told = harvester("budget", "italia")
    assert next(iter(run["spent"])) in told.out
    assert "begun now it would end about" in told.err
    assert json.dumps(plain)


def test_a_source_that_is_unknown_is_named(harvester) -> None:
    ended = harvester("budget", "nothing")
    assert ended.code == 4
    assert "'nothing'" in ended.told
