"""GitLab requests a project, as the simulated GitLab counts them: one group of 1,000 projects, a README in each.

The baseline is a plain loop of python-gitlab over the same simulated GitLab: groups' projects 20 a page, then each
project's languages, releases, root, and each file in it that says what it is.
"""

from __future__ import annotations

import json
import tempfile
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gitlab
import requests

from benchmarks.figure import Figure
from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import Run, Source
from harvester.normalize import repository
from harvester.runs.execute import execute
from simulators.exchange import Ask, Host, as_json
from simulators.gitlab_store import synthetic
from simulators.server import SimulatedServer
from simulators.sim_gitlab import GitLab

PROJECTS = 1000
CHANGED_EVERY = 50
"""2 % change between the harvests: of those half have another description, half a push."""
HOST = "gitlab.example"
NAIVE_SAMPLE = 100
"""Projects that the plain loop is run over: it asks for each alike, so a tenth tells its requests a project."""
_NO_LIMIT = 10_000_000


class Changing:
    """A GitLab whose projects change when it is told so by `POST /change`."""

    def __init__(self, host: GitLab) -> None:
        self._host = host

    def answer(self, ask: Ask) -> Any:
        """The answer of the GitLab."""
        if ask.path == "/change":
            self._change()
            return as_json({})
        return self._host.answer(ask)

    def _change(self) -> None:
        store = self._host.store
        for place, project in enumerate(list(store)[::CHANGED_EVERY]):
            if place % 2:
                store.change(project.id, description=f"{project.description}, and more")
            else:
                files = {**project.files, "README.md": "# Another\n"}
                store.change(project.id, files=files, active_at="2026-06-01T00:00:00Z")


def hosts() -> Mapping[str, Host]:
    """The hosts of the simulated web: a GitLab, and a smaller one for the plain loop."""
    return {
        HOST: Changing(GitLab(HOST, synthetic(PROJECTS), limit=_NO_LIMIT)),
        f"naive.{HOST}": GitLab(f"naive.{HOST}", synthetic(NAIVE_SAMPLE), limit=_NO_LIMIT),
    }


def figures() -> list[Figure]:
    """Requests a project of a first harvest, at most 0.03, and of a second one after 2 % changed, at most 0.015."""
    with (
        tempfile.TemporaryDirectory(prefix="harvester-bench-") as folder,
        SimulatedServer("benchmarks.gitlab_cost:hosts") as web,
    ):
        naive = _naive(web.address) / NAIVE_SAMPLE
        settings = Settings(data=Path(folder), simulated_web=web.address, log_level="WARNING")
        catalogue = Catalogue.open(settings.database_url)
        try:
            params = {"url": f"http://{HOST}", "groups": ["org"]}
            catalogue.sources.put(Source(name="bench", spider="gitlab", title="Bench", params=params), "bench")
            first = _harvest(catalogue, settings, web.address, number=0)
            _post(web.address, HOST, "/change")
            again = _harvest(catalogue, settings, web.address, number=1)
        finally:
            catalogue.close()
    return [
        _figure("first harvest", first, naive, "<= 0.03"),
        _figure("second harvest with 2 % changed", again, naive, "<= 0.015"),
    ]


def _figure(what: str, asked: int, naive: float, limit: str) -> Figure:
    return Figure(
        name=f"GitLab requests a project, {what}",
        value=asked / PROJECTS,
        baseline=naive,
        limit=limit,
        unit="requests a project; baseline a plain loop of python-gitlab",
    )


def _harvest(catalogue: Catalogue, settings: Settings, address: str, *, number: int) -> int:
    """How many requests a harvest took."""
    before = _asked(address, HOST)
    catalogue.runs.queue("bench", datetime.now(UTC) + timedelta(minutes=number), by="manual")
    run = catalogue.runs.claim("bench", 600)
    assert run is not None
    _holds(execute(catalogue, settings, run), changed=PROJECTS // CHANGED_EVERY if number else 0)
    return _asked(address, HOST) - before


def _holds(ended: Run, *, changed: int) -> None:
    """A figure of a harvest that missed something says nothing."""
    counts = ended.counts
    assert (counts.read, counts.changed) == (PROJECTS, changed), (ended.judgement, ended.reasons, counts)


def _naive(address: str) -> int:
    """How many requests a plain loop takes for the sample."""
    host = f"naive.{HOST}"
    session = requests.Session()
    session.trust_env = False
    session.proxies = {"http": f"http://{address}"}
    forge = gitlab.Gitlab(f"http://{host}", session=session, keep_base_url=True)
    (group,) = (one for one in forge.groups.list(iterator=True, top_level_only=True) if one.full_path == "org")
    for listed in group.projects.list(iterator=True, include_subgroups=True):
        project = forge.projects.get(listed.id)
        project.languages()
        project.releases.list(get_all=False)
        names = [entry["name"] for entry in project.repository_tree(iterator=True) if entry["type"] == "blob"]
        for path in repository.wanted(names):
            project.files.get(path, ref=project.default_branch)
    return _asked(address, host)


def _asked(address: str, host: str) -> int:
    request = urllib.request.Request(f"http://{address}/_stats", headers={"Host": "simulated.test"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(json.load(answer)["requests"].get(host, 0))


def _post(address: str, host: str, path: str) -> None:
    request = urllib.request.Request(f"http://{address}{path}", data=b"", headers={"Host": host}, method="POST")
    urllib.request.urlopen(request, timeout=10).close()
