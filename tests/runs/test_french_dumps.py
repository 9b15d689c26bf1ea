"""Dated dumps of French public repositories, replayed as simulated forges: what harvests find is what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import sqlalchemy as sa
from support.french_dumps import LEFT_OUT, SERVED, Dump, Forges, Truth, dumps, host_of, path_of, sources, told
from support.runs import Runs, running

from harvester.catalogue import codec, schema
from harvester.model import Judgement, Run
from harvester.normalize.canonical import parse_json

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(900)]
Truths = Mapping[str, Truth]


@pytest.fixture(scope="module")
def dumped(corpus: Path) -> list[Dump]:
    return dumps(corpus)


def test_the_dumps_are_those_that_the_figures_speak_of(dumped: list[Dump]) -> None:
    urls = [{row["repository_url"] for row in dump.rows} for dump in dumped]
    assert len(dumped) == 5
    assert (len(urls[-1]), len(set().union(*urls))) == (9063, 9102)
    assert len({host_of(url) for url in set().union(*urls)}) == 32
    assert len(dumped[-1].rows) - len(urls[-1]) == 91  # these stand twice, under two organisations
    assert sum(len(truth.organisations) == 2 for host in dumped[-1].truth.values() for truth in host.values()) == 91


def test_every_column_is_compared_or_left_out_for_a_reason_that_holds(dumped: list[Dump]) -> None:
    for dump in dumped:
        for row in dump.rows:
            served, left_out = SERVED[row["platform"]], LEFT_OUT[row["platform"]]
            assert sorted((*served, *left_out)) == sorted(row)
            if row["platform"] == "GitLab":
                assert row["last_update"] == row["last_modification"]
                assert not any(row[column] for column, why in left_out.items() if why.startswith("empty"))


@dataclass(frozen=True)
class Found:
    """Addresses by what a run found of them."""

    new: set[str]
    changed: set[str]
    unseen: set[str]
    gone: set[str]


def found(runs: Runs, run: Run) -> Found:
    """What the last run of a source left in the catalogue."""
    raw = schema.raw_item
    with runs.catalogue.database.read() as connection:
        rows = connection.execute(sa.select(raw).where(raw.c.source == run.source)).all()
    there = [row for row in rows if row.gone_at is None]
    return Found(
        new={row.url for row in there if row.first_run == run.id},
        changed={row.url for row in there if row.changed_run == run.id != row.first_run},
        unseen={row.url for row in there if row.last_run != run.id},
        gone={row.url for row in rows if row.gone_at is not None and row.changed_run == run.id},
    )


def payloads(runs: Runs, source: str) -> dict[str, Mapping[str, object]]:
    """What is stored of each address that is there."""
    raw, payload = schema.raw_item, schema.payload
    query = sa.select(raw.c.url, payload.c.body).join(payload, raw.c.digest == payload.c.digest)
    with runs.catalogue.database.read() as connection:
        rows = connection.execute(query.where(raw.c.source == source, raw.c.gone_at.is_(None))).all()
    return {row.url: parse_json(codec.decompress(row.body)) for row in rows}


@dataclass
class Step:
    """What a harvester must know after a step, from what it knew and what the dump says."""

    known: dict[str, Truth]
    missed: set[str]

    def to(self, now: Truths) -> Found:
        absent = set(self.known) - set(now)
        expected = Found(
            new=set(now) - set(self.known),
            changed={url for url in set(now) & set(self.known) if now[url] != self.known[url]},
            unseen=absent - self.missed,
            gone=absent & self.missed,
        )
        self.known = {url: truth for url, truth in {**self.known, **now}.items() if url not in expected.gone}
        self.missed = expected.unseen
        return expected


@pytest.mark.long
@pytest.mark.parametrize(("first", "every"), [(3, 30), (5, 1)])
def test_additions_changes_and_removals_are_those_of_the_dumps(
    dumped: list[Dump], tmp_path: Path, first: int, every: int
) -> None:
    """Three dumps have all of them, as what is missing twice is gone; and a tenth of the addresses has many."""
    some = [
        replace(dump, rows=tuple(row for row in dump.rows if crc32(row["repository_url"].encode()) % every == 0))
        for dump in dumped[:first]
    ]
    replay(some, tmp_path, list(sources(some)))


@pytest.mark.parametrize("graphql", [True, pytest.param(False, marks=pytest.mark.long)], ids=["graphql", "rest"])
def test_they_are_the_same_whichever_way_a_gitlab_is_asked(dumped: list[Dump], tmp_path: Path, graphql: bool) -> None:
    host = "forgemia.inra.fr"
    source = dict(sources(dumped))[host]
    replay(dumped, tmp_path, [(host, {**source, "params": {**source["params"], "graphql": graphql}})])


def replay(dumped: list[Dump], folder: Path, harvested: list[tuple[str, Mapping[str, Any]]]) -> None:
    """Harvest these sources (by host) at the date of each dump, and compare what each run found and what is stored."""
    forges = Forges.of(dumped)
    steps = {host: Step({}, set()) for host, _ in harvested}
    with running(forges.hosts, folder, *(source for _, source in harvested), resolves=False) as runs:
        for dump in dumped:
            forges.show(dump)
            for host, source in harvested:
                if host not in dump.truth:
                    continue  # nobody harvested it yet
                run = runs.harvest(source["name"])
                assert (run.judgement, run.reasons) == (Judgement.GOOD, ()), (dump.date, host)
                assert found(runs, run) == steps[host].to(dump.truth[host]), (dump.date, host)
                stored = payloads(runs, source["name"])
                assert {url: told(payload) for url, payload in stored.items()} == {
                    url: truth.served for url, truth in steps[host].known.items()
                }
                for url, payload in stored.items():
                    assert says_who(payload, url, steps[host].known[url]), url


def says_who(payload: Mapping[str, Any], url: str, truth: Truth) -> bool:
    """Whether what is stored says who holds an address, as far as the dump's organisations are its owner or groups.

    (The others are groups that a project is shared with, which its instance's listing does not tell.)
    """
    if "owner" in payload:
        return {payload["owner"]["login"]} == truth.organisations
    held = truth.organisations & set(path_of(url).split("/")[:-1])
    return held <= set(payload["namespace"]["full_path"].split("/"))


def test_some_changes_moved_no_time(dumped: list[Dump]) -> None:
    """So that the replay shows them to be found: both forges have them."""
    times = ("last_update", "last_modification")
    silent = {"GitHub": 0, "GitLab": 0}
    for before, now in pairwise(dumped):
        rows = {row["repository_url"]: row for row in before.rows}
        for row in now.rows:
            old = rows.get(row["repository_url"], row)
            moved = [column for column in SERVED[row["platform"]] if row[column] != old[column]]
            silent[row["platform"]] += bool(moved) and all(row[time] == old[time] for time in times)
    assert silent["GitHub"] > 0
    assert silent["GitLab"] > 0
