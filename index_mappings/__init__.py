"""The index, declared once: Elasticsearch takes software.json as it stands, the embedded engine obeys it.

software.json is an Elasticsearch create-index body. What it may hold is what both engines do alike: see docs of
`harvester.search.analysis`, which refuses anything else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

TEXT_FIELDS = ("name", "und", "en", "fr")
"""The fields that a word of a query is looked for in."""


def software() -> dict[str, Any]:
    """The declaration of the software index: {"settings": ..., "mappings": ...}. A fresh copy each time."""
    declaration: dict[str, Any] = json.loads((files(__name__) / "software.json").read_text(encoding="utf-8"))
    return declaration


def digest(declaration: Mapping[str, Any]) -> str:
    """A short digest of a declaration: an index that was written for another one has to be rebuilt."""
    canonical = json.dumps(declaration, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
