"""Why an answer stands where it does: its score in its parts, as both engines add them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.model import Shelf
from harvester.search.hits import is_pinned
from harvester.search.query import SORTS, Query
from harvester.search.result import Hit
from harvester.search.weights import EXACT_NAME, STANDING_BOOST, tenth_of
from harvester.search.words import squeezed


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The parts of a hit's score, which add up to it: of its words, of being called so, and of its standing.

    `by` is what the list is sorted by; the parts order it where that is "relevance" and words were asked for, and else
    are those that would. Before them counts `step`, how much of the question it answers, and whether it is `listed`;
    what an editor `pinned` for the question stands before all.
    """

    by: str
    step: str
    listed: bool
    pinned: bool
    words: float
    exact_name: float
    standing: float


def explained(query: Query, hit: Hit) -> Explained:
    """A hit's place, told from what its engine answered and from the weights."""
    scored = bool(query.text) and query.sort == SORTS[0]
    standing = STANDING_BOOST * tenth_of(hit.document["standing"]) / 10
    exact = EXACT_NAME if query.text and squeezed(query.text) in hit.document["called"] else 0.0
    return Explained(
        by=query.sort,
        step=hit.step,
        listed=hit.document["shelf"] == Shelf.LISTED,
        pinned=scored and is_pinned(query, hit.document),
        words=round(max(0.0, hit.score - standing - exact), 3) if scored else 0.0,
        exact_name=exact,
        standing=standing,
    )
