"""Atom feeds (RFC 4287): what is new and what changed, of everything or of any search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from xml.etree import ElementTree

from fastapi import Request
from fastapi.responses import Response

from harvester.catalogue.changes import Change, ChangeKind
from harvester.errors import SearchError
from harvester.model import FIELDS, Reason, Source
from harvester.search.ladder import climb
from harvester.search.query import MAX_REACH, Query
from harvester.web import facets, listing, pages, texts, xml
from harvester.web.house import House, house_of
from harvester.web.labels import labels_of
from harvester.web.rooms import Rooms
from harvester.words import Formatter

MEDIA_TYPE = "application/atom+xml"
ENTRIES = 50
_NAMESPACE = "http://www.w3.org/2005/Atom"
_KINDS = {one.value: one for one in (ChangeKind.NEW, ChangeKind.CHANGED)}


def show_feed(request: Request, language: str, what: str = "new") -> Response:
    """The newest fifty entries of what the address's search finds. SearchError: it finds more than can be looked
    through, or is none."""
    house = house_of(request)
    if what not in _KINDS:
        told = Reason.of("limit.value", name="what", value=what[:60])
        raise SearchError(f"what={what!r} is unknown", remedy=f"one of {', '.join(_KINDS)}", reason=told)
    query = replace(Query.from_params(request.query_params.multi_items(), language=language), page=1)
    newest = house.catalogue.changes.newest(_KINDS[what], among=_found(house, query), limit=ENTRIES)
    return xml.answer(request, _feed(request, house, query, newest, what=what), MEDIA_TYPE)


def _found(house: House, query: Query) -> set[str] | None:
    """The ids of all that a search finds; None: everything of the toolbox."""
    if not query.text and not query.selections:
        return None
    reached = climb(house.engine, replace(query, size=1))
    if reached.result.total > MAX_REACH:
        raise SearchError(
            f"the search finds {reached.result.total:,} softwares",
            remedy=f"a feed follows a search of at most {MAX_REACH:,}: narrow it",
            reason=Reason.of("limit.feed"),
        )
    return {document["id"] for document in islice(house.engine.every(reached.query), MAX_REACH)}


def _feed(request: Request, house: House, query: Query, newest: Sequence[Change], *, what: str) -> ElementTree.Element:
    language, site = query.language, pages.public_url(request)
    formatter = Formatter(house.words[language])
    sources = {source.name: source for source in house.catalogue.sources.all()}
    at = facets.Addresses(f"/{language}/software")
    ElementTree.register_namespace("", _NAMESPACE)
    root = ElementTree.Element("feed", {"xmlns": _NAMESPACE, xml.XML_LANG: language})
    address = site + pages.here(request)
    xml.add(root, "id", address)
    xml.add(root, "title", ": ".join(filter(None, [house.site_name(language), _title(house, query, formatter, what)])))
    xml.add(root, "subtitle", formatter.words("site.sentence"))
    changed = max((one.at for one in newest), default=None)
    xml.add(root, "updated", xml.stamp(changed or datetime.now(UTC).replace(hour=0, minute=0, second=0)))
    xml.add(root, "link", rel="self", type=MEDIA_TYPE, href=address)
    xml.add(root, "link", rel="alternate", type="text/html", hreflang=language, href=site + at.of(query))
    xml.add(xml.add(root, "author"), "name", house.operator(language))
    xml.add(root, "generator", "Civic Harvester")
    for one in newest:
        _entry(root, one, site=site, formatter=formatter, sources=sources)
    return root


def _title(house: House, query: Query, formatter: Formatter, what: str) -> str:
    """New tools: “petition”, Country: France."""
    words, at = formatter.words, facets.Addresses("")
    chosen = facets.chips(query, label=labels_of(house, formatter), words=words, at=at)
    said = [words("feed.text", text=query.text)] if query.text else []
    said += [words("pair", first=chip.facet, second=chip.label) for chip in chosen]
    return ", ".join([words(f"feed.{what}"), *said])


def _entry(
    root: ElementTree.Element, one: Change, *, site: str, formatter: Formatter, sources: dict[str, Source]
) -> None:
    software, words = one.software, formatter.words
    entry = xml.add(root, "entry")
    says = texts.best(software.fields.short_description, words.language)
    xml.add(entry, "id", f"{site}/{words.language}/software/{software.id}")
    xml.add(entry, "title", software.fields.name or software.slug)
    page = f"{site}/{words.language}/software/{software.id}/{software.slug}"
    xml.add(entry, "link", rel="alternate", type="text/html", href=page)
    xml.add(entry, "updated", xml.stamp(one.at))
    xml.add(entry, "published", xml.stamp(one.published_at))
    for code in software.fields.use_cases:
        xml.add(entry, "category", term=code, label=formatter.term("use_case", code))
    if one.kind is ChangeKind.CHANGED:
        changed = ", ".join(words(FIELDS[name].label) for name in one.fields) or words("changes.sources_only")
        xml.add(entry, "summary", words("feed.changed_what", fields=changed), xml_lang=words.language)
        if says:
            xml.add(entry, "content", says.html, type="text", xml_lang=says.lang or "")
    elif says:
        xml.add(entry, "summary", says.html, xml_lang=says.lang or "")
    said = {piece.source for pieces in software.evidence.values() for piece in pieces}
    rights = [
        f"{sources[name].title}: {listing.terms_words(sources[name].terms, formatter)}"
        for name in sorted(said & set(sources))
    ]
    if rights:
        xml.add(entry, "rights", "; ".join(rights))


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/feed.atom", show_feed)
