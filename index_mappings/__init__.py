"""The index, declared once: Elasticsearch takes software.json as it stands, the embedded engine obeys it.

software.json is an Elasticsearch create-index body. Its settings are written by hand; what they may hold is what both
engines do alike: see docs of `harvester.search.analysis`, which refuses anything else. Texts are respelt where signs
belong to a name (`harvester.search.spelt`), `document` is as it is shown, `called` holds names without spaces,
`pinned` an editor's questions likewise. The fields follow from the declared facets: `python -m tools.declared` writes
them, and a test holds the file against them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from harvester.model import FACETS, FIELDS, Place, fields_in

LANGUAGES = ("en", "fr")
"""The languages whose words are stemmed; an analyzer of the same name cuts each one's texts."""

TEXT_FIELDS = ("name", "und", *LANGUAGES)
"""The fields that a word of a query is looked for in."""

ORDERS = {"relevance": "by_standing", "activity": "by_activity", "name": "by_name"}
"""The field that each way of sorting goes by."""


def software() -> dict[str, Any]:
    """The declaration of the software index: {"settings": ..., "mappings": ...}. A fresh copy each time."""
    declaration: dict[str, Any] = json.loads((files(__name__) / "software.json").read_text(encoding="utf-8"))
    return declaration


def properties() -> dict[str, Any]:
    """The index's fields as they follow from the declared facets and languages."""
    keyword = {"type": "keyword"}
    analyzers = {"name": "und", "und": "und", **{language: language for language in LANGUAGES}}
    return {
        "id": keyword,
        "version": {"type": "long"},
        **{field: {"type": "text", "analyzer": analyzers[field]} for field in TEXT_FIELDS},
        **dict.fromkeys(FACETS, keyword),
        "standing": keyword,
        "called": keyword,
        "pinned": keyword,
        **dict.fromkeys(ORDERS.values(), keyword),
        "document": {"type": "object", "enabled": False},
    }


def shapes() -> dict[str, tuple[str, ...]]:
    """What a hit carries: of each field that lists show how many values, and of which type; and its identifiers."""
    declared = {name: (FIELDS[name].kind.value, FIELDS[name].type.value) for name in fields_in(Place.LIST)}
    around = {"folded": ("union", "text"), "shelf": ("scalar", "text"), "standing": ("scalar", "number")}
    around |= {"archived": ("scalar", "flag"), "release_date": ("scalar", "date"), "relations": ("union", "relation")}
    around |= {"called": ("union", "text"), "pinned": ("union", "text")}
    return {**declared, "identifiers": ("union", "text"), **around}


def digest(declaration: Mapping[str, Any], *, hits: Mapping[str, Sequence[str]] | None = None) -> str:
    """A short digest of a declaration and of what its hits carry (`shapes`): an index that was written for others has
    to be rebuilt."""
    written_for = {"index": declaration, "hits": hits if hits is not None else shapes()}
    canonical = json.dumps(written_for, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
