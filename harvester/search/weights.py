"""What orders the answers of a question: every weight of both engines, with its reason.

A word's score is BM25's, of the field where it is highest, times the field's weight. What follows is added to it.
"""

from __future__ import annotations

from collections.abc import Mapping

from index_mappings import LANGUAGES, TEXT_FIELDS

NAME_BOOST = 1.2
"""A word in the name says what a tool is, one in a text what it has to do with. Names are short, for which BM25 gives
more already; who asks for a whole name has EXACT_NAME."""
LANGUAGE_BOOST = 1.5
"""A text in the asker's language can be read."""
MEANT_BOOST = 0.8
"""Another name of what was asked for, beside the words that were typed: those go first."""
USE_CASE_SCORE = 5.0
"""A software whose use case is what was asked for: somewhat more than what a word in a description gives."""
STANDING_BOOST = 10.0
"""A standing of 1, counted in tenths: a word more in the name weighs as much as being known and alive."""
EXACT_NAME = 12.0
"""Who types a whole name looks for what is called so: more than its words give where they stand in a longer name."""
PINNED = 1024.0
"""What an editor pinned for a question goes before all that answers it: as much as every TIER together, and more than
words and standing ever give."""
STANDINGS = tuple(str(tenth) for tenth in range(10))
"""The values of the index's field `standing`: whole tenths, 1 among the ninth."""

WEIGHTS: Mapping[str, float] = {
    "in_name": NAME_BOOST,
    "in_language": LANGUAGE_BOOST,
    "as_meant": MEANT_BOOST,
    "of_use_case": USE_CASE_SCORE,
    "exact_name": EXACT_NAME,
    "pinned": PINNED,
    "standing": STANDING_BOOST,
}
"""What "why this order" tells; the words of the key "weight.<name>" are each one's reason."""

TIER = 128.0
"""Where looser answers follow, each has as many of these as the tier it stands in: more than words ever give."""
EVERY_WORD, LISTED, SAID = TIER, 2 * TIER, 4 * TIER
"""The tiers: words that say something, then the toolbox, then words that say little. So the order is: the toolbox's
with every word, the toolbox's with those that say something, what is set aside likewise, then who has most words."""
_MOST_CLAUSES = 8
_IN_TIERS = 0.25


def in_tiers(clauses: int) -> float:
    """What scores are multiplied by where tiers are added, so that the words of a question never outweigh one."""
    return _IN_TIERS * min(1.0, _MOST_CLAUSES / max(1, clauses))


def tier_of(score: float) -> tuple[int, float]:
    """A score's tier, and what is left of it: the words' and the standing's."""
    tier, left = divmod(score, TIER)
    return int(tier), left


def step_of(tier: int) -> str:
    """Which of harvester.search.words.STEPS a tier's softwares answer at."""
    return ("most", "all" if tier & 1 else "said")[tier >= 4]


def tenth_of(standing: float) -> int:
    """Which of STANDINGS a figure from 0 to 1 is."""
    return min(len(STANDINGS) - 1, int(10 * standing))


def as_written(weights: Mapping[str, float]) -> dict[str, float]:
    """Those of the fields whose words are not stemmed."""
    return {field: weight for field, weight in weights.items() if field not in LANGUAGES}


def boosts(language: str) -> dict[str, float]:
    """Weights by text field: names most, then the language of the query."""
    return {
        field: NAME_BOOST if field == "name" else (LANGUAGE_BOOST if field == language else 1.0)
        for field in TEXT_FIELDS
    }
