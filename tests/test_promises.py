"""docs/promises.md: every promise has its row, and every row a test that exists, or says that it has none."""

from __future__ import annotations

import re

import pytest
from support import tables
from support.tables import exists, named

_COUNTS = {"C": 11, "P": 11, "I": 6, "S": 5, "W": 10, "X": 3}


def rows() -> dict[str, list[str]]:
    """The cells of each row by its id: promise, figure, state, tests, what was last measured."""
    return tables.rows("promises.md", r"[A-Z]\d+")


def test_every_promise_has_its_row() -> None:
    assert list(rows()) == [f"{letter}{number + 1}" for letter, count in _COUNTS.items() for number in range(count)]


@pytest.mark.parametrize("name", rows())
def test_a_row_names_tests_that_exist_or_is_open(name: str) -> None:
    promise, figure, state, tests, measured = rows()[name]
    assert promise
    assert figure
    assert re.fullmatch(r"holds(, .+)?|narrower: .+|open", state)
    assert (state == "open") == (not named(tests)) == (not measured)
    missing = [test for test in named(tests) if not exists(test)]
    assert missing == []


def test_a_test_that_is_not_there_is_noticed() -> None:
    assert exists("tests/test_promises.py::test_every_promise_has_its_row")
    assert not exists("tests/test_promises.py::test_that_nobody_wrote")
    assert not exists("tests/test_nothing.py::test_every_promise_has_its_row")
