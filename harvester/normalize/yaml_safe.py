"""YAML from strangers: the C parser's events, no tags, and caps on size, depth, values and aliases (billion laughs).

Values are made from events, never by PyYAML's composer: that one recurses in C, and a few thousand brackets end the
process. Scalars stay as they were written ("1.10" is no 1.1, a date is text, `NO` is Norway); only null and
true/false are typed.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from harvester.errors import InputError

MOST_BYTES = 256 * 1024
MOST_DEPTH = 20
MOST_NODES = 20_000
MOST_ALIASES = 100

_PLAIN: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_STANDARD = "tag:yaml.org,2002:"
_TAGS = frozenset(
    f"{_STANDARD}{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "binary")
)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Path = tuple[str | int, ...]
FoundAt = tuple[int, int]


@dataclass(slots=True)
class YamlDocument:
    """A mapping, and where its keys stand. `duplicates` are keys that stand twice (the last one holds)."""

    value: dict[str, Any]
    duplicates: list[tuple[str, int, int]]
    text: str = field(repr=False)
    _places: dict[Path, FoundAt] | None = field(default=None, repr=False)

    def where(self, path: Path) -> FoundAt:
        """Line and column (from 1) of the key or list item at a path; of the nearest enclosing one when missing.

        The first call reads the text again: places are wanted only where there is something to complain of.
        """
        if self._places is None:
            self._places = _find_places(self.text)
        for length in range(len(path), -1, -1):
            found = self._places.get(path[:length])
            if found is not None:
                return found
        return 1, 1


def decode(payload: bytes) -> tuple[str, bool]:
    """The text, and whether its encoding had to be guessed.

    UTF-8 or UTF-16 by its mark, else UTF-8, else what most editors of Windows wrote.
    """
    for mark, encoding in _MARKS:
        if payload.startswith(mark):
            return payload.decode(encoding, "replace"), False
    if b"\0\0\0\0" in (payload[1:8:2], payload[0:8:2]):
        return payload.decode("utf-16-le" if payload[1:2] == b"\0" else "utf-16-be", "replace"), True
    try:
        return payload.decode("utf-8"), False
    except UnicodeDecodeError:
        return payload.decode("cp1252", "replace"), True


def read_mapping(text: str) -> YamlDocument:
    """The document, which must be one mapping. Raises InputError with line and column."""
    if len(text) > MOST_BYTES:
        raise InputError(
            f"the file has {len(text)} characters", line=1, column=1, remedy=f"at most {MOST_BYTES} are read"
        )
    text = text.removeprefix("\ufeff")
    if not text.isascii():  # a lone surrogate is no text for the parser
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    builder = _Builder(_events(text))
    value = builder.document()
    if not isinstance(value, dict):
        line, column = builder.begins
        if value is None:
            raise InputError(
                "the file is empty or holds only comments", line=line, column=column, remedy="write a mapping of keys"
            )
        kind = "a list" if isinstance(value, list) else "a single value"
        raise InputError(f"the file is {kind}, no mapping", line=line, column=column, remedy="write `key: value` lines")
    return YamlDocument(value, builder.duplicates, text)


def _events(text: str) -> Iterator[Any]:
    """The parser's events; its errors as InputError."""
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ": ".join(part for part in (error.context, error.problem) if part)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise InputError(
            f"not YAML: {said}", line=line, column=column, remedy="mend the syntax at this place"
        ) from None
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position].decode("utf-8", "ignore")
        raise InputError(
            f"not YAML: {error.reason}",
            line=before.count("\n") + 1,
            column=len(before) - before.rfind("\n"),
            remedy="take the character out",
        ) from None


class _Builder:
    """Makes plain values of events and counts what they cost; what an alias repeats costs again."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.duplicates: list[tuple[str, int, int]] = []
        self.begins: FoundAt = (1, 1)
        self._next = events.__next__
        self._nodes = 0
        self._aliases = 0
        self._anchors: dict[str, tuple[Any, int, int]] = {}

    def document(self) -> Any:
        """The value of the one document; None when there is none."""
        self._next()  # the stream begins
        event = self._next()
        if type(event) is yaml.StreamEndEvent:
            return None
        event = self._next()
        self.begins = _place(event)
        value = self._value(event, 0)
        self._next()  # the document ends
        event = self._next()
        if type(event) is not yaml.StreamEndEvent:
            raise _complaint(event, "holds more than one document", "keep the first")
        return value

    def _value(self, event: Any, depth: int) -> Any:
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self._alias(event, depth)
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _complaint(event, "has too many values", f"at most {MOST_NODES} are read")
        if event.tag is not None and event.tag not in _TAGS and event.tag != "!":
            raise _complaint(event, f"uses the tag {event.tag[:80]!r}", "use plain values")
        first = self._nodes
        value: Any
        if kind is yaml.ScalarEvent:
            value = event.value
            if event.implicit[0] and value in _PLAIN:
                value = _PLAIN[value]
            height = 0
        else:
            if depth > MOST_DEPTH:
                raise _complaint(event, "is nested too deeply", f"at most {MOST_DEPTH} levels are read")
            value = self._mapping(depth) if kind is yaml.MappingStartEvent else self._sequence(depth)
            height = _height(value) if event.anchor else 0
        if event.anchor:
            self._anchors[event.anchor] = (value, self._nodes - first + 1, height)
        return value

    def _alias(self, event: Any, depth: int) -> Any:
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            raise _complaint(event, "uses too many aliases", f"at most {MOST_ALIASES} are read")
        if event.anchor not in self._anchors:
            raise _complaint(event, f"uses the alias {event.anchor[:40]!r} before it is defined", "write it out")
        value, cost, height = self._anchors[event.anchor]
        self._nodes += cost
        if self._nodes > MOST_NODES:
            raise _complaint(event, "has too many values", f"at most {MOST_NODES} are read")
        if depth + height > MOST_DEPTH + 1:
            raise _complaint(event, "is nested too deeply", f"at most {MOST_DEPTH} levels are read")
        return value

    def _sequence(self, depth: int) -> list[Any]:
        items = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._value(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            if type(event) is yaml.ScalarEvent and event.implicit[0] and event.value == "<<":
                inner = self._value(self._next(), depth + 1)
                for part in inner if isinstance(inner, list) else [inner]:
                    merged = {**(part if isinstance(part, dict) else {}), **merged}
                continue
            name = self._key(event, depth)
            if name in own:
                self.duplicates.append((name, *_place(event)))
            own[name] = self._value(self._next(), depth + 1)
        return {**merged, **own} if merged else own

    def _key(self, event: Any, depth: int) -> str:
        value = self._value(event, depth + 1)
        if type(event) is yaml.ScalarEvent:
            return event.value
        return value if isinstance(value, str) else str(value)[:200]


def _height(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_height, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_height, value), default=0)
    return 0


def _place(event: Any) -> FoundAt:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1


def _complaint(event: Any, what: str, remedy: str) -> InputError:
    line, column = _place(event)
    return InputError(f"the file {what}", line=line, column=column, remedy=remedy)


def _find_places(text: str) -> dict[Path, FoundAt]:
    """Line and column of every key and list item of a text that was read before; aliases are not followed."""
    found: dict[Path, FoundAt] = {}
    events = _events(text)
    for event in events:
        if type(event) is yaml.MappingStartEvent:
            found[()] = _place(event)
            _place_mapping(events, (), found)
            break
    return found


def _place_mapping(events: Iterator[Any], path: Path, found: dict[Path, FoundAt]) -> None:
    while type(key := next(events)) is not yaml.MappingEndEvent:
        name = key.value if type(key) is yaml.ScalarEvent else "?"
        found[(*path, name)] = _place(key)
        if type(key) is not yaml.ScalarEvent:
            _place_value(key, events, (*path, name, "?"), found)
        _place_value(next(events), events, (*path, name), found)


def _place_value(event: Any, events: Iterator[Any], path: Path, found: dict[Path, FoundAt]) -> None:
    if type(event) is yaml.MappingStartEvent:
        _place_mapping(events, path, found)
    elif type(event) is yaml.SequenceStartEvent:
        place = 0
        while type(item := next(events)) is not yaml.SequenceEndEvent:
            found[(*path, place)] = _place(item)
            _place_value(item, events, (*path, place), found)
            place += 1
