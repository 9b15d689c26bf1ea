"""Where a scanner stands in a text, and what it has read of a scalar so far."""

from __future__ import annotations

import re
from typing import NoReturn

from harvester.errors import InputError
from harvester.validate.reading.tokens import TokenKind, YamlToken, plain_kind

BREAKS = "\n\r"
_BREAK = re.compile("[\n\r]")


class BlockState:
    """A block scalar (or a plain one that goes on with a dash) that is being read. Columns count from 1; 0 is unknown.

    `option` is what stands behind | or >; `dashed` a plain scalar that goes on with a dash.
    """

    __slots__ = (
        "blank_column",
        "dashed",
        "first_column",
        "folding",
        "last_column",
        "line_column",
        "literal",
        "option",
        "text_column",
    )  # fmt: skip

    def __init__(self, *, literal: bool, option: str = "", dashed: bool = False) -> None:
        self.literal = literal
        self.dashed = dashed
        self.option = option
        self.first_column = 0  # of the first line with text: the indentation of all
        self.line_column = 0
        self.last_column = 0  # of the line before
        self.text_column = 0  # of the last line that had text
        self.blank_column = 0  # of the widest line of spaces before the first text
        self.folding = False

    @property
    def strips(self) -> bool:
        return self.dashed or self.option.startswith("-") or self.option.endswith("-")

    @property
    def keeps(self) -> bool:
        return self.option.startswith("+") or self.option.endswith("+")

    def begin_text(self, column: int) -> None:
        if self.first_column == 0:
            self.first_column = column
        if self.line_column == 0:
            self.line_column = column

    def next_line(self) -> None:
        self.last_column = self.line_column
        if self.line_column:
            self.text_column = self.line_column
        self.folding = True
        self.line_column = 0

    def is_indentation(self, column: int) -> bool:
        return column == 1 if self.first_column == 0 else self.first_column > column


def option_width(option: str) -> int:
    """The indentation that a block scalar's header states, 0 for none."""
    digits = option.removeprefix("-").removeprefix("+").removesuffix("-").removesuffix("+")
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def line_end(text: str, start: int) -> int:
    """Where the line that goes on at `start` ends: at its break, or at the end of the text."""
    found = _BREAK.search(text, start)
    return found.start() if found else len(text)


class Buffer:
    """The state of a scanner: its place, the scalar that it is reading, and the tokens so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.size = len(text)
        self.at = 0
        self.line = 1
        self.column = 1
        self.line_begins = True  # nothing but indentation was read of this line
        self.indentation = 0
        self.key_column = 0  # of the last key or dash: what stands deeper belongs to it
        self.scalar = ""
        self.solid = 0  # how much of `scalar` does not end in blanks
        self.origin = ""
        self.solid_origin = 0
        self.block: BlockState | None = None
        self.scalar_place: tuple[int, int] | None = None
        self.tokens: list[YamlToken] = []

    def peek(self, ahead: int = 1) -> str:
        """A character further on; "" behind the end."""
        return self.text[self.at + ahead : self.at + ahead + 1]

    def advance(self, count: int = 1) -> None:
        self.at += count
        self.column += count

    def new_line(self) -> None:
        """Past a line break."""
        self.at += 1
        self.line += 1
        self.column = 1
        self.indentation = 0
        self.line_begins = True

    def note_origin(self, text: str) -> None:
        self.origin += text
        end = text[-1:]
        if end not in " \t":
            self.solid_origin = len(self.origin)
        elif solid := len(text.rstrip(" \t")):
            self.solid_origin = len(self.origin) - len(text) + solid

    def add_text(self, text: str) -> None:
        """More of the scalar, whose blanks at the beginning do not count."""
        if not self.scalar:
            text = text.lstrip(" \t")
        self.scalar += text
        end = text[-1:]
        if end not in " \t":
            self.solid = len(self.scalar)
        elif solid := len(text.rstrip(" \t")):
            self.solid = len(self.scalar) - len(text) + solid

    def empty(self) -> None:
        """Forget the scalar, and that it is a block."""
        self.reset()
        self.block = None

    def reset(self) -> None:
        self.scalar = self.origin = ""
        self.solid = self.solid_origin = 0

    def value(self) -> str:
        """The scalar so far, without what its end does not count."""
        value, block = self.scalar[: self.solid], self.block
        if block is None or (not value and not block.keeps):
            return value
        if block.strips:
            value = value.rstrip("\n")
        elif not block.keeps:
            bare = value.rstrip("\n")
            value = bare + value[len(bare) : len(bare) + 1]
        if block.strips:
            value = value.rstrip(" ")
        if value == "\n":
            value = ""
        return value or ("\n" if block.keeps else "")

    def add(self, kind: TokenKind, value: str) -> YamlToken:
        """A token that begins here."""
        token = YamlToken(kind, value, self.line, self.column, origin=self.origin)
        self.tokens.append(token)
        return token

    def cut(self) -> YamlToken | None:
        """The scalar so far as a token, added to the others; None when there is none."""
        token = self._cut()
        if token is not None:
            self.tokens.append(token)
        return token

    def _cut(self) -> YamlToken | None:
        place, self.scalar_place = self.scalar_place, None
        if self.at == 0:
            return None
        value = self.value()
        if not value:
            self.scalar = ""
            self.solid = 0
            return None
        line, column = place or self._scalar_begins()
        kind = TokenKind.STRING if self.block is not None or self._is_tagged() else plain_kind(value)
        token = YamlToken(kind, value, line, column, origin=self.origin)
        self.reset()
        return token

    def _scalar_begins(self) -> tuple[int, int]:
        if self.block is None:
            return self.line, self.column - len(self.scalar)
        breaks = self.scalar.count("\n")
        return self.line - breaks, self.origin.find(self.scalar) + 1

    def _is_tagged(self) -> bool:
        return (
            bool(self.tokens) and self.tokens[-1].kind is TokenKind.TAG and self.tokens[-1].value not in STANDARD_TAGS
        )

    def refuse(self, message: str, *, line: int = 0, column: int = 0) -> NoReturn:
        """Raise InputError, of this place or another."""
        raise InputError(message, line=line or self.line, column=column or self.column)


STANDARD_TAGS = frozenset(
    f"!!{name}"
    for name in ("int", "float", "null", "seq", "map", "str", "bool", "binary", "omap", "set", "timestamp", "merge")
)
