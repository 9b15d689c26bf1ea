"""The URL is the state: a query and its parameters say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import SearchError
from harvester.model import FACETS
from harvester.search import Query
from harvester.search.words import Clause, clauses

texts = st.text(max_size=200).filter(lambda text: len(text.split()) <= 200)
selections = st.dictionaries(st.sampled_from(list(FACETS)), st.lists(st.text(max_size=20), max_size=4).map(tuple))
queries = st.builds(
    Query,
    text=texts,
    selections=selections,
    sort=st.sampled_from(("relevance", "activity", "name")),
    page=st.integers(1, 100),
    size=st.integers(1, 100),
    language=st.sampled_from(("en", "fr")),
)


@given(queries)
def test_parameters_give_back_the_query_they_were_made_of(query: Query) -> None:
    assert Query.from_params(query.to_params(), language=query.language) == query
    assert hash(Query.from_params(query.to_params(), language=query.language)) == hash(query)


def test_parameters_are_in_one_order_without_defaults() -> None:
    pairs = [("kind", "service"), ("country", "IT"), ("page", "1"), ("country", "FR"), ("q", " open   data ")]
    query = Query.from_params(pairs)
    assert query.to_params() == [("q", "open data"), ("country", "IT"), ("country", "FR"), ("kind", "service")]


def test_parameters_of_others_are_left_alone() -> None:
    assert Query.from_params([("utm_source", "x"), ("q", "budget")]) == Query("budget")


@pytest.mark.parametrize(
    ("pairs", "named"),
    [
        ([("q", "a" * 501)], "500"),
        ([("q", "a " * 201)], "200"),
        ([("page", "101"), ("size", "100")], "10,000"),
        ([("page", "0")], "page=0"),
        ([("page", "-1")], "page='-1'"),
        ([("page", "²")], "page='²'"),
        ([("page", "9" * 30)], "page="),
        ([("size", "101")], "100"),
        ([("size", "0")], "size=0"),
        ([("sort", "stars")], "relevance, activity, name"),
        ([("country", str(n)) for n in range(101)], "100"),
    ],
)
def test_a_limit_that_is_passed_is_named(pairs: list[tuple[str, str]], named: str) -> None:
    with pytest.raises(SearchError, match=named):
        Query.from_params(pairs)


def test_an_unknown_facet_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SearchError, match="use_case, country"):
        Query(selections={"color": ("red",)})


def test_decomposed_letters_are_composed_and_control_characters_dropped() -> None:
    assert Query("e\u0301te\u0301\x00\ud800 x").text == "été x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("open data", ["open", "data"]),
        ("l’eau d'Île", ["eau", "Île"]),
        ("budget de la ville", ["budget", "ville"]),
        ("open-data_portal 3.14", ["open", "data", "portal", "3", "14"]),
        ("de la", ["de", "la"]),
        ("data data", ["data"]),
        ("", []),
    ],
)
def test_words_are_cut_at_what_is_no_letter_or_digit(text: str, words: list[str]) -> None:
    assert clauses(text) == tuple(Clause((word,)) for word in words)


def test_quotation_marks_keep_words_together_with_the_slight_ones() -> None:
    assert clauses('"freedom of information" «budget»') == (
        Clause(("freedom", "of", "information")),
        Clause(("budget",)),
    )


def test_marks_alone_ask_for_nothing_that_exists() -> None:
    assert clauses("???") == (Clause(()),)
