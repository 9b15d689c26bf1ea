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
from typing import Any, TypeVar

T = TypeVar("T")
_IMPORTED = "harvester.runs.beforehand"
_LIMIT_S = 90


def apart(call: Callable[..., T], *arguments: Any, limit_s: float = _LIMIT_S) -> T:
    """What a module's function gives in a process of its own. Raises RuntimeError with what it logged as errors."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_IMPORTED])  # the first call starts it, and it ends with this process
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sending, call, arguments))
    process.start()
    sending.close()
    try:
        if not receiving.poll(limit_s):
            raise RuntimeError(f"{call.__name__} took more than {limit_s} s")
        came, answer = receiving.recv()
    except EOFError:
        process.join()
        raise RuntimeError(f"{call.__name__} ended with {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
        process.close()
        receiving.close()
    if not came:
        raise RuntimeError(answer)
    return answer


def _answer(sending: Connection, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    said = io.StringIO()
    logging.basicConfig(level="ERROR", stream=said, force=True)
    try:
        sending.send((True, call(*arguments)))
    except Exception as error:  # noqa: BLE001 - raised where the call was made
        sending.send((False, f"{type(error).__name__}: {error}\n{said.getvalue()}"))
