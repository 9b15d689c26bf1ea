"""Calls in a process of their own, all forked from one interpreter that has read what a crawl imports.

A reactor starts but once in a process, and to import Scrapy and our own code takes two seconds: each crawl of a test is
a fork of an interpreter that has imported both and started nothing.
"""

from __future__ import annotations

import io
import logging
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, TypeVar

T = TypeVar("T")
_ROOT = Path(__file__).parents[2]
_IMPORTED = [
    "pytest",
    *(
        f"{package}.{module.name}"
        for package in ("simulators", "spiders")
        for module in iter_modules([str(_ROOT / package)])
    ),
    "harvester.runs.shared_queue",
    "harvester.runs.worker",
    "scheduler",
    "harvester.runs.beforehand",
]
"""What tests' functions and the modules that they stand in import; last what lets forks share all of it."""
_LIMIT_S = 90


class Fork:
    """A module's function that is called in a process of its own."""

    def __init__(self, call: Callable[..., Any], *arguments: Any) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_IMPORTED)  # the first call starts it, and it ends with this process
        self._receiving, sending = context.Pipe(duplex=False)
        self._process = context.Process(target=_answer, args=(sending, call, arguments))
        self._name = call.__name__
        self._process.start()
        sending.close()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid or 0

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.is_alive()

    def wait(self, seconds: float) -> None:
        """Until it has ended, but no longer than this."""
        self._process.join(seconds)

    def answer(self, limit_s: float = _LIMIT_S) -> Any:
        """What the function gave. Raises RuntimeError with what it logged as errors."""
        try:
            if not self._receiving.poll(limit_s):
                raise RuntimeError(f"{self._name} took more than {limit_s} s")
            came, answer = self._receiving.recv()
        except EOFError:
            self._process.join()
            raise RuntimeError(f"{self._name} ended with {self._process.exitcode}") from None
        if not came:
            raise RuntimeError(answer)
        return answer

    def end(self) -> None:
        """Kill it if it still runs, and let go of it."""
        self._process.kill()
        self._process.join()
        self._receiving.close()


def apart(call: Callable[..., T], *arguments: Any, limit_s: float = _LIMIT_S) -> T:
    """What a module's function gives in a process of its own. Raises RuntimeError with what it logged as errors."""
    fork = Fork(call, *arguments)
    try:
        answer: T = fork.answer(limit_s)
    finally:
        fork.end()
    return answer


def _answer(sending: Connection, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    said = io.StringIO()
    logging.basicConfig(level="ERROR", stream=said, force=True)
    try:
        sending.send((True, call(*arguments)))
    except Exception as error:  # noqa: BLE001 - raised where the call was made
        sending.send((False, f"{type(error).__name__}: {error}\n{said.getvalue()}"))
