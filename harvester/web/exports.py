"""Any result as JSON, JSON lines, DCAT and files; the whole as a dump. Sent as it is read: memory holds some fifty
softwares, however many there are. Each says on what terms its values may be used, and whether it is whole.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from fastapi import Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from harvester.errors import HarvesterError, SearchError
from harvester.model import FIELDS, Place, Software, fields_in
from harvester.search.ladder import Reached, climb
from harvester.search.query import Query
from harvester.validate import made_file
from harvester.web import dump, export, listing, pages
from harvester.web.house import House, house_of
from harvester.web.record_formats import published_file, verdict
from harvester.web.rooms import Rooms
from harvester.words import Formatter

_log = logging.getLogger(__name__)
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "adms": "http://www.w3.org/ns/adms#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
}
INDEX = ("id", "name", "page", "file", "origin", "verdict", "missing", "terms")
"""Columns of a zip's index: `origin` is published, made or none; `missing` are the keys that nobody states."""


def terms_of(house: House, language: str) -> dict[str, str]:
    """By source what it asks of who uses its data again: "SILL: etalab-2.0 · name ..."."""
    formatter = Formatter(house.words[language])
    return {
        one.name: f"{one.title}: {listing.terms_words(one.terms, formatter)}" for one in house.catalogue.sources.all()
    }


def show_json(request: Request, language: str) -> Response:
    """This list as one JSON document: terms, total, items, and whether it is whole."""
    house, reached = _asked(request, language)
    terms = terms_of(house, language)

    def parts() -> Iterator[str]:
        head = {"total": reached.result.total, "terms": terms}
        yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
        problem = None
        try:
            for place, document in enumerate(house.engine.every(reached.query)):
                yield (",\n" if place else "\n") + _dumped(_item(document, language, pages.public_url(request), terms))
        except SearchError as error:
            problem = _broke(error)
        yield f'\n], "complete": {json.dumps(problem is None)}}}\n'

    return _sent(request, parts(), "application/json", "civic-software.json")


def show_lines(request: Request, language: str) -> Response:
    """This list as JSON lines, a software each."""
    house, reached = _asked(request, language)
    terms = terms_of(house, language)

    def parts() -> Iterator[str]:
        try:
            for document in house.engine.every(reached.query):
                yield _dumped(_item(document, language, pages.public_url(request), terms)) + "\n"
        except SearchError as error:
            yield _dumped({"incomplete": _broke(error)}) + "\n"

    return _sent(request, parts(), "application/x-ndjson", "civic-software.jsonl")


def show_dcat(request: Request, language: str) -> Response:
    """This list as a catalogue of DCAT 3 whose entries are assets of ADMS, in JSON-LD."""
    house, reached = _asked(request, language)
    site, terms = pages.public_url(request), terms_of(house, language)

    def parts() -> Iterator[str]:
        head = {
            "@context": _CONTEXT,
            "@id": site + pages.here(request),
            "@type": "dcat:Catalog",
            "dct:title": {"@value": house.site_name(language), "@language": language},
            "dct:publisher": {"@type": "foaf:Agent", "foaf:name": house.operator(language)},
            "dct:rights": sorted(terms.values()),
        }
        yield json.dumps(head, ensure_ascii=False)[:-1] + ', "dcat:resource": ['
        problem = None
        try:
            for place, document in enumerate(house.engine.every(reached.query)):
                yield (",\n" if place else "\n") + _dumped(_asset(document, language, site, terms))
        except SearchError as error:
            problem = _broke(error)
        yield "\n]" + (f', "rdfs:comment": {json.dumps(problem)}' if problem else "") + "}\n"

    return _sent(request, parts(), "application/ld+json", "civic-software.jsonld")


def show_zip(request: Request, language: str) -> Response:
    """This list's publiccode.yml files: published ones to the letter, made ones where nothing has to be filled in, and
    an index of all that names each one's verdict or the keys that nobody states."""
    house, reached = _asked(request, language)
    site, terms = pages.public_url(request), terms_of(house, language)

    def filled(archive: zipfile.ZipFile) -> Iterator[None]:
        index = io.StringIO()
        lines = csv.writer(index)
        lines.writerow(INDEX)
        try:
            ids = (str(document["id"]) for document in house.engine.every(reached.query))
            while some := list(islice(ids, dump.TOGETHER)):
                for software in house.catalogue.software.many(some):
                    lines.writerow(map(export.cell, _filed(house, archive, software, site, language, terms)))
                    yield
        except HarvesterError as error:
            lines.writerow([_broke(error)])
        archive.writestr("index.csv", export.MARK + index.getvalue())
        yield

    return _sent(request, _zipped(filled), "application/zip", "publiccode.zip")


def _filed(
    house: House, archive: zipfile.ZipFile, software: Software, site: str, language: str, terms: Mapping[str, str]
) -> Iterator[object]:
    """Puts a software's file into the archive; its line of the index."""
    payload, origin, said = published_file(house, software.id), "published", ""
    missing: tuple[str, ...] = ()
    if payload is None:
        made = made_file.publiccode(software.fields)
        payload, origin, missing = made.text.encode() or None, "made", made.missing
    name = f"files/{software.slug}-{software.id}/publiccode.yml" if payload else ""
    if payload:
        archive.writestr(name, payload)
        said = verdict(payload)
    yield from (software.id, software.fields.name or software.slug)
    yield f"{site}/{language}/software/{software.id}/{software.slug}"
    yield from (name, origin if payload else "none", said, list(missing))
    said_by = {piece.source for pieces in software.evidence.values() for piece in pieces}
    yield [terms[one] for one in sorted(said_by) if one in terms]


def show_dump(request: Request, language: str) -> Response:  # noqa: ARG001 - it is in every language of the site
    """Everything published, with the source of every value and a note on terms: the day's archive, or one made now."""
    house, name = house_of(request), "civic-software-dump.zip"
    path = dump.kept(house.catalogue, house.settings)
    if path is not None:
        return FileResponse(path, media_type="application/zip", filename=name)
    parts = _zipped(dump.filled(house.catalogue, house.settings, house.words))
    return _sent(request, parts, "application/zip", name)


class _Pipe(io.RawIOBase):
    """Takes what an archive writes, and gives it away part by part."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        held, self._held = b"".join(self._held), []
        return held


def _zipped(filled: Callable[[zipfile.ZipFile], Iterator[object]]) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for _ in filled(archive):
            if part := pipe.taken():
                yield part
    yield pipe.taken()


def _asked(request: Request, language: str) -> tuple[House, Reached]:
    """The search; one that cannot be answered fails before the first part is sent."""
    house = house_of(request)
    query = Query.from_params(request.query_params.multi_items(), language=language)
    return house, climb(house.engine, query)


def _sent(request: Request, parts: Iterator[Any], media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    if request.method == "HEAD":
        parts = iter(())
    elif media_type != "application/zip":
        parts = export.together(parts)
    return StreamingResponse(parts, media_type=media_type, headers=headers)


def _broke(error: HarvesterError) -> str:
    _log.error("an export ended early: %s", error)
    return "the export ended early: the index or the catalogue stopped answering"


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _item(shown: Mapping[str, Any], language: str, site: str, terms: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": shown["id"],
        "page": f"{site}/{language}/software/{shown['id']}/{shown['slug']}",
        **{FIELDS[name].json: shown[name] for name in fields_in(Place.LIST)},
        "identifiers": shown["identifiers"],
        "sources": shown["sources"],
        "terms": [terms[name] for name in shown["sources"] if name in terms],
    }


def _asset(shown: Mapping[str, Any], language: str, site: str, terms: Mapping[str, str]) -> dict[str, Any]:
    texts = [
        {"@value": text} if tag == "und" else {"@value": text, "@language": tag}
        for tag, text in shown["short_description"].items()
    ]
    found = {
        "@id": f"{site}/{language}/software/{shown['id']}/{shown['slug']}",
        "@type": ["dcat:Resource", "adms:Asset"],
        "dct:identifier": shown["id"],
        "dct:title": shown["name"],
        "dct:description": texts,
        "dct:publisher": [{"@type": "foaf:Agent", "foaf:name": one["name"]} for one in shown["organisations"]],
        "dct:license": shown["license"],
        "dct:language": shown["available_languages"],
        "dct:spatial": shown["countries"],
        "dct:modified": shown["date_modified"],
        "adms:status": shown["development_status"],
        "dcat:keyword": [*shown["use_cases"], *shown["topics"]],
        "dcat:landingPage": {"@id": shown["landing_url"]} if shown["landing_url"] else None,
        "adms:representationTechnique": shown["programming_languages"],
        "foaf:page": {"@id": shown["code_repository"]} if shown["code_repository"] else None,
        "dct:rights": [terms[name] for name in shown["sources"] if name in terms],
    }
    return {name: value for name, value in found.items() if value}


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/software.json", show_json)
    rooms.page("/{language}/software.jsonl", show_lines)
    rooms.page("/{language}/software.jsonld", show_dcat)
    rooms.page("/{language}/software.zip", show_zip)
    rooms.page("/{language}/dump.zip", show_dump)
