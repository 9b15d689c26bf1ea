"""Sequences in brackets and mappings in braces."""

from __future__ import annotations

from typing import Protocol

from harvester.validate.reading import nodes
from harvester.validate.reading.cursor import NO_TOKEN, Cursor, nothing, under
from harvester.validate.reading.nodes import Scalar, YamlNode
from harvester.validate.reading.tokens import TokenGroup, TokenKind, YamlToken, complain


class Values(Protocol):
    """The parser, for what stands inside."""

    def value(self, cursor: Cursor, path: str, *, flow: bool) -> YamlNode: ...
    def scalar(self, cursor: Cursor, token: YamlToken, path: str, *, flow: bool) -> YamlNode: ...
    def key(self, token: YamlToken, path: str, *, flow: bool) -> YamlNode: ...
    def entry(self, token: YamlToken, path: str, *, flow: bool) -> tuple[YamlNode, YamlNode]: ...


def flow_sequence(parser: Values, cursor: Cursor, path: str) -> YamlNode:
    """A sequence in brackets."""
    start = cursor.token
    assert start is not None
    node = nodes.Sequence(start)
    cursor.at += 1
    while (token := cursor.token) is not None:
        if token.kind is TokenKind.SEQUENCE_END:
            cursor.at += 1
            return node
        if token.kind is TokenKind.COMMA:
            if not node.items:
                raise complain("expected sequence element, but found ','", token)
            cursor.at += 1
        elif node.items:
            raise complain("',' or ']' must be specified", token)
        token = cursor.token
        if token is None:
            break
        if token.kind is not TokenKind.SEQUENCE_END:
            node.items.append(parser.value(cursor, f"{path}[{len(node.items)}]", flow=True))
    raise complain("sequence end token ']' not found", start)


def flow_mapping(parser: Values, cursor: Cursor, path: str) -> YamlNode:
    """A mapping in braces."""
    start = cursor.token
    assert start is not None
    node = nodes.Mapping(start, flow=True)
    cursor.at += 1
    while (token := cursor.token) is not None:
        if token.kind is TokenKind.MAPPING_END:
            cursor.at += 1
            return node
        entry = token
        if token.kind is TokenKind.COMMA:
            cursor.at += 1
            entry = cursor.token or NO_TOKEN
        elif node.entries:
            raise complain("',' or '}' must be specified", token)
        if entry.kind is not TokenKind.MAPPING_END or entry.group is not None:
            node.entries.append(_flow_entry(parser, cursor, entry if cursor.token else token, path))
    raise complain("could not find flow mapping end token '}'", start)


def _flow_entry(parser: Values, cursor: Cursor, token: YamlToken, path: str) -> tuple[YamlNode, YamlNode]:
    if token.group is TokenGroup.MAP_ENTRY:
        cursor.at += 1
        return parser.entry(token, path, flow=True)
    delimited = cursor.ahead.kind in (TokenKind.MAPPING_END, TokenKind.COMMA) and cursor.ahead is not NO_TOKEN
    if token.group is TokenGroup.MAP_KEY:
        key = parser.key(token, path, flow=True)
        cursor.at += 1
        if delimited:
            return key, Scalar(nothing(token.parts[-1]))
        if cursor.token is None:
            raise complain("could not find map value", token.parts[-1])
        return key, parser.value(cursor, under(path, key), flow=True)
    if not delimited:
        raise complain("could not find flow map content", token)
    scalar = parser.scalar(cursor, token, path, flow=True)
    cursor.at += 1
    return scalar, Scalar(nothing(token))
