"""How much a match in each text field weighs, for both engines."""

from __future__ import annotations

from index_mappings import TEXT_FIELDS

NAME_BOOST = 4.0
LANGUAGE_BOOST = 1.2


def boosts(language: str) -> dict[str, float]:
    """Weights by text field: names most, then the language of the query."""
    return {
        field: NAME_BOOST if field == "name" else (LANGUAGE_BOOST if field == language else 1.0)
        for field in TEXT_FIELDS
    }
