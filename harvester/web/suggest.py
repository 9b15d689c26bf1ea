"""What the search box goes on with while somebody types: tools, bodies, and what tools have in common.

Tools are asked of the engine. Everything else has a page and is counted in the index or the catalogue: its names stand
in a table in memory, which is a minute behind where counts change, and at most an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Literal

from fastapi import Query as Parameter
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from harvester.assess import concepts
from harvester.assess.words import fold
from harvester.model import FACETS
from harvester.search.prefixes import LONGEST, Named, Prefixes
from harvester.search.query import MAX_CHARACTERS, UNKNOWN
from harvester.web import entities
from harvester.web.api import as_json
from harvester.web.api_models import REFUSALS, Problem
from harvester.web.beginnings import Thing
from harvester.web.house import House, house_of
from harvester.web.labels import labels_of
from harvester.web.pages import public_url
from harvester.web.rooms import Rooms
from harvester.words import ENGLISH, packaged

MOST = 10
"""Suggestions of an answer."""
SOFTWARE, ORGANISATION = "software", "organisation"
_OF_A_KIND = 3  # beside tools, which fill what is left
_SHORTEST = 2  # letters
_MOST_BODIES = 20_000  # those with most software


def _stamp(house: House) -> object:
    return entities.everything(house, ENGLISH).facets, house.catalogue.organisations.figures()


def _tables(house: House) -> dict[str, Prefixes[Thing]]:
    """By kind, in the order in which they are shown."""
    named = {kind.facet: list(_of_facet(house, kind)) for kind in entities.KINDS.values()}
    named[ORGANISATION] = [
        Named(Thing(ORGANISATION, slug, count, names[0]), count, names)
        for slug, names, count in house.catalogue.organisations.names(_MOST_BODIES)
    ]
    return {kind: Prefixes(some) for kind, some in named.items()}


def _of_facet(house: House, kind: entities.EntityKind) -> Iterator[Named[Thing]]:
    labels = [labels_of(house, house.formatter(language)) for language in house.words]
    meant: dict[str, list[str]] = {}
    for concept in concepts.concepts().values():
        if concept.use_case:
            meant.setdefault(concept.use_case, []).extend(concept.names)
    for one in entities.counted(house, kind, ENGLISH).values:
        if one.value != UNKNOWN and one.count:
            names = [label(kind.facet, one.value) for label in labels]
            others = tuple(meant.get(one.value, ())) if FACETS[kind.facet].fixed else ()
            yield Named(Thing(kind.facet, one.value, one.count, names[0]), one.count, tuple(names), others)


class SuggestionOut(BaseModel):
    """A name that goes on from what was typed: what it is of, its words, its page, and how many tools it has."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(description=f"`{SOFTWARE}`, `{ORGANISATION}`, or the facet that it is a value of.")
    kind_label: str
    label: str
    page: str
    count: int | None = Field(description="Listed tools; of an organisation all that is published; null of a tool.")


class SuggestOut(BaseModel):
    """The suggestions, at most ten."""

    model_config = ConfigDict(frozen=True)

    q: str = Field(description="What was looked for: the beginning of what was typed.")
    items: list[SuggestionOut]


def get_suggestions(
    request: Request,
    q: Annotated[
        str,
        Parameter(max_length=MAX_CHARACTERS, description=f"What was typed; its first {LONGEST} characters are read."),
    ] = "",
    lang: Annotated[
        Literal[tuple(packaged())],  # type: ignore[valid-type]
        Parameter(description="Of the labels and the pages."),
    ] = ENGLISH,
) -> Response:
    """Names that begin as what was typed: tools, organisations, use cases, products that are replaced …"""
    typed = " ".join(q[:LONGEST].split())
    items = list(_suggested(request, typed, lang)) if len(fold(typed)) >= _SHORTEST else []
    return as_json(request, SuggestOut(q=typed, items=items))


def _suggested(request: Request, typed: str, language: str) -> Iterator[SuggestionOut]:
    house, site = house_of(request), public_url(request)
    words, label = house.words[language], labels_of(house, house.formatter(language))
    tables = house.beginnings.of(partial(_stamp, house), partial(_tables, house))
    things = [thing for table in tables.values() for thing in table.going_on(typed, _OF_A_KIND)]
    tools = house.engine.suggest(typed, limit=MOST)
    least = min(len(tools), _OF_A_KIND)
    for thing in things[: MOST - least]:
        of_body = thing.kind == ORGANISATION
        path = (
            f"/{language}/organisations/{thing.value}"
            if of_body
            else entities.address(language, thing.kind, thing.value)
        )
        yield SuggestionOut(
            kind=thing.kind,
            kind_label=words(f"facet.{thing.kind}"),
            label=thing.name if of_body else label(thing.kind, thing.value),
            page=f"{site}{path}",
            count=thing.count,
        )
    for tool in tools[: MOST - min(len(things), MOST - least)]:
        page = f"{site}/{language}/software/{tool.id}/{tool.slug}"
        yield SuggestionOut(kind=SOFTWARE, kind_label=words("suggest.software"), label=tool.name, page=page, count=None)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    found = {**REFUSALS, 503: {"model": Problem, "description": "The search index is not there."}}
    rooms.api("/api/v1/suggest", get_suggestions, response_model=SuggestOut, responses=found)
