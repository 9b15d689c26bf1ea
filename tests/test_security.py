"""docs/security.md: every finding has its row, and every row tests that exist, or says that it is open."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import tables

FINDINGS = 19


def rows() -> dict[str, list[str]]:
    """The cells of each row by its finding: what was found, what was done, tests."""
    return tables.rows("security.md", r"A\d+")


def test_every_finding_has_its_row() -> None:
    assert list(rows()) == [f"A{number}" for number in range(1, FINDINGS + 1)]


@pytest.mark.parametrize("name", rows())
def test_a_row_says_what_was_done_and_names_tests_that_exist_or_is_open(name: str) -> None:
    finding, done, tests = rows()[name]
    assert finding
    if done == "open":
        assert tests == ""
        return
    assert done
    assert "open" not in done.split(), "a part that is open is named as such: `open: …`"
    assert tables.named(tests)
    assert [test for test in tables.named(tests) if not tables.exists(test)] == []


def test_nothing_is_signed_so_there_is_no_key_that_could_be_empty() -> None:
    signing = {"hmac", "itsdangerous", "jwt", "jose", "starlette.middleware.sessions"}
    files = sorted((Path(__file__).parents[1] / "harvester").rglob("*.py"))
    imported = {
        name
        for file in files
        for name in _imports(ast.parse(file.read_text(encoding="utf-8")))
        if (file.name, name) != ("auth.py", "hmac")  # keyed by an account's stored hash: tests/web/test_sign_in.py
    }
    assert "secrets" in imported
    assert not imported & signing


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
