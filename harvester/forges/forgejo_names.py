"""Names that repositories had before: good as aliases until another repository takes one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Names:
    """What one run learns of its repositories' names now and before."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._before: dict[str, str] = {}

    def listed(self, key: str, payload: Mapping[str, Any]) -> tuple[list[str], list[str]]:
        """Note a repository. Returns its former names that are still its own, and keys of those who lose this one."""
        name = str(payload.get("full_name")).lower()
        self._now[name] = key
        loses = self._before.pop(name, key)
        kept = [former for former in payload.get("formerly", ()) if self._now.get(former.lower(), key) == key]
        self._before.update({former.lower(): key for former in kept})
        return kept, [loses] if loses != key else []
