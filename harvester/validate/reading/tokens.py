"""What a YAML text is cut into, and what kind of scalar a plain word is."""

from __future__ import annotations

import re
from enum import IntEnum, auto
from typing import Any

from harvester.errors import InputError


class TokenKind(IntEnum):
    """Kinds of tokens. Numbers, as they are looked up in sets a hundred times a line."""

    DIRECTIVE = auto()
    DOCUMENT_START = auto()
    DOCUMENT_END = auto()
    ENTRY = auto()  # "- "
    KEY = auto()  # "? "
    VALUE = auto()  # ":"
    MERGE = auto()  # "<<"
    COMMA = auto()
    SEQUENCE_START = auto()
    SEQUENCE_END = auto()
    MAPPING_START = auto()
    MAPPING_END = auto()
    ANCHOR = auto()
    ALIAS = auto()
    TAG = auto()
    LITERAL = auto()
    FOLDED = auto()
    SINGLE_QUOTED = auto()
    DOUBLE_QUOTED = auto()
    STRING = auto()
    NULL = auto()
    NO_VALUE = auto()  # nothing was written where a value could stand
    BOOL = auto()
    INTEGER = auto()
    FLOAT = auto()
    INFINITY = auto()
    NAN = auto()


PLAIN_SCALARS = frozenset(
    (
        TokenKind.NULL,
        TokenKind.NO_VALUE,
        TokenKind.BOOL,
        TokenKind.INTEGER,
        TokenKind.FLOAT,
        TokenKind.INFINITY,
        TokenKind.NAN,
        TokenKind.STRING,
        TokenKind.SINGLE_QUOTED,
        TokenKind.DOUBLE_QUOTED,
    )
)
"""Tokens that are a value by themselves."""


class TokenGroup(IntEnum):
    """Kinds of tokens that belong together."""

    DIRECTIVE = auto()
    DIRECTIVE_NAME = auto()
    DOCUMENT = auto()
    ANCHOR = auto()
    ANCHOR_NAME = auto()
    ALIAS = auto()
    BLOCK_SCALAR = auto()
    TAGGED = auto()
    MAP_KEY = auto()
    MAP_ENTRY = auto()


class YamlToken:
    """A piece of the text, or a group of pieces (`group`, `parts`). Lines and columns count from 1.

    `origin` is the text as it was written, with what stands before it since the last token.
    """

    __slots__ = ("column", "group", "kind", "line", "origin", "parts", "value")

    def __init__(self, kind: TokenKind, value: str, line: int, column: int, *, origin: str = "") -> None:
        self.kind = kind
        self.value = value
        self.line = line
        self.column = column
        self.origin = origin
        self.group: TokenGroup | None = None
        self.parts: list[YamlToken] = []

    @property
    def first(self) -> YamlToken:
        """The piece that the group begins with; itself when it is one."""
        token = self
        while token.parts:
            token = token.parts[0]
        return token


def grouped(group: TokenGroup, parts: list[YamlToken]) -> YamlToken:
    """A group: it stands where its first piece stands, and is of that one's kind."""
    first = parts[0]
    token = YamlToken(first.kind, first.value, first.line, first.column, origin=first.origin)
    token.group = group
    token.parts = parts
    return token


def complain(message: str, token: YamlToken) -> InputError:
    """An error of the syntax at a token."""
    first = token.first
    return InputError(message, line=first.line, column=first.column)


_WORDS = {
    **dict.fromkeys(("null", "Null", "NULL", "~"), TokenKind.NULL),
    **dict.fromkeys(("true", "True", "TRUE", "false", "False", "FALSE"), TokenKind.BOOL),
    **dict.fromkeys((".inf", ".Inf", ".INF", "-.inf", "-.Inf", "-.INF"), TokenKind.INFINITY),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), TokenKind.NAN),
}
_NUMERIC = re.compile(r"[+-]?[0-9.]")
_FLOAT = re.compile(r"-?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]+)?")
_BASES = (("0x", 16), ("0o", 8), ("0b", 2))
_DIGITS = {base: re.compile(f"[{digits}]+") for base, digits in ((2, "01"), (8, "0-7"), (10, "0-9"), (16, "0-9A-Fa-f"))}
_MOST, _LEAST = 2**64 - 1, -(2**63)
_MOST_DIGITS = 64  # of _MOST in base 2: what has more, in whatever base, is larger


def plain_kind(text: str) -> TokenKind:
    """What a plain scalar is."""
    word = _WORDS.get(text)
    if word is not None:
        return word
    if _NUMERIC.match(text) is None:
        return TokenKind.STRING
    number = number_of(text)
    return TokenKind.STRING if number is None else TokenKind.FLOAT if isinstance(number, float) else TokenKind.INTEGER


def number_of(text: str) -> int | float | None:
    """The number that a plain scalar is: decimal, 0x, 0o or 0b, a leading 0 for octal, one dot for a float."""
    if not text or text.startswith("_") or text.count(".") > 1:
        return None
    negative = text.startswith("-")
    digits = text.removeprefix("+").removeprefix("-").replace("_", "")
    for prefix, base in _BASES:
        if digits.startswith(prefix):
            return _integer(digits.removeprefix(prefix), base=base, negative=negative)
    if digits.startswith("0") and len(digits) > 1 and "." not in digits:
        return _integer(digits, base=8, negative=negative)
    if "." in digits:
        return _float(digits, negative=negative)
    return _integer(digits, base=10, negative=negative)


def _integer(digits: str, *, base: int, negative: bool) -> int | None:
    if _DIGITS[base].fullmatch(digits) is None or len(digits.lstrip("0")) > _MOST_DIGITS:
        return None
    number = -int(digits, base) if negative else int(digits, base)
    return number if _LEAST <= number <= _MOST and not (negative and number == _LEAST - 1) else None


def _float(digits: str, *, negative: bool) -> float | None:
    if _FLOAT.fullmatch(digits) is None:
        return None
    number = float(digits)
    if number == float("inf"):
        return None
    return -number if negative else number


def text_of(token: YamlToken) -> Any:
    """A scalar's value as text, None for null: a number as it is written back ("1.10" is "1.1", "010" is "8")."""
    if token.kind in (TokenKind.NULL, TokenKind.NO_VALUE):
        return None
    if token.kind is TokenKind.BOOL:
        return token.value.lower()
    if token.kind in (TokenKind.INTEGER, TokenKind.FLOAT):
        return _written(number_of(token.value))
    if token.kind is TokenKind.INFINITY:
        return "-Inf" if token.value.startswith("-") else "+Inf"
    return "NaN" if token.kind is TokenKind.NAN else token.value


def _written(number: int | float | None) -> str:
    if not isinstance(number, float):
        return str(number)
    exponent = f"{number:e}".partition("e")[2]
    if number != 0 and not -4 <= int(exponent) < 21:
        mantissa, _, power = repr(number).partition("e")
        return f"{mantissa}e{power}" if power else repr(number)
    text = f"{number:f}" if number == 0 else format(number, "f") if number.is_integer() else repr(number)
    return text.rstrip("0").rstrip(".") if "." in text else text
