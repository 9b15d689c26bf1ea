"""`harvester harvest`: one source from the network to the index, with an exit code that says how it went."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from cli_words import parameters
from support.builders import EPOCH
from support.concluded import concluded, differences, forget

from harvester.catalogue import Catalogue
from harvester.cli.serve import worker_process
from harvester.config import Settings, load_settings
from harvester.search import Query, open_engine

pytestmark = [pytest.mark.timeout(180), pytest.mark.usefixtures("online")]


def _found(data: Path, text: str = "") -> int:
    engine = open_engine(Settings(data=data))
    try:
        return engine.search(Query(text=text)).total
    finally:
        engine.close()


def test_a_harvest_ends_in_the_index_and_a_second_one_changes_nothing(harvester, data: Path) -> None:
    harvester("sources", "add", "italia", *parameters("developers-italia"), "--trusted")
    first = harvester("harvest", "italia", "--json")
    assert first.code == 0, first.err
    run = first.json
    assert (run["source"], run["state"], run["judgement"]) == ("italia", "finished", "good")
    assert run["counts"]["entries"] == 18
    assert run["counts"]["refused"] == 2
    assert "italia: good, 18 entries (18 new" in first.err
    (line,) = harvester("audit", "--subject", f"run:{run['id']}", "--json").json
    assert (line["actor"], line["action"], line["after"]) == ("command line", "run queued", {"source": "italia"})
    assert _found(data) == 16

    second = harvester("harvest", "italia")
    assert (second.code, second.out) == (0, "")
    assert "italia: good, 18 entries (0 new, 0 changed" in second.err

    listed = harvester("runs", "italia", "--json").json
    assert [(row["new"], row["result"]) for row in listed] == [(0, "good"), (18, "good")]
    assert len(harvester("runs", "--limit", "1", "--json").json) == 1
    assert harvester("sources", "list", "--json").json[0]["result"] == "good"
    assert "italia" in harvester("runs").out


def test_a_source_that_does_not_answer_fails(harvester) -> None:
    harvester("sources", "add", "gone", "--spider", "html_page", "--param", "url=http://nowhere.example/list")
    ended = harvester("harvest", "gone")
    assert ended.code == 6
    assert "gone: failed" in ended.err
    row = harvester("runs", "gone", "--json").json[0]
    assert row["result"] == "failed"
    assert "502" in row["why"]


def test_less_than_expected_is_suspicious(harvester, data: Path) -> None:
    harvester("sources", "add", "italia", *parameters("developers-italia"), "--least", "100", "--trusted")
    ended = harvester("harvest", "italia", "--json")
    assert ended.code == 7
    assert ended.json["judgement"] == "suspicious"
    assert "at least 100 were expected" in ended.err
    assert _found(data) == 16


def test_a_worker_that_runs_takes_the_run(harvester, data: Path) -> None:
    harvester("sources", "add", "ville", *parameters("page-ville"), "--trusted")
    with worker_process(load_settings(), quiet=True) as worker:
        _until_it_works(data, worker.pid)
        ended = harvester("harvest", "ville", "--json")
    assert ended.code == 0, ended.err
    assert f":{worker.pid} takes it" in ended.err
    assert ended.json["worker"].endswith(f":{worker.pid}")
    assert ended.json["counts"]["entries"] > 20


@pytest.mark.timeout(60)
def test_it_says_who_works_and_takes_the_place_of_a_worker_that_died(harvester, data: Path) -> None:
    harvester("sources", "add", "italia", *parameters("developers-italia"), "--trusted")
    harvester("sources", "add", "ville", *parameters("page-ville"))
    with _catalogue(data) as catalogue:
        other = catalogue.runs.queue("ville", EPOCH)
        assert catalogue.locks.take("worker", "vm:4711", 2)
        assert catalogue.runs.claim("vm:4711", 600)
    ended = harvester("harvest", "italia", "--json")
    assert (ended.code, ended.json["judgement"]) == (0, "good"), ended.err
    assert f"vm:4711 works on run {other.id} of ville since " in ended.err
    assert "`harvester stop ville` ends that one" in ended.err
    assert "0 entries so far" in ended.err


@pytest.mark.timeout(60)
def test_a_run_whose_process_was_killed_is_taken_up_by_the_next_command(harvester, data: Path) -> None:
    harvester("sources", "add", "italia", *parameters("developers-italia"), "--trusted")
    with _catalogue(data) as catalogue:
        killed = catalogue.runs.queue("italia", EPOCH)
        assert catalogue.runs.claim("vm:4711", 2)
    ended = harvester("harvest", "italia", "--json")
    assert (ended.json["id"], ended.json["attempt"], ended.json["judgement"]) == (killed.id, 2, "good")
    assert f"run {killed.id} is vm:4711's, who was last heard of at " in ended.err


def test_a_run_is_stopped_by_the_name_of_its_source(harvester, data: Path) -> None:
    harvester("sources", "add", "italia", *parameters("developers-italia"))
    assert harvester("stop", "italia").code == 4
    with _catalogue(data) as catalogue:
        catalogue.runs.queue("italia", EPOCH)
    assert "is stopped" in harvester("stop", "italia").err
    assert harvester("runs", "italia", "--json").json[0]["why"] == "stopped by command line before it began"


@contextmanager
def _catalogue(data: Path) -> Iterator[Catalogue]:
    catalogue = Catalogue.open(Settings(data=data).database_url)
    yield catalogue
    catalogue.close()


def _until_it_works(data: Path, pid: int) -> None:
    from support.stored import count
    from support.web import eventually

    query = f"SELECT count(*) FROM lock WHERE holder LIKE '%:{pid}'"
    eventually(lambda: count(data / "catalogue.sqlite", query), within_s=60)


def test_stored_items_are_read_again_without_the_network(harvester, monkeypatch: pytest.MonkeyPatch) -> None:
    harvester("sources", "add", "italia", *parameters("developers-italia"), "--trusted")
    assert harvester("harvest", "italia").code == 0
    monkeypatch.setenv("HARVESTER_SIMULATED_WEB", "127.0.0.1:9")
    ended = harvester("renormalize", "italia")
    assert (ended.code, ended.out) == (0, "")
    assert "italia: 18 items read again, 0 changed" in ended.err


@pytest.mark.parametrize("source", ["developers-italia", "page-ville"])
def test_everything_is_concluded_again_from_what_was_brought(harvester, data: Path, source: str) -> None:
    harvester("sources", "add", "one", *parameters(source), "--trusted")
    assert harvester("harvest", "one").code == 0
    database = data / "catalogue.sqlite"
    before = concluded(database)
    assert sum(name.startswith("record") for name in before) >= 16
    forget(database)
    assert set(concluded(database).values()) == {"skipped: forgotten"}
    assert harvester("renormalize").code == 0
    assert differences(before, concluded(database)) == {}


def test_the_index_is_made_anew_from_the_catalogue(harvester, data: Path) -> None:
    harvester("sources", "add", "italia", *parameters("developers-italia"), "--trusted")
    assert harvester("harvest", "italia").code == 0
    generation = (data / "index" / "current").read_text()
    ended = harvester("index", "rebuild")
    assert (ended.code, ended.out) == (0, "")
    assert "16 softwares indexed" in ended.err
    assert (data / "index" / "current").read_text() != generation
    assert _found(data) == 16
    assert "agree on 16 softwares" in harvester("index", "check").err

    with closing(sqlite3.connect(data / "catalogue.sqlite")) as connection, connection:
        connection.execute("UPDATE software SET state = 'candidate' WHERE id NOT IN (SELECT min(id) FROM software)")
    differs = harvester("index", "check", "--json")
    assert (differs.code, differs.json["published"], len(differs.json["extra"])) == (7, 1, 15)
    refused = harvester("index", "rebuild")
    assert refused.code == 7
    assert "the new index holds 1 softwares, and the one in use 16: the one in use stays" in refused.err
    assert _found(data) == 16
    assert harvester("index", "rebuild", "--force").code == 0
    assert _found(data) == 1
    assert "16 softwares are searched" in harvester("index", "revert").err
    assert _found(data) == 16
