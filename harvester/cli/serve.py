"""`harvester serve`, `worker`, `scheduler` and `up`, which is the three of them."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import click
import uvicorn

from harvester.catalogue import Catalogue
from harvester.cli.common import messages, opened, prepare
from harvester.config import Settings
from harvester.errors import HarvesterError, SettingsError
from harvester.log import configure_logging
from harvester.runs.execute import LEASE_S, child_environment
from harvester.runs.worker import Worker
from harvester.search import open_engine
from harvester.search.sync import check
from harvester.web.app import create_app
from harvester.web.security import is_loopback
from harvester.web.serving import allow_connections, serving
from scheduler import Clock, next_due

_STOP_WAIT_S = 10

_log = logging.getLogger(__name__)


def address(settings: Settings) -> tuple[str, int]:
    """HARVESTER_BIND as host and port. Raises SettingsError."""
    host, _, port = settings.bind.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"HARVESTER_BIND={settings.bind!r} is no host:port", remedy="for example 127.0.0.1:8000")
    return host.strip("[]"), int(port)


def web_server(settings: Settings, catalogue: Catalogue) -> uvicorn.Server:
    """The pages and the API, ready to run. Raises SettingsError when the address cannot be had, or the demo's data
    would be served beyond this machine."""
    host, port = address(settings)
    if catalogue.accounts.are_the_demos():
        only_loopback(settings)
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        told = f"HARVESTER_BIND={settings.bind!r} cannot be served on: {error.strerror}"
        raise SettingsError(told, remedy="choose another, or end what is there") from None
    allow_connections()
    app = create_app(settings, catalogue=catalogue.for_pages(), engine=open_engine(settings), next_due=next_due)
    return uvicorn.Server(serving(app, settings, host=host, port=port))


def only_loopback(settings: Settings) -> None:
    """Raises SettingsError where the pages would be reached from elsewhere: the demo's passwords are public."""
    host, _ = address(settings)
    if host != "localhost" and not is_loopback(host):
        raise SettingsError(
            f"HARVESTER_BIND={settings.bind!r}: the demo's passwords are public, so it serves loopback only",
            remedy="use 127.0.0.1, or `harvester up` with accounts of your own in a folder of its own (HARVESTER_DATA)",
        )


def _tell_demo(settings: Settings, catalogue: Catalogue) -> None:
    if catalogue.accounts.are_the_demos():
        messages.print(
            f"{settings.data} is the demo's: its passwords are public, its sources are simulated;"
            " HARVESTER_DATA names another folder for an installation"
        )


@click.command()
def serve() -> None:
    """Serve the pages and the API; crawls are another process's work.

    \b
    Example:
      HARVESTER_BIND=0.0.0.0:8000 harvester serve
    """
    settings = prepare()
    with opened(settings) as (_, catalogue):
        _tell_demo(settings, catalogue)
        server = web_server(settings, catalogue)
        messages.print(f"serving http://{settings.bind}")
        threading.Thread(target=_tell_differences, args=(settings, catalogue), daemon=True).start()
        server.run()


def _tell_differences(settings: Settings, catalogue: Catalogue) -> None:
    """Warn where the index that is searched is not as the catalogue is; a worker mends it."""
    engine = open_engine(settings)
    try:
        found = check(catalogue, engine)
        if len(found.ids) > found.waiting:
            _log.warning("%s", found.told)
    except HarvesterError as error:  # pages and /healthz say so, too
        _log.warning("the index was not compared with the catalogue: %s", error)
    finally:
        engine.close()


@click.command()
@click.option("--clock/--no-clock", default=False, help="Also queue the sources that are due.")
@click.option("--with-parent", is_flag=True, hidden=True)
@click.option("--quiet", is_flag=True, hidden=True, help="Log warnings only: somebody else tells how runs go.")
@click.option(
    "--lease", type=float, default=LEASE_S, hidden=True, help="Seconds of silence after which others take over."
)
def worker(clock: bool, with_parent: bool, quiet: bool, lease: float) -> None:
    """Take queued runs, several at a time (HARVESTER_RUNS_AT_ONCE), and keep the index current.

    \b
    Example:
      harvester worker --clock
    """
    if with_parent:
        _end_with_parent()
    settings = prepare()
    if quiet:
        configure_logging("WARNING", settings.log_format)
    with opened(settings) as (_, catalogue):
        if not quiet:
            _tell_demo(settings, catalogue)
        engine = open_engine(settings)
        mine = Worker(catalogue, settings, engine, lease_s=lease)
        ticking = Clock(catalogue) if clock else None
        _on_signal(mine.stopping)
        try:
            if ticking is not None:
                ticking.start()
            mine.work()
        finally:
            if ticking is not None:
                ticking.stop()
            engine.close()


@click.command()
def scheduler() -> None:
    """Only the clock: queue the sources that are due, for workers elsewhere.

    \b
    Example:
      harvester scheduler
    """
    with opened() as (_, catalogue):
        clock = Clock(catalogue)
        stopping = threading.Event()
        _on_signal(stopping)
        clock.start()
        stopping.wait()
        clock.stop()


@click.command()
def up() -> None:
    """Everything on one machine: pages, worker and clock. Ctrl-C ends all of it.

    \b
    Example:
      harvester up
    """
    settings = prepare()
    with opened(settings) as (_, catalogue):
        _tell_demo(settings, catalogue)
        server = web_server(settings, catalogue)  # what cannot be served starts no worker
        with worker_process(settings):
            messages.print(f"serving http://{settings.bind}")
            server.run()


@contextlib.contextmanager
def worker_process(settings: Settings, *, quiet: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with its clock, in a process that ends with this one; `quiet` beside a progress bar."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harvester", "worker", "--clock", "--with-parent", *(["--quiet"] if quiet else [])],
        stdin=subprocess.PIPE,
        env=child_environment(settings),
        start_new_session=True,  # Ctrl-C comes to this process alone, which ends the other in order
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()


def _end_with_parent() -> None:
    """End this process, hard, as soon as the parent's end of standard input closes."""

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(0, 1024):
                pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _on_signal(stopping: threading.Event) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
