"""Rules of the standard that touch no field of ours, or more than one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from harvester.normalize.publiccode_keys import MAINTENANCE_TYPES, REQUIRED
from harvester.normalize.publiccode_values import Faults, Getter, plain
from harvester.normalize.urls import canonical_repository

_YES_OR_NO = frozenset(("yes", "no", "on", "off", "y", "n"))  # booleans of YAML 1.1


def check(value: Mapping[str, Any], get: Getter, faults: Faults) -> None:
    """Add the faults of a file with today's keys."""
    for path in REQUIRED:
        if _at(value, path) in (None, "", [], {}):
            faults.add("missing", path)
    version = plain(value.get("publiccodeYmlVersion"))
    if version and not re.search(r"(?:^|/)0(?:\.\d+){0,2}$", version):
        faults.add("unknown-version", ("publiccodeYmlVersion",), value=version, latest="0.5.0")
    url = value.get("url")
    if isinstance(url, str) and url.strip() and canonical_repository(url) is None:
        faults.add("bad-url", ("url",), value=url)
    kind = plain(get.mapping("maintenance").get("type"))
    if kind and kind not in MAINTENANCE_TYPES:
        faults.add("unknown-term", ("maintenance", "type"), value=kind, terms=", ".join(MAINTENANCE_TYPES))
    ready = get.mapping("localisation").get("localisationReady")
    if ready is not None and not isinstance(ready, bool) and str(ready).lower() not in _YES_OR_NO:
        faults.add("wrong-type", ("localisation", "localisationReady"), value=ready, wanted="boolean")


def _at(value: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = value
    for step in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found
