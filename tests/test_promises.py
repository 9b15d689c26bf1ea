"""docs/promises.md: every promise has its row, and every row a test that exists, or says that it has none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_COUNTS = {"C": 11, "P": 11, "I": 6, "S": 5, "W": 10, "X": 3}
_ROW = re.compile(r"^\| ([A-Z]\d+) \|(.*)\|$", re.MULTILINE)


def rows() -> dict[str, list[str]]:
    """The cells of each row by its id: promise, figure, state, tests, what was last measured."""
    text = (_ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in _ROW.findall(text)}


def test_every_promise_has_its_row() -> None:
    assert list(rows()) == [f"{letter}{number + 1}" for letter, count in _COUNTS.items() for number in range(count)]


@pytest.mark.parametrize("name", rows())
def test_a_row_names_tests_that_exist_or_is_open(name: str) -> None:
    promise, figure, state, tests, measured = rows()[name]
    assert promise
    assert figure
    assert re.fullmatch(r"holds(, .+)?|narrower: .+|open", state)
    named = re.findall(r"`([^`]+)`", tests)
    assert (state == "open") == (not named) == (not measured)
    missing = [test for test in named if not exists(test)]
    assert missing == []


def exists(test: str) -> bool:
    """Whether `tests/room/test_file.py::test_name` is there."""
    path, _, function = test.partition("::")
    file = _ROOT / path
    if not file.is_file():
        return False
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    )


def test_a_test_that_is_not_there_is_noticed() -> None:
    assert exists("tests/test_promises.py::test_every_promise_has_its_row")
    assert not exists("tests/test_promises.py::test_that_nobody_wrote")
    assert not exists("tests/test_nothing.py::test_every_promise_has_its_row")
