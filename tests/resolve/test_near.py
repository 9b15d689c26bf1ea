"""Pairs for a reviewer to look at, and what is no pair."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model import Fields, Identifier
from harvester.resolve.near import LEAST_SCORE, MOST_PER_CARD, MOST_SHARED, Card, suggestions, suspected
from harvester.resolve.relations import Node, relations


def card(id: str, name: str, *, at: str | None = None, by: str = "", says: str = "", declares: str = "") -> Card:
    """`at` and `declares` are repositories on a forge."""
    return Card(
        id=id,
        name=name,
        organisations=(by,) if by else (),
        description=says or None,
        repository=f"https://github.com/{at}" if at else None,
        identifiers=(Identifier("repo", f"https://github.com/{at}"),) if at else (),
        suggests=(Identifier("repo", f"https://github.com/{declares}"),) if declares else (),
    )


def reasons(*cards: Card) -> list[tuple[str, str, tuple[str, str]]]:
    found = suggestions(cards)
    return [(one.a, one.b, (one.reason.code.removeprefix("near."), str(one.reason.args["value"]))) for one in found]


def test_a_declared_address_that_another_has_is_a_pair() -> None:
    backend, frontend = (
        card("b", "Registro", at="ente/registro"),
        card("a", "Sportello", at="ente/ui", declares="ente/registro"),
    )
    assert reasons(backend, frontend) == [("a", "b", ("declared-url", "https://github.com/ente/registro"))]


def test_two_that_declare_one_address_that_neither_has_are_a_pair() -> None:
    found = reasons(card("a", "X", declares="up/stream"), card("b", "Y", declares="up/stream"))
    assert found == [("a", "b", ("same-declared-url", "https://github.com/up/stream"))]


def test_what_declares_itself_is_no_pair() -> None:
    assert reasons(card("a", "X", at="x/x", declares="x/x")) == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("CKAN", "ckan"),
        ("Démarches simplifiées", "demarches-simplifiees"),
        ("OpenFisca", "Open Fisca"),
        ("Fix-My-Street", "FixMyStreet"),
    ],
)
def test_names_written_alike_are_a_pair(left: str, right: str) -> None:
    ((_, _, reason),) = reasons(card("a", left, at="one/x1"), card("b", right, at="two/y2"))
    assert reason[0] == "same-name"


def test_names_a_letter_apart_are_a_pair_when_the_organisation_is_the_same() -> None:
    left, right = card("a", "Consul Democracy", by="Madrid"), card("b", "Consul Democrazy", by="madrid")
    assert reasons(left, right) == [("a", "b", ("similar-name", "Consul Democracy / Consul Democrazy"))]


def test_repositories_of_one_name_with_different_owners_are_a_pair() -> None:
    found = reasons(card("a", "Cittadino", at="one/ricettario"), card("b", "Ricette", at="two/ricettario"))
    assert found == [("a", "b", ("same-repository-name", "ricettario"))]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (card("a", "Budget participatif 2023", by="X"), card("b", "Budget participatif 2024", by="X")),
        (card("a", "Data portal", by="X"), card("b", "Data Portal", by="X")),
        (card("a", "API", by="X"), card("b", "api", by="X")),
        (card("a", "Decidim", by="X"), card("b", "Loomio", by="X")),
        (card("a", "vigie", at="x/vigie"), card("b", "vigie-chart", at="x/vigie-chart")),
        (card("a", "Site", at="x/website"), card("b", "Page", at="y/website")),
        (card("a", "政府"), card("b", "網站")),
    ],
    ids=["years", "generic words", "too short", "unlike", "parts of one system", "generic repository", "other scripts"],
)
def test_what_says_nothing_is_no_pair(left: Card, right: Card) -> None:
    assert reasons(left, right) == []


def test_a_name_that_many_share_is_passed_over() -> None:
    cards = [card(f"{number:02}", "Courtbot", at=f"owner{number}/bot{number}") for number in range(MOST_SHARED + 1)]
    assert reasons(*cards) == []
    assert reasons(*cards[:2]) != []


def test_organisation_and_description_raise_the_score() -> None:
    bare = suggestions([card("a", "Vigie"), card("b", "vigie")])[0].score
    says = "watches spending of every municipality"
    told = suggestions([card("a", "Vigie", by="X", says=says), card("b", "vigie", by="x", says=says)])[0].score
    assert told > bare >= LEAST_SCORE


WORDS = st.sampled_from(["vigie", "Vigie", "loomio", "loomios", "decidim", "alaveteli", "alavetelli"])
CARDS = st.lists(
    st.builds(
        lambda name, by, at, declares: card("x", name, by=by, at=at, declares=declares),
        WORDS,
        st.sampled_from(["", "Ville"]),
        st.none() | st.builds("{}/{}".format, WORDS, WORDS),
        st.just("") | st.builds("{}/{}".format, WORDS, WORDS),
    ),
    max_size=12,
).map(
    lambda cards: [
        Card(
            f"{number:02}", one.name, one.organisations, one.description, one.repository, one.suggests, one.identifiers
        )
        for number, one in enumerate(cards)
    ]
)


@given(CARDS)
def test_pairs_are_ordered_bounded_and_unique(cards: list[Card]) -> None:
    pairs = suggestions(cards)
    assert all(pair.a < pair.b and LEAST_SCORE <= pair.score < 1 for pair in pairs)
    assert len({(pair.a, pair.b) for pair in pairs}) == len(pairs)
    for one in cards:
        assert sum(one.id in (pair.a, pair.b) for pair in pairs) <= MOST_PER_CARD
    assert [pair.score for pair in pairs] == sorted((pair.score for pair in pairs), reverse=True)


def test_the_order_of_cards_changes_nothing() -> None:
    cards = [
        card(f"{n:03}", f"vigie {n % 40} {'abc'[n % 3]}", at=f"o{n}/r{n % 50}x", by=f"b{n % 7}") for n in range(200)
    ]
    shuffled = list(cards)
    random.Random(4).shuffle(shuffled)
    assert suggestions(shuffled) == suggestions(cards) != []


def test_ten_thousand_cards_take_seconds_of_a_processor_not_minutes() -> None:
    draw = random.Random(7)
    syllables = [a + b for a in "bcdfglmnprstv" for b in ("a", "e", "i", "o", "u", "an", "or")]
    words = ["".join(draw.choices(syllables, k=draw.randint(2, 4))) for _ in range(6_000)]
    cards = [
        card(
            f"{n:05}",
            " ".join(draw.choices(words, k=2)),
            at=f"o{n % 900}/{draw.choice(words)}",
            says=" ".join(draw.choices(words, k=12)),
        )
        for n in range(10_000)
    ]
    start = time.process_time()
    suggestions(cards)
    assert time.process_time() - start <= 5


def test_what_relations_tell_goes_before_what_names_suggest() -> None:
    says = "Watches the spending of every municipality, one page for each"
    listed = Node(id="a", fields=Fields(name="Vigie", short_description={"en": says}), sources=(("sill", "sill"),))
    again = Node(
        id="b", fields=Fields(name="vigie", short_description={"en": says}), sources=(("list", "awesome-item"),)
    )
    fork = replace(forked("c", "x"), fields=replace(forked("c", "x").fields, name="Vigie"))
    nodes = [listed, again, fork, forked("d", "y")]
    told = relations(nodes)
    pairs = {(one.a, one.b): one for one in suspected(nodes, told)}
    assert pairs["a", "b"].reason.code == "relation.same-thing"
    assert pairs["a", "b"].score > 0.5
    assert ("c", "d") not in pairs, "two copies of one origin are no duplicates"
    assert all(one.score < pairs["a", "b"].score for key, one in pairs.items() if key != ("a", "b"))


def forked(id: str, owner: str) -> Node:
    address = f"https://github.com/{owner}/vigie"
    fields = Fields(name="vigie", code_repository=address, fork=True)
    return Node(id=id, fields=fields, identifiers=(Identifier("repo", address),), sources=(("forge", "github"),))
