"""Two to four tools side by side: the address is the choice, so that it can be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from harvester.errors import NotFound
from harvester.model import Place, Software, SoftwareState, fields_in
from harvester.search.ladder import climb
from harvester.search.query import Query
from harvester.web import criteria, pages, record, texts
from harvester.web.house import House, house_of
from harvester.web.rooms import Rooms
from harvester.words import Formatter

MOST = 4
_OFFERED = 8
_ROWS = tuple(name for name in fields_in(Place.PANEL) if name not in ("license", "categories"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A tool that is compared; `without` is the address of the comparison that leaves it out."""

    id: str
    name: str
    url: str
    says: texts.Text
    criteria: Sequence[criteria.Criterion]
    without: str


def show_comparison(request: Request, language: str, q: str = "") -> Response:
    """The table; with fewer than two, how to choose another. What is not there any more is named and left out."""
    house = house_of(request)
    formatter = house.formatter(language)
    asked = list(dict.fromkeys(request.query_params.getlist("id")))
    found = _published(house, asked[: 3 * MOST])
    chosen = found[:MOST]
    ids = [one.id for one in chosen]
    facts = {one.id: _facts(house, one, formatter) for one in chosen}
    return pages.render(
        request,
        "compare.html",
        columns=[_column(one, ids, house, formatter) for one in chosen],
        rows=[
            (name, [facts[one].get(name, ()) for one in ids])
            for name in _ROWS
            if any(facts[one].get(name) for one in ids)
        ],
        ids=ids,
        left_out=len(asked) - len(chosen),
        most=MOST,
        q=q.strip()[:200],
        offered=_offered(house, q.strip()[:200], ids, language) if q.strip() and len(ids) < MOST else [],
    )


def _published(house: House, asked: Sequence[str]) -> list[Software]:
    found: dict[str, Software] = {}
    for one in asked:
        try:
            software = house.catalogue.software.get(one)
            if software.state is SoftwareState.MERGED and software.merged_into:
                software = house.catalogue.software.get(software.merged_into)
        except NotFound:
            continue
        if software.state is SoftwareState.PUBLISHED:
            found.setdefault(software.id, software)
    return list(found.values())


def _facts(house: House, software: Software, formatter: Formatter) -> dict[str, Sequence[record.Shown]]:
    provenance = house.catalogue.software.provenance(software.id)
    said = record.facts(software, Place.PANEL, provenance=provenance, formatter=formatter)
    return {one.name: one.values for one in said}


def _column(software: Software, ids: Sequence[str], house: House, formatter: Formatter) -> Column:
    language = formatter.words.language
    provenance = house.catalogue.software.provenance(software.id)
    return Column(
        id=software.id,
        name=software.fields.name or software.slug,
        url=f"/{language}/software/{software.id}/{software.slug}",
        says=texts.best(software.fields.short_description, language),
        criteria=criteria.of(software, provenance, formatter),
        without=address(language, [one for one in ids if one != software.id]),
    )


def address(language: str, ids: Sequence[str]) -> str:
    """Where these are compared."""
    return f"/{language}/compare" + (f"?{urlencode([('id', one) for one in ids])}" if ids else "")


def _offered(house: House, text: str, ids: Sequence[str], language: str) -> list[dict[str, str]]:
    """What could be added: the first that a search finds."""
    hits = climb(house.engine, Query(text=text, language=language, size=_OFFERED)).result.hits
    return [
        {"name": hit.document["name"], "url": address(language, [*ids, hit.id])} for hit in hits if hit.id not in ids
    ]


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/compare", show_comparison)
