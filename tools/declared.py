"""`python -m tools.declared`: write what follows from the declarations of fields and facets and stands in files.

index_mappings/software.json   the index's fields (its settings stay as they are)
docs/fields.md                 every field and facet, for people
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harvester.model import FACETS, FIELDS, DeclaredFacet, DeclaredField, Place
from harvester.words import ENGLISH
from harvester.words.catalogs import packaged
from index_mappings import properties, software

ROOT = Path(__file__).parents[1]
_WIDEST = 120  # characters of a line
_SHOWN = {
    Place.PANEL: "record",
    Place.LIST: "lists",
    Place.LINE: "results",
    Place.REVIEW: "review",
    Place.SEARCH: "search",
}


def files() -> dict[str, str]:
    """What each file has to hold, by its path in the checkout."""
    return {"index_mappings/software.json": mapping(), "docs/fields.md": document()}


def mapping() -> str:
    """The declaration of the index with the fields that follow from the facets."""
    declaration = software()
    declaration["mappings"]["properties"] = properties()
    return f"{_written(declaration)}\n"


def document() -> str:
    """The fields and facets as a document."""
    return "\n".join(
        [
            "# Fields and facets",
            "",
            "Written by `python -m tools.declared` from harvester/model/fields.py and harvester/model/facets.py:",
            "change those. [Adding a field or a facet](adding-a-field.md) says how.",
            "",
            "## Fields",
            "",
            "Merged: a *scalar* is the value of the source of highest priority, a *union* keeps every source's values,",
            "a *text* is a scalar for each language. Where: on the page of a record, in lists (also the API's items",
            "and the CSV), in the line of a result, in review, in what is searched.",
            "",
            *_table(("Field", "JSON", "Label", "Merged", "Type", "Where", "schema.org"), map(_field, FIELDS.values())),
            "",
            "## Facets",
            "",
            "A facet's name is its parameter in addresses and in the API; `unknown` is a value of each.",
            "",
            *_table(("Facet", "Label", "Of", "Values"), map(_facet, FACETS.values())),
            "",
        ]
    )


def _field(declared: DeclaredField) -> Sequence[str]:
    where = ", ".join(words for place, words in _SHOWN.items() if place in declared.places)
    kind = f"code of `{declared.vocabulary}`" if declared.vocabulary else declared.type.value
    label = packaged()[ENGLISH](declared.label)
    return (f"`{declared.name}`", f"`{declared.json}`", label, declared.kind.value, kind, where, declared.schema or "")


def _facet(declared: DeclaredFacet) -> Sequence[str]:
    of = ", ".join(f"`{name}`" for name in declared.fields) or ("concluded" if declared.concluded else "what is known")
    values = ", ".join(f"`{value}`" for value in declared.fixed) or "open"
    return (f"`{declared.name}`", packaged()[ENGLISH](declared.label), of, values)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _written(value: Any, depth: int = 0) -> str:
    """JSON for people: what holds nothing further stands on one line where it fits."""
    plain = json.dumps(value, ensure_ascii=False)
    inner = value.values() if isinstance(value, Mapping) else value
    if not isinstance(value, Mapping | list) or not (
        any(isinstance(one, Mapping | list) for one in inner) or 2 * depth + len(plain) > _WIDEST
    ):
        return plain
    start, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, Mapping):
        lines = [f"{start}{json.dumps(name)}: {_written(one, depth + 1)}" for name, one in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{end}}}"
    return "[\n" + ",\n".join(f"{start}{_written(one, depth + 1)}" for one in value) + f"\n{end}]"


def main() -> None:
    """Write the files."""
    for path, text in files().items():
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
