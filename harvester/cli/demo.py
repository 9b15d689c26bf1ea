"""`harvester demo`: a small civic web on loopback, harvested and served."""

from __future__ import annotations

import threading
import time

import click
import uvicorn

from harvester.catalogue import Catalogue
from harvester.catalogue.database import now
from harvester.catalogue.people import DEMO, MACHINE
from harvester.cli.common import interruptible, messages, not_installed, opened, prepare, styled
from harvester.cli.exits import EXIT_RUN_FAILED
from harvester.cli.progress import follow
from harvester.cli.serve import only_loopback, web_server, worker_process
from harvester.config import Settings
from harvester.errors import SettingsError
from harvester.model import Judgement, Run
from harvester.web.passwords import hash_password

SIGN_INS = (("reviewer", "reviewer", "demo-reviewer"), ("operator", "operator", "demo-operator"))
"""Login, role, password: known to everybody, so the demo serves loopback only."""

_INDEX_WAIT_S = 60


@click.command()
@click.option("--serve/--no-serve", "serving", default=True, help="Go on serving the pages; --no-serve ends instead.")
def demo(serving: bool) -> None:
    """Harvest a simulated civic web on this machine, about real tools, and serve the catalogue.

    It lives in the folder demo of HARVESTER_DATA, whatever other settings say.

    \b
    Example:
      harvester demo
    """
    try:
        from demo.sources import demo_sources
        from simulators.server import SimulatedServer
    except ModuleNotFoundError:
        raise not_installed() from None

    settings = _of_its_own(prepare())
    interruptible()
    only_loopback(settings)
    with SimulatedServer("demo.sites:demo_hosts") as web:
        settings = settings.model_copy(update={"simulated_web": web.address})
        with opened(settings) as (_, catalogue):
            for source in demo_sources():
                catalogue.sources.put(source, DEMO)
            _accounts(catalogue)
            with worker_process(settings, quiet=True):
                _harvest_and_serve(settings, catalogue, [source.name for source in demo_sources()], serving=serving)


def _of_its_own(settings: Settings) -> Settings:
    """The settings with a folder of the demo's own, catalogue and index in it: no installation sees them."""
    return settings.model_copy(update={"data": settings.data / "demo", "database": None, "index": None})


def _harvest_and_serve(settings: Settings, catalogue: Catalogue, names: list[str], *, serving: bool) -> None:
    server = web_server(settings, catalogue) if serving else None
    thread = _in_thread(server) if server is not None else None
    try:
        if server is not None and catalogue.software.count_by_state():
            _announce(settings, "what was there is searchable; the harvest goes on")
        runs = queue_all(catalogue, names)
        ended = follow(catalogue, runs, alive=lambda: thread is None or thread.is_alive())
        wait_for_index(catalogue)
        states = catalogue.software.count_by_state()
        messages.print(f"{states.get('published', 0)} tools published, {states.get('candidate', 0)} wait for review")
        if server is not None and thread is not None:
            _announce(settings, "Ctrl-C ends it")
            while thread.is_alive():
                thread.join(0.5)
        elif any(run.judgement is Judgement.FAILED for run in ended):
            raise click.exceptions.Exit(EXIT_RUN_FAILED)
    except KeyboardInterrupt:
        if not serving:
            raise
        messages.print("ending")
    finally:
        if server is not None and thread is not None:
            server.should_exit = True
            thread.join(10)


def _in_thread(server: uvicorn.Server) -> threading.Thread:
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    if not server.started:
        host, port = server.config.host, server.config.port
        raise SettingsError(f"nothing can be served on {host}:{port}", remedy="HARVESTER_BIND chooses another address")
    return thread


def queue_all(catalogue: Catalogue, names: list[str]) -> list[Run]:
    """Queue a run of each source, which no person asked for one by one; where one is open already, that one."""
    queued = []
    for name in names:
        run = catalogue.runs.queue(name, now(), by=MACHINE)
        if run := run or catalogue.runs.open_of(name):
            queued.append(run)
    return queued


def wait_for_index(catalogue: Catalogue, *, limit_s: float = _INDEX_WAIT_S) -> None:
    """Wait until the worker has told the index everything."""
    deadline = time.monotonic() + limit_s
    with messages.status("filling the index …"):
        while time.monotonic() < deadline and not catalogue.feed.current():
            time.sleep(0.1)


def _accounts(catalogue: Catalogue) -> None:
    for login, role, password in SIGN_INS:
        if catalogue.accounts.get(login) is None:
            catalogue.accounts.add(login, hash_password(password), role, actor=DEMO)


def _announce(settings: Settings, then: str) -> None:
    messages.print("")
    messages.print(styled("  ", (f"http://{settings.bind}", "bold"), f"  {then}"))
    for login, role, password in SIGN_INS:
        messages.print(f"  sign in as {role}: {login} / {password}")
    messages.print("")
