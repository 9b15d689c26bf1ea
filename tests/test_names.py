"""One name, one thing: what a newcomer greps for stands once."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_no_class_name_stands_twice_in_the_house() -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "harvester").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes[node.name].add(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert {name: sorted(places) for name, places in homes.items() if len(places) > 1} == {}
