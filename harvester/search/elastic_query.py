"""A query in Elasticsearch's terms: pure functions from query to request body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harvester.model import ALSO, FACETS, Shelf
from harvester.search.analysis import folded, terms
from harvester.search.facets import others_selected
from harvester.search.query import Query
from harvester.search.weights import (
    EVERY_WORD,
    EXACT_NAME,
    LISTED,
    MEANT_BOOST,
    PINNED,
    SAID,
    STANDING_BOOST,
    STANDINGS,
    USE_CASE_SCORE,
    as_written,
    boosts,
    in_tiers,
)
from harvester.search.words import Clause, Sought, question, squeezed
from index_mappings import ORDERS

MOST_VALUES = 10_000  # of a facet; a node refuses answers of more than 65,536 values in all

Body = dict[str, Any]


def search(query: Query) -> Body:
    """The body of a search: hits after all selections, each facet's counts after the other facets' selections."""
    return {
        "query": _asked(query),
        "post_filter": chosen(query.filters),
        "aggs": {"everything": {"global": {}, "aggs": {"listed": {"filter": chosen({ALSO: (Shelf.LISTED.value,)})}}}}
        | {
            name: {
                "filter": chosen(others_selected(query, name)),
                "aggs": {"values": {"terms": {"field": name, "size": MOST_VALUES}}},
            }
            for name in FACETS
        },
        "sort": _order(query.sort, scored=bool(_words(query).clauses or _words(query).excluded)),
        "from_": (query.page - 1) * query.size,
        "size": query.size,
        "track_total_hits": True,
        "source": ["document"],
    }


def every(query: Query) -> Body:
    """The body of one page of an export, without counts."""
    return {
        "query": _asked(query),
        "post_filter": chosen(query.filters),
        "sort": _order(query.sort, scored=bool(_words(query).clauses or _words(query).excluded)),
        "size": 1000,
        "track_total_hits": False,
        "source": ["document"],
    }


def counted(query: Query) -> Body:
    """What is counted: a query's words and selections, unscored."""
    words = text(question(query.text, query.step), query.language)
    return {"bool": {"filter": [words, chosen(query.filters)]}}


def _words(query: Query) -> Sought:
    return question(query.text, "most" if query.further else query.step)


def _asked(query: Query) -> Body:
    words = _words(query)
    asked = text(words, query.language)
    if not words.clauses and not words.excluded:
        return asked
    more = [_constant({"term": {"standing": one}}, STANDING_BOOST * int(one) / 10) for one in STANDINGS[1:]]
    more.append(_constant({"term": {"called": squeezed(query.text)}}, EXACT_NAME))
    ranked: Body = {"bool": {"must": [asked], "should": more}}
    tiers = []
    if query.further:
        for step, boost in (("said", SAID), ("all", EVERY_WORD)):
            tiers.append(_constant(text(question(query.text, step), query.language), boost))
    if query.aside:
        tiers.append(_constant({"term": {ALSO: Shelf.LISTED.value}}, LISTED))
    pin = _constant({"term": {"pinned": squeezed(query.text)}}, PINNED)
    if not tiers:
        more.append(pin)
        return ranked
    ranked["bool"]["boost"] = in_tiers(len(words.clauses))
    return {"bool": {"must": [ranked], "should": [*tiers, pin]}}


def _constant(asked: Body, boost: float) -> Body:
    return {"constant_score": {"filter": asked, "boost": boost}}


def text(words: Sought, language: str) -> Body:
    """What is asked for, each clause in some field."""
    if not words.clauses and not words.excluded:
        return {"match_all": {}}
    wanted: Body = {
        "must": [_clause(clause, language) for clause in words.required],
        "must_not": [_clause(clause, language) for clause in words.excluded],
    }
    if not words.clauses:
        wanted["must"] = [{"match_all": {}}]
    if words.others:
        others = [_clause(clause, language) for clause in words.others]
        wanted |= {"should": others, "minimum_should_match": words.least}
    return {"bool": wanted}


def chosen(selections: Mapping[str, Sequence[str]]) -> Body:
    """One of the values chosen, of each facet that has any."""
    if not selections:
        return {"match_all": {}}
    return {"bool": {"filter": [{"terms": {name: list(values)}} for name, values in selections.items()]}}


def after(query: Query, cursor: str) -> Body:
    """The body of a page in the order of ids."""
    body = {"query": counted(query), "sort": [{"id": {"order": "asc"}}], "size": query.size, "source": ["document"]}
    return body | ({"search_after": [cursor]} if cursor else {})


def near(word: str, distance: int, limit: int) -> Body:
    """Names or texts that hold a word which differs by at most so many letters."""
    asked = {"fuzziness": distance, "transpositions": True, "max_expansions": 1000, "rewrite": "constant_score"}
    fuzzy = [{"fuzzy": {field: {"value": one, **asked}}} for field in ("name", "und") for one in folded(word)[:1]]
    return {"query": {"bool": {"should": fuzzy}}, "sort": [{"by_standing": "asc"}], "size": limit}


def typed(words_typed: str, limit: int) -> Body | None:
    """Names in the toolbox that hold the words, the last one perhaps unfinished; None: no word was typed."""
    words = folded(words_typed)
    if not words:
        return None
    whole: list[Body] = [{"term": {"name": word}} for word in words[:-1]]
    last = {"prefix": {"name": words[-1]}}
    listed = {"term": {ALSO: Shelf.LISTED.value}}
    asked = {"bool": {"must": [*whole, last], "filter": [listed]}}
    return {"query": asked, "sort": [{"by_standing": "asc"}], "size": limit}


def _clause(clause: Clause, language: str) -> Body:
    weights = boosts(language)
    if clause.concept is None:
        weights = as_written(weights) if clause.as_written else weights
        said = [_phrase(words, weights) for words in (clause.words, *((one,) for one in clause.joined))]
        said += [_phrase(words, as_written(weights)) for words in clause.apart]
        return said[0] if len(said) == 1 else {"dis_max": {"queries": said}}
    typed: list[Body] = [{"bool": {"must": [_phrase((word,), weights) for word in clause.words]}}]
    typed += [_phrase((one,), weights) for one in clause.joined]
    meant = [_phrase(name, as_written(weights)) for name in clause.names]
    if clause.concept.use_case:
        exactly = {"term": {"use_case": clause.concept.use_case}}
        meant.append({"constant_score": {"filter": exactly, "boost": USE_CASE_SCORE}})
    likewise = {"dis_max": {"queries": meant, "boost": MEANT_BOOST}}
    return {"bool": {"should": [*typed, likewise], "minimum_should_match": 1}}


def _phrase(words: Sequence[str], weights: Mapping[str, float]) -> Body:
    wanted = [(field, terms(field, words), boost) for field, boost in weights.items()]
    queries = [_in_field(field, said, boost) for field, said, boost in wanted if said]
    return {"dis_max": {"queries": queries}} if queries else {"match_none": {}}


def _in_field(field: str, said: Sequence[str], boost: float) -> Body:
    if len(said) == 1:
        return {"term": {field: {"value": said[0], "boost": boost}}}
    return {"match_phrase": {field: {"query": " ".join(said), "boost": boost}}}


def _order(sort: str, *, scored: bool) -> list[Body]:
    if scored and sort == "relevance":
        return [{"_score": {"order": "desc"}}, {"id": {"order": "asc"}}]
    return [{ORDERS[sort]: {"order": "asc"}}]
