"""How much of what a reader wants to know of a tool is told, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.model import Fields

RECOMMENDED = (
    "name",
    "short_description",
    "long_description",
    "use_cases",
    "organisations",
    "countries",
    "available_languages",
    "landing_url",
)
"""Asked of everything, in the order in which pages show them."""

RECOMMENDED_OF_CODE = (
    "code_repository",
    "license",
    "development_status",
    "software_type",
    "programming_languages",
    "platforms",
    "documentation",
    "date_modified",
)
"""Asked of software with public source code as well; a hosted service is not asked for what it cannot have."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """`share` is 0 to 1, rounded to hundredths; `missing` are names of fields, the most general first."""

    share: float
    missing: tuple[str, ...]


def completeness(fields: Fields) -> Completeness:
    """The share of the recommended fields that are known. False and 0 are known; empty is not."""
    asked = RECOMMENDED if fields.kind == "service" else RECOMMENDED + RECOMMENDED_OF_CODE
    missing = tuple(name for name in asked if getattr(fields, name) in (None, (), {}))
    return Completeness(round(1 - len(missing) / len(asked), 2), missing)
