"""Tokens that belong together are joined: a key with its colon, an anchor with its name, a document's tokens."""

from __future__ import annotations

from harvester.validate.reading.buffer import STANDARD_TAGS
from harvester.validate.reading.tokens import TokenGroup, TokenKind, YamlToken, complain, grouped

_BLOCK = (TokenKind.LITERAL, TokenKind.FOLDED)
_SCALARS = frozenset(
    (
        TokenKind.ANCHOR,
        TokenKind.ALIAS,
        TokenKind.LITERAL,
        TokenKind.FOLDED,
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
_NO_KEYS = frozenset(
    (
        TokenKind.DIRECTIVE,
        TokenKind.DOCUMENT_START,
        TokenKind.DOCUMENT_END,
        TokenKind.COMMA,
        TokenKind.MAPPING_START,
        TokenKind.VALUE,
        TokenKind.MAPPING_END,
        TokenKind.SEQUENCE_START,
        TokenKind.ENTRY,
        TokenKind.SEQUENCE_END,
    )
)
_FLOW = frozenset((TokenKind.MAPPING_START, TokenKind.MAPPING_END, TokenKind.SEQUENCE_START, TokenKind.ENTRY))
_SCALAR_TAGS = STANDARD_TAGS - {"!!map", "!!seq", "!!set", "!!omap", "!!merge"}


def group(tokens: list[YamlToken]) -> list[YamlToken]:
    """The documents, each a group. Raises InputError with line and column."""
    kinds = {token.kind for token in tokens}
    if TokenKind.LITERAL in kinds or TokenKind.FOLDED in kinds:
        tokens = _join_blocks(tokens)
    if TokenKind.ANCHOR in kinds or TokenKind.ALIAS in kinds:
        tokens = _join_names(tokens)
    if TokenKind.TAG in kinds:
        tokens = _join_tags(tokens)
    if TokenKind.ANCHOR in kinds:
        tokens = _join_anchored_tags(tokens)
    if TokenKind.KEY in kinds:
        tokens = _join_explicit_keys(tokens)
    tokens = _join_entries(_join_keys(tokens))
    if TokenKind.DIRECTIVE in kinds:
        tokens = _join_directives(tokens)
    return _join_documents(tokens)


def _join_blocks(tokens: list[YamlToken]) -> list[YamlToken]:
    joined: list[YamlToken] = []
    at = 0
    while at < len(tokens):
        if tokens[at].kind in _BLOCK:
            joined.append(grouped(TokenGroup.BLOCK_SCALAR, tokens[at : at + 2]))
            at += 1
        else:
            joined.append(tokens[at])
        at += 1
    return joined


def _join_names(tokens: list[YamlToken]) -> list[YamlToken]:
    joined: list[YamlToken] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind is TokenKind.ANCHOR:
            at = _join_anchor(tokens, at, joined)
        elif token.kind is TokenKind.ALIAS:
            if at + 1 == len(tokens):
                raise complain("undefined alias name", token)
            joined.append(grouped(TokenGroup.ALIAS, tokens[at : at + 2]))
            at += 1
        else:
            joined.append(token)
        at += 1
    return joined


def _join_anchor(tokens: list[YamlToken], at: int, joined: list[YamlToken]) -> int:
    """Join one; where it ends."""
    token = tokens[at]
    if at + 1 >= len(tokens):
        raise complain("undefined anchor name", token)
    if at + 2 >= len(tokens):
        raise complain("undefined anchor value", token)
    name, value = grouped(TokenGroup.ANCHOR_NAME, tokens[at : at + 2]), tokens[at + 2]
    if token.line == value.line and value.kind is TokenKind.ENTRY:
        raise complain("sequence entries are not allowed after anchor on the same line", value)
    if token.line == value.line and is_scalar(value):
        joined.append(grouped(TokenGroup.ANCHOR, [name, value]))
        return at + 2
    joined.append(name)
    return at + 1


def _join_tags(tokens: list[YamlToken]) -> list[YamlToken]:
    joined: list[YamlToken] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        value = tokens[at + 1] if at + 1 < len(tokens) else None
        near = value is not None and value.line == token.line and value.group is not TokenGroup.ANCHOR_NAME
        if token.kind is TokenKind.TAG and near and value is not None and _takes(token, value):
            joined.append(grouped(TokenGroup.TAGGED, [token, value]))
            at += 1
        else:
            joined.append(token)
        at += 1
    return joined


def _takes(tag: YamlToken, value: YamlToken) -> bool:
    """Whether a tag takes the token behind it."""
    if not tag.value.startswith("!!"):
        return value.kind not in _FLOW
    if tag.value == "!!merge":
        if value.kind is not TokenKind.MERGE:
            raise complain("could not find merge key", value)
        return True
    return tag.value in _SCALAR_TAGS and is_scalar(value)


def _join_anchored_tags(tokens: list[YamlToken]) -> list[YamlToken]:
    joined: list[YamlToken] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.group is TokenGroup.ANCHOR_NAME:
            if at + 1 >= len(tokens):
                raise complain("undefined anchor value", token)
            value = tokens[at + 1]
            if token.line == value.line and value.group is TokenGroup.TAGGED:
                token = grouped(TokenGroup.ANCHOR, [token, value])
                at += 1
        joined.append(token)
        at += 1
    return joined


def _join_explicit_keys(tokens: list[YamlToken]) -> list[YamlToken]:
    joined: list[YamlToken] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind is TokenKind.KEY:
            if at + 1 >= len(tokens):
                raise complain("undefined map key", token)
            token = grouped(TokenGroup.MAP_KEY, [token, tokens[at + 1]])
            at += 1
        joined.append(token)
        at += 1
    return joined


def _join_keys(tokens: list[YamlToken]) -> list[YamlToken]:
    joined: list[YamlToken] = []
    for at, token in enumerate(tokens):
        if token.kind is not TokenKind.VALUE:
            joined.append(token)
            continue
        if at == 0:
            raise complain("unexpected key name", token)
        if tokens[at - 1].kind in _NO_KEYS:
            raise complain("found an invalid key for this map", token)
        joined[-1] = grouped(TokenGroup.MAP_KEY, [joined[-1], token])
    return joined


def _join_entries(tokens: list[YamlToken]) -> list[YamlToken]:
    joined: list[YamlToken] = []
    at, count = 0, len(tokens)
    while at < count:
        token = tokens[at]
        if token.group is TokenGroup.MAP_KEY and at + 1 < count:
            value = tokens[at + 1]
            bare_tag = value.kind is TokenKind.TAG and value.group is not TokenGroup.TAGGED
            near = token.line == value.line and value.group is not TokenGroup.ANCHOR_NAME and not bare_tag
            if near and (is_scalar(value) or value.kind is TokenKind.TAG):
                token = grouped(TokenGroup.MAP_ENTRY, [token, value])
                at += 1
        joined.append(token)
        at += 1
    return joined


def _join_directives(tokens: list[YamlToken]) -> list[YamlToken]:
    joined: list[YamlToken] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind is TokenKind.DIRECTIVE:
            if at + 1 >= len(tokens):
                raise complain("undefined directive value", token)
            name = grouped(TokenGroup.DIRECTIVE_NAME, tokens[at : at + 2])
            at += 1
            values = []
            while at + 1 < len(tokens) and tokens[at + 1].line == token.line:
                at += 1
                values.append(tokens[at])
            if at + 1 >= len(tokens) or tokens[at + 1].kind is not TokenKind.DOCUMENT_START:
                raise complain("unexpected directive value. document not started", token)
            token = grouped(TokenGroup.DIRECTIVE, [name, *values]) if values else name
        joined.append(token)
        at += 1
    return joined


def _join_documents(tokens: list[YamlToken]) -> list[YamlToken]:
    """Documents; the first token of one may be its ---, the last its ..."""
    documents: list[YamlToken] = []
    start = at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind is TokenKind.DOCUMENT_START and at > start:
            documents.append(grouped(TokenGroup.DOCUMENT, tokens[start:at]))
            start = at
        if token.kind is TokenKind.DOCUMENT_START:
            _check_start(tokens, at)
            if at + 1 < len(tokens) and tokens[at + 1].kind is TokenKind.DOCUMENT_START:
                documents.append(grouped(TokenGroup.DOCUMENT, [token]))
                return documents
        elif token.kind is TokenKind.DOCUMENT_END:
            if at > start:
                documents.append(grouped(TokenGroup.DOCUMENT, tokens[start : at + 1]))
            start = at + 1
            if start < len(tokens) and is_scalar(tokens[start]):
                raise complain("unexpected end content", tokens[start])
        at += 1
    if start < len(tokens):
        documents.append(grouped(TokenGroup.DOCUMENT, tokens[start:]))
    return documents


def _check_start(tokens: list[YamlToken], at: int) -> None:
    if at + 1 == len(tokens) or tokens[at].line != tokens[at + 1].line:
        return
    value = tokens[at + 1]
    if value.group in (TokenGroup.MAP_KEY, TokenGroup.MAP_ENTRY) or value.kind is TokenKind.ENTRY:
        raise complain("value cannot be placed after document separator", value)


def is_scalar(token: YamlToken) -> bool:
    """Whether it can be a key's value on the same line."""
    return token.group not in (TokenGroup.MAP_KEY, TokenGroup.MAP_ENTRY) and token.kind in _SCALARS
