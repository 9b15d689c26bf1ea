"""A query in tantivy's terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import tantivy

from harvester.errors import SearchError
from harvester.model import ALSO, Shelf
from harvester.search.analysis import folded, terms
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
from index_mappings import TEXT_FIELDS

SPACES = "whitespace"
"""The analyzer of every text field: words are cut before an engine sees them."""

Must = tantivy.Occur.Must
MustNot = tantivy.Occur.MustNot
Should = tantivy.Occur.Should


def schema(declaration: Mapping[str, Any]) -> tantivy.Schema:
    """tantivy's schema of the declared fields."""
    builder = tantivy.SchemaBuilder()
    for name, spec in declaration["mappings"]["properties"].items():
        match spec["type"]:
            case "keyword":
                builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
            case "text" if name in TEXT_FIELDS:
                builder.add_text_field(name, tokenizer_name=_tokenizer(name, spec), index_option="position")
            case "text":
                pass  # as it is written, for people
            case "long":
                builder.add_integer_field(name, fast=True)
            case _:
                builder.add_bytes_field(name, stored=True)
    return builder.build()


def _tokenizer(name: str, spec: Mapping[str, Any]) -> str:
    if spec.get("analyzer") != SPACES:
        raise SearchError(f"field {name!r}: its analyzer has to be {SPACES!r}, as it holds words that are cut already")
    return SPACES


class Asker:
    """Makes tantivy queries of clauses and selections."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def text(self, question: Sought, language: str) -> tantivy.Query | None:
        """What is asked for, each clause in some field; None where there is none."""
        if not question.clauses and not question.excluded:
            return None
        weights = boosts(language)
        if question.excluded:
            unwanted = [(MustNot, self._clause(clause, weights)) for clause in question.excluded]
            others_wanted = self.text(replace(question, excluded=()), language) or tantivy.Query.all_query()
            return tantivy.Query.boolean_query([(Must, others_wanted), *unwanted])
        wanted = [(Must, self._clause(clause, weights)) for clause in question.required]
        others = [(Should, self._clause(clause, weights)) for clause in question.others]
        if not others:
            return _all([query for _, query in wanted])
        return tantivy.Query.boolean_query([*wanted, *others], question.least)

    def asked(self, query: Query) -> tantivy.Query | None:
        """What a query's text asks for, scored with standings and tiers; None where it asks for nothing."""
        words = question(query.text, "most" if query.further else query.step)
        text = self.text(words, query.language)
        if text is None:
            return None
        constant = tantivy.Query.const_score_query
        more = [constant(self.term("standing", one), STANDING_BOOST * int(one) / 10) for one in STANDINGS[1:]]
        more.append(constant(self.term("called", squeezed(query.text)), EXACT_NAME))
        tiers = []
        if query.further:
            for step, boost in (("said", SAID), ("all", EVERY_WORD)):
                stricter = self.text(question(query.text, step), query.language)
                tiers += [constant(stricter, boost)] if stricter is not None else []
        if query.aside:
            tiers.append(constant(self.term(ALSO, Shelf.LISTED.value), LISTED))
        pin = constant(self.term("pinned", squeezed(query.text)), PINNED)
        if not tiers:
            return tantivy.Query.boolean_query([(Must, text), *((Should, one) for one in (*more, pin))])
        ranked = tantivy.Query.boolean_query([(Must, text), *((Should, one) for one in more)])
        weighed = tantivy.Query.boost_query(ranked, in_tiers(len(words.clauses)))
        return tantivy.Query.boolean_query([(Must, weighed), *((Should, one) for one in (*tiers, pin))])

    def filtered(self, text: tantivy.Query | None, selections: Mapping[str, Sequence[str]]) -> tantivy.Query:
        """What the text asks for, among the softwares selected. Selections do not change scores."""
        chosen = [
            tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, name, list(values)), 0.0)
            for name, values in selections.items()
        ]
        return _all([*([text] if text is not None else []), *chosen])

    def term(self, field: str, value: str) -> tantivy.Query:
        """Documents that hold exactly this keyword."""
        return tantivy.Query.term_query(self._schema, field, value, index_option="basic")

    def near(self, word: str, distance: int) -> tantivy.Query:
        """Softwares whose names or texts hold a word that differs by at most so many letters."""
        fuzzy = [
            (Should, tantivy.Query.fuzzy_term_query(self._schema, field, term, distance=distance))
            for field in ("name", "und")
            for term in folded(word)[:1]
        ]
        return tantivy.Query.boolean_query(fuzzy)

    def typed(self, words: Sequence[str]) -> tantivy.Query:
        """Names in the toolbox that hold the folded words, the last one perhaps unfinished."""
        if not words:
            return tantivy.Query.empty_query()
        whole = [tantivy.Query.term_query(self._schema, "name", term) for term in words[:-1]]
        # a term holds letters and digits alone, so nothing in it means anything to a regular expression
        listed = self.term(ALSO, Shelf.LISTED.value)
        return _all([*whole, tantivy.Query.regex_query(self._schema, "name", f"{words[-1]}.*"), listed])

    def _clause(self, clause: Clause, weights: Mapping[str, float]) -> tantivy.Query:
        if clause.concept is None:
            weights = as_written(weights) if clause.as_written else weights
            said = [self._phrase(words, weights) for words in (clause.words, *((one,) for one in clause.joined))]
            said += [self._phrase(words, as_written(weights)) for words in clause.apart]
            return said[0] if len(said) == 1 else tantivy.Query.disjunction_max_query(said)
        typed = [_all([self._phrase((word,), weights) for word in clause.words])]
        typed += [self._phrase((one,), weights) for one in clause.joined]
        meant = [self._phrase(name, as_written(weights)) for name in clause.names]
        if clause.concept.use_case:
            meant.append(
                tantivy.Query.const_score_query(self.term("use_case", clause.concept.use_case), USE_CASE_SCORE)
            )
        likewise = tantivy.Query.boost_query(tantivy.Query.disjunction_max_query(meant), MEANT_BOOST)
        return tantivy.Query.boolean_query([*((Should, one) for one in typed), (Should, likewise)], 1)

    def _phrase(self, words: Sequence[str], weights: Mapping[str, float]) -> tantivy.Query:
        wanted = [
            tantivy.Query.boost_query(query, weight)
            for field, weight in weights.items()
            if (query := self._in_field(field, words)) is not None
        ]
        return tantivy.Query.disjunction_max_query(wanted) if wanted else tantivy.Query.empty_query()

    def _in_field(self, field: str, words: Sequence[str]) -> tantivy.Query | None:
        said = terms(field, words)
        if not said:
            return None
        if len(said) == 1:
            return tantivy.Query.term_query(self._schema, field, said[0])
        return tantivy.Query.phrase_query(self._schema, field, list(said))


def _all(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    if not queries:
        return tantivy.Query.all_query()
    return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(Must, query) for query in queries])
