"""Whole lines: those that are as plain as most, and what a line's end does to the scalar that is being read."""

from __future__ import annotations

import re

from harvester.validate.reading.buffer import Buffer
from harvester.validate.reading.tokens import TokenKind, plain_kind

_PLAIN_LINE = re.compile(
    r"( *)(?:- |([A-Za-z][A-Za-z0-9_-]*):(?: |(?=\n)))"
    r"([A-Za-z0-9](?:[^\n\r\t:#<]|:(?=[^ \t\r\n])|(?<![ \t\r\n])#)*)?\n(?=( *)[A-Za-z0-9\"'-])"
)
"""What most lines are: an item or a key with a plain value, or a key alone. Groups: indentation, key, value, and the
indentation of the next line."""

_SPACES = re.compile(" *")


def spaces(buffer: Buffer) -> int:
    """Past the spaces that begin here; how many there are."""
    run = _SPACES.match(buffer.text, buffer.at)
    found = run.group() if run else ""
    buffer.note_origin(found)
    buffer.advance(len(found))
    return len(found)


def plain_line(buffer: Buffer) -> bool:
    """Read a whole line at once, where it is as plain as most and its value ends with it. A short cut: the steps
    below come to the same."""
    if buffer.block is not None or buffer.scalar or "\t" in buffer.origin:
        return False
    found = _PLAIN_LINE.match(buffer.text, buffer.at)
    if found is None:
        return False
    indentation, key, value, below = found.groups()
    column = len(indentation) + 1
    if value is None and key is None:
        return False
    if value is not None and (len(below) >= column or value.endswith(" ")):
        return False
    buffer.column = column
    if key is None:
        buffer.add(TokenKind.ENTRY, "-")
        buffer.column += 2
    else:
        buffer.add(plain_kind(key), key)
        buffer.column += len(key)
        buffer.add(TokenKind.VALUE, ":")
        buffer.column += 2
    if value is not None:
        buffer.add(plain_kind(value), value)
    buffer.key_column = column
    buffer.at = found.end() - 1
    buffer.new_line()
    buffer.empty()
    buffer.scalar_place = None
    buffer.origin = "" if value is not None else "\n"
    return True


def line_break(buffer: Buffer, *, cuts: bool) -> None:
    """Past a line break outside quotes and blocks. `cuts` says that a name or directive ends with the line."""
    if buffer.scalar and buffer.scalar_place is None:
        buffer.scalar_place = (buffer.line, buffer.column - len(buffer.value()))
    if len(buffer.origin) > buffer.solid_origin:
        buffer.origin = buffer.origin[: buffer.solid_origin]
        buffer.scalar = buffer.value()
    if buffer.text[buffer.at] == "\r" and buffer.peek() == "\n":
        buffer.note_origin("\r")
        buffer.at += 1
    if buffer.at == buffer.size - 1 or cuts:
        buffer.cut()
    if buffer.solid and buffer.line_begins:
        buffer.scalar = (buffer.scalar.removesuffix(" ")) + "\n"
    else:
        buffer.add_text(" ")
    buffer.note_origin("\n")
    buffer.new_line()
