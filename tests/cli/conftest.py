"""The command in this process, as a shell would see it: exit code, standard output, standard error."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harvester.cli import main
from simulators.server import SimulatedServer


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which is one JSON value and nothing else."""
        return json.loads(self.out)

    @property
    def told(self) -> str:
        """The one line on standard error; there is nothing on standard output."""
        assert self.out == ""
        assert self.err.startswith("harvester: ")
        assert self.err.count("\n") == 1, self.err
        return self.err.strip()


Command = Callable[..., Ended]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that does not exist yet, and no other setting."""
    for name in list(os.environ):
        if name.startswith("HARVESTER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HARVESTER_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "250")
    return tmp_path / "data"


@pytest.fixture
def harvester(
    data: Path,  # noqa: ARG001 - no command works on another folder
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Command]:
    """`harvester("sources", "list")`."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    mask = os.umask(0o022)  # a command sets it; what other tests start is not to inherit that
    os.umask(mask)
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["harvester", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, said.out, said.err)

    yield run
    os.umask(mask)
    root.handlers[:] = handlers
    root.setLevel(level)
    for number, handler in signals.items():
        signal.signal(number, handler)


@pytest.fixture(scope="package")
def simulated() -> Iterator[SimulatedServer]:
    """The demo's systems on loopback."""
    with SimulatedServer("demo.sites:demo_hosts") as server:
        yield server


@pytest.fixture
def online(simulated: SimulatedServer, data: Path, monkeypatch: pytest.MonkeyPatch) -> str:  # noqa: ARG001
    """Every request goes to the demo's systems."""
    monkeypatch.setenv("HARVESTER_SIMULATED_WEB", simulated.address)
    return simulated.address
