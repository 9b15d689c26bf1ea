"""The log: who changed what, before and after, and why; searched, filtered, and taken away whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response, StreamingResponse

from harvester.catalogue.people import AuditLine, LogSought
from harvester.web import pages
from harvester.web.export import cell
from harvester.web.house import House, house_of
from harvester.web.identity import Access
from harvester.web.rooms import Rooms
from harvester.web.security import MAX_ID

_PAGE = 100
_COLUMNS = ("at", "actor", "action", "subject", "before", "after", "why", "via")


def one_line(value: Any) -> str:
    """A value on one line that nothing in it can end or hide: what is no printable character is spelled out."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def show_log(request: Request, language: str, before: Annotated[int, Query(le=MAX_ID)] = 0) -> Response:
    """A page of lines, newest first, from the line `before` on."""
    house = house_of(request)
    sought, moment = LogSought.of(request.query_params), house.formatter(language).utc
    lines = house.catalogue.audit.lines(_PAGE + 1, sought=sought, before=max(0, before))
    rows = [
        {"id": one.id, "when": moment(one.at), "link": _link(one, language), **_cells(one)} for one in lines[:_PAGE]
    ]
    return pages.render(
        request,
        "review_log.html",
        rows=rows,
        sought=sought,
        filters=sought.query,
        older=rows[-1]["id"] if len(lines) > _PAGE else None,
    )


def _cells(line: AuditLine) -> dict[str, str]:
    return {name: one_line(getattr(line, name)) for name in _COLUMNS if name != "at"}


def _link(line: AuditLine, language: str) -> str:
    kind, _, name = line.subject.partition(":")
    if kind == "software" and name.isalnum():
        return f"/{language}/review?id={name}"
    return ""


def show_log_csv(request: Request, language: str) -> Response:  # noqa: ARG001 - it is in the address of every page
    """The lines of a filter, whole."""
    house, sought = house_of(request), LogSought.of(request.query_params)
    asked = request.method != "HEAD"
    body = _rows(house, sought) if asked else iter(())
    headers = {"content-disposition": 'attachment; filename="log.csv"', "cache-control": "no-store"}
    return StreamingResponse(body, media_type="text/csv; charset=utf-8", headers=headers)


def _rows(house: House, sought: LogSought) -> Iterator[str]:
    yield _spelled(_COLUMNS)
    before = 0
    while lines := house.catalogue.audit.lines(1000, sought=sought, before=before):
        for line in lines:
            cells = _cells(line)
            yield _spelled((line.at.isoformat(), *(cell(cells[name]) for name in _COLUMNS[1:])))
        before = lines[-1].id


def _spelled(cells: tuple[str, ...]) -> str:
    made = io.StringIO()
    csv.writer(made).writerow(cells)
    return made.getvalue()


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/review/log", show_log, access=Access.REVIEWER)
    rooms.page("/{language}/review/log.csv", show_log_csv, access=Access.REVIEWER)
