"""Tables in documents that name the tests which hold their rows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def rows(document: str, name: str) -> dict[str, list[str]]:
    """The cells of each row of docs/`document` by its first one, where `name` fits that."""
    text = (_ROOT / "docs" / document).read_text(encoding="utf-8")
    found = re.findall(rf"^\| ({name}) \|(.*)\|$", text, re.MULTILINE)
    return {first: [cell.strip() for cell in cells.split("|")] for first, cells in found}


def named(cell: str) -> list[str]:
    """The tests that a cell names, each between backticks."""
    return re.findall(r"`([^`]+)`", cell)


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
