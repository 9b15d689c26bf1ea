"""What all processes of an installation know together of hosts and budgets.

A ledger keeps entries (JSON objects) by key and lets one process at a time change some of them. What the entries mean
is said by `hosts` and `budgets`; where they are kept is the catalogue's business. Everything in it is of the moment:
an installation may lose its ledger and is only less polite for a minute.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Entry = dict[str, Any]
Entries = Mapping[str, Entry]


class Ledger(Protocol):
    """Entries by key, changed by one process at a time."""

    def change(self, keys: Sequence[str], step: Callable[[Entries, float], T]) -> T:
        """Call `step` once, with the entries of these keys (empty where there is none) and the time; keep what it
        changed in them. The time is seconds since 1970 by the ledger's own clock, the same for all processes. An
        entry that is left empty goes. When `step` raises, nothing is kept.
        """
        ...

    def read(self, prefix: str) -> Entries:
        """Copies of the entries whose keys begin so."""
        ...


class MemoryLedger:
    """A ledger for one process. `clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, str] = {}

    def change(self, keys: Sequence[str], step: Callable[[Entries, float], T]) -> T:
        """See Ledger."""
        with self._lock:
            entries = {key: json.loads(self._kept.get(key, "{}")) for key in keys}
            result = step(entries, self._clock())
            for key, entry in entries.items():
                if entry:
                    self._kept[key] = json.dumps(entry)
                else:
                    self._kept.pop(key, None)
            return result

    def read(self, prefix: str) -> Entries:
        """See Ledger."""
        with self._lock:
            return {key: json.loads(text) for key, text in self._kept.items() if key.startswith(prefix)}
