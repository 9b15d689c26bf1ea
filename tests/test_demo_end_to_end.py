"""The demo as people start it: one command, real spiders, simulated systems; then the same once more."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.stored import Facts, count, environment, facts, processes, written

from demo.tools import load_scenario
from harvester.catalogue import Catalogue
from harvester.cli.demo import SIGN_INS
from harvester.config import Settings
from harvester.model import Judgement, Related, RelationType, Shelf, Software
from harvester.search import Engine, Query, open_engine

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(600)]

_LIMIT_S = 180


@dataclass(frozen=True)
class Demo:
    """A finished demo: its folder, what it printed, and how long it took."""

    data: Path
    said: str
    seconds: float

    @property
    def database(self) -> Path:
        return self.data / "catalogue.sqlite"


@dataclass(frozen=True)
class Again:
    """What was stored before and after a second demo on the same folder."""

    demo: Demo
    before: Facts
    after: Facts
    index_before: object
    index_after: object


def _harvest(data: Path) -> Demo:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "harvester", "demo", "--no-serve"],
        env=environment(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return Demo(data / "demo", done.stdout, time.monotonic() - began)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo on a fresh folder."""
    return _harvest(tmp_path_factory.mktemp("demo") / "data")


@pytest.fixture(scope="module")
def catalogue(demo: Demo) -> Iterator[Catalogue]:
    opened = Catalogue.open(f"sqlite:///{demo.database}")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def softwares(catalogue: Catalogue) -> list[Software]:
    """Everything that visitors and reviewers see."""
    return [*catalogue.software.published(10_000), *catalogue.review.queue(10_000)]


@pytest.fixture(scope="module")
def published(catalogue: Catalogue) -> list[Software]:
    """What visitors see, set aside or not."""
    return list(catalogue.software.published(10_000))


@pytest.fixture(scope="module")
def engine(demo: Demo) -> Iterator[Engine]:
    opened = open_engine(Settings(data=demo.data))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def again(demo: Demo) -> Again:
    """The demo once more, when nothing has changed out there."""
    before, index_before = facts(demo.database), written(demo.data / "index")
    second = _harvest(demo.data.parent)
    return Again(second, before, facts(demo.database), index_before, written(demo.data / "index"))


def test_tools_of_many_countries_are_found(softwares: list[Software]) -> None:
    assert len(softwares) >= 120
    assert len({country for software in softwares for country in software.fields.countries}) >= 25


def test_many_tools_are_described_in_french(softwares: list[Software]) -> None:
    french = [
        software
        for software in softwares
        if "fr" in software.fields.short_description or "fr" in software.fields.long_description
    ]
    assert len(french) >= 40


def test_tools_that_several_sources_show_are_one_software(softwares: list[Software]) -> None:
    sources = [{e.source for values in software.evidence.values() for e in values} for software in softwares]
    assert sum(len(of_one) >= 2 for of_one in sources) >= 15


def test_review_has_work(catalogue: Catalogue) -> None:
    states = catalogue.software.count_by_state()
    assert states["candidate"] >= 20
    assert states["published"] >= 50
    assert catalogue.review.waiting() == states["candidate"]


def test_each_broken_entry_shows_as_an_issue_with_its_place_and_remedy(catalogue: Catalogue) -> None:
    issues = [row.issue for row in catalogue.issues.recent()]
    assert Counter(issue.code for issue in issues) == Counter(
        ("yaml-syntax", "url-mismatch", "wrong-type", "no-publiccode", "unknown-licence")
    )
    assert all(issue.place and issue.remedy for issue in issues)
    syntax = next(issue for issue in issues if issue.code == "yaml-syntax")
    assert syntax.line
    assert syntax.column


def test_hosted_services_without_source_are_there(softwares: list[Software]) -> None:
    services = [software for software in softwares if software.fields.kind == "service"]
    assert len(services) >= 15
    assert all(service.fields.code_repository is None for service in services)
    assert all(service.fields.name and service.fields.landing_url for service in services)


def _relations(softwares: list[Software], type: RelationType) -> list[tuple[Software, Related]]:
    return [(one, related) for one in softwares for related in one.appraisal.relations if related.type is type]


def test_copies_fold_under_their_origins(published: list[Software]) -> None:
    by_id = {software.id: software for software in published}
    invented = [one for one in published if "/demo-" in (one.fields.code_repository or "")]
    copies = [pair for pair in _relations(invented, RelationType.COPY) if pair[1].object]
    assert len({copy.id for copy, _ in copies}) == 15
    assert {copy.appraisal.shelf for copy, _ in copies} == {Shelf.COPIES}
    origins = Counter(str(related.object) for _, related in copies)
    assert len(origins) == 5
    for origin, bodies in origins.items():
        assert by_id[origin].appraisal.copied_by == bodies
        assert by_id[origin].appraisal.shelf is Shelf.LISTED
    assert {str(related.basis) for _, related in copies} == {"declared", "inferred"}


def test_three_families_have_parts(catalogue: Catalogue) -> None:
    families = [family for family in catalogue.families.largest() if family.parts >= 2]
    assert {family.slug for family in families} >= {"ckan", "openfisca-core"}
    assert len(families) >= 3


def test_what_is_no_tool_is_set_aside_with_its_reason(published: list[Software]) -> None:
    plain = {one.repository for site in load_scenario().sites for one in site.plain}
    aside = [one for one in published if one.fields.code_repository in plain and one.appraisal.shelf is Shelf.OTHER]
    assert len(aside) >= 10
    assert all(one.appraisal.because for one in aside)


def test_replaced_products_and_bodies_that_use_a_tool_are_told(published: list[Software], catalogue: Catalogue) -> None:
    products = {related.target for _, related in _relations(published, RelationType.REPLACES)}
    assert len(products) >= 8
    assert catalogue.organisations.page(role="uses").total >= 12
    assert catalogue.organisations.page(role="copied").total >= 12


def test_texts_are_in_five_languages_and_readmes_are_read(published: list[Software], demo: Demo) -> None:
    texts = Counter(tag for one in published for tag in one.fields.short_description)
    assert {"en", "fr", "it", "nl", "de", "es"} <= set(texts)
    assert sum(said >= 3 for tag, said in texts.items() if tag != "und") >= 4, texts
    assert count(demo.database, "SELECT count(*) FROM record WHERE reader LIKE 'readme/%'") >= 30


def test_every_run_is_judged_good(demo: Demo, catalogue: Catalogue) -> None:
    first = [run for runs in catalogue.runs.last_by_source(100).values() for run in runs[-1:]]
    assert {run.source for run in first} == set(catalogue.sources.names())
    assert {run.judgement for run in first} == {Judgement.GOOD}
    assert all(f"{run.source}: good" in demo.said for run in first), demo.said
    assert all(run.counts.entries == run.counts.read + run.counts.refused + run.counts.skipped for run in first)
    assert sum(run.counts.refused for run in first) == 2


@pytest.mark.parametrize(
    ("words", "language", "name"),
    [
        ("participatory budgeting", "en", "decidim"),
        ("budgets participatifs", "fr", "decidim"),
        ("fixmystreet", "en", "fixmystreet"),
        ("freedom of information requests", "en", "alaveteli"),
        ("open data portal", "en", "ckan"),
        ("portail de données", "fr", "udata"),
        ("consultations citoyennes", "fr", "partecipa"),
        ("petitions", "fr", "mesopinions"),
        ("démocratie participative", "fr", "decidim"),
        ("forum deliberation", "en", "polis"),
    ],
)
def test_search_finds_tools_in_both_languages(engine: Engine, words: str, language: str, name: str | None) -> None:
    result = engine.search(Query(text=words, language=language, size=100))
    found = [str(hit.document["name"]).lower() for hit in result.hits]
    assert found
    assert name is None or any(name in one for one in found), found


def test_accents_make_no_difference(engine: Engine) -> None:
    with_accents, without = (
        engine.search(Query(text=words, language="fr", size=100)) for words in ("données ouvertes", "donnees ouvertes")
    )
    assert with_accents.total == without.total > 0
    assert {hit.id for hit in with_accents.hits} == {hit.id for hit in without.hits}


def test_the_index_holds_what_is_published(engine: Engine, catalogue: Catalogue) -> None:
    assert engine.count() == catalogue.software.count_by_state()["published"]


@pytest.mark.long
def test_a_second_demo_stores_nothing_new(again: Again) -> None:
    assert {table: rows for table, (rows, _) in again.after.items()} == {
        table: rows for table, (rows, _) in again.before.items()
    }
    assert again.after == again.before
    assert again.after["index_dirt"][0] == again.after["dirty_record"][0] == 0
    assert again.after["software_version"][0] >= again.after["software"][0] > 0


@pytest.mark.long
def test_a_second_demo_writes_nothing_to_the_index(again: Again) -> None:
    assert again.index_after == again.index_before


@pytest.mark.long
def test_a_second_demo_adds_runs_and_moves_what_was_seen_last(again: Again) -> None:
    database, sources = again.demo.database, again.after["source"][0]
    assert count(database, "SELECT count(*) FROM run WHERE judgement = 'good'") == 2 * sources
    assert count(database, "SELECT count(*) FROM raw_item WHERE last_seen <= first_seen OR last_run = first_run") == 0
    assert count(database, "SELECT count(*) FROM raw_version") == again.after["raw_item"][0]
    assert count(database, "SELECT max(version) FROM record") == 1


@pytest.mark.long
def test_a_second_demo_asks_no_more_than_the_first(again: Again) -> None:
    opened = Catalogue.open(f"sqlite:///{again.demo.database}", migrate=False)
    try:
        for newest, oldest in ((runs[0], runs[-1]) for runs in opened.runs.last_by_source(100).values()):
            assert newest.id != oldest.id
            assert newest.counts.requests <= oldest.counts.requests, newest.source
            assert (newest.counts.new, newest.counts.changed) == (0, 0)
    finally:
        opened.close()


@dataclass
class Served:
    """A demo that serves: its folder, how many runs had ended before it, its process, address, and what it prints."""

    demo: Demo
    ended: int
    process: subprocess.Popen[str]
    address: str
    log: Path
    began: float

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def get(self, path: str) -> tuple[int, bytes]:
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=10) as answer:
            return answer.status, answer.read()

    def wait_for(self, path: str) -> bytes:
        while True:
            try:
                return self.get(path)[1]
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert self.process.poll() is None, self.said()
                assert time.monotonic() - self.began < _LIMIT_S, self.said()
                time.sleep(0.05)


def _ended(demo: Demo) -> int:
    return count(demo.database, "SELECT count(*) FROM run WHERE state = 'finished'")


@pytest.fixture
def served(demo: Demo, tmp_path: Path) -> Iterator[Served]:
    """`harvester demo` in a terminal's own process group, on a folder that holds a harvest already."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log, ended = tmp_path / "said", _ended(demo)
    with log.open("w", encoding="utf-8") as said:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "harvester", "demo"],
            env=environment(demo.data.parent, HARVESTER_BIND=address),
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    yield Served(demo, ended, process, address, log, began)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_what_was_there_is_searchable_at_once_and_ctrl_c_ends_all_of_it(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(served.wait_for("/api/v1/software?q=participation"))
    sources = count(served.demo.database, "SELECT count(*) FROM source")
    assert _ended(served.demo) < served.ended + sources, "before what it harvests once more has come"
    took = time.monotonic() - served.began
    with capsys.disabled():
        print(f"\nsearchable {took:.1f} s after the start", end=" ")
    assert found["total"] > 0
    assert served.get("/healthz")[0] == 200
    assert served.get("/")[0] == 200

    running = _eventually_two_children(served, served.demo.data)
    said = served.said()
    assert f"http://{served.address}" in said
    for login, role, password in SIGN_INS:
        assert re.search(rf"{role}: {login} / {password}", said)

    os.killpg(served.process.pid, signal.SIGINT)
    code = served.process.wait(30)
    assert code in (0, 130), served.said()
    assert "Traceback" not in served.said()
    began = time.monotonic()  # the interpreter that crawls are forked from notices by itself that its worker ended
    while (left := _processes(served.demo.data)) and time.monotonic() - began < 20:
        time.sleep(0.05)
    assert left == {}, f"of {running}"


def _processes(data: Path) -> dict[int, str]:
    """The demo's processes: those it was started with, and those that know its folder."""
    return {**processes(data.parent), **processes(data)}


def _eventually_two_children(served: Served, data: Path) -> dict[int, str]:
    """The processes of the demo once the worker crawls: itself, the simulated web, the worker and its child."""
    while time.monotonic() - served.began < _LIMIT_S:
        running = _processes(data)
        if len(running) >= 4:
            return running
        time.sleep(0.05)
    raise AssertionError(f"only {running}")
