"""Tokens become a tree."""

from __future__ import annotations

from harvester.errors import InputError
from harvester.validate.reading import nodes
from harvester.validate.reading.cursor import (
    ENTRIES,
    Cursor,
    breaks,
    in_mapping,
    is_entry,
    nothing,
    quoted,
    under,
)
from harvester.validate.reading.flow import flow_mapping, flow_sequence
from harvester.validate.reading.grouping import group
from harvester.validate.reading.nodes import Scalar, YamlNode
from harvester.validate.reading.properties import anchored, grouped_scalar, tagged
from harvester.validate.reading.scanner import scan
from harvester.validate.reading.tokens import PLAIN_SCALARS, TokenGroup, TokenKind, YamlToken, complain, grouped

MOST_DEPTH = 100
_QUOTED = (TokenKind.SINGLE_QUOTED, TokenKind.DOUBLE_QUOTED)
_NO_VALUE = {
    TokenKind.SEQUENCE_END: "could not find '[' character corresponding to ']'",
    TokenKind.MAPPING_END: "could not find '{' character corresponding to '}'",
    TokenKind.VALUE: "found an invalid key for this map",
}


def parse(text: str) -> list[YamlNode | None]:
    """Each document's value, None for one without. Raises InputError with the official reader's message and place."""
    return [_Parser().document(document) for document in group(scan(text))] or [None]


class _Parser:
    def __init__(self) -> None:
        self.keys: dict[str, YamlToken] = {}
        self.depth = 0

    def document(self, document: YamlToken) -> YamlNode | None:
        tokens = document.parts
        if tokens[0].kind is TokenKind.DOCUMENT_START:
            tokens = tokens[1:]
        if tokens and tokens[-1].kind is TokenKind.DOCUMENT_END:
            tokens = tokens[:-1]
        if not tokens:
            return None
        cursor = Cursor(tokens)
        node = self.value(cursor, "$", flow=False)
        if cursor.token is not None:
            raise complain("value is not allowed in this context", cursor.token)
        return node

    def value(self, cursor: Cursor, path: str, *, flow: bool) -> YamlNode:
        """The value that begins at the cursor's token."""
        token = cursor.token
        assert token is not None
        self._go_deeper(token)
        node = self._value(cursor, token, path, flow=flow)
        self.depth -= 1
        return node

    def _go_deeper(self, token: YamlToken) -> None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise InputError("nested too deeply", line=token.line, column=token.column)

    def _value(self, cursor: Cursor, token: YamlToken, path: str, *, flow: bool) -> YamlNode:
        if token.group in ENTRIES:
            return self.mapping(cursor, path, flow=flow)
        if token.group is TokenGroup.ANCHOR_NAME:
            return anchored(self, cursor, token, path, flow=flow)
        if token.group is not None:
            cursor.at += 1
            return grouped_scalar(self, token, path, flow=flow)
        match token.kind:
            case TokenKind.TAG:
                return tagged(self, cursor, path, flow=flow)
            case TokenKind.MAPPING_START:
                return flow_mapping(self, cursor, path)
            case TokenKind.SEQUENCE_START:
                return flow_sequence(self, cursor, path)
            case TokenKind.ENTRY:
                return self.sequence(cursor, path, flow=flow)
        if token.kind in _NO_VALUE:
            raise complain(_NO_VALUE[token.kind], token)
        node = self.scalar(cursor, token, path, flow=flow)
        cursor.at += 1
        return node

    def scalar(self, cursor: Cursor, token: YamlToken, path: str, *, flow: bool) -> YamlNode:
        """A scalar; the cursor stays at its token."""
        if token.group is TokenGroup.ANCHOR_NAME:
            node = anchored(self, cursor, token, path, flow=flow)
            cursor.at -= 1
            return node
        if token.group is not None:
            if token.group in (TokenGroup.ANCHOR, TokenGroup.ALIAS, TokenGroup.BLOCK_SCALAR, TokenGroup.TAGGED):
                return grouped_scalar(self, token, path, flow=flow)
            raise complain("unexpected scalar value", token)
        if token.kind in PLAIN_SCALARS:
            return Scalar(token)
        if token.kind is TokenKind.MERGE:
            return nodes.Merge(token)
        if token.kind is TokenKind.TAG:
            self._go_deeper(token)
            behind = tagged(self, cursor, path, flow=flow)
            self.depth -= 1
            cursor.at -= 1
            if not isinstance(behind.value, Scalar):
                raise complain("specified not scalar tag", token)
            return behind
        raise complain("unexpected scalar value type", token)

    def mapping(self, cursor: Cursor, path: str, *, flow: bool) -> YamlNode:
        first = cursor.token
        assert first is not None
        node: nodes.Mapping | None = None
        token: YamlToken | None = first
        while token is not None and (token is first or token.column == first.column):
            if token is not first:
                if flow and token.kind is TokenKind.SEQUENCE_END:
                    break
                if not in_mapping(token):
                    raise complain("non-map value is specified", token)
                if token.kind is TokenKind.MAPPING_END and token.group is None:
                    cursor.at += 1
                    break
            if token.group is None:
                raise complain("unexpected map key", token)
            colon = (token.parts[0] if token.group is TokenGroup.MAP_ENTRY else token).parts[-1].first
            entry = self._block_entry(cursor, token, path, flow=flow)
            if node is None:
                node = nodes.Mapping(colon, flow=False)
            node.entries.append(entry)
            token = cursor.token
        assert node is not None
        return node

    def _block_entry(self, cursor: Cursor, token: YamlToken, path: str, *, flow: bool) -> tuple[YamlNode, YamlNode]:
        if token.group is TokenGroup.MAP_ENTRY:
            entry = self.entry(token, path, flow=flow)
            cursor.at += 1
            after = cursor.token
            if after is not None and after.column > token.column:
                ends = after.group is None and after.kind in (TokenKind.COMMA, TokenKind.SEQUENCE_END)
                if not (flow and ends):
                    message = "value is not allowed in this context. map key-value is pre-defined"
                    raise complain(message, after)
            return entry
        key = self.key(token, path, flow=flow)
        cursor.at += 1
        after = cursor.token
        if after is not None and token.line == after.line and after.kind is TokenKind.ENTRY:
            raise complain("block sequence entries are not allowed in this context", after)
        return key, self._map_value(cursor, key, token.parts[-1], under(path, key), flow=flow)

    def entry(self, token: YamlToken, path: str, *, flow: bool) -> tuple[YamlNode, YamlNode]:
        """A key and a value on one line."""
        key = self.key(token.parts[0], path, flow=flow)
        value = token.parts[1]
        if value.group is None and value.kind in PLAIN_SCALARS:
            return key, Scalar(value)
        return key, self.value(Cursor([value]), under(path, key), flow=flow)

    def key(self, token: YamlToken, path: str, *, flow: bool) -> YamlNode:
        """A key; the same one twice is an error."""
        first, last = token.parts[0], token.parts[-1]
        if first.kind is TokenKind.KEY:
            inner = first.parts[1] if first.parts else last
            key: YamlNode = nodes.ExplicitKey(first.first, self.scalar(Cursor([inner]), inner, path, flow=flow))
        else:
            if last.kind is not TokenKind.VALUE:
                raise complain("expected map key-value delimiter ':'", last)
            key = self.scalar(Cursor([first]), first, path, flow=flow)
        here = under(path, key)
        self._check_key(key.token, here, last, flow=flow)
        self.keys[here] = key.token
        return key

    def _check_key(self, token: YamlToken, path: str, colon: YamlToken, *, flow: bool) -> None:
        before = self.keys.get(path)
        if before is not None:
            raise complain(
                f"mapping key {quoted(token.value)} already defined at [{before.line}:{before.column}]", token
            )
        origin = token.origin.lstrip(" \r\n")
        if flow:
            if token.kind is TokenKind.STRING and token.line + breaks(origin.rstrip(" \r\n")) != colon.line:
                raise complain("map key definition includes an implicit line break", token)
        elif token.kind in (TokenKind.STRING, *_QUOTED) and breaks(origin):
            raise complain("unexpected key name", token)

    def _map_value(self, cursor: Cursor, key: YamlNode, colon: YamlToken, path: str, *, flow: bool) -> YamlNode:
        token = cursor.token
        if token is None:
            return Scalar(nothing(colon, further=2))
        line, column = key.place
        if token.column != column and token.line == line and token.group in ENTRIES:
            raise complain("mapping value is not allowed in this context", token)
        if token.column == column and in_mapping(token):
            return Scalar(nothing(colon))
        return self._deeper(cursor, token, (line, column, in_mapping), path, flow=flow, colon=colon, where="")

    def _deeper(
        self,
        cursor: Cursor,
        token: YamlToken,
        owner: tuple[int, int, object],
        path: str,
        *,
        flow: bool,
        colon: YamlToken,
        where: str,
    ) -> YamlNode:
        """The value of a key or dash (line, column, what its next neighbour is); nothing when what comes is not."""
        line, column, is_neighbour = owner
        named = token.group is TokenGroup.ANCHOR_NAME
        neighbour = cursor.ahead.column == column and callable(is_neighbour) and is_neighbour(cursor.ahead)
        if token.line == line and named and neighbour:
            return self._named_nothing(cursor, token, path, flow=flow)
        if token.column <= column and named:
            raise complain(f"anchor is not allowed in this {where}context", token)
        if token.column <= column and token.kind is TokenKind.TAG:
            raise complain(f"tag is not allowed in this {where}context", token)
        if token.column < column:
            return Scalar(nothing(colon))
        if token.line == line and named and cursor.ahead.column < column:
            return self._named_nothing(cursor, token, path, flow=flow)
        value = self.value(cursor, path, flow=flow)
        if isinstance(value, nodes.Anchored) and isinstance(value.value, nodes.Tagged):
            tag = value.value.token
            if value.token.line != tag.line and tag.column <= column:
                raise complain("tag is not allowed in this context", tag)
        return value

    def _named_nothing(self, cursor: Cursor, token: YamlToken, path: str, *, flow: bool) -> YamlNode:
        """An anchor without a value."""
        cursor.at += 1
        pair = grouped(TokenGroup.ANCHOR, [token, nothing(token)])
        return grouped_scalar(self, pair, path, flow=flow)

    def sequence(self, cursor: Cursor, path: str, *, flow: bool) -> YamlNode:
        first = cursor.token
        assert first is not None
        node = nodes.Sequence(first)
        token: YamlToken | None = first
        while token is not None and token.kind is TokenKind.ENTRY and token.column == first.column:
            cursor.at += 1
            node.items.append(self._item(cursor, token, path, at=len(node.items), flow=flow))
            token = cursor.token
        return node

    def _item(self, cursor: Cursor, dash: YamlToken, path: str, *, at: int, flow: bool) -> YamlNode:
        token = cursor.token
        if token is None:
            return Scalar(nothing(dash, further=2))
        if token.group is None and token.column > dash.column and token.kind in PLAIN_SCALARS:
            cursor.at += 1
            return Scalar(token)
        if token.column == dash.column and token.kind is TokenKind.ENTRY:
            return Scalar(nothing(dash))
        owner = (dash.line, dash.column, is_entry)
        return self._deeper(cursor, token, owner, f"{path}[{at}]", flow=flow, colon=dash, where="sequence ")
