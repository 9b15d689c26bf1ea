"""Names that repositories had before: good as aliases until another repository takes one of them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

Payload = Mapping[str, Any]


class Names:
    """What one run learns of its repositories' names now and before (`formerly` in their payloads). Thread-safe."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._payloads: dict[str, Payload] = {}
        self._lock = threading.Lock()

    def settled(self, key: str, name: str, payload: Payload) -> dict[str, Payload]:
        """A repository has this name now: its payload without the former names that others have, by its key.

        Beside it that of whoever loses this name as a former one, as the run knows it.
        """
        with self._lock:
            self._now[name.lower()] = key
            names = [one for one in _names(payload) if self._now.get(one.lower(), key) == key]
            settled = {key: _with(payload, names)}
            loser = self._before.pop(name.lower(), key)
            if loser != key:
                left = [one for one in _names(self._payloads[loser]) if one.lower() != name.lower()]
                settled[loser] = self._payloads[loser] = _with(self._payloads[loser], left)
            if names:
                self._before.update({one.lower(): key for one in names})
                self._payloads[key] = settled[key]
            return settled


def _names(payload: Payload) -> list[str]:
    return list(payload.get("formerly") or ())


def _with(payload: Payload, names: list[str]) -> Payload:
    rest = {name: value for name, value in payload.items() if name != "formerly"}
    return rest | ({"formerly": names} if names else {})
