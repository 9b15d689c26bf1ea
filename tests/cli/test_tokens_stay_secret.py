"""A token of the environment is in nothing that an installation keeps, prints, or gives to others."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from starlette.responses import Response

from harvester.catalogue import Catalogue, codec, schema
from harvester.config import load_settings
from harvester.search import open_engine
from harvester.search.sync import rebuild
from harvester.web.app import create_app as create_site
from simulators import github_store
from simulators.exchange import Ask
from simulators.server import ThreadedServer
from simulators.sim_github import GitHub
from simulators.web import create_app

SECRET = "ghp_Tr0ub4dorTr0ub4dorTr0ub4dorTr0ub4d0r"
OUTPUTS = (
    "runs gh --json",
    "sources list --json",
    "sources preview gh",
    "settings --json",
    "budget gh",
    "index check --json",
)
LISTED = "/api/v1/software"
PATHS = (
    "/en/", "/en/software", "/fr/software", "/en/software.csv", "/en/sources", "/en/filters?facet=license",
    LISTED, "/robots.txt", "/api/v1/sources", "/api/v1/runs", "/healthz", "/openapi.json", "/en/nothing",
)  # fmt: skip


@dataclass
class Telltale:
    """A forge that refuses its third question, and repeats the token of the environment as it does.

    A simulated web is sent no real token: the forge has it from the test.
    """

    host: GitHub
    asked: int = 0

    def answer(self, ask: Ask) -> Response:
        self.asked += 1
        if self.asked != 3:
            return self.host.answer(ask)
        told = f'{{"message": "Bad credentials: {SECRET}", "errors": [{{"message": "{SECRET}"}}]}}'
        return Response(told, 403, {"X-Told": SECRET, "WWW-Authenticate": SECRET}, media_type="application/json")


def _kept(data: Path) -> str:
    """All that the catalogue holds, unpacked, and all files beside it."""
    told = [path.read_bytes().decode("latin-1") for path in data.rglob("*") if path.is_file()]
    with closing(Catalogue.open(load_settings().database_url)) as catalogue, catalogue.database.read() as connection:
        bodies = connection.execute(sa.select(schema.payload.c.body)).scalars()
        told += [codec.decompress(body).decode() for body in bodies]
        for table in schema.metadata.sorted_tables:
            told += [repr(tuple(row)) for row in connection.execute(sa.select(table))]
    return "\n".join(told)


def _given() -> str:
    """All that pages and exports give."""
    settings = load_settings()
    with closing(Catalogue.open(settings.database_url)) as catalogue, closing(open_engine(settings)) as engine:
        rebuild(catalogue, engine, force=True)
        with ThreadedServer(create_site(settings, catalogue=catalogue, engine=engine)) as server:
            site = f"http://{server.address}"
            answers = [requests.get(site + path, timeout=20) for path in PATHS]
            entries = answers[PATHS.index(LISTED)].json()["items"]
            answers += [requests.get(f"{site}/en/software/{entry['id']}", timeout=20) for entry in entries[:10]]
    assert len(entries) >= 10
    return "\n".join(f"{answer.headers} {answer.text}" for answer in answers)


def test_no_log_database_error_page_or_export_holds_a_token(
    harvester, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge = Telltale(GitHub(github_store.synthetic(30, owners=3)))
    monkeypatch.setenv("HARVESTER_GITHUB_TOKEN", SECRET)
    monkeypatch.setenv("HARVESTER_LOG_LEVEL", "DEBUG")
    with ThreadedServer(create_app({"api.github.com": forge})) as server:
        monkeypatch.setenv("HARVESTER_SIMULATED_WEB", server.address)
        params = ("--param", "owners=[org-0, org-1, org-2]", "--param", "api_url=http://api.github.com")
        told = [harvester("sources", "add", "gh", "--spider", "github", "--trusted", *params)]
        told += [harvester("harvest", "gh") for _ in range(2)]
        told += [harvester(*words.split()) for words in OUTPUTS]
    printed = "\n".join(ended.out + ended.err for ended in told)
    assert forge.asked > 3
    kept = _kept(data)
    assert "org-1" in kept
    given = _given()
    assert "org-1" in given
    for where in (printed, kept, given):
        assert where.count(SECRET[4:]) == 0  # a count: a failure would print all of it
    print(f"{len(printed)} characters printed, {len(kept)} kept, {len(given)} given")
