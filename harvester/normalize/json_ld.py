"""JSON-LD without its contexts: properties by the last part of their names, values in whatever form they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harvester.model import Identifier, LangMap, Organisation
from harvester.normalize.languages import tag
from harvester.normalize.personal import surely_a_body
from harvester.normalize.urls import web_address
from harvester.normalize.values import labels, prose, text

_BODIES = re.compile(r"organi[sz]ation|corporation|consortium|project|university|ngo$", re.IGNORECASE)
_WIKIDATA = re.compile(r"^https?://(?:www\.)?wikidata\.org/(?:wiki|entity)/(Q[1-9]\d*)$")


_ALIASES = {"id": "@id", "type": "@type", "value": "@value", "language": "@language", "list": "@list", "set": "@set"}
"""Names that contexts (CodeMeta's among them) give to JSON-LD's own words."""
_WRAPPERS = ("@list", "@set", "itemListElement")
_DEEPEST = 5


def _unwrapped(value: Any, depth: int = 0) -> Iterator[Any]:
    """The values in lists, in JSON-LD's @list and @set, and in objects that say nothing themselves."""
    if isinstance(value, list):
        for one in value:
            yield from _unwrapped(one, depth)
        return
    if not isinstance(value, Mapping) or depth == _DEEPEST:
        yield value
        return
    node = JsonNode(value).value
    inner = next((node[wrapper] for wrapper in _WRAPPERS if wrapper in node), None)
    if inner is None and all(one in (None, "") or isinstance(one, Mapping | list) for one in value.values()):
        inner = [one for one in value.values() if one]
    yield from [node] if inner is None else _unwrapped(inner, depth + 1)


@dataclass(slots=True)
class JsonNode:
    """A node of JSON-LD, asked by the plain names of its properties."""

    value: Mapping[str, Any]
    of_old: Mapping[str, str] = field(default_factory=dict)
    """Names of an older version, and today's."""

    def __post_init__(self) -> None:
        plain: dict[str, Any] = {}
        for key, inner in self.value.items():
            name = key if key.startswith("@") else re.split(r"[:/#]", key)[-1]
            plain.setdefault(name, inner)
            plain.setdefault(name.lower() if name.isupper() else name[:1].lower() + name[1:], inner)
        for alias, own in _ALIASES.items():
            if alias in plain:
                plain.setdefault(own, plain[alias])
        for old, new in self.of_old.items():
            if old in plain and not plain.get(new):
                plain[new] = plain[old]
        self.value = plain

    def types(self) -> tuple[str, ...]:
        said = self.value.get("@type") or self.value.get("type")
        return tuple(re.split(r"[:/#]", kind)[-1] for kind in labels(said if isinstance(said, list) else [said]))

    def each(self, key: str) -> Iterator[Any]:
        """The values of a property, however they are wrapped; objects under the plain names of their properties."""
        return _unwrapped(self.value.get(key))

    def unread(self, keys: Iterable[str]) -> Iterator[tuple[str, str]]:
        """(key, value) of what is there in a form that nothing is read of."""
        for key in keys:
            value = self.value.get(key)
            if value not in (None, "", [], {}) and not (self.texts(key) or self.labels(key) or self.address(key)):
                yield key, json.dumps(value, ensure_ascii=False)

    def nodes(self, key: str) -> Iterator[JsonNode]:
        yield from (JsonNode(one) for one in self.each(key) if isinstance(one, Mapping))

    def text(self, key: str) -> str | None:
        """The first text; of an object its value or its name."""
        for one in self.each(key):
            found = one
            if isinstance(one, Mapping):
                found = one.get("@value") or one.get("name")
            elif isinstance(one, int | float) and not isinstance(one, bool):
                found = str(one)
            if said := prose(found):
                return said
        return None

    def texts(self, key: str) -> LangMap:
        """Texts by language, where the values state one."""
        found: dict[str, str] = {}
        for one in self.each(key):
            if isinstance(one, Mapping) and all(tag(name) for name in one):  # by language, as contexts allow
                found |= {str(tag(name)): said for name, inner in one.items() if (said := prose(inner))}
                continue
            stated = one.get("@language") if isinstance(one, Mapping) else None
            said = prose(one.get("@value") or one.get("name") if isinstance(one, Mapping) else one)
            if said:
                found.setdefault(tag(text(stated)) or "und", said)
        return found

    def labels(self, key: str) -> tuple[str, ...]:
        """Labels; those in one text may be separated by commas."""
        found: dict[str, None] = {}
        for one in self.each(key):
            plain = one.get("@value") or one.get("name") or one.get("@id") if isinstance(one, Mapping) else one
            found.update(dict.fromkeys(labels(plain)))
        return tuple(found)

    def address(self, key: str) -> str | None:
        """The first address, whether it stands there, or is what an object is about."""
        for one in self.each(key):
            keys = ("@id", "url", "codeRepository", "@value")
            tries = [one.get(name) for name in keys] if isinstance(one, Mapping) else [one]
            if found := next((said for each in tries if (said := text(each))), None):
                return found
        return None

    def page(self, key: str) -> str | None:
        return web_address(self.address(key))

    def licences(self) -> Iterator[tuple[str | None, str | None]]:
        for one in self.each("license"):
            if isinstance(one, Mapping):
                name = prose(one.get("name")) or prose(one.get("@value")) or prose(one.get("identifier"))
                address = text(one.get("url")) or text(one.get("@id"))
            else:
                said = prose(one)
                name, address = (None, said) if web_address(said) else (said, None)
            if name or address:
                yield name, address

    def bodies(self, *keys: str) -> Iterator[Organisation]:
        """What the types call organisations; whoever is of no type is a person until somebody says otherwise."""
        for node in (node for key in keys for node in self.nodes(key)):
            name = text(node.value.get("name"))
            address = node.page("url") or node.page("@id")
            if name and any(_BODIES.search(kind) for kind in node.types()) and surely_a_body(name, address):
                yield Organisation(name, address)

    def wikidata(self) -> tuple[Identifier, ...]:
        """What sameAs says it is on Wikidata: copied along with the file, so it only suggests."""
        found = (_WIKIDATA.match(said) for one in self.each("sameAs") if (said := text(one)))
        return tuple(Identifier("wikidata", match[1]) for match in found if match)
