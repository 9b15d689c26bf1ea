"""How much of what a reader wants to know of a tool is told, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.model import Fields, Place, fields_in


@dataclass(frozen=True, slots=True)
class Completeness:
    """`share` is 0 to 1, rounded to hundredths; `missing` are fields, in the order in which pages show them."""

    share: float
    missing: tuple[str, ...]


def completeness(fields: Fields) -> Completeness:
    """The share of the wanted fields that are known. False and 0 are known; empty is not.

    A hosted service is not asked for what only software with public source code can have.
    """
    asked = fields_in(Place.WANTED if fields.kind == "service" else Place.WANTED | Place.WANTED_OF_CODE)
    missing = tuple(name for name in asked if getattr(fields, name) in (None, (), {}))
    return Completeness(round(1 - len(missing) / len(asked), 2), missing)
