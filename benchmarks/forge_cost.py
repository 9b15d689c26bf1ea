"""GitHub requests a repository, as the simulated GitHub counts them: one organisation of 1,000 repositories."""

from __future__ import annotations

import json
import tempfile
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from benchmarks.figure import Figure
from demo.exchange import Host
from demo.github_store import synthetic
from demo.server import SimulatedServer
from demo.sim_github import GitHub
from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import Source
from harvester.runs.execute import execute

REPOSITORIES = 1000
NAIVE = 6.035
"""Requests a repository of a plain client that asks each repository for languages, licence, release, README,
publiccode.yml and contributors, 30 a page (35 + 6 x 1,000 for 1,000 repositories)."""


def hosts() -> Mapping[str, Host]:
    """The hosts of the simulated web."""
    return {"api.github.com": GitHub(synthetic(REPOSITORIES))}


def _stats(address: str) -> dict[str, Any]:
    request = urllib.request.Request(f"http://{address}/_stats", headers={"Host": "simulated.test"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def figures() -> list[Figure]:
    """The first harvest's requests a repository, at most 0.04."""
    with (
        tempfile.TemporaryDirectory(prefix="harvester-bench-") as folder,
        SimulatedServer("benchmarks.forge_cost:hosts") as web,
    ):
        settings = Settings(
            data=Path(folder), simulated_web=web.address, github_token=SecretStr("benchmark"), log_level="WARNING"
        )
        catalogue = Catalogue.open(settings.database_url)
        try:
            params = {"api_url": "http://api.github.com", "owners": ["org-0"]}
            catalogue.sources.put(Source(name="bench", spider="github", title="Bench", params=params), "bench")
            catalogue.runs.queue("bench", datetime.now(UTC))
            run = catalogue.runs.claim("bench", 600)
            assert run is not None
            ended = execute(catalogue, settings, run)
            assert ended.counts.read == REPOSITORIES, (ended.judgement, ended.reasons, ended.counts)
            asked = _stats(web.address)["requests"]["api.github.com"]
        finally:
            catalogue.close()
    return [
        Figure(
            name="GitHub requests a repository, first harvest",
            value=asked / REPOSITORIES,
            baseline=NAIVE,
            limit="<= 0.04",
            unit="requests a repository; baseline a plain client",
        )
    ]
