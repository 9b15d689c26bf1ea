"""Tokens and how far they were read, and what the parser asks of them."""

from __future__ import annotations

from harvester.validate.reading import nodes
from harvester.validate.reading.nodes import YamlNode
from harvester.validate.reading.tokens import TokenGroup, TokenKind, YamlToken

ENTRIES = (TokenGroup.MAP_KEY, TokenGroup.MAP_ENTRY)
"""Groups that are a mapping's entries."""
NO_TOKEN = YamlToken(TokenKind.NO_VALUE, "", 0, 0)


class Cursor:
    """Tokens, and how far they were read."""

    __slots__ = ("at", "tokens")

    def __init__(self, tokens: list[YamlToken]) -> None:
        self.tokens = tokens
        self.at = 0

    @property
    def token(self) -> YamlToken | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    @property
    def ahead(self) -> YamlToken:
        return self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else NO_TOKEN

    def insert(self, token: YamlToken) -> None:
        """Put a token before the one that comes next, and go past it."""
        self.tokens.insert(self.at, token)
        self.at += 1


def is_entry(token: YamlToken) -> bool:
    """Whether it begins an item."""
    return token.kind is TokenKind.ENTRY


def in_mapping(token: YamlToken) -> bool:
    """Whether it can stand beside a mapping's keys."""
    if token.group is None:
        return token.kind in (TokenKind.MAPPING_START, TokenKind.MAPPING_END)
    return token.group in ENTRIES


def nothing(token: YamlToken, *, further: int = 1) -> YamlToken:
    """What stands behind a token where no value does."""
    first = token.first
    return YamlToken(TokenKind.NO_VALUE, "null", first.line, first.column + further)


def breaks(text: str) -> int:
    """How many line breaks a text has."""
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def under(path: str, key: YamlNode) -> str:
    """The path of a key's value; a key with a dot or a bracket is quoted."""
    while isinstance(key, nodes.Anchored | nodes.Tagged | nodes.ExplicitKey):
        key = key.value
    name = "" if isinstance(key, nodes.Alias) else key.token.value
    return f"{path}.'{name}'" if any(char in name for char in "$*.[]") else f"{path}.{name}"


def quoted(text: str) -> str:
    """Text between double quotes."""
    shown = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{shown}"'
