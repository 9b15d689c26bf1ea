"""The values of a tree by the types of the schema, and the first that is of another type.

As the official validator does, one such fault is told a file: of a value in the order of the schema's keys, else a key
that the schema does not know. A mapping with a fault inside counts as missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harvester.errors import InputError
from harvester.validate import addresses
from harvester.validate.reading import nodes
from harvester.validate.reading.nodes import Scalar, YamlNode
from harvester.validate.reading.tokens import TokenKind, YamlToken
from harvester.validate.schema import Address, AddressList, ByLanguage, Flag, Items, Keys, PlainText, Type

WRONG_TYPE = "wrong type for this field"
_BOOLEANS = {**dict.fromkeys(("true", "yes", "1", "t"), True), **dict.fromkeys(("false", "no", "0", "f"), False)}
_MOST_ALIASES = 100  # one inside another


def decode(record: Keys, root: YamlNode, *, named: bool) -> tuple[Mapping[str, Any], InputError | None]:
    """The values by key, and the fault; its line is 0 where the official validator has no place.

    `named` is whether there may be anchors, aliases, tags or merged mappings.
    """
    decoder = _Decoder(_names(root) if named else {})
    found: dict[str, Any] = {}
    try:
        if named:
            decoder.check(root)
        decoder.record(record, root, found)
    except InputError as error:
        return found, error
    return found, None


def _names(root: YamlNode) -> dict[str, YamlNode]:
    """What each anchor names."""
    found: dict[str, YamlNode] = {}
    for node in _walk(root):
        if isinstance(node, nodes.Anchored):
            found[node.name] = node.value
    return found


def _walk(node: YamlNode) -> Iterator[YamlNode]:
    """Every node, as they stand."""
    yield node
    match node:
        case nodes.Mapping():
            for key, value in node.entries:
                yield from _walk(key)
                yield from _walk(value)
        case nodes.Sequence():
            for item in node.items:
                yield from _walk(item)
        case nodes.Anchored() | nodes.Tagged() | nodes.ExplicitKey():
            yield from _walk(node.value)


def _mismatch(token: YamlToken) -> InputError:
    return InputError(WRONG_TYPE, line=token.line, column=1)


class _Decoder:
    def __init__(self, names: Mapping[str, YamlNode]) -> None:
        self.names = names

    def check(self, root: YamlNode) -> None:
        """What no schema is needed for: names before their use, merged mappings, values that keep their tags."""
        known: set[str] = set()
        for node in _walk(root):
            if isinstance(node, nodes.Anchored):
                known.add(node.name)
            elif isinstance(node, nodes.Alias) and node.name.value not in known:
                raise _mismatch(node.name)
            elif isinstance(node, nodes.Mapping):
                for value in (value for key, value in node.entries if isinstance(key, nodes.Merge)):
                    self._check_merge(value, known, several=True)
            elif isinstance(node, nodes.Tagged) and node.token.value == "!!bool":
                self._boolean(node)

    def _check_merge(self, value: YamlNode, known: set[str], *, several: bool) -> None:
        if isinstance(value, nodes.Alias) and value.name.value not in known:
            raise InputError(f"cannot find anchor by alias name {value.name.value}", line=0, column=0)
        merged = self._meant(value)
        if several and isinstance(merged, nodes.Sequence):
            for item in merged.items:
                self._check_merge(item, known, several=False)
        elif not isinstance(merged, nodes.Mapping | nodes.Tagged):
            raise _mismatch(merged.token)

    def value(self, wanted: Type, node: YamlNode) -> Any:
        node = self._meant(node)
        if isinstance(node, Scalar) and node.is_null:
            return None
        match wanted:
            case PlainText():
                return self._text(node)
            case Flag():
                return self._flag(node)
            case Address():
                return self._address(node)
            case AddressList():
                return self._addresses(node)
            case Items():
                return self._items(wanted, node)
            case Keys():
                return self.record(wanted, node, {})
            case ByLanguage():
                return self._by_language(wanted, node)

    def _meant(self, node: YamlNode) -> YamlNode:
        """What an alias or anchor stands for."""
        steps = 0
        while isinstance(node, nodes.Alias | nodes.Anchored):
            steps += 1
            if steps > _MOST_ALIASES:
                raise InputError("exceeded max depth", line=0, column=0)
            node = node.value if isinstance(node, nodes.Anchored) else self.names[node.name.value]
        return node

    def _text(self, node: YamlNode) -> str | None:
        if isinstance(node, nodes.Tagged):
            return self._text(self._meant(node.value))
        if isinstance(node, Scalar):
            return node.text
        raise _mismatch(node.token)

    def _flag(self, node: YamlNode) -> bool:
        if isinstance(node, nodes.Tagged) and node.token.value == "!!bool":
            return self._boolean(node)
        inner = node.value if isinstance(node, nodes.Tagged) else node
        if isinstance(inner, Scalar) and inner.content.kind is TokenKind.BOOL and not inner.block:
            return inner.text == "true"
        raise _mismatch(node.token)

    def _boolean(self, node: nodes.Tagged) -> bool:
        """The value of !!bool, which has more words for it."""
        inner = self._meant(node.value)
        text = (inner.text or "").lower() if isinstance(inner, Scalar) else ""
        if text not in _BOOLEANS:
            raise _mismatch(inner.token)
        return _BOOLEANS[text]

    def _address(self, node: YamlNode) -> addresses.ParsedAddress:
        text = self._text(node) or ""
        try:
            return addresses.parse(text)
        except ValueError as error:
            raise InputError(f'parse "{text[:200]}": {error}', line=0, column=0) from None

    def _addresses(self, node: YamlNode) -> list[addresses.ParsedAddress | None]:
        try:
            found: list[addresses.ParsedAddress | None] = self._items(Items(Address()), node)
        except InputError:
            return [self._address(node)]
        return found

    def _items(self, wanted: Items, node: YamlNode) -> list[Any]:
        inner = self._meant(node.value) if isinstance(node, nodes.Tagged) else node
        if not isinstance(inner, nodes.Sequence):
            raise _mismatch(node.token)
        found, fault = [], None
        for item in inner.items:
            try:
                value = self.value(wanted.of, item)
            except InputError as error:
                fault = fault or error
                continue
            if value is None and not isinstance(wanted.of, Address):
                value = {} if isinstance(wanted.of, Keys) else ""
            found.append(value)
        if fault is not None:
            raise fault
        return found

    def _by_language(self, wanted: ByLanguage, node: YamlNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        fault = None
        for key, value in self._entries(node):
            name = self._text(self._meant(key)) or ""
            if name in found:
                raise _mismatch(key.token)
            try:
                found[name] = self.value(wanted.of, value) or {}
            except InputError as error:
                fault = fault or error
                found[name] = {}
        if fault is not None:
            raise fault
        return found

    def record(self, wanted: Keys, node: YamlNode, found: dict[str, Any]) -> dict[str, Any]:
        """Put a mapping's values into `found`, those before and behind a fault too."""
        entries = self._named(node)
        fault = None
        for name, field in wanted.fields.items():
            if name not in entries:
                continue
            try:
                found[name] = self.value(field.type, entries[name][1])
            except InputError as error:
                fault = fault or error
        if fault is not None:
            raise fault
        for name, (key, _) in entries.items():
            if name not in wanted.fields:
                raise InputError(f'unknown field "{name}"', line=key.token.line, column=1, value=name)
        return found

    def _named(self, node: YamlNode) -> dict[str, tuple[YamlNode, YamlNode]]:
        """A mapping's entries by name; none at all when a key is no text: the official reader drops the mapping."""
        found: dict[str, tuple[YamlNode, YamlNode]] = {}
        for key, value in self._entries(node):
            inner = self._meant(key)
            while isinstance(inner, nodes.ExplicitKey | nodes.Tagged):
                inner = self._meant(inner.value)
            if not isinstance(inner, Scalar) or not (inner.is_text or inner.block):
                return {}
            name = inner.content.value
            if name in found:
                raise _mismatch(key.token)
            found[name] = (key, value)
        return found

    def _entries(self, node: YamlNode, depth: int = 0) -> Iterator[tuple[YamlNode, YamlNode]]:
        """A mapping's entries, with those that << merges into it."""
        if depth > _MOST_ALIASES:
            raise InputError("exceeded max depth", line=0, column=0)
        inner = self._meant(node)
        if isinstance(inner, nodes.Tagged):
            inner = self._meant(inner.value)
        if not isinstance(inner, nodes.Mapping):
            raise _mismatch(node.token)
        for key, value in inner.entries:
            if isinstance(key, nodes.Merge):
                yield from self._entries(value, depth + 1)
            else:
                yield key, value
