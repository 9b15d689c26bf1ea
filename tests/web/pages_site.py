"""A site on loopback with a handful of softwares, stored and resolved as a harvest does it."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import requests
import uvicorn
from fastapi import FastAPI
from support.builders import begin, harvest, item, source
from support.hashes import cheap_hash
from support.templates import lay_tables, new_folder

from harvester.catalogue import PAGE_S, Catalogue
from harvester.config import Settings
from harvester.model import Issue, Judgement, Organisation, Reason, RunCounts, Terms
from harvester.search import Engine, open_engine
from harvester.search.sync import sync
from harvester.web.app import create_app
from harvester.web.previews import Checking
from harvester.web.serving import serving
from harvester.words import Catalogs
from scheduler import next_due

PASSWORD = "a long enough password"
ROLES = ("reviewer", "operator")
HASHES = {role: cheap_hash(PASSWORD) for role in ROLES}
SCRIPT = "<script>alert(1)</script>"


@dataclass
class Site:
    """The site, its parts, and visitors of every role."""

    url: str
    settings: Settings
    catalogue: Catalogue
    engine: Engine
    app: FastAPI
    server: uvicorn.Server
    _sessions: list[requests.Session] = field(default_factory=list)

    def visitor(self, role: str | None = None) -> requests.Session:
        """A browser without JavaScript: signed in where a role is given."""
        session = requests.Session()
        session.headers["accept-language"] = "en"
        session.headers["origin"] = self.url
        self._sessions.append(session)
        if role is not None:
            answer = self.sign_in(session, role)
            assert answer.status_code == 303, answer.text
        return session

    def sign_in(
        self, session: requests.Session, login: str, password: str = PASSWORD, **said: str
    ) -> requests.Response:
        """Send the sign-in form as the page gives it."""
        form = {"login": login, "password": password, **said}
        sent_from = {"origin": self.url}
        return session.post(f"{self.url}/en/login", data=form, headers=sent_from, allow_redirects=False, timeout=10)

    def get(self, path: str, role: str | None = None) -> requests.Response:
        """One page, redirects not followed."""
        return self.visitor(role).get(self.url + path, allow_redirects=False, timeout=10)

    def connections(self) -> int:
        """How many there are."""
        return len(self.server.server_state.connections)

    def refresh(self) -> None:
        """Bring the index to where the catalogue is."""
        sync(self.catalogue, self.engine)

    def close(self) -> None:
        """Let go of connections."""
        for session in self._sessions:
            session.close()


def fill(catalogue: Catalogue) -> None:
    """Eight published softwares of two trusted sources, four candidates, and runs of every judgement."""
    region = Organisation("Example region", "https://region.example.org", "FR")
    doubt = Issue.of("unusable-address", place="description.fr", line=7, value="here")
    now = datetime.now(UTC)
    forge = [
        item(
            "agora",
            name="Agora libre",
            names=["repo:https://forge.example.org/agora"],
            kind="software",
            code_repository="https://forge.example.org/agora",
            landing_url="https://agora.example.org",
            short_description={"en": "Lets a city ask for proposals.", "fr": "Une ville demande des propositions."},
            long_description={"en": "A **long** text.\n\n- one\n- two <b>not bold</b> [x](javascript:alert(1))"},
            license="AGPL-3.0-only",
            organisations=(region,),
            countries=("FR",),
            use_cases=("consultation", "participatory-budgeting"),
            programming_languages=("PHP",),
            available_languages=("fr", "en", "nl"),
            development_status="stable",
            date_modified=now - timedelta(days=21),
            has_publiccode=True,
            used_by=("Example town",),
            issues=[doubt],
        ),
        item(
            "demoq", name="DemoQ", kind="software", short_description={"en": "Asks for proposals."}, countries=("FR",)
        ),
        item("=cmd", name="=cmd|' /C calc'!A0", short_description={"en": f"{SCRIPT} proposals"}, license="MIT"),
        item("eco", name="Écologie ouverte", short_description={"fr": "Données d’écologie."}, license="EUPL-1.2"),
        *(
            item(
                f"tool-{n}",
                name=f"Tool {n}",
                short_description={"en": "Maps a town."},
                license="MIT",
                countries=(code,),
            )
            for n, code in enumerate(("ES", "IT", "FI", "DE", "BE", "PT", "PL"))
        ),
    ]
    harvest(catalogue, forge, "forge", trusted=True, title="The forge", spider="github", schedule="17 4 * * *")
    listed = [
        item(
            "agora-entry",
            name="Agora",
            names=["repo:https://forge.example.org/agora"],
            license="GPL-3.0-only",
            priority=40,
        ),
        item(
            "service",
            name="Hosted service",
            names=["landing:https://service.example.org"],
            kind="service",
            landing_url="https://service.example.org",
            use_cases=("petition",),
            available_languages=("es",),
        ),
    ]
    terms = Terms(license="CC0-1.0", attribution="The register", share_alike=True)
    harvest(catalogue, listed, "register", trusted=True, title="The register", terms=terms, schedule="0 */6 * * *")
    waiting = [
        item(f"candidate-{n}", name=name, short_description={"en": "Petitions of citizens."}, use_cases=("petition",))
        for n, name in enumerate(("Petition box", "Petition Box", "Town desk", SCRIPT))
    ]
    harvest(catalogue, waiting, "pages", title="Pages")
    catalogue.suggestions.refresh()
    catalogue.sources.put(source("silent", title="Never run"), "test")
    for judgement, why in (
        (Judgement.SUSPICIOUS, Reason.of("judged.fell", n=60, before=100)),
        (Judgement.FAILED, Reason.of("judged.unit-failed", unit="page 1", why="certificate expired")),
    ):
        run = begin(catalogue, "broken", title="Broken source")
        counts = RunCounts(entries=60, records=60, requests=3)
        catalogue.runs.finish(
            run.id, run.attempt, judgement=judgement, reasons=(why,), counts=counts, spent={"broken.example.org": 3}
        )
    for role in ROLES:
        catalogue.accounts.add(role, HASHES[role], role)


@cache
def _filled(fill: Callable[[Catalogue], None]) -> Path:
    """A data folder that was filled and indexed once, to be copied."""
    chosen = Settings(data=new_folder("site"))
    catalogue = Catalogue.open(chosen.database_url)
    fill(catalogue)
    engine = open_engine(chosen)
    sync(catalogue, engine)
    engine.close()
    catalogue.close()
    return chosen.data


@contextmanager
def served(
    folder: Path,
    *,
    filled: bool = True,
    prepared: bool = False,
    fill: Callable[[Catalogue], None] = fill,
    words: Catalogs | None = None,
    answer_s: float = PAGE_S,
    **settings: Any,
) -> Iterator[Site]:
    """The site, served by uvicorn on a free port, in the languages of `words`, waiting `answer_s` for its database.

    `prepared`: the database has its tables already.
    """
    chosen = Settings(data=folder, **settings)
    if filled:
        shutil.copytree(_filled(fill), folder, dirs_exist_ok=True)
    elif not prepared and not (folder / "catalogue.sqlite").exists():  # what a test harvested before stays
        lay_tables(chosen.database_url)
    catalogue = Catalogue.open(chosen.database_url)
    engine = open_engine(chosen)
    sync(catalogue, engine)
    app = create_app(
        chosen,
        catalogue=catalogue.for_pages(answer_s),
        engine=engine,
        next_due=next_due,
        words=words,
    )
    app.state.house = replace(app.state.house, checking=Checking(lambda *_: None))  # no test asks the network
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(serving(app, chosen, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    site = Site(f"http://127.0.0.1:{bound.getsockname()[1]}", chosen, catalogue, engine, app, server)
    try:
        yield site
    finally:
        site.close()
        server.should_exit = True
        thread.join(10)
        bound.close()
        engine.close()
        catalogue.close()
