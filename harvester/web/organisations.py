"""Organisations: a list that can be searched and narrowed, and a page of each with what it makes, uses and copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query as Parameter
from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from harvester.catalogue import Catalogue
from harvester.model import BodyLink, BodyRole
from harvester.web import listing, pages
from harvester.web.house import house_of
from harvester.web.rooms import Rooms
from harvester.words import Formatter

_SIZE = 50
_SHOWN = 20
_MOST_PAGES = 1000
_LONGEST = 200


def show_organisations(
    request: Request,
    language: str,
    q: str = "",
    kind: str = "",
    country: str = "",
    page: Annotated[int, Parameter(ge=1, le=_MOST_PAGES)] = 1,
) -> Response:
    """Those with published software, those with most first."""
    house = house_of(request)
    formatter = house.formatter(language)
    asked = {"q": q.strip()[:_LONGEST], "kind": kind[:_LONGEST], "country": country[:_LONGEST]}
    found = house.catalogue.organisations.page(
        asked["q"] or None, kind=asked["kind"] or None, country=asked["country"] or None, number=page, size=_SIZE
    )

    def at(**changes: object) -> str:
        kept = {name: value for name, value in {**asked, **changes}.items() if value}
        return f"/{language}/organisations" + (f"?{urlencode(kept)}" if kept else "")

    def choices(name: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
        label = formatter.country if name == "country" else _kind
        largest = max(counts.values(), default=1)
        return [
            {
                "label": formatter.words("unknown") if value == "unknown" else label(value),
                "unknown": value == "unknown",
                "count": n,
                "share": round(100 * n / largest),
                "selected": asked[name] == value,
                "toggle_url": at(**{name: "" if asked[name] == value else value}),
            }
            for value, n in sorted(counts.items(), key=lambda one: (one[0] == "unknown", -one[1], one[0]))
        ]

    def _kind(code: str) -> str:
        return formatter.term("organisation_kind", code)

    pages_n = -(-found.total // _SIZE)
    return pages.render(
        request,
        "organisations.html",
        asked=asked,
        bodies=found.bodies,
        total=found.total,
        kinds=choices("kind", found.kinds),
        countries=choices("country", found.countries),
        number=page,
        pages_n=pages_n,
        previous_url=at(page=page - 1) if page > 1 else None,
        next_url=at(page=page + 1) if page < pages_n else None,
    )


def show_organisation(request: Request, language: str, slug: str) -> Response:
    """One body: what it is called, who it is part of, and its software by what it has to do with it."""
    house = house_of(request)
    formatter, store = house.formatter(language), house.catalogue.organisations
    body = store.find(slug)
    if slug != body.slug:
        return RedirectResponse(f"/{language}/organisations/{body.slug}", 301)
    groups = []
    for role in BodyRole:
        links, n = store.softwares(body.id, role, size=_SHOWN)
        if n:
            groups.append({"role": role, "n": n, "lines": _lines(house.catalogue, links, formatter)})
    return pages.render(
        request,
        "organisation.html",
        body=body,
        name=body.names.get(language, body.name),
        parent=store.find(body.parent) if body.parent else None,
        children=store.children(body.id)[:_MOST_PAGES],
        groups=groups,
        list_url=f"/{language}/software?{urlencode({'organisation': body.name})}",
    )


def _lines(catalogue: Catalogue, links: list[BodyLink], formatter: Formatter) -> list[dict[str, Any]]:
    by_software = {one.software: one for one in links}
    return [
        {"line": listing.of_software(software, formatter), "link": by_software[software.id]}
        for software in catalogue.software.many(list(by_software))
    ]


def told_of(links: list[BodyLink], role: BodyRole) -> list[BodyLink]:
    """The links of one role, each body once, those that say when first."""
    found: dict[str, BodyLink] = {}
    for one in sorted((one for one in links if one.role is role), key=lambda one: (one.at is None, one.name)):
        found.setdefault(one.body, one)
    return list(found.values())


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/organisations", show_organisations)
    rooms.page("/{language}/organisations/{slug}", show_organisation)
