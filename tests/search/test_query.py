"""The URL is the state: a query and its parameters say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import SearchError
from harvester.model import ALSO, FACETS
from harvester.search import Query
from harvester.search.words import Clause, clauses, question

texts = st.text(max_size=200).filter(lambda text: len(text.split()) <= 200)
values = st.lists(st.text(max_size=20), max_size=4).map(tuple)
shelves = st.lists(st.text(max_size=20).filter(lambda text: "," not in text), max_size=4).map(tuple)
"""What is shown as well may also be one parameter with commas."""
selections = st.fixed_dictionaries({}, optional={name: shelves if name == ALSO else values for name in FACETS})
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
    with pytest.raises(SearchError, match="use_case, policy_area, artefact, country"):
        Query(selections={"color": ("red",)})


def test_decomposed_letters_are_composed_and_control_characters_dropped() -> None:
    assert Query("e\u0301te\u0301\x00\ud800 x").text == "été x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("urn data", ["urn", "data"]),
        ("l’eau d'Île", ["eau", "Île"]),
        ("trame de la ville", ["trame", "ville"]),
        ("urn-data_trame 3.14", ["urn", "data", "trame", "3", "14"]),
        ("de la", ["de", "la"]),
        ("data data", ["data"]),
        ("", []),
    ],
)
def test_words_are_cut_at_what_is_no_letter_or_digit(text: str, words: list[str]) -> None:
    assert clauses(text) == tuple(Clause((word,)) for word in words)


def test_quotation_marks_keep_words_together_with_the_slight_ones() -> None:
    assert clauses('"freedom of information" «budget»') == (
        Clause(("freedom", "of", "information"), quoted=True),
        Clause(("budget",), quoted=True),
    )


def test_marks_alone_ask_for_nothing_that_exists() -> None:
    assert clauses("???") == (Clause(()),)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "participatory budgeting",
            "budget participatif",
            "bilancio partecipativo",
            "Bürgerhaushalt",
            "burgerhaushalt",
        ),
        *("burgerhaushalt", "presupuestos participativos", "burgerbegroting", "orçamento participativo"),
    ],
)
def test_a_concept_is_known_by_its_name_in_each_language(text: str) -> None:
    (clause,) = clauses(text)
    assert clause.concept is not None
    assert clause.concept.code == "participatory-budgeting"
    assert ("participatory", "budgeting") in clause.names


def test_the_longest_name_is_the_one_that_is_meant_and_other_words_stay() -> None:
    portal, city = clauses("open data portal Rennes")
    assert portal.concept is not None
    assert (portal.concept.code, portal.words) == ("open-data-portal", ("open", "data", "portal"))
    assert city == Clause(("Rennes",))


def test_five_concepts_at_most_are_looked_for_by_their_other_names() -> None:
    asked = clauses("petition voting lobbying cycling housing chatbot sms canteen")
    assert [one.concept is not None for one in asked] == [True] * 5 + [False] * 3
    assert [one.words for one in asked[5:]] == [("chatbot",), ("sms",), ("canteen",)]


def test_each_step_asks_for_less() -> None:
    text = 'logiciel pour "trame verte" zzyzx qwerty urn'
    assert len(question(text, "all").required) == 6
    said = question(text, "said")
    assert [one.words for one in said.required] == [("trame", "verte"), ("zzyzx",), ("qwerty",), ("urn",)]
    most = question(text, "most")
    assert [one.words for one in most.required] == [("trame", "verte")]  # who quotes insists
    assert [one.words for one in most.others] == [("zzyzx",), ("qwerty",), ("urn",)]
    assert most.least == 2


def test_words_that_say_little_are_asked_for_where_there_are_no_others() -> None:
    assert question("logiciel libre", "said") == question("logiciel libre", "all")


def test_a_concept_that_is_named_twice_is_asked_for_once_with_all_its_words() -> None:
    (clause,) = clauses("food stamps benefits eligibility")
    assert clause.concept is not None
    assert (clause.concept.code, clause.words) == ("social-benefits", ("food", "stamps", "benefits", "eligibility"))
