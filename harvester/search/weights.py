"""How much a match in each text field weighs, for both engines."""

from __future__ import annotations

from index_mappings import TEXT_FIELDS

NAME_BOOST = 2.0
LANGUAGE_BOOST = 1.2
MEANT_BOOST = 0.8
"""Of another name of what was asked for, beside the words that were typed."""
USE_CASE_SCORE = 3.0
"""Of a software whose use case is what was asked for, about what a word in a description gives."""

STANDING_BOOST = 10.0
"""What a standing of 1 adds to the score of a software that answers; it counts in tenths."""
STANDINGS = tuple(str(tenth) for tenth in range(10))
"""The values of the index's field `standing`: whole tenths, 1 among the ninth."""
LISTED_FIRST = 200.0
"""Where what is set aside is searched as well, what is listed goes before it: more than words ever give."""


def boosts(language: str) -> dict[str, float]:
    """Weights by text field: names most, then the language of the query."""
    return {
        field: NAME_BOOST if field == "name" else (LANGUAGE_BOOST if field == language else 1.0)
        for field in TEXT_FIELDS
    }
