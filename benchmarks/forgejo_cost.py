"""Forgejo requests a repository, as the simulated forge counts them: 1,000 repositories of one or of 100 organisations.

Beside us a plain client, run on the same forge: it pages through the listing as the server offers it and asks each
repository for its languages, release, topics, README and publiccode.yml, at every run.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import requests

from benchmarks.figure import Figure
from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import Source
from harvester.runs.execute import execute
from simulators.forgejo_store import ForgejoStore, synthetic
from simulators.server import ThreadedServer
from simulators.sim_forgejo import Forgejo
from simulators.web import AccessLog, create_app

REPOSITORIES = 1000
HOST = "forge.example"
CHANGED_EVERY = 50
"""2 % are pushed to between two runs, half of them to their README; half of them have a release, as half of all do."""
FIRST, AGAIN = "<= 4.1", "<= 0.09"


def figures() -> list[Figure]:
    """First harvest and the next one: an organisation by its name, and a whole instance of 100 organisations."""
    plain = _naive()  # it remembers nothing, so each of its runs costs the same
    one = _measured("one organisation", synthetic(REPOSITORIES), baseline=plain, organisations=["org-0"])
    many = synthetic(REPOSITORIES, organisations=100)
    return one + _measured("100 organisations", many, baseline=plain, whole_instance=True)


def _measured(what: str, store: ForgejoStore, *, baseline: float, **params: object) -> list[Figure]:
    app = create_app({HOST: Forgejo(HOST, store)})
    log: AccessLog = app.state.web.log
    with tempfile.TemporaryDirectory(prefix="harvester-bench-") as folder, ThreadedServer(app) as web:
        settings = Settings(data=Path(folder), simulated_web=web.address, log_level="WARNING")
        catalogue = Catalogue.open(settings.database_url)
        try:
            told = {"url": f"http://{HOST}", **params}
            catalogue.sources.put(Source(name="bench", spider="forgejo", title="Bench", params=told), "bench")
            first = _harvest(catalogue, settings, log, changed=REPOSITORIES)
            _push(store)
            again = _harvest(catalogue, settings, log, changed=REPOSITORIES // CHANGED_EVERY)
        finally:
            catalogue.close()
    unit = "requests a repository; baseline a plain client"
    return [
        Figure(name=f"Forgejo, {what}, first harvest", value=first, baseline=baseline, limit=FIRST, unit=unit),
        Figure(name=f"Forgejo, {what}, 2 % changed", value=again, baseline=baseline, limit=AGAIN, unit=unit),
    ]


def _harvest(catalogue: Catalogue, settings: Settings, log: AccessLog, *, changed: int) -> float:
    """Requests a repository of one run, as the forge saw them."""
    log.reset()
    catalogue.runs.queue("bench", datetime.now(UTC))
    run = catalogue.runs.claim("bench", 600)
    assert run is not None
    counts = execute(catalogue, settings, run).counts
    assert (counts.read, counts.new + counts.changed) == (REPOSITORIES, changed), counts
    return log.requests[HOST] / REPOSITORIES


def _naive() -> float:
    """What the plain client costs, really run."""
    app = create_app({HOST: Forgejo(HOST, synthetic(REPOSITORIES))})
    with ThreadedServer(app) as web, requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": f"http://{web.address}"}
        number = 1
        while found := session.get(f"http://{HOST}/api/v1/repos/search?page={number}", timeout=30).json()["data"]:
            for repository in found:
                root = f"http://{HOST}/api/v1/repos/{repository['full_name']}"
                for what in ("languages", "releases/latest", "topics", "raw/README.md", "raw/publiccode.yml"):
                    session.get(f"{root}/{what}", timeout=30)
            number += 1
    asked: int = app.state.web.log.requests[HOST]
    return asked / REPOSITORIES


def _push(store: ForgejoStore) -> None:
    repositories = list(store)
    for number in range(REPOSITORIES // CHANGED_EVERY):
        repository = repositories[number * CHANGED_EVERY + number % 2]
        files = {**repository.files, "README.md": f"# Changed {number}\n"} if number % 4 < 2 else repository.files
        store.put(replace(repository, files=files, commits=repository.commits + 1, updated_at="2026-06-01T00:00:00Z"))
