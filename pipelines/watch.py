"""A limit on the processor time of what a thread does, one thing at a time: reading a raw item."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from harvester.errors import TookTooLong

_LOOKS_S = 0.2


class Watch:
    """`with Watch(20) as watch:` and, of the same thread, `with watch.item():`: raises TookTooLong in the midst of an
    item that took more seconds of processor time.

    It is raised between two instructions of Python: a single call into C (a regular expression) ends before.
    """

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self._thread = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread)
        self._lock = threading.Lock()  # none is raised once its item is over
        self._began: float | None = None
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._looking.join()

    @contextmanager
    def item(self) -> Iterator[None]:
        """One of them."""
        self._began = time.thread_time()
        try:
            yield
        finally:
            with self._lock:
                self._began = None

    def _look(self) -> None:
        while not self._over.wait(_LOOKS_S):
            with self._lock:
                if self._began is not None and time.clock_gettime(self._clock) - self._began > self._most_s:
                    self._began = None
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(
                        ctypes.c_ulong(self._thread), ctypes.py_object(TookTooLong)
                    )
