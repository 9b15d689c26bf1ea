"""A query in Elasticsearch's terms: pure functions from query to request body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harvester.model import FACETS
from harvester.search.facets import others_selected
from harvester.search.query import Query
from harvester.search.weights import boosts
from harvester.search.words import Clause, clauses, cut
from index_mappings import ORDERS

MOST_VALUES = 10_000  # of a facet; a node refuses answers of more than 65,536 values in all

Body = dict[str, Any]


def search(query: Query) -> Body:
    """The body of a search: hits after all selections, each facet's counts after the other facets' selections."""
    asked = clauses(query.text)
    return {
        "query": text(asked, query.language),
        "post_filter": chosen(query.selections),
        "aggs": {"everything": {"global": {}}}
        | {
            name: {
                "filter": chosen(others_selected(query, name)),
                "aggs": {"values": {"terms": {"field": name, "size": MOST_VALUES}}},
            }
            for name in FACETS
        },
        "sort": _order(query.sort, scored=bool(asked)),
        "from_": (query.page - 1) * query.size,
        "size": query.size,
        "track_total_hits": True,
        "source": ["document"],
    }


def every(query: Query) -> Body:
    """The body of one page of an export, without counts."""
    asked = clauses(query.text)
    return {
        "query": text(asked, query.language),
        "post_filter": chosen(query.selections),
        "sort": _order(query.sort, scored=bool(asked)),
        "size": 1000,
        "track_total_hits": False,
        "source": ["document"],
    }


def text(asked: Sequence[Clause], language: str) -> Body:
    """Every clause in some field."""
    if not asked:
        return {"match_all": {}}
    return {"bool": {"must": [_clause(clause, language) for clause in asked]}}


def chosen(selections: Mapping[str, Sequence[str]]) -> Body:
    """One of the values chosen, of each facet that has any."""
    if not selections:
        return {"match_all": {}}
    return {"bool": {"filter": [{"terms": {name: list(values)}} for name, values in selections.items()]}}


def typed(words_typed: str, limit: int) -> Body | None:
    """Names that hold the words, the last one perhaps unfinished; None: no word was typed."""
    words = cut(words_typed)
    if not words:
        return None
    whole: list[Body] = [{"match": {"name": {"query": word}}} for word in words[:-1]]
    # match_phrase_prefix of one word is a prefix query whose word passes the analyzer
    last = {"match_phrase_prefix": {"name": {"query": words[-1], "max_expansions": 1000}}}
    return {"query": {"bool": {"must": [*whole, last]}}, "sort": [{"by_name": "asc"}], "size": limit}


def _clause(clause: Clause, language: str) -> Body:
    if not clause.words:
        return {"match_none": {}}
    kind = "match" if len(clause.words) == 1 else "match_phrase"
    words = " ".join(clause.words)
    return {
        "dis_max": {
            "queries": [{kind: {field: {"query": words, "boost": boost}}} for field, boost in boosts(language).items()]
        }
    }


def _order(sort: str, *, scored: bool) -> list[Body]:
    if scored and sort == "relevance":
        return [{"_score": {"order": "desc"}}, {"id": {"order": "asc"}}]
    return [{ORDERS[sort]: {"order": "asc"}}]
