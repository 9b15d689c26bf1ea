"""Who writes next where SQLite lets one write at a time: its own lock goes to whoever asks first once it is free."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

_ASK_AGAIN_S = 0.01


class WritersHere:
    """Among the threads of a process: a lock that goes to whoever waits longest.

    SQLite asks only every tenth of a second: a thread that stores one batch after the other would keep all others of
    its process from ever storing anything. Who has waited `patience_s` raises `too_long`.
    """

    def __init__(self, patience_s: float | None, too_long: Callable[[], Exception]) -> None:
        self._patience_s, self._too_long = patience_s, too_long
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        mine = threading.Event()
        with self._lock:
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                mine.set()
        if not mine.wait(self._patience_s):
            self._leave(mine)
            raise self._too_long()

    def __exit__(self, *_: object) -> None:
        self._leave(self._waiting[0])

    def _leave(self, one: threading.Event) -> None:
        with self._lock:
            self._waiting.remove(one)
            if self._waiting:
                self._waiting[0].set()


class WritersElsewhere:
    """Among processes: one of them waits for SQLite's lock, the others wait for its place (a lock on `file`).

    It is held from asking for SQLite's lock until that is had. So who just stored a batch and has the next one ready
    finds somebody else before it, and several crawls and a resolver store in turn. It ends with its process. Who has
    waited `patience_s` raises `too_long`; where no file can be locked, SQLite's own lock is left alone.
    """

    def __init__(self, file: Path, patience_s: float, too_long: Callable[[], Exception]) -> None:
        self._file, self._patience_s, self._too_long = file, patience_s, too_long
        self._descriptor: int | None = None

    def __enter__(self) -> None:
        deadline = time.monotonic() + self._patience_s
        while not self._taken():
            if time.monotonic() > deadline:
                raise self._too_long()
            time.sleep(_ASK_AGAIN_S)

    def _taken(self) -> bool:
        try:
            if self._descriptor is None:
                self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a folder that may only be read, a disk that knows no locks: SQLite says what is wrong
            pass
        return True

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            except OSError:
                self.close()

    def close(self) -> None:
        """Give the file back."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
