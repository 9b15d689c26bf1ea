"""Pages of what tools have in common: a use case, a country, a licence, a product; and an index of each.

A kind of them is a facet with an address. Its pages are made of what the index counts, so that they cost what a search
costs however large the catalogue is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response

from harvester.assess import concepts
from harvester.errors import SearchError
from harvester.model import FACETS
from harvester.search.query import UNKNOWN, Query
from harvester.search.result import Facet, Result
from harvester.web import facets, feeds_at, listing, pages
from harvester.web.house import House, house_of
from harvester.web.identity import Refused
from harvester.web.labels import labels_of
from harvester.web.rooms import Rooms
from harvester.words import Formatter

_ALL_VALUES = 65_000  # of a facet, as many as an engine counts
_MOST_LISTED = 1000
SHOWN = 10
"""Of what an entity's page is about so many are listed."""
_BESIDE = tuple(name for name, facet in FACETS.items() if facet.figure)


@dataclass(frozen=True, slots=True)
class EntityKind:
    """A kind of page: its address within a language, and the facet whose values have one each. Its words are those of
    the keys "entity.<facet>" (the index's title) and "entity.<facet>.lead"."""

    path: str
    facet: str


KINDS: Mapping[str, EntityKind] = {
    kind.path: kind
    for kind in (
        EntityKind("use-cases", "use_case"),
        EntityKind("policy-areas", "policy_area"),
        EntityKind("countries", "country"),
        EntityKind("licenses", "license"),
        EntityKind("products", "replaces"),
    )
    if kind.facet in FACETS
}


def address(language: str, facet: str, value: str) -> str | None:
    """Where the page of a facet's value is; None where such have none."""
    kind = next((one for one in KINDS.values() if one.facet == facet), None)
    return None if kind is None or value == UNKNOWN else f"/{language}/{kind.path}/{quote(value, safe='')}"


def paths(house: House) -> Iterator[str]:
    """The addresses within a language of every index and of every value's page that lists something."""
    for kind in KINDS.values():
        yield kind.path
        try:
            found = counted(house, kind, "en")
        except SearchError:
            continue
        yield from (f"{kind.path}/{quote(one.value, safe='')}" for one in found.values if one.value != UNKNOWN)


def counted(house: House, kind: EntityKind, language: str) -> Facet:
    """A kind's values with how many listed tools each has."""
    return _facet(everything(house, language), kind)


def everything(house: House, language: str) -> Result:
    """The whole toolbox, counted with every value."""
    return house.engine.search(Query(size=1, language=language, values=_ALL_VALUES))


def show_index(request: Request, language: str, kind: str) -> Response:
    """All values of a kind, with how many tools each has."""
    house, chosen = house_of(request), _kind(kind)
    formatter = house.formatter(language)
    result = everything(house, language)
    values = bars(result, chosen, house, formatter)
    return pages.render(
        request,
        "entities.html",
        kind=chosen,
        values=values[:_MOST_LISTED],
        unstated=next((one.count for one in _facet(result, chosen).values if one.value == UNKNOWN), 0),
        unstated_url=facets.Addresses(f"/{language}/software").of(
            Query(language=language, selections={chosen.facet: (UNKNOWN,)})
        ),
        n=len(values),
    )


def bars(result: Result, kind: EntityKind, house: House, formatter: Formatter) -> list[dict[str, Any]]:
    """The values of a kind that something states, the most frequent first; `share` is that of the largest, 0 to 100."""
    label = labels_of(house, formatter)
    stated = [one for one in _facet(result, kind).values if one.value != UNKNOWN and one.count]
    largest = max((one.count for one in stated), default=1)
    return [
        {
            "label": label(kind.facet, one.value),
            "url": address(formatter.words.language, kind.facet, one.value),
            "count": one.count,
            "share": round(100 * one.count / largest),
        }
        for one in stated
    ]


def _facet(result: Result, kind: EntityKind) -> Facet:
    return next(one for one in result.facets if one.name == kind.facet)


def show_entity(request: Request, language: str, kind: str, value: str) -> Response:
    """One value: its tools, the best first, and what they have in common beside it."""
    house, chosen = house_of(request), _kind(kind)
    formatter, declared = house.formatter(language), FACETS[chosen.facet]
    query = Query(language=language, selections={chosen.facet: (value,)}, size=SHOWN)
    if value == UNKNOWN or not query.selections or (declared.fixed and value not in declared.fixed):
        raise Refused(404, "not-found")
    result = house.engine.search(query)
    if not result.total and not declared.fixed:
        raise Refused(404, "not-found")
    at, label = facets.Addresses(f"/{language}/software"), labels_of(house, formatter)
    plain = replace(query, size=20)
    groups = facets.groups(result, plain, label=label, words=formatter.words, at=at)
    return pages.render(
        request,
        "entity.html",
        kind=chosen,
        name=label(chosen.facet, value),
        synonyms=_also_called(chosen.facet, value, formatter),
        path=f"/{language}/{kind}/{quote(value, safe='')}",
        total=result.total,
        hits=[listing.of_hit(hit, formatter) for hit in result.hits],
        groups=[one for one in groups if one.name in _BESIDE and one.name != chosen.facet and _tells(one)],
        list_url=at.of(plain),
        csv_url=at.of(plain, path=f"/{language}/software.csv"),
        feeds=feeds_at.addresses(plain, language),
    )


def _tells(group: facets.Group) -> bool:
    return any(not value.unknown for value in group.values)


def _also_called(facet: str, value: str, formatter: Formatter) -> Sequence[Mapping[str, Any]]:
    """What a use case is called in other languages, for who searches for it there."""
    if facet != "use_case":
        return ()
    code = next((code for code, one in concepts.concepts().items() if one.use_case == value), None)
    if code is None:
        return ()
    others = [tag for tag in concepts.LANGUAGES if tag != formatter.words.language]
    return [{"lang": tag, "name": concepts.label(code, tag)} for tag in others]


def _kind(path: str) -> EntityKind:
    if path not in KINDS:
        raise Refused(404, "not-found")
    return KINDS[path]


def register(rooms: Rooms) -> None:
    """The routes of this module: each kind has its own, so that no other address is taken for one."""
    for path in KINDS:
        rooms.page(f"/{{language}}/{path}", _index_of(path))
        rooms.page(f"/{{language}}/{path}/{{value:path}}", _entity_of(path))


def _index_of(path: str) -> Any:
    def show(request: Request, language: str) -> Response:
        return show_index(request, language, path)

    return show


def _entity_of(path: str) -> Any:
    def show(request: Request, language: str, value: str) -> Response:
        return show_entity(request, language, path, value)

    return show
