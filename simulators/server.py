"""Runs the simulated web on loopback: in a child process that dies with its parent, or in the foreground.

`python -m simulators.server --port 9001 --hosts demo.sites:demo_hosts` serves the demo,
`--hosts tools.corpus:corpus_web --folder DIR` the recorded sources. It prints its address on the first line.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from simulators.exchange import Host
from simulators.web import create_app

Hosts = Mapping[str, Host]


class SimulatedServer:
    """The simulated web in a child process, for as long as the `with` lasts.

    `hosts` names a function that gives the hosts, as "module:function" ("demo.sites:demo_hosts"); it is given `folder`
    where there is one. `address` is "127.0.0.1:port".
    """

    def __init__(
        self,
        hosts: str,
        *,
        folder: Path | None = None,
        log: Path | None = None,
        latency_ms: float = 0,
        port: int = 0,
    ) -> None:
        self._command = [
            sys.executable,
            "-m",
            "simulators.server",
            "--port",
            str(port),
            "--latency-ms",
            str(latency_ms),
        ]
        self._command += ["--hosts", hosts]
        self._command += ["--folder", str(folder)] if folder else []
        self._command += ["--log", str(log)] if log else []
        self._process: subprocess.Popen[str] | None = None
        self.address = ""

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [*self._command, "--with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
            start_new_session=True,  # Ctrl-C comes to the parent alone, which still has requests to send
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        if not self.address:
            code = self._process.wait()
            self._close()
            raise RuntimeError(f"the simulated web did not start (exit code {code}); its message stands on stderr")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


class ThreadedServer:
    """An application on loopback in a thread of this process, for tests that look into its hosts and its log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.address = ""

    def __enter__(self) -> Self:
        listening = _listen(0)
        self.address = _address(listening)
        server = _server(self._app)
        self._server = server
        self._thread = threading.Thread(target=_run, args=(server, listening), name="simulated-web", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)


def _listen(port: int) -> socket.socket:
    # the protocol named: asyncio switches Nagle off only then, and each answer would wait 40 ms otherwise
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(512)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()
    return f"{host}:{port}"


def _server(app: ASGIApp) -> uvicorn.Server:
    """httptools reads the absolute-form request targets that clients send to a proxy; h11 does not."""
    config = uvicorn.Config(
        app, http="httptools", log_config=None, access_log=False, lifespan="off", server_header=False,
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    return uvicorn.Server(config)


def _run(server: uvicorn.Server, listening: socket.socket) -> None:
    with contextlib.closing(listening):
        asyncio.run(server.serve(sockets=[listening]))


def _named(path: str) -> Callable[..., Hosts]:
    module, _, name = path.partition(":")
    found: Callable[..., Hosts] = getattr(import_module(module), name)
    return found


def _end_with_parent(server: uvicorn.Server) -> None:
    """The parent holds the other end of our stdin: when that closes, whatever became of it, we end too."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    server.should_exit = True


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m simulators.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--hosts", required=True, help="module:function that gives the hosts")
    parser.add_argument("--folder", type=Path, help="what that function is given, a folder of recordings")
    parser.add_argument("--log", type=Path, help="file that gets a JSON line for each request")
    parser.add_argument("--latency-ms", type=float, default=0, help="time that passes before each answer")
    parser.add_argument("--with-parent", action="store_true", help="end when stdin is closed")
    chosen = parser.parse_args(arguments)
    hosts = _named(chosen.hosts)(*([chosen.folder] if chosen.folder else []))
    listening = _listen(chosen.port)
    server = _server(create_app(hosts, latency_s=chosen.latency_ms / 1000, log_file=chosen.log))
    if chosen.with_parent:
        threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    print(_address(listening), flush=True)
    _run(server, listening)
    return 0


if __name__ == "__main__":
    sys.exit(main())
