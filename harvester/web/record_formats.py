"""A record for programs: publiccode.yml, CodeMeta and JSON-LD, each at an address of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from harvester.errors import NotFound
from harvester.model import Severity, Software, SoftwareState
from harvester.normalize.repository import publiccode_of
from harvester.validate import made_file, validate
from harvester.web import linked, pages, xml
from harvester.web.house import House, house_of
from harvester.web.rooms import Rooms


def record_of(request: Request, software_id: str) -> Software | Response:
    """The published software; or the answer that tells where it went."""
    catalogue = house_of(request).catalogue
    software = catalogue.software.get(software_id)
    if software.state is SoftwareState.MERGED and software.merged_into:
        software = catalogue.software.get(software.merged_into)
    if software.state in (SoftwareState.GONE, SoftwareState.WITHDRAWN):
        withdrawn = software.state is SoftwareState.WITHDRAWN
        name = house_of(request).words[pages.language_of(request)]("record.withdrawn") if withdrawn else software.slug
        return pages.render(request, "gone.html", status=410, software=software, name=name)
    if software.state is not SoftwareState.PUBLISHED:
        raise NotFound(f"no software {software_id!r}")
    if software_id != software.id:
        return RedirectResponse(request.url.path.replace(f"/{software_id}/", f"/{software.id}/", 1), 301)
    return software


def _page(request: Request, software: Software, language: str) -> str:
    return f"{pages.public_url(request)}/{language}/software/{software.id}/{software.slug}"


def show_json_ld(request: Request, language: str, software_id: str) -> Response:
    """schema.org's words."""
    found = record_of(request, software_id)
    if isinstance(found, Response):
        return found
    return _json(request, linked.json_ld(found.fields, page=_page(request, found, language)), "application/ld+json")


def show_codemeta(request: Request, language: str, software_id: str) -> Response:
    """codemeta.json."""
    found = record_of(request, software_id)
    if isinstance(found, Response):
        return found
    return _json(request, linked.codemeta(found.fields, page=_page(request, found, language)), "application/json")


def _json(request: Request, data: Mapping[str, Any], media_type: str) -> Response:
    return xml.tagged(request, json.dumps(data, ensure_ascii=False, indent=1).encode(), media_type)


def show_publiccode(request: Request, software_id: str) -> Response:
    """The file that its makers published, to the letter, with the validator's verdict in a header; else one made of
    what is known, where that is all that the standard asks for; else 404, which names the keys that nobody states."""
    found = record_of(request, software_id)
    if isinstance(found, Response):
        return found
    published = published_file(house_of(request), found.id)
    if published is not None:
        answer = xml.tagged(request, published, "application/yaml")
        answer.headers["x-publiccode-verdict"] = verdict(published)
        return answer
    made = made_file.publiccode(found.fields)
    if made.missing:
        return pages.render(request, "no_publiccode.html", status=404, software=found, missing=made.missing)
    return xml.tagged(request, made.text.encode(), "application/yaml")


def published_file(house: House, software_id: str) -> bytes | None:
    """The publiccode.yml of the first item that has one, to the letter; None where an operator wants none shown."""
    if not house.settings.publish_files:
        return None
    files = (publiccode_of(raw) for raw in house.catalogue.software.raw_items(software_id))
    return next((one for one in files if one is not None), None)


def verdict(payload: bytes) -> str:
    """ "valid; errors=0, warnings=1": what `harvester validate` says of the file."""
    severities = [one.severity for one in validate(payload).results]
    errors = severities.count(Severity.ERROR)
    return f"{'invalid' if errors else 'valid'}; errors={errors}, warnings={len(severities) - errors}"


def register(rooms: Rooms) -> None:
    """The routes of this module; before the record's page, whose slug would take their names."""
    rooms.page("/{language}/software/{software_id}/publiccode.yml", show_publiccode)
    rooms.page("/{language}/software/{software_id}/codemeta.json", show_codemeta)
    rooms.page("/{language}/software/{software_id}/record.jsonld", show_json_ld)
