"""Tokens that belong together are joined: a key with its colon, an anchor with its name, a document's tokens."""

from __future__ import annotations

from harvester.validate.reading.buffer import STANDARD_TAGS
from harvester.validate.reading.tokens import Group, Kind, Token, complain, grouped

_BLOCK = (Kind.LITERAL, Kind.FOLDED)
_SCALARS = frozenset((
    Kind.ANCHOR, Kind.ALIAS, Kind.LITERAL, Kind.FOLDED, Kind.NULL, Kind.NO_VALUE, Kind.BOOL, Kind.INTEGER, Kind.FLOAT,
    Kind.INFINITY, Kind.NAN, Kind.STRING, Kind.SINGLE_QUOTED, Kind.DOUBLE_QUOTED,
))  # fmt: skip
_NO_KEYS = frozenset((
    Kind.DIRECTIVE, Kind.DOCUMENT_START, Kind.DOCUMENT_END, Kind.COMMA, Kind.MAPPING_START, Kind.VALUE,
    Kind.MAPPING_END, Kind.SEQUENCE_START, Kind.ENTRY, Kind.SEQUENCE_END,
))  # fmt: skip
_FLOW = frozenset((Kind.MAPPING_START, Kind.MAPPING_END, Kind.SEQUENCE_START, Kind.ENTRY))
_SCALAR_TAGS = STANDARD_TAGS - {"!!map", "!!seq", "!!set", "!!omap", "!!merge"}


def group(tokens: list[Token]) -> list[Token]:
    """The documents, each a group. Raises InputError with line and column."""
    kinds = {token.kind for token in tokens}
    if Kind.LITERAL in kinds or Kind.FOLDED in kinds:
        tokens = _join_blocks(tokens)
    if Kind.ANCHOR in kinds or Kind.ALIAS in kinds:
        tokens = _join_names(tokens)
    if Kind.TAG in kinds:
        tokens = _join_tags(tokens)
    if Kind.ANCHOR in kinds:
        tokens = _join_anchored_tags(tokens)
    if Kind.KEY in kinds:
        tokens = _join_explicit_keys(tokens)
    tokens = _join_entries(_join_keys(tokens))
    if Kind.DIRECTIVE in kinds:
        tokens = _join_directives(tokens)
    return _join_documents(tokens)


def _join_blocks(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    at = 0
    while at < len(tokens):
        if tokens[at].kind in _BLOCK:
            joined.append(grouped(Group.BLOCK_SCALAR, tokens[at : at + 2]))
            at += 1
        else:
            joined.append(tokens[at])
        at += 1
    return joined


def _join_names(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind is Kind.ANCHOR:
            at = _join_anchor(tokens, at, joined)
        elif token.kind is Kind.ALIAS:
            if at + 1 == len(tokens):
                raise complain("undefined alias name", token)
            joined.append(grouped(Group.ALIAS, tokens[at : at + 2]))
            at += 1
        else:
            joined.append(token)
        at += 1
    return joined


def _join_anchor(tokens: list[Token], at: int, joined: list[Token]) -> int:
    """Join one; where it ends."""
    token = tokens[at]
    if at + 1 >= len(tokens):
        raise complain("undefined anchor name", token)
    if at + 2 >= len(tokens):
        raise complain("undefined anchor value", token)
    name, value = grouped(Group.ANCHOR_NAME, tokens[at : at + 2]), tokens[at + 2]
    if token.line == value.line and value.kind is Kind.ENTRY:
        raise complain("sequence entries are not allowed after anchor on the same line", value)
    if token.line == value.line and is_scalar(value):
        joined.append(grouped(Group.ANCHOR, [name, value]))
        return at + 2
    joined.append(name)
    return at + 1


def _join_tags(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        value = tokens[at + 1] if at + 1 < len(tokens) else None
        near = value is not None and value.line == token.line and value.group is not Group.ANCHOR_NAME
        if token.kind is Kind.TAG and near and value is not None and _takes(token, value):
            joined.append(grouped(Group.TAGGED, [token, value]))
            at += 1
        else:
            joined.append(token)
        at += 1
    return joined


def _takes(tag: Token, value: Token) -> bool:
    """Whether a tag takes the token behind it."""
    if not tag.value.startswith("!!"):
        return value.kind not in _FLOW
    if tag.value == "!!merge":
        if value.kind is not Kind.MERGE:
            raise complain("could not find merge key", value)
        return True
    return tag.value in _SCALAR_TAGS and is_scalar(value)


def _join_anchored_tags(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.group is Group.ANCHOR_NAME:
            if at + 1 >= len(tokens):
                raise complain("undefined anchor value", token)
            value = tokens[at + 1]
            if token.line == value.line and value.group is Group.TAGGED:
                token = grouped(Group.ANCHOR, [token, value])
                at += 1
        joined.append(token)
        at += 1
    return joined


def _join_explicit_keys(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind is Kind.KEY:
            if at + 1 >= len(tokens):
                raise complain("undefined map key", token)
            token = grouped(Group.MAP_KEY, [token, tokens[at + 1]])
            at += 1
        joined.append(token)
        at += 1
    return joined


def _join_keys(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    for at, token in enumerate(tokens):
        if token.kind is not Kind.VALUE:
            joined.append(token)
            continue
        if at == 0:
            raise complain("unexpected key name", token)
        if tokens[at - 1].kind in _NO_KEYS:
            raise complain("found an invalid key for this map", token)
        joined[-1] = grouped(Group.MAP_KEY, [joined[-1], token])
    return joined


def _join_entries(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    at, count = 0, len(tokens)
    while at < count:
        token = tokens[at]
        if token.group is Group.MAP_KEY and at + 1 < count:
            value = tokens[at + 1]
            bare_tag = value.kind is Kind.TAG and value.group is not Group.TAGGED
            near = token.line == value.line and value.group is not Group.ANCHOR_NAME and not bare_tag
            if near and (is_scalar(value) or value.kind is Kind.TAG):
                token = grouped(Group.MAP_ENTRY, [token, value])
                at += 1
        joined.append(token)
        at += 1
    return joined


def _join_directives(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind is Kind.DIRECTIVE:
            if at + 1 >= len(tokens):
                raise complain("undefined directive value", token)
            name = grouped(Group.DIRECTIVE_NAME, tokens[at : at + 2])
            at += 1
            values = []
            while at + 1 < len(tokens) and tokens[at + 1].line == token.line:
                at += 1
                values.append(tokens[at])
            if at + 1 >= len(tokens) or tokens[at + 1].kind is not Kind.DOCUMENT_START:
                raise complain("unexpected directive value. document not started", token)
            token = grouped(Group.DIRECTIVE, [name, *values]) if values else name
        joined.append(token)
        at += 1
    return joined


def _join_documents(tokens: list[Token]) -> list[Token]:
    """Documents; the first token of one may be its ---, the last its ..."""
    documents: list[Token] = []
    start = at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind is Kind.DOCUMENT_START and at > start:
            documents.append(grouped(Group.DOCUMENT, tokens[start:at]))
            start = at
        if token.kind is Kind.DOCUMENT_START:
            _check_start(tokens, at)
            if at + 1 < len(tokens) and tokens[at + 1].kind is Kind.DOCUMENT_START:
                documents.append(grouped(Group.DOCUMENT, [token]))
                return documents
        elif token.kind is Kind.DOCUMENT_END:
            if at > start:
                documents.append(grouped(Group.DOCUMENT, tokens[start : at + 1]))
            start = at + 1
            if start < len(tokens) and is_scalar(tokens[start]):
                raise complain("unexpected end content", tokens[start])
        at += 1
    if start < len(tokens):
        documents.append(grouped(Group.DOCUMENT, tokens[start:]))
    return documents


def _check_start(tokens: list[Token], at: int) -> None:
    if at + 1 == len(tokens) or tokens[at].line != tokens[at + 1].line:
        return
    value = tokens[at + 1]
    if value.group in (Group.MAP_KEY, Group.MAP_ENTRY) or value.kind is Kind.ENTRY:
        raise complain("value cannot be placed after document separator", value)


def is_scalar(token: Token) -> bool:
    """Whether it can be a key's value on the same line."""
    return token.group not in (Group.MAP_KEY, Group.MAP_ENTRY) and token.kind in _SCALARS
