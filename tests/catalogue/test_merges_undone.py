"""Merges and their undoing in any order: what is one software is what the decisions that stand say, and no more."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from support.builders import harvest, item
from support.examples import examples
from support.templates import lay_tables

from harvester.catalogue import Catalogue, schema
from harvester.model import Operation

_COUNT = 6
_NUMBERS = st.integers(0, _COUNT - 1)
_MERGE = st.tuples(st.just("merge"), _NUMBERS, _NUMBERS)
_UNDO = st.tuples(st.just("undo"), st.integers(0, 20), st.just(0))
Edge = tuple[int, int]


def groups(edges: Sequence[Edge]) -> list[frozenset[int]]:
    """What is one through these pairs, by its lowest number."""
    of = {number: {number} for number in range(_COUNT)}
    for left, right in edges:
        joined = of[left] | of[right]
        of |= dict.fromkeys(joined, joined)
    return sorted({frozenset(one) for one in of.values()}, key=min)


def owners(catalogue: Catalogue) -> dict[int, str]:
    """The software of each record by the record's number."""
    raw, record, member = schema.raw_item, schema.record, schema.membership
    query = sa.select(raw.c.key, member.c.software).join(record, record.c.raw_item == raw.c.id).join(member)
    with catalogue.database.read() as connection:
        return {int(key): software for key, software in connection.execute(query)}


def check(catalogue: Catalogue, edges: Sequence[Edge]) -> None:
    of = owners(catalogue)
    found = sorted(
        (frozenset(number for number in of if of[number] == software) for software in set(of.values())), key=min
    )
    assert found == groups(edges)
    assert catalogue.review.waiting() == len(found), "what was merged waits no more, and what was parted waits again"


_STEPS = st.lists(st.one_of(_MERGE, _MERGE, _UNDO), min_size=1, max_size=9)


@examples(12)
@given(steps=_STEPS)
def test_any_sequence_of_merges_and_undoing_is_what_stands_and_can_be_undone_whole(
    steps: list[tuple[str, int, int]],
) -> None:
    _tried(steps)


@pytest.mark.long
@pytest.mark.timeout(3000)
@examples(100)
@given(steps=_STEPS)
def test_a_thousand_sequences_of_merges_and_undoing_can_be_undone_whole(steps: list[tuple[str, int, int]]) -> None:
    _tried(steps)


def _tried(steps: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'catalogue.sqlite'}"
        lay_tables(url)
        catalogue = Catalogue.open(url, migrate=False)
        try:
            _carried_out(catalogue, steps)
        finally:
            catalogue.close()


def _carried_out(catalogue: Catalogue, steps: list[tuple[str, int, int]]) -> None:
    harvest(catalogue, [item(str(number), name=f"Tool {number}") for number in range(_COUNT)])
    first = owners(catalogue)
    began = {software: number for number, software in first.items()}
    fields = {software.id: software.fields for software in catalogue.review.queue(100)}
    stand: dict[int, Edge] = {}
    for kind, one, other in steps:
        if kind == "undo":
            if stand:
                decision = sorted(stand)[one % len(stand)]
                catalogue.review.undo(decision, "rita")
                del stand[decision]
        else:
            of = owners(catalogue)
            if of[one] == of[other]:
                continue
            made = catalogue.review.decide(of[one], Operation.SAME, "rita", value=of[other])
            stand[made.id] = (began[of[one]], began[of[other]])
        check(catalogue, list(stand.values()))
    for decision in sorted(stand):
        catalogue.review.undo(decision, "rita")
    assert owners(catalogue) == first, "each has its own id again"
    assert {software.id: software.fields for software in catalogue.review.queue(100)} == fields
