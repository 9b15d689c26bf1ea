"""Values behind a name or a tag, and scalars of more than one token."""

from __future__ import annotations

from typing import Protocol

from harvester.validate.reading import nodes
from harvester.validate.reading.buffer import STANDARD_TAGS
from harvester.validate.reading.cursor import Cursor, in_mapping, nothing
from harvester.validate.reading.flow import Values, flow_mapping, flow_sequence
from harvester.validate.reading.nodes import Scalar, YamlNode
from harvester.validate.reading.tokens import PLAIN_SCALARS, TokenGroup, TokenKind, YamlToken, complain

_DEFAULTS = {
    "!!int": (TokenKind.INTEGER, "0"), "!!float": (TokenKind.FLOAT, "0"), "!!bool": (TokenKind.BOOL, "false"),
    "!!null": (TokenKind.NULL, "null"),
}  # fmt: skip


class NodeParser(Values, Protocol):
    """The parser, for what stands behind."""

    def mapping(self, cursor: Cursor, path: str, *, flow: bool) -> YamlNode: ...
    def sequence(self, cursor: Cursor, path: str, *, flow: bool) -> YamlNode: ...


def grouped_scalar(parser: NodeParser, token: YamlToken, path: str, *, flow: bool) -> YamlNode:
    """A scalar of more than one token."""
    parts = token.parts
    if token.group is TokenGroup.ALIAS:
        if parts[1].kind not in PLAIN_SCALARS:
            parser.scalar(Cursor([parts[1]]), parts[1], path, flow=flow)
        return nodes.Alias(parts[0], parts[1].first)
    if token.group is TokenGroup.BLOCK_SCALAR:
        return block_scalar(parser, token)
    if token.group is TokenGroup.TAGGED:
        return tagged(parser, Cursor(list(parts)), path, flow=flow)
    if token.group is TokenGroup.ANCHOR:
        return anchored(parser, Cursor([parts[0], *parts[1:]]), parts[0], path, flow=flow)
    return nodes.Directive(token.first)


def block_scalar(parser: NodeParser, token: YamlToken) -> Scalar:
    """A scalar below | or >."""
    if len(token.parts) < 2:
        return Scalar(token.parts[0], YamlToken(TokenKind.STRING, "", token.line, token.column))
    content = parser.value(Cursor([token.parts[1]]), "$", flow=False)
    if not isinstance(content, Scalar) or not content.is_text:
        raise complain("unexpected token. required string token", content.token)
    return Scalar(token.parts[0], content.content)


def anchored(parser: NodeParser, cursor: Cursor, token: YamlToken, path: str, *, flow: bool) -> YamlNode:
    """A value behind its name."""
    mark, name = token.parts[0], token.parts[1]
    if name.kind not in PLAIN_SCALARS or name.group is not None:
        parser.scalar(Cursor([name]), name, path, flow=flow)
    cursor.at += 1
    if cursor.token is None:
        raise complain("could not find anchor value", token)
    value = parser.value(cursor, path, flow=flow)
    if isinstance(value, nodes.Anchored):
        raise complain("anchors cannot be used consecutively", value.token)
    return nodes.Anchored(mark, name.first.value, value)


def tagged(parser: NodeParser, cursor: Cursor, path: str, *, flow: bool) -> nodes.Tagged:
    """A value behind its tag."""
    tag = cursor.token
    assert tag is not None
    cursor.at += 1
    return nodes.Tagged(tag.first, _tag_value(parser, cursor, tag.first, path, flow=flow))


def _tag_value(parser: NodeParser, cursor: Cursor, tag: YamlToken, path: str, *, flow: bool) -> YamlNode:
    token = cursor.token
    if token is None:
        return Scalar(nothing(tag))
    if tag.value in ("!!map", "!!set"):
        if not in_mapping(token):
            raise complain("could not find map", token)
        if token.kind is TokenKind.MAPPING_START:
            return flow_mapping(parser, cursor, path)
        return parser.mapping(cursor, path, flow=flow)
    if tag.value in ("!!seq", "!!omap"):
        if token.kind is TokenKind.SEQUENCE_START:
            return flow_sequence(parser, cursor, path)
        return parser.sequence(cursor, path, flow=flow)
    if tag.value in STANDARD_TAGS and tag.value != "!!merge":
        return _tagged_scalar(parser, cursor, tag, token, path, flow=flow)
    return parser.value(cursor, path, flow=flow)


def _tagged_scalar(
    parser: NodeParser, cursor: Cursor, tag: YamlToken, token: YamlToken, path: str, *, flow: bool
) -> YamlNode:
    if token.group is TokenGroup.BLOCK_SCALAR:
        return block_scalar(parser, token)
    if token.kind in (TokenKind.COMMA, TokenKind.VALUE):
        kind, text = _DEFAULTS.get(tag.value, (TokenKind.STRING, ""))
        content = YamlToken(kind, text, tag.line, tag.column + 1)
        cursor.insert(content)
        return Scalar(content)
    scalar = parser.scalar(cursor, token, path, flow=flow)
    cursor.at += 1
    return scalar
