"""The queue as the desk shows it: its lines with their reasons, its filters, those somebody keeps, who is at what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from harvester.assess import helps
from harvester.catalogue.claims import DeskClaim
from harvester.catalogue.saved import LONGEST_QUERY
from harvester.catalogue.sought import AGES, BANDS, KINDS, ORDERS, QueueSought
from harvester.model import ASSESSMENT, SOUGHT, VOCABULARIES, Software
from harvester.web import facets
from harvester.web.house import House, house_of
from harvester.web.identity import Access, Refused, visitor_of
from harvester.web.rooms import Rooms
from harvester.web.security import storable
from harvester.words import Formatter

_SHELVES = tuple(one for one in VOCABULARIES["shelf"] if one != "listed")


def sought_of(request: Request) -> QueueSought:
    """The filters of this address, for whoever reads."""
    return QueueSought.of(request.query_params, reader=visitor_of(request).login)


def parsed(query: str) -> dict[str, str]:
    """The pairs of an address that a form carries. Refused: a text that no database keeps."""
    said = dict(parse_qsl(query[:LONGEST_QUERY]))
    if not all(map(storable, (*said, *said.values()))):
        raise Refused(400, "bad-request")
    return said


def sought_in(filters: str, request: Request) -> tuple[QueueSought, int]:
    """The filters that a form carries, and the page of the queue."""
    said = parsed(filters)
    page = said.get("page", "")
    return QueueSought.of(said, reader=visitor_of(request).login), int(page) if page.isdecimal() and page != "0" else 1


def address(
    language: str, sought: QueueSought, software_id: str | None = None, *, done: str = "", page: int = 1
) -> str:
    """The desk with these filters, at a software."""
    said = {"id": software_id, **sought.said, "done": done, "page": page if page > 1 else None}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"/{language}/review" + (f"?{query}" if query else "")


def queue_part(
    house: House,
    request: Request,
    formatter: Formatter,
    queue: Sequence[Software],
    *,
    sought: QueueSought,
    page: int,
    current: Software | None,
) -> dict[str, Any]:
    """What the template needs for the left column."""
    login, language = visitor_of(request).login, formatter.words.language
    held = {one.software: one for one in house.catalogue.claims.all()}
    until = house.catalogue.review.put_off([one.id for one in queue])
    lines = [
        {
            "id": one.id,
            "url": address(language, sought, one.id, page=page),
            "name": one.fields.name or one.slug,
            "sources": ", ".join(_sources(one)[:2]),
            "seen": formatter.ago(one.first_seen) if one.first_seen else "",
            "why": _why(one, formatter),
            "until": formatter.date(until[one.id]) if one.id in until else "",
            "toolbox": formatter.decimal(one.appraisal.toolbox.value),
            "current": current is not None and one.id == current.id,
            "who": held[one.id].login if one.id in held and held[one.id].login != login else "",
        }
        for one in queue
    ]
    selects = _selects(sought, formatter, house)
    return {
        "queue": lines,
        "selects": selects,
        "chips": _chips(sought, selects, formatter),
        "saved": [
            {"name": name, "url": f"/{language}/review?{query}", "current": query == sought.query}
            for name, query in house.catalogue.saved_filters.of(login)
        ],
        "at_work": [_at_work(one, formatter, language) for one in held.values() if one.login != login],
        "filters": urlencode({**sought.said, **({"page": page} if page > 1 else {})}),
        "query": sought.query,
    }


def _at_work(claim: DeskClaim, formatter: Formatter, language: str) -> dict[str, str]:
    return {
        "who": claim.login,
        "name": claim.name or claim.software,
        "url": f"/{language}/review?id={claim.software}",
        "until": formatter.until(claim.until),
    }


def _sources(one: Software) -> list[str]:
    return sorted({evidence.source for said in one.evidence.values() for evidence in said} - {ASSESSMENT})


def _why(one: Software, formatter: Formatter) -> str:
    """What makes a decision on it help."""
    if one.asks:
        return formatter.words("queue.asks")
    return " · ".join(formatter.reason(reason) for reason in helps.why(one.appraisal))


def _selects(sought: QueueSought, formatter: Formatter, house: House) -> list[dict[str, Any]]:
    sources = {one.name: one.title for one in house.catalogue.sources.all()}
    words, choices, label = formatter.words, house.catalogue.review.choices(), facets.labels(formatter, sources)

    def plain(name: str, values: Sequence[str], prefix: str) -> dict[str, Any]:
        options = [(value, words(f"{prefix}.{value}")) for value in values]
        return {"name": name, "label": words(f"queue.{name}"), "options": options, "chosen": getattr(sought, name)}

    by_facet = []
    for facet in SOUGHT:
        chosen = sought.traits.get(facet.name, "")
        found = dict(choices.get(facet.name, []))
        found |= {chosen: 0} if chosen and chosen not in found else {}
        options = [
            (value, words("pair", first=label(facet.name, value), second=formatter.number(n)))
            for value, n in found.items()
        ]
        by_facet.append({"name": facet.name, "label": words(facet.label), "options": options, "chosen": chosen})
    return [
        plain("kind", KINDS, "queue.kind"),
        *by_facet,
        {"name": "source", "label": words("facet.source"), "options": list(sources.items()), "chosen": sought.source},
        plain("band", BANDS, "queue.band"),
        plain("shelf", _SHELVES, "shelf"),
        plain("age", tuple(AGES), "queue.age"),
        {**plain("order", ORDERS, "queue.order"), "chosen": sought.order or ORDERS[0]},
    ]


def _chips(sought: QueueSought, selects: Sequence[dict[str, Any]], formatter: Formatter) -> list[dict[str, str]]:
    """The filters that are set, each with the address without it."""
    chosen = {one["name"]: dict(one["options"]).get(one["chosen"], "") for one in selects}
    told = {"q": sought.q, "near": formatter.words("queue.near"), "issues": formatter.words("queue.issues"), **chosen}
    return [
        {
            "words": told.get(name) or value,
            "url": address(
                formatter.words.language,
                QueueSought.of({other: said for other, said in sought.said.items() if other != name}),
            ),
        }
        for name, value in sought.said.items()
    ]


def do_save(
    request: Request,
    language: str,
    name: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
    remove: Annotated[str, Form()] = "",
) -> Response:
    """Keep the filters that are set under a name, or forget those of a name."""
    house, login = house_of(request), visitor_of(request).login
    if remove:
        house.catalogue.saved_filters.remove(login, remove)
        return RedirectResponse(f"/{language}/review", 303)
    sought = QueueSought.of(parsed(query))
    house.catalogue.saved_filters.keep(login, name, sought.query)
    return RedirectResponse(address(language, sought), 303)


def do_leave(request: Request, language: str) -> Response:
    """Leave the desk: others may decide on what was open."""
    house_of(request).catalogue.claims.leave(visitor_of(request).login)
    return RedirectResponse(f"/{language}/", 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.form("/{language}/review/saved", do_save, access=Access.REVIEWER)
    rooms.form("/{language}/review/leave", do_leave, access=Access.REVIEWER)
