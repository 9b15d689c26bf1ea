"""A PostgreSQL server for the tests: in a folder of its own, on loopback, as a user that is not root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_START_S = 30


def binaries() -> Path | None:
    """The folder with initdb and postgres, of the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).parent if elsewhere else None


def _as_user() -> tuple[list[str], int | None]:
    """The prefix that drops root, and the user's id; the server refuses to run as root."""
    if os.geteuid() != 0:
        return [], None
    user = pwd.getpwnam("postgres")
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"], user.pw_uid


def create_database(url: str, *, template: str = "template1") -> None:
    """Make a database anew, which holds what the template holds."""
    import psycopg

    server, _, name = url.replace("+psycopg", "").rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def empty_database(url: str, *, but: str) -> None:
    """Take the rows out of all tables but one, and its connections from whoever still has any."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        found = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> %s",
            (but,),
        ).fetchall()
        names = ", ".join(f'"{schema}"."{name}"' for schema, name in found)
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY".encode())


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Yields the server's SQLAlchemy URL without a database name. It is stopped by its own process id."""
    folder = binaries()
    assert folder is not None
    prefix, owner = _as_user()
    with tempfile.TemporaryDirectory(prefix="harvester-postgresql-") as temporary:
        home = Path(temporary)
        if owner is not None:
            os.chown(home, owner, -1)
        data = home / "data"
        options = ["-A", "trust", "-U", "harvester", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*prefix, folder / "initdb", "-D", data, *options], check=True, capture_output=True, cwd=home)
        port = _free_port()
        settings = ["-h", "127.0.0.1", "-p", str(port), "-k", "", "-F", "-c", "max_connections=60"]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [*prefix, folder / "postgres", "-D", data, *settings], stdout=log, stderr=log, cwd=home
            )
        try:
            _wait(port, server, home / "log")
            yield f"postgresql+psycopg://harvester@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing is kept
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            psycopg.connect(f"postgresql://harvester@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start:\n" + log.read_text(errors="replace")[-2000:])
