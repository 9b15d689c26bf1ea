"""A hit from what an engine found, the same for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.search.highlight import Highlighter
from harvester.search.query import Query
from harvester.search.result import Hit
from harvester.search.weights import PINNED, in_tiers, step_of, tier_of
from harvester.search.words import question, squeezed


def is_pinned(query: Query, document: Mapping[str, Any]) -> bool:
    """Whether an editor pinned a document (Document.shown()) for the query's question."""
    return bool(query.text) and squeezed(query.text) in document["pinned"]


def made(query: Query, score: float, document: Mapping[str, Any], highlighter: Highlighter) -> Hit:
    """The hit of a document, its score without the tier that it stands in and without an editor's pin."""
    step = query.step
    if score and is_pinned(query, document):
        score -= PINNED
    if score and (query.further or query.aside):
        tier, left = tier_of(score)
        score = left / in_tiers(len(question(query.text, "most" if query.further else query.step).clauses))
        step = step_of(tier) if query.further else step
    return Hit(document["id"], score, document, highlighter.highlights(document, query.language), step)
