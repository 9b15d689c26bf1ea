"""An Elasticsearch node for the tests: in a folder of its own, on loopback, as a user that is not root."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from support.install_elasticsearch import home, java_home

_START_S = 300
_STOP_S = 30
_USER = "harvester-test"
_JAVA = "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1"  # a short life: what the second compiler saves it never earns


@contextlib.contextmanager
def elasticsearch_node() -> Iterator[str]:
    """Yields the node's address. It is stopped by its own process id, and ends when the tests are killed."""
    with tempfile.TemporaryDirectory(prefix="harvester-elasticsearch-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        http, transport = _free_ports(2)
        _configure(folder, http, transport)
        user = _user()
        if user:
            _give(folder, user)
        with (folder / "output").open("wb") as output:
            node = subprocess.Popen(
                [*_as(user), str(home() / "bin" / "elasticsearch"), "-p", str(folder / "pid")],
                env=_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
            )
        address = f"http://127.0.0.1:{http}"
        try:
            _wait(address, node, folder)
            yield address
        finally:
            _stop(node, folder / "pid")


def _configure(folder: Path, http: int, transport: int) -> None:
    config = folder / "config"
    shutil.copytree(home() / "config", config)
    settings = {
        "cluster.name": "harvester-test",
        "node.name": "harvester-test",
        "node.processors": 2,
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": http,
        "transport.port": transport,
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        "xpack.security.enabled": False,
        "cluster.routing.allocation.disk.threshold_enabled": False,
        "action.destructive_requires_name": True,
    }
    lines = [f"{name}: {json.dumps(value)}\n" for name, value in settings.items()]
    (config / "elasticsearch.yml").write_text("".join(lines), encoding="utf-8")
    for name in ("data", "logs", "tmp"):
        (folder / name).mkdir()


def _environment(folder: Path) -> dict[str, str]:
    java = java_home()
    assert java is not None
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "ES_JAVA_HOME": str(java),
        "ES_JAVA_OPTS": _JAVA,
        "ES_PATH_CONF": str(folder / "config"),
        "ES_TMPDIR": str(folder / "tmp"),
    }


def _user() -> pwd.struct_passwd | None:
    """Whom to run it as: it refuses root. None: as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(_USER)
    except KeyError:
        shell = "/usr/sbin/nologin"
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", shell, _USER]
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(_USER)


def _as(user: pwd.struct_passwd | None) -> list[str]:
    if user is None:
        return ["setpriv", "--pdeathsig=TERM"] if shutil.which("setpriv") else []
    drop = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return ["setpriv", *drop, "--pdeathsig=TERM"]


def _give(folder: Path, user: pwd.struct_passwd) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user.pw_uid, user.pw_gid)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in sockets]


def _wait(address: str, node: subprocess.Popen[bytes], folder: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and node.poll() is None:
        try:
            with opener.open(f"{address}/_cluster/health?wait_for_status=yellow&timeout=5s", timeout=10) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    said = (folder / "output").read_text(errors="replace")[-3000:]
    raise RuntimeError(f"Elasticsearch did not start within {_START_S} s (it ended with {node.poll()}):\n{said}")


def _stop(node: subprocess.Popen[bytes], pid_file: Path) -> None:
    """At once, as nothing is kept: the server, after which its launcher ends by itself."""
    if pid_file.exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid_file.read_text()), signal.SIGKILL)
    else:
        node.terminate()
    try:
        node.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        node.kill()
        node.wait()
