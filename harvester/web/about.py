"""Who runs the site and how to reach them, privacy, terms, accessibility, and the API for people."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from harvester.web import pages
from harvester.web.house import house_of
from harvester.web.rooms import Rooms

PAGES = ("about", "privacy", "terms", "accessibility", "api")
_EXAMPLES = (
    ("api.search", "/api/v1/software?q=petition&country=FR"),
    ("api.suggest", "/api/v1/suggest?q=budg&lang={lang}"),
    ("api.entry", "/api/v1/software/{id}"),
    ("api.sources", "/api/v1/sources"),
    ("api.openapi", "/openapi.json"),
    ("api.feed", "/{lang}/feed.atom?q=petition"),
    ("api.csv", "/{lang}/software.csv?q=petition"),
    ("api.json", "/{lang}/software.json?q=petition"),
    ("api.lines", "/{lang}/software.jsonl?q=petition"),
    ("api.dcat", "/{lang}/software.jsonld?q=petition"),
    ("api.zip", "/{lang}/software.zip?q=petition"),
    ("api.dump", "/{lang}/dump.zip"),
)
"""What each is for (its words), and an address; `{id}` is a software's."""


def _page(name: str) -> Any:
    def show(request: Request, language: str) -> Response:
        settings = house_of(request).settings
        contact = settings.operator_contact
        return pages.render(
            request,
            "about.html",
            name=name,
            contact=contact,
            contact_url=contact if not contact or contact.startswith("https://") else f"mailto:{contact}",
            shows_files=settings.publish_files,
            examples=[(key, address.replace("{lang}", language)) for key, address in _EXAMPLES],
        )

    return show


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    for name in PAGES:
        rooms.page(f"/{{language}}/{name}", _page(name))
