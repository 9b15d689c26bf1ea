"""GitHub requests a repository, as the simulated GitHub counts them: a harvest, a second one, and two others' ways.

The others are really run over loopback: a plain loop of PyGithub, and the calls that Italy's crawler makes (a listing
of 30 a page, then two calls a repository, at every run). Neither remembers anything, so each costs the same again.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import github
import requests
from pydantic import SecretStr

from benchmarks.figure import Figure
from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import Run, Source
from harvester.runs.execute import execute
from simulators.exchange import Ask, Host, as_json
from simulators.github_store import GitHubStore, synthetic
from simulators.server import SimulatedServer
from simulators.sim_github import GitHub

REPOSITORIES = 1000
SHAPES = (1, 100)
"""Over so many organisations the repositories are spread."""
CHANGED_EVERY = 50
"""Each fiftieth repository has a commit before the second harvest: 2 %."""
API = "http://api.github.com"
_UNLIMITED = 1_000_000


class Pushes:
    """POST /push/N commits to every N-th repository of a store."""

    def __init__(self, store: GitHubStore) -> None:
        self._store = store

    def answer(self, ask: Ask) -> Any:
        """How many were changed."""
        every = int(ask.path.rsplit("/", 1)[1])
        names = [repo.full_name for repo in self._store][::every]
        for name in names:
            self._store.push(name, {"README.md": f"# {name}, changed\n"}, at="2026-06-01T00:00:00Z")
        return as_json({"changed": len(names)})


def hosts() -> Mapping[str, Host]:
    """The hosts of the simulated web. HARVESTER_BENCH_SHAPE is "repositories organisations"."""
    count, owners = map(int, os.environ["HARVESTER_BENCH_SHAPE"].split())
    store = synthetic(count, owners=owners)
    return {"api.github.com": GitHub(store, limit=_UNLIMITED), "push.test": Pushes(store)}


@contextlib.contextmanager
def simulated(count: int, owners: int) -> Iterator[str]:
    """The address of a web with a GitHub of so many repositories in so many organisations."""
    os.environ["HARVESTER_BENCH_SHAPE"] = f"{count} {owners}"
    with SimulatedServer("benchmarks.forge_cost:hosts") as web:
        yield web.address


def asked(address: str) -> int:
    """How many requests GitHub has had."""
    request = urllib.request.Request(f"http://{address}/_stats", headers={"Host": "simulated.test"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        counts: dict[str, int] = json.load(answer)["requests"]
    return counts.get("api.github.com", 0)


def push(address: str, every: int) -> int:
    """Commit to every N-th repository; returns to how many."""
    answer = requests.post(f"http://push.test/push/{every}", proxies={"http": f"http://{address}"}, timeout=60)
    return int(answer.json()["changed"])


@contextlib.contextmanager
def harvests(address: str, owners: int) -> Iterator[Callable[[], Run]]:
    """A function that harvests all organisations into a catalogue of its own, again and again."""
    with tempfile.TemporaryDirectory(prefix="harvester-bench-") as folder:
        settings = Settings(
            data=Path(folder), simulated_web=address, github_token=SecretStr("benchmark"), log_level="WARNING"
        )
        catalogue = Catalogue.open(settings.database_url)
        params = {"api_url": API, "owners": [f"org-{number}" for number in range(owners)]}
        catalogue.sources.put(Source(name="bench", spider="github", title="Bench", params=params), "bench")

        def harvest() -> Run:
            catalogue.runs.queue("bench", datetime.now(UTC))
            run = catalogue.runs.claim("bench", 600)
            assert run is not None
            return execute(catalogue, settings, run)

        try:
            yield harvest
        finally:
            catalogue.close()


def ours(address: str, owners: int) -> tuple[int, int]:
    """Requests of a first harvest, and of a second one after 2 % of the repositories changed."""
    with harvests(address, owners) as harvest:
        before = asked(address)
        first = harvest()
        assert first.counts.new == first.counts.read == REPOSITORIES, (first.judgement, first.reasons, first.counts)
        between = asked(address)
        changed = push(address, CHANGED_EVERY)
        again = harvest()
        assert (again.counts.changed, again.counts.unchanged) == (changed, REPOSITORIES - changed), again.counts
        return between - before, asked(address) - between


def naive(address: str, owners: int) -> int:
    """Requests of a plain loop of PyGithub, without its gaps: languages, licence, release, README, publiccode.yml and
    contributors of each repository."""
    before = asked(address)
    os.environ["http_proxy"] = f"http://{address}"
    client = github.Github(
        auth=github.Auth.Token("benchmark"), base_url=API, seconds_between_requests=0, retry=None, timeout=60
    )
    try:
        for number in range(owners):
            for repository in client.get_organization(f"org-{number}").get_repos():
                repository.get_languages()
                for ask in (
                    repository.get_license,
                    repository.get_latest_release,
                    repository.get_readme,
                    lambda known=repository: known.get_contents("publiccode.yml"),
                ):
                    with contextlib.suppress(github.UnknownObjectException):
                        ask()
                list(repository.get_contributors())
    finally:
        client.close()
        del os.environ["http_proxy"]
    return asked(address) - before


def italian(address: str, owners: int) -> int:
    """Requests of Italy's crawler: an organisation's listing of 30 a page, and of each repository itself and its
    publiccode.yml. Its requests for raw files and its clones are not counted."""
    before = asked(address)
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": f"http://{address}"}
        session.headers["authorization"] = "token benchmark"
        for number in range(owners):
            url: str | None = f"{API}/orgs/org-{number}/repos"
            while url:
                page = session.get(url, timeout=60)
                for repository in page.json():
                    session.get(f"{API}/repos/{repository['full_name']}", timeout=60)
                    session.get(f"{API}/repos/{repository['full_name']}/contents/publiccode.yml", timeout=60)
                url = page.links.get("next", {}).get("url")
    return asked(address) - before


def figures() -> list[Figure]:
    """Requests a repository, and how many times as many the others send.

    The others are run on one organisation: over a hundred they send more, a listing for each.
    """
    found = []
    with simulated(REPOSITORIES, 1) as address:
        plain, crawler = naive(address, 1), italian(address, 1)
    for owners in SHAPES:
        with simulated(REPOSITORIES, owners) as address:
            first, again = ours(address, owners)
        shape = f"{REPOSITORIES} repositories in {owners} organisation{'s' if owners > 1 else ''}"
        found += [
            _a_repository(f"GitHub, first harvest, {shape}", first, plain, limit="<= 0.04"),
            _a_repository(f"GitHub, again with 2 % changed, {shape}", again, plain, limit="<= 0.012"),
            _ratio(f"plain PyGithub / first harvest, {shape}", plain, first, limit=">= 150"),
            _ratio(f"plain PyGithub / again with 2 % changed, {shape}", plain, again, limit=">= 400"),
            _ratio(f"the calls of Italy's crawler / first harvest, {shape}", crawler, first, limit=">= 50"),
        ]
    return found


def _a_repository(name: str, requests_: int, others: int, *, limit: str) -> Figure:
    return Figure(
        name=name,
        value=requests_ / REPOSITORIES,
        baseline=others / REPOSITORIES,
        limit=limit,
        unit="requests a repository; baseline plain PyGithub",
    )


def _ratio(name: str, others: int, requests_: int, *, limit: str) -> Figure:
    return Figure(name=name, value=others / requests_, baseline=1, limit=limit, unit="times the requests")
