"""JSON-LD without its contexts: properties by the last part of their names, values in whatever form they have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harvester.model import Identifier, LangMap, Organisation
from harvester.normalize.languages import tag
from harvester.normalize.metadata_file import labels
from harvester.normalize.personal import surely_a_body
from harvester.normalize.urls import web_address
from harvester.normalize.values import prose, text

_BODIES = re.compile(r"organi[sz]ation|corporation|consortium|project|university|ngo$", re.IGNORECASE)
_WIKIDATA = re.compile(r"^https?://(?:www\.)?wikidata\.org/(?:wiki|entity)/(Q[1-9]\d*)$")


@dataclass(slots=True)
class Node:
    """A node of JSON-LD, asked by the plain names of its properties."""

    value: Mapping[str, Any]
    of_old: Mapping[str, str] = field(default_factory=dict)
    """Names of an older version, and today's."""

    def __post_init__(self) -> None:
        plain: dict[str, Any] = {}
        for key, inner in self.value.items():
            name = key if key.startswith("@") else re.split(r"[:/#]", key)[-1]
            plain.setdefault(name, inner)
        for old, new in self.of_old.items():
            if old in plain and not plain.get(new):
                plain[new] = plain[old]
        self.value = plain

    def types(self) -> tuple[str, ...]:
        said = self.value.get("@type") or self.value.get("type")
        return tuple(re.split(r"[:/#]", kind)[-1] for kind in labels(said if isinstance(said, list) else [said]))

    def each(self, key: str) -> Iterator[Any]:
        """The values of a property; a list, and JSON-LD's @list and @set, are several."""
        found = self.value.get(key)
        for wrapper in ("@list", "@set"):
            if isinstance(found, Mapping) and wrapper in found:
                found = found[wrapper]
        yield from found if isinstance(found, list) else [found]

    def nodes(self, key: str) -> Iterator[Node]:
        yield from (Node(one) for one in self.each(key) if isinstance(one, Mapping))

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
                name, address = prose(one.get("name")), text(one.get("url")) or text(one.get("@id"))
            else:
                said = prose(one)
                name, address = (None, said) if web_address(said) else (said, None)
            if name or address:
                yield name, address

    def bodies(self, *keys: str) -> tuple[Organisation, ...]:
        """What the types call organisations; whoever is of no type is a person until somebody says otherwise."""
        found: dict[str, Organisation] = {}
        for node in (node for key in keys for node in self.nodes(key)):
            name = text(node.value.get("name"))
            address = node.page("url") or node.page("@id")
            if name and any(_BODIES.search(kind) for kind in node.types()) and surely_a_body(name, address):
                found.setdefault(name, Organisation(name[:200], address))
        return tuple(found.values())

    def wikidata(self) -> tuple[Identifier, ...]:
        """What sameAs says it is on Wikidata: copied along with the file, so it only suggests."""
        found = (_WIKIDATA.match(said) for one in self.each("sameAs") if (said := text(one)))
        return tuple(Identifier("wikidata", match[1]) for match in found if match)
