"""The house's directions: who may import whom, and where each outside library may appear."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = (
    {"harvester.model", "harvester.words", "harvester.config", "harvester.errors", "harvester.log", "index_mappings"},
    {"harvester.normalize", "harvester.resolve", "harvester.assess", "harvester.validate"},
    {"harvester.net"},
    {"harvester.catalogue", "harvester.forges", "harvester.external"},
    {"harvester.runs", "harvester.search"},
    {"spiders", "pipelines", "harvester.scrapy_process"},
    {"scheduler", "harvester.cli", "harvester.web", "harvester.__main__"},
    {"simulators"},
    {"demo", "tools"},
)
"""From the bottom up: a room may import its own layer and those below."""

BY_NAME_ONLY = {("harvester.runs", "harvester.scrapy_process")}
"""Late imports inside a function, in a child process: the run knows its spider by name."""

HOMES = {
    "scrapy": {"spiders", "pipelines", "harvester.scrapy_process"},
    "github": {"harvester.forges"},
    "gitlab": {"harvester.forges"},
    "sqlalchemy": {"harvester.catalogue"},
    "alembic": {"harvester.catalogue"},
    "elasticsearch": {"harvester.search"},
    "tantivy": {"harvester.search"},
    "apscheduler": {"scheduler"},
    "procrastinate": {"harvester.runs"},
    "fastapi": {"harvester.web"},
    "starlette": {"harvester.web", "simulators", "tools"},
    "bs4": {"spiders"},
    "authlib": {"harvester.web", "simulators"},
    "joserfc": {"harvester.web", "simulators"},
    "pyotp": {"harvester.web"},
    "segno": {"harvester.web"},
    "graphql": {"simulators"},
    "py3langid": {"harvester.normalize"},
    "license_expression": {"harvester.normalize", "harvester.validate"},
}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("harvester", "spiders", "pipelines", "index_mappings", "simulators", "demo", "tools"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                yield name.removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8"))
    yield "scheduler", ast.parse((ROOT / "scheduler.py").read_text(encoding="utf-8"))


@cache
def _imported() -> tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]:
    """Each module with its imports, read once for all tests."""
    return tuple((name, tuple(_imports(tree))) for name, tree in _modules())


def _imports(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """(imported module, at the top level)."""
    top = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in top
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, id(node) in top
            for alias in node.names:
                yield f"{node.module}.{alias.name}", id(node) in top


def _room(module: str) -> str | None:
    parts = module.split(".")
    for length in (2, 1):
        name = ".".join(parts[:length])
        if any(name in layer for layer in LAYERS):
            return name
    return None


def _level(room: str) -> int:
    return next(level for level, layer in enumerate(LAYERS) if room in layer)


def test_every_module_has_a_room() -> None:
    homeless = [name for name, _ in _imported() if _room(name) is None and name != "harvester"]
    assert homeless == []


def test_rooms_import_downwards_only() -> None:
    upwards = []
    for name, imports in _imported():
        room = _room(name)
        if room is None:
            continue
        for imported, top in imports:
            other = _room(imported)
            if other is None or _level(other) <= _level(room) or (not top and (room, other) in BY_NAME_ONLY):
                continue
            if not top and room == "harvester.cli" and other in ("demo", "simulators"):
                continue  # the demo is no part of a production image: its command loads it when it is asked for
            upwards.append(f"{name} imports {imported}")
    assert upwards == []


@pytest.mark.parametrize("library", sorted(HOMES))
def test_each_outside_library_has_one_home(library: str) -> None:
    strangers = [
        f"{name} imports {imported}"
        for name, imports in _imported()
        for imported, _ in imports
        if imported.split(".")[0] == library and _room(name) not in HOMES[library]
    ]
    assert strangers == []
