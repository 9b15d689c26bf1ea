"""What operators are told without asking, on a page."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from harvester.catalogue.database import now
from harvester.runs.notices import line_of, link_of, look, ways
from harvester.web import pages
from harvester.web.house import house_of
from harvester.web.identity import Access
from harvester.web.rooms import Rooms

_SHOWN = 200


def show_notices(request: Request, language: str) -> Response:
    """What is the matter with sources, and what was, the newest first."""
    house = house_of(request)
    formatter = house.formatter(language)
    look(house.catalogue, now())
    sources = {source.name: source for source in house.catalogue.sources.all()}
    found = house.catalogue.notices.recent(_SHOWN)
    return pages.render(
        request,
        "notices.html",
        notices=[(one, line_of(one, sources.get(one.source), formatter), link_of(one, language)) for one in found],
        told_by=", ".join(formatter.words(f"notices.way.{way}") for way in ways(house.settings)),
        shown=_SHOWN,
        zone=house.settings.timezone,
    )


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/operations/notices", show_notices, access=Access.OPERATOR)
