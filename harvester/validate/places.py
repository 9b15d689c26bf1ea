"""Where a key stands in a tree, and which key stands on a line, as the official validator looks them up."""

from __future__ import annotations

import re

from harvester.validate.reading.nodes import NOWHERE, Mapping, Place, Sequence, YamlNode

_INDEXED = re.compile(r"(.*)\[([^\[\]]+)\]", re.DOTALL)


def place_of(node: YamlNode | None, steps: list[str]) -> Place:
    """Line and column of a key ("maintenance", "contacts[0]", "name"), or of what is next to it when it is missing.

    A missing key's place is its mapping's brace or first key; nowhere when more than the last step is missing.
    """
    if node is None or not steps:
        return NOWHERE
    if not isinstance(node, Mapping):
        return node.place
    name, index, inner = _split(steps[0])
    found = node.entry(name)
    if found is not None:
        key, value = found
        if index is not None:
            if not isinstance(value, Sequence) or index >= len(value.items):
                return key.place
            item = value.items[index]
            return item.place if len(steps) == 1 else place_of(item, steps[1:])
        if inner:
            return place_of(value, [inner, *steps[1:]])
        return key.place if len(steps) == 1 else place_of(value, steps[1:])
    if node.flow:
        return node.place
    if len(steps) == 1 and node.entries:
        return node.entries[0][0].place
    return NOWHERE


def _split(step: str) -> tuple[str, int | None, str]:
    """(name, index, key): "contacts[0]" has an index, "description[en-US]" a key."""
    found = _INDEXED.fullmatch(step)
    if found is None:
        return step, None, ""
    if found[2].isascii() and found[2].isdigit():
        return found[1], int(found[2]), ""
    return found[1], None, found[2]


def key_at(node: YamlNode | None, line: int, prefix: str = "") -> str:
    """The path of the first key or item on a line; "" when there is none."""
    if isinstance(node, Mapping):
        for key, value in node.entries:
            name = f"{prefix}.{key.token.value}" if prefix else key.token.value
            if key.token.line == line:
                return name
            found = key_at(value, line, name)
            if found:
                return found
    elif isinstance(node, Sequence):
        for at, item in enumerate(node.items):
            name = f"{prefix}[{at}]"
            if item.token.line == line:
                return name
            found = key_at(item, line, name)
            if found:
                return found
    return ""
