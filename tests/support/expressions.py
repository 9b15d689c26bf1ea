"""Every regular expression of the house, found in its syntax trees and modules, and texts made to slow each down."""

from __future__ import annotations

import ast
import importlib
import re
import signal
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

_ROOT = Path(__file__).parents[2]
_ROOMS = ("harvester", "spiders", "pipelines", "index_mappings", "scheduler.py")
_CERTAIN = ("match", "fullmatch", "search", "findall", "finditer")
_WAYS = (*_CERTAIN, "split", "sub", "subn")  # of which texts have some as well
LONG = 64 * 1024
"""Characters of a pump."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A pattern, where it stands, and the methods that the house calls on it."""

    place: str
    pattern: re.Pattern[str]
    ways: tuple[str, ...]


@cache
def expressions() -> tuple[Expression, ...]:
    """All of them: what functions call `re` with, and what modules hold. Of what is written in pieces that only a call
    knows, an "x" stands for each of these."""
    places: dict[re.Pattern[str], str] = {}
    ways: defaultdict[re.Pattern[str], set[str]] = defaultdict(set)
    for file, module in _modules():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for call, way in _calls(tree):
            if (pattern := _pattern(call, way, module)) is not None:
                places.setdefault(pattern, f"{file.relative_to(_ROOT)}:{call.lineno}")
                ways[pattern] |= {way} - {"compile"}
        used = _used(tree)
        of_loops = {way for name, called in used.items() if name not in vars(module) for way in called & {*_CERTAIN}}
        for name, value in vars(module).items():
            for pattern in _held(value):
                places.setdefault(pattern, f"{file.relative_to(_ROOT)}:{name}")
                ways[pattern] |= used.get(name, set()) if isinstance(value, re.Pattern) else of_loops
    return tuple(
        Expression(place, pattern, tuple(sorted(ways[pattern])) or ("fullmatch", "search"))
        for pattern, place in places.items()
    )


def _modules() -> Iterator[tuple[Path, ModuleType]]:
    for room in _ROOMS:
        path = _ROOT / room
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if "migrations" not in file.parts and file.name != "__main__.py":
                name = ".".join(file.relative_to(_ROOT).with_suffix("").parts).removesuffix(".__init__")
                yield file, importlib.import_module(name)


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    for node in {node: None for function in functions for node in ast.walk(function)}:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of, way = node.func.value, node.func.attr
            if isinstance(of, ast.Name) and of.id == "re" and way in ("compile", *_WAYS):
                yield node, way


def _pattern(call: ast.Call, way: str, module: ModuleType) -> re.Pattern[str] | None:
    flags = [key.value for key in call.keywords if key.arg == "flags"]
    place = {"compile": 1, "split": 3, "sub": 4, "subn": 4}.get(way, 2)
    flags += call.args[place : place + 1]
    written = _value(call.args[0], module)
    if not isinstance(written, str):
        return written if isinstance(written, re.Pattern) else None
    return re.compile(written, sum(_value(flag, module) for flag in flags))


def _value(node: ast.expr, module: ModuleType) -> Any:
    """What an expression of a module is; None where only a call knows it."""
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else _value(p.value, module) or "x" for p in node.values)  # type: ignore[attr-defined]
        return "".join(map(str, parts))
    try:
        return eval(ast.unparse(node), vars(module))
    except (NameError, AttributeError, TypeError):
        return None


def _used(tree: ast.AST) -> Mapping[str, set[str]]:
    """By a variable's name the methods of patterns that are called on it."""
    used: defaultdict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _WAYS:
            used[node.value.id].add(node.attr)
    return used


def _held(value: Any, depth: int = 3) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, tuple | list | set | frozenset | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _held(each, depth - 1)


GENERIC = tuple(
    chain
    for chain in (
        *" \t\n\\|aA1é™-_./:,;@#`'\"<>()[]{}*+=~%&",
        *("\r\n", "a ", "a.", "a-", "a@", "a/", "a'", "(a", "1.", "v1 ", "<a ", "](", "[a](", "` ", "\n ", "\\ "),
        *("http://", "https://a.b/", "a@b.", "--- ", "\x01a\x02", "\x03 \x03", "<!--", "{{", "AND OR ", "licence "),
    )
)
"""What is repeated, whatever the pattern says."""


def pumps(pattern: re.Pattern[str], generic: Iterable[str] = GENERIC) -> Iterator[str]:
    """Texts of 64 KB that end in what fits nothing: one for each of `generic`, and for each repeat of the pattern
    samples of what is repeated, after a sample of what leads to it."""
    made = {("", unit) for unit in generic}
    for lead, body in _repeats(list(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)), ""):
        made |= {(lead, unit) for choice in range(3) if (unit := _sample(body, choice))}
    for lead, unit in sorted(made):
        yield lead + unit * ((LONG - len(lead)) // len(unit)) + "\0!"


_MANY = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def _repeats(tree: Sequence[Any], lead: str) -> Iterator[tuple[str, Sequence[Any]]]:
    for place, (kind, value) in enumerate(tree):
        if kind in _MANY and value[1] > 20:
            yield lead, list(value[2])
            yield lead, [*value[2], *tree[place + 1 :]]
        for inner in _inside(kind, value):
            yield from _repeats(inner, lead)
        lead += _sample([(kind, value)], 0)


def _inside(kind: Any, value: Any) -> list[list[Any]]:
    if kind is sre.BRANCH:
        return [list(branch) for branch in value[1]]
    place = 2 if kind in _MANY else 3 if kind is sre.SUBPATTERN else None
    return [list(value if place is None else value[place])] if place or kind is sre.ATOMIC_GROUP else []


def _sample(tree: Sequence[Any], choice: int) -> str:
    """A text that the tree fits, one of three."""
    return "".join(_one(kind, value, choice) for kind, value in tree)


def _one(kind: Any, value: Any, choice: int) -> str:
    if kind is sre.LITERAL:
        return chr(value)
    if kind in (sre.NOT_LITERAL, sre.ANY):
        return next(letter for letter in "a -1"[choice:] if kind is sre.ANY or ord(letter) != value)
    if kind is sre.IN:
        found = [letter for letter in _LETTERS if _class(value).match(letter)]
        return found[choice % len(found)] if found else ""
    inner = _inside(kind, value)
    if not inner:
        return ""
    least = max(value[0], min(choice, 1)) if kind in _MANY else 1
    return _sample(inner[choice % len(inner)], choice) * least


_LETTERS = tuple(dict.fromkeys("a1 -_./:,A@#'\"`\n\té" + "".join(map(chr, range(33, 127))) + "©™"))
_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}


def _class(items: Any) -> re.Pattern[str]:
    made = ""
    for kind, value in items:
        if kind is sre.LITERAL:
            made += re.escape(chr(value))
        elif kind is sre.RANGE:
            made += "-".join(re.escape(chr(end)) for end in value)
        elif kind is sre.CATEGORY:
            made += _CATEGORIES[value]
    return re.compile(f"[{'^' if items[0][0] is sre.NEGATE else ''}{made}]")


class _TooSlow(Exception):
    pass


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Ends the block after so much of the process's time: the engine of expressions looks for signals now and then."""

    def end(*_: object) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def spent_s(pattern: re.Pattern[str], way: str, text: str, most_s: float) -> float:
    """Processor time of this thread, in s; infinity where it was ended, after ten times `most_s`."""
    before = ("",) if way in ("sub", "subn") else ()
    began = time.thread_time()
    try:
        with _at_most(10 * most_s):
            found = getattr(pattern, way)(*before, text)
            if way == "finditer":
                list(found)
    except _TooSlow:
        return float("inf")
    return time.thread_time() - began
