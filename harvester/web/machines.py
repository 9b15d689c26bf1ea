"""What search engines and browsers ask for: robots.txt, sitemaps, the OpenSearch description."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree

from fastapi import Request
from fastapi.responses import Response

from harvester.web import about, collected, entities, pages, xml
from harvester.web.house import house_of
from harvester.web.identity import Refused
from harvester.web.rooms import Rooms

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # of ids, see catalogue.software.mint
MOST_OF_PART = 10_000
"""About as many softwares as a sitemap holds, in each language: the protocol allows 50,000 addresses."""
_NOT_FOR_CRAWLERS = (
    *("software?", "filters", "software.", "feed.atom?", "compare?", "login", "review", "operations", "dump.zip"),
    *("propose", "proposals/"),
)
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
PAGES_PART = "pages"
_PAGES = ("", "sources", "judging", "organisations", "families", "statistics")


def show_robots(request: Request) -> Response:
    """What crawlers may ask: everything but endless combinations of filters, and pages for people who signed in."""
    lines = ["User-agent: *"]
    for language in house_of(request).words:
        lines += [f"Disallow: /{language}/{path}" for path in _NOT_FOR_CRAWLERS]
    lines += ["Disallow: /api/", "", f"Sitemap: {pages.public_url(request)}/sitemap.xml", ""]
    return Response("\n".join(lines), media_type="text/plain")


def show_sitemap(request: Request) -> Response:
    """The index of the parts. Each holds what has an id that begins so; the more softwares, the longer beginnings."""
    published = house_of(request).catalogue.changes.published()
    ElementTree.register_namespace("", _SITEMAP)
    root = ElementTree.Element("sitemapindex", {"xmlns": _SITEMAP})
    for part in (PAGES_PART, *_beginnings(published)):
        xml.add(xml.add(root, "sitemap"), "loc", f"{pages.public_url(request)}/sitemaps/{part}.xml")
    return xml.answer(request, root, "application/xml")


def _beginnings(published: int) -> list[str]:
    found = [""]
    while published / len(found) > MOST_OF_PART:
        found = [beginning + letter for beginning in found for letter in _LETTERS]
    return [one or "all" for one in found]


def show_part(request: Request, part: str) -> Response:
    """One sitemap: an address in each language, and the others beside it."""
    house = house_of(request)
    beginnings = _beginnings(house.catalogue.changes.published())
    if part != PAGES_PART and part not in beginnings:
        raise Refused(404, "not-found")
    languages, site = list(house.words), pages.public_url(request)
    root = ElementTree.Element("urlset", {"xmlns": _SITEMAP, "xmlns:xhtml": _XHTML})
    for path, changed in _paths(request, part):
        for language in languages:
            entry = xml.add(root, "url")
            xml.add(entry, "loc", f"{site}/{language}/{path}")
            if changed is not None:
                xml.add(entry, "lastmod", xml.stamp(changed))
            for other in languages:
                xml.add(entry, "xhtml:link", rel="alternate", hreflang=other, href=f"{site}/{other}/{path}")
    return xml.answer(request, root, "application/xml")


def _paths(request: Request, part: str) -> Iterator[tuple[str, datetime | None]]:
    """Addresses within a language."""
    house = house_of(request)
    if part == PAGES_PART:
        yield from (
            (path, None)
            for path in (
                "",
                "sources",
                "judging",
                "organisations",
                "families",
                "statistics",
                *about.PAGES,
                *entities.paths(house),
                *collected.paths(house),
            )
        )
        return
    for software, slug, changed in house.catalogue.changes.pages("" if part == "all" else part):
        yield f"software/{software}/{slug}", changed


def show_opensearch(request: Request, language: str) -> Response:
    """How a browser searches here."""
    house, site = house_of(request), pages.public_url(request)
    root = ElementTree.Element("OpenSearchDescription", {"xmlns": _OPENSEARCH})
    name = house.site_name(language)
    xml.add(root, "ShortName", name[:16])
    xml.add(root, "LongName", name[:48])
    xml.add(root, "Description", house.words[language]("site.sentence"))
    found = f"{site}/{language}/software?q={{searchTerms}}"
    xml.add(root, "Url", type="text/html", method="get", template=found)
    xml.add(root, "Url", type="application/atom+xml", template=f"{site}/{language}/feed.atom?q={{searchTerms}}")
    address = f"{site}/{language}/opensearch.xml"
    xml.add(root, "Url", type="application/opensearchdescription+xml", rel="self", template=address)
    xml.add(root, "Language", language)
    xml.add(root, "InputEncoding", "UTF-8")
    return xml.answer(request, root, "application/opensearchdescription+xml")


def show_theme(request: Request) -> Response:
    """The operator's colours, over those of the stylesheet."""
    settings = house_of(request).settings
    light, dark = settings.accent, settings.accent_dark
    rules = [f":root {{ --accent: {light}; --on-accent: #ffffff; }}"] if light else []
    if dark:
        rules.append(f"@media (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; --on-accent: #0c2123; }} }}")
    elif light:  # a dark accent is not read on a dark ground: there the house's own stays
        rules.append("@media (prefers-color-scheme: dark) { :root { --accent: #79c8c9; --on-accent: #0c2123; } }")
    return xml.tagged(request, "\n".join(rules).encode(), "text/css")


def show_logo(request: Request) -> Response:
    """The operator's mark. It is shown as an image, in which nothing runs."""
    logo = house_of(request).settings.logo
    if logo is None:
        raise Refused(404, "not-found")
    return xml.tagged(request, logo.read_bytes(), "image/svg+xml")


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/robots.txt", show_robots)
    rooms.page("/theme.css", show_theme)
    rooms.page("/logo.svg", show_logo)
    rooms.page("/sitemap.xml", show_sitemap)
    rooms.page("/sitemaps/{part}.xml", show_part)
    rooms.page("/{language}/opensearch.xml", show_opensearch)
