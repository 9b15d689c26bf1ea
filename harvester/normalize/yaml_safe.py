"""YAML from strangers: the C parser, no tags, and caps on size, depth and aliases (billion laughs).

Scalars stay as they were written ("1.10" is no 1.1, a date is text); only booleans and nulls are typed.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from harvester.errors import InputError

MOST_BYTES = 256 * 1024
MOST_DEPTH = 20
MOST_NODES = 50_000
MOST_ALIASES = 100

_NULL, _BOOL, _MERGE = "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:merge"
_TRUE = frozenset(("true", "yes", "on"))
_STANDARD = "tag:yaml.org,2002:"

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """A mapping with the places of its keys. `duplicates` are keys that stand twice (the last one holds)."""

    value: dict[str, Any]
    duplicates: list[tuple[str, int, int]]
    _root: yaml.MappingNode

    def where(self, path: Iterable[str | int]) -> tuple[int, int]:
        """Line and column (from 1) of the value at a path; of the nearest enclosing one when it is missing."""
        node: yaml.Node = self._root
        mark = node.start_mark
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            node, mark = found
        return mark.line + 1, mark.column + 1


def decode(payload: bytes) -> tuple[str, bool]:
    """The text and whether its encoding had to be guessed: UTF-8 or UTF-16 by its mark, else UTF-8, else Latin-1."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if payload.startswith(mark):
            return payload.decode(encoding, "replace"), False
    try:
        return payload.decode("utf-8"), False
    except UnicodeDecodeError:
        return payload.decode("latin-1"), True


def read_mapping(text: str) -> Document:
    """The document, which must be one mapping. Raises InputError with line and column."""
    if len(text) > MOST_BYTES:
        raise InputError(
            f"the file has {len(text)} characters", line=1, column=1, remedy=f"at most {MOST_BYTES} are read"
        )
    root = _compose(text)
    if root is None:
        raise InputError("the file is empty or holds only comments", line=1, column=1, remedy="write a mapping of keys")
    if not isinstance(root, yaml.MappingNode):
        mark = root.start_mark
        kind = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
        raise InputError(
            f"the file is {kind}, no mapping",
            line=mark.line + 1,
            column=mark.column + 1,
            remedy="write `key: value` lines",
        )
    reader = _Reader()
    return Document(reader.mapping(root, 0), reader.duplicates, root)


def _compose(text: str) -> yaml.Node | None:
    loader = yaml.CSafeLoader(text)
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = ": ".join(part for part in (error.context, error.problem) if part)
        raise InputError(
            f"not YAML: {said}", line=line, column=column, remedy="mend the syntax at this place"
        ) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        raise InputError(
            f"not YAML: {error.reason}",
            line=before.count("\n") + 1,
            column=len(before) - before.rfind("\n"),
            remedy="take the character out",
        ) from None
    except RecursionError:
        raise InputError(
            "nested too deeply", line=1, column=1, remedy=f"at most {MOST_DEPTH} levels are read"
        ) from None
    finally:
        loader.dispose()


class _Reader:
    def __init__(self) -> None:
        self.duplicates: list[tuple[str, int, int]] = []
        self._nodes = 0
        self._aliases = 0
        self._seen: set[int] = set()

    def mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        self._enter(node, depth)
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                inner = self.value(value, depth + 1)
                for part in inner if isinstance(inner, list) else [inner]:
                    merged = {**(part if isinstance(part, dict) else {}), **merged}
                continue
            name = key.value if isinstance(key, yaml.ScalarNode) else str(self.value(key, depth + 1))
            if name in own:
                self.duplicates.append((name, key.start_mark.line + 1, key.start_mark.column + 1))
            own[name] = self.value(value, depth + 1)
        return {**merged, **own} if merged else own

    def value(self, node: yaml.Node, depth: int) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, depth)
        self._enter(node, depth)
        return [self.value(item, depth + 1) for item in node.value]

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _too(node, "has too many values", MOST_NODES)
        if node.tag == _NULL:
            return None
        if node.tag == _BOOL:
            return node.value.lower() in _TRUE
        if not node.tag.startswith(_STANDARD):
            raise _too(node, f"uses the tag {node.tag[:80]!r}", 0)
        return node.value

    def _enter(self, node: yaml.Node, depth: int) -> None:
        self._nodes += 1
        if not node.tag.startswith(_STANDARD) or node.tag.startswith(f"{_STANDARD}python"):
            raise _too(node, f"uses the tag {node.tag[:80]!r}", 0)
        if depth > MOST_DEPTH:
            raise _too(node, "is nested too deeply", MOST_DEPTH)
        if self._nodes > MOST_NODES:
            raise _too(node, "has too many values", MOST_NODES)
        if id(node) in self._seen:
            self._aliases += 1
            if self._aliases > MOST_ALIASES:
                raise _too(node, "uses too many aliases", MOST_ALIASES)
        self._seen.add(id(node))


def _too(node: yaml.Node, what: str, most: int) -> InputError:
    mark = node.start_mark
    remedy = f"at most {most} are read" if most else "use plain values"
    return InputError(f"the file {what}", line=mark.line + 1, column=mark.column + 1, remedy=remedy)


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):
            if isinstance(key, yaml.ScalarNode) and key.value == step:
                return value, key.start_mark
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark
    return None
