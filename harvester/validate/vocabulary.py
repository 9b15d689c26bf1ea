"""The standard's vocabularies and the registries that it names, from the data files beside this module."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from langcodes.registry_parser import parse_registry

from harvester.normalize.license_ids import listed

_DATA = resources.files("harvester.validate") / "data"


@cache
def terms(name: str) -> frozenset[str]:
    """A vocabulary: "categories", "scopes" or "supports"."""
    found: dict[str, list[str]] = json.loads((_DATA / "vocabularies.json").read_text(encoding="utf-8"))
    return frozenset(found[name])


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166-1 alpha-2, and XK."""
    found: list[str] = json.loads((_DATA / "countries.json").read_text(encoding="utf-8"))
    return frozenset(found)


@cache
def ipa_codes() -> frozenset[str]:
    """The codes of Italian public bodies, in small letters."""
    return frozenset((_DATA / "ipa_codes.txt").read_text(encoding="utf-8").split())


@cache
def video_addresses() -> tuple[str, ...]:
    """Where oEmbed's providers show videos: addresses with * for anything."""
    return tuple((_DATA / "oembed.txt").read_text(encoding="utf-8").splitlines())


@cache
def licenses() -> tuple[frozenset[str], frozenset[str]]:
    """(ids, exceptions) of SPDX, deprecated ones included, in small letters."""
    names = listed()
    known = frozenset(name.lower() for name in names["licenses"] + names["deprecated"])
    return known, frozenset(name.lower() for name in names["exceptions"])


@cache
def subtags() -> dict[str, dict[str, tuple[str, ...]]]:
    """IANA's registry of language subtags: kind ("language", "variant" ...) to subtag in small letters to prefixes."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for item in parse_registry():  # type: ignore[no-untyped-call]
        names = item.get("Subtag")
        prefixes = tuple(str(prefix).lower() for prefix in item.get("Prefix", ()))
        for name in [names] if isinstance(names, str) else names or ():
            found.setdefault(str(item["Type"]), {})[str(name).lower()] = prefixes
    return found
