"""/metrics: for whoever has the token, in Prometheus' form and names."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from pages_site import Site
from pydantic import SecretStr
from support.builders import EPOCH, source

from harvester.catalogue import Catalogue, schema
from harvester.config import load_settings
from harvester.model import Judgement

LINE = re.compile(r'harvester_[a-z_]+(?:\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+\})? -?[0-9.e+]+')


def with_token(site: Site) -> None:
    house = site.app.state.house
    settings = house.settings.model_copy(update={"metrics_token": SecretStr("a monitor's token")})
    site.app.state.house = replace(house, settings=settings)


def test_there_are_none_without_a_token_in_the_settings(site: Site) -> None:
    assert site.get("/metrics").status_code == 404
    assert site.get("/metrics", "operator").status_code == 404


def test_an_empty_token_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for empty in ("", " "):
        monkeypatch.setenv("HARVESTER_METRICS_TOKEN", empty)
        assert load_settings().metrics_token is None


def test_a_source_whose_runs_come_to_their_bounds_was_harvested(fresh_site: Site) -> None:
    runs = schema.run
    with fresh_site.catalogue.database.write() as connection:
        connection.execute(sa.update(runs).where(runs.c.source == "forge").values(judgement=Judgement.CAPPED.value))
    with_token(fresh_site)
    right = {"authorization": "Bearer a monitor's token"}
    told = fresh_site.visitor().get(f"{fresh_site.url}/metrics", headers=right, timeout=10).text
    assert 'harvester_source_last_success_timestamp_seconds{source="forge"} 1' in told
    assert "Last harvested" in fresh_site.get("/en/sources/forge").text


def test_who_has_the_token_reads_them_and_nobody_else(fresh_site: Site) -> None:
    with_token(fresh_site)
    session = fresh_site.visitor()
    for wrong in ({}, {"authorization": "Bearer guessed"}, {"authorization": "Basic a monitor's token"}):
        assert session.get(f"{fresh_site.url}/metrics", headers=wrong, timeout=10).status_code == 401
    right = {"authorization": "Bearer a monitor's token"}
    answer = session.get(f"{fresh_site.url}/metrics", headers=right, timeout=10)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert answer.text.endswith("\n")
    told = [line for line in lines if not line.startswith("#")]
    assert [line for line in told if not LINE.fullmatch(line)] == []
    named = {line.split("{")[0].split(" ")[0] for line in told}
    assert named <= {line.split(" ")[2] for line in lines if line.startswith("# TYPE")}
    assert 'harvester_source_failing{source="broken"} 1' in told
    assert 'harvester_source_failing{source="forge"} 0' in told
    assert any(line.startswith('harvester_source_last_success_timestamp_seconds{source="forge"} 1') for line in told)
    assert not any("last_success" in line and "broken" in line for line in told)
    assert 'harvester_runs_open{state="running"} 0' in told


def test_open_runs_are_those_of_all_sources(catalogue: Catalogue) -> None:
    """Also of sources beyond those that have lines of their own."""
    for name in ("alpha", "beta", "gamma"):
        catalogue.sources.put(source(name), "test")
        catalogue.runs.queue(name, EPOCH, by="test")
    catalogue.runs.claim("worker", 60)
    assert catalogue.runs.count_open() == {"queued": 2, "capped": 0, "running": 1}
