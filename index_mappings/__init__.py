"""The index, declared once: Elasticsearch takes software.json as it stands, the embedded engine obeys it.

software.json is an Elasticsearch create-index body. Its settings are written by hand, its fields follow from the
declared facets and languages: `python -m tools.declared` writes them, and a test holds the file against them.

`name`, `und` and the fields of languages hold words that are cut, folded and stemmed already
(`harvester.search.analysis`), one space between two, so that an engine cuts at spaces and does nothing else. `text` is
what was written, for who opens the index in Elasticsearch; the embedded engine leaves it out. `document` is a hit as it
is shown, `called` holds names without spaces, `pinned` an editor's questions likewise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from harvester.model import FACETS, FIELDS, Place, fields_in


@dataclass(frozen=True, slots=True)
class Language:
    """A language whose words are stemmed: the name of its Snowball algorithm, and the endings of its words that tell
    number, gender, case or tense, without accents."""

    snowball: str
    endings: str


LANGUAGES: Mapping[str, Language] = {
    "en": Language("english", "s es e y ies ed ing ly"),
    "fr": Language("french", "s x ux aux e es ee ees er ere ers eres"),
    "it": Language("italian", "a e i o he hi are ere ire ato ata ati ate ando endo"),
    "de": Language("german", "e em en er ern es n s st t"),
    "es": Language("spanish", "s es a as o os ar er ir ado ada ados adas ando iendo"),
    "nl": Language("dutch", "e en s n t"),
    "pt": Language("portuguese", "s es a as o os ao oes ar er ir ado ada ados adas ando endo"),
}
"""By tag; each has a text field of its name. One more is a line here, and `python -m tools.declared`."""

TEXT_FIELDS = ("name", "und", *LANGUAGES)
"""The fields that a word of a query is looked for in."""

RAW_FIELD = "text"
"""The field that holds what was written, which no query of ours asks."""

ORDERS = {"relevance": "by_standing", "activity": "by_activity", "name": "by_name"}
"""The field that each way of sorting goes by."""


def software() -> dict[str, Any]:
    """The declaration of the software index: {"settings": ..., "mappings": ...}. A fresh copy each time."""
    declaration: dict[str, Any] = json.loads((files(__name__) / "software.json").read_text(encoding="utf-8"))
    return declaration


def properties() -> dict[str, Any]:
    """The index's fields as they follow from the declared facets and languages."""
    keyword = {"type": "keyword"}
    return {
        "id": keyword,
        "version": {"type": "long"},
        **{field: {"type": "text", "analyzer": "whitespace"} for field in TEXT_FIELDS},
        RAW_FIELD: {"type": "text"},
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
