"""A digital public good (format "digital-public-goods"): both shapes of the registry's API, and its archived files.

api/v1/dpgs: dpgId, sourceURL, openLicense[]. api/dpgs: dpgid, repositories[].url, openlicenses[].openLicense.
Files: id (the file's name), repositories[].url, license[].spdx; contacts in them are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harvester.model import Organisation, RawItem, Reading
from harvester.normalize.draft import opened, skipped
from harvester.normalize.readers import reads
from harvester.normalize.urls import web_address
from harvester.normalize.values import mapping, text, texts

CATALOGUE = "digital-public-goods"
_TELLING = ("description", "website", "websiteURL", "repositories", "sourceURL", "type", "category", "categories")
_OWNERS = frozenset(("owner", "maintainer"))
_SDG = re.compile(r"\d{1,2}")
_WORD = re.compile(r"[a-z]+")
_NO_SOFTWARE = frozenset("data dataset datasets content contents standard standards collection collections".split())


@reads("digital-public-goods", version=3)
def read(raw: RawItem) -> Reading:
    """One record; what is data, content or a standard without software is skipped.

    context: {"file": the path of the file, whose name is the entry's id}.
    """
    begun = opened(raw)
    if isinstance(begun, Reading):
        return begun
    entry, payload = begun
    kinds = _texts(payload.get("type"), payload.get("category"), payload.get("categories"))
    if kinds and not any(_may_be_software(kind) for kind in kinds):
        return skipped(f"no software: {', '.join(kinds)[:100]}")
    if not any(payload.get(key) for key in _TELLING):
        return skipped("it says only how the good was screened")
    values = entry.values
    entry.crosswalk(CATALOGUE, _identifier(raw, payload), place="id")
    values["name"] = text(payload.get("name"))
    entry.describe({"en": payload.get("description")})
    for place, written in _sources(payload):
        entry.repositories(written, place=place)
    entry.website(payload.get("website") or payload.get("websiteURL"), place="website")
    entry.licenses(_licenses(payload), place="license")
    locations = mapping(payload.get("locations"))
    entry.countries(
        _texts(payload.get("originCountry"), locations.get("developmentCountries")), place="developmentCountries"
    )
    values["categories"] = (
        *_texts(payload.get("sectors"), payload.get("solutionType")),
        *dict.fromkeys(_goals(payload)),
    )
    values["organisations"] = tuple(dict.fromkeys(_organisations(payload, values["countries"])))
    values["logo"] = web_address(payload.get("logo"))
    features = _texts(payload.get("features"))
    entry.describe({"en": "\n".join(features)}, name="features")
    return entry.reading(read.name, service=True)


def identifier(payload: Mapping[str, Any]) -> str | None:
    """An entry's id in the registry."""
    return next((found for key in ("dpgId", "dpgid", "id") if (found := _number(payload.get(key)))), None)


def _identifier(raw: RawItem, payload: Mapping[str, Any]) -> str | None:
    file = text(raw.context.get("file"))
    return file.rpartition("/")[2].removesuffix(".json") if file else identifier(payload)


def _number(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)


def _may_be_software(kind: str) -> bool:
    """Only what calls itself data, content or a standard, and nothing else, is no software."""
    return not set(_WORD.findall(kind.lower())) & _NO_SOFTWARE or "software" in kind.lower()


def _texts(*values: Any) -> tuple[str, ...]:
    """Texts that stand alone, in lists, or as the one text of an object in a list."""

    def found() -> Iterator[Any]:
        for value in values:
            for each in value if isinstance(value, list) else [value]:
                yield next(iter(each.values()), None) if isinstance(each, Mapping) else each

    return texts(list(found()))


def _sources(payload: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(place, what is written there) of everything that claims to be source code, the main repository first."""
    given = payload.get("repositories")
    repositories = list(enumerate(given if isinstance(given, list) else ()))
    for number, each in sorted(repositories, key=lambda each: mapping(each[1]).get("name") != "main"):
        yield f"repositories[{number}].url", mapping(each).get("url") if isinstance(each, Mapping) else each
    yield "sourceURL", payload.get("sourceURL")
    others = payload.get("otherSources")
    for name, value in mapping(others).items() if isinstance(others, Mapping) else [("", others)]:
        for each in value if isinstance(value, list) else [value]:
            yield f"otherSources.{name}".rstrip("."), each


def _licenses(payload: Mapping[str, Any]) -> Iterator[Any]:
    for key, inner in (("license", "spdx"), ("openlicenses", "openLicense"), ("openLicense", "")):
        value = payload.get(key)
        for each in value if isinstance(value, list) else [value]:
            yield mapping(each).get(inner) if isinstance(each, Mapping) else each


def _goals(payload: Mapping[str, Any]) -> Iterator[str]:
    """Sustainable development goals, as terms ("sdg-3")."""
    value = payload.get("SDGs") or payload.get("sdgs")
    found = mapping(value).get("sdg") if isinstance(value, Mapping) else value
    for each in found if isinstance(found, list) else [found]:
        told = mapping(each)
        written = told.get("SDGNumber") or told.get("number") or told.get("sdg") if told else each
        number = _SDG.search(str(written or ""))
        if number and 1 <= int(number[0]) <= 17:
            yield f"sdg-{int(number[0])}"


def _organisations(payload: Mapping[str, Any], countries: tuple[str, ...]) -> Iterator[Organisation]:
    """Owners and maintainers; whoever funds or implements is none."""
    country = countries[0] if len(countries) == 1 else None
    owner = text(payload.get("ownerName"))
    if owner:
        yield Organisation(owner, None, country)
    value = payload.get("organizations")
    for each in value if isinstance(value, list) else ():
        told = mapping(each)
        name, role = text(told.get("name")), text(told.get("org_type"))
        if name and (role is None or role.lower() in _OWNERS):
            yield Organisation(name, web_address(told.get("website")))
