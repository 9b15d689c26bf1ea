"""Ways to look around beside searching: what changed since a day, families, figures, a source's page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Annotated, Any

from fastapi import Query as Parameter
from fastapi import Request
from fastapi.responses import Response

from harvester.catalogue.changes import Change, ChangeKind
from harvester.errors import SearchError
from harvester.model import FACETS, FIELDS, Reason, SoftwareState
from harvester.search.query import Query
from harvester.web import facets, listing, pages
from harvester.web.house import House, house_of
from harvester.web.identity import Refused
from harvester.web.labels import labels_of
from harvester.web.rooms import Rooms
from harvester.words import Formatter

_SHOWN, _SIZE, _MOST_PAGES = 20, 50, 200
_LATELY = timedelta(days=30)
_FIGURES = tuple(name for name, facet in FACETS.items() if facet.figure)
_BARS = 12


def show_changes(
    request: Request,
    language: str,
    since: str = "",
    what: str = "",
    page: Annotated[int, Parameter(ge=1, le=_MOST_PAGES)] = 1,
) -> Response:
    """What is new, changed and gone since a day (its beginning in UTC; thirty days ago where none is said)."""
    house = house_of(request)
    formatter, moment = house.formatter(language), _day(since)
    kinds = [one for one in ChangeKind if what in ("", one.value)]
    if not kinds:
        raise _refused("what", what)
    size = _SIZE if what else _SHOWN
    groups: list[dict[str, Any]] = []
    for kind in kinds:
        found = house.catalogue.changes.newest(kind, since=moment, limit=size, offset=(page - 1) * size)
        n = house.catalogue.changes.count(kind, moment)
        groups.append({"kind": kind.value, "n": n, "lines": [_line(one, formatter) for one in found]})
    last = -(-int(groups[0]["n"]) // size) if what else 1
    return pages.render(
        request,
        "changes.html",
        since=moment.date().isoformat(),
        today=formatter.now.date().isoformat(),
        what=what,
        groups=groups,
        number=page,
        pages_n=min(last, _MOST_PAGES),
    )


def _day(since: str) -> datetime:
    if not since:
        return (datetime.now(UTC) - _LATELY).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        found = datetime.fromisoformat(since)
    except ValueError:
        raise _refused("since", since) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _refused(name: str, value: str) -> SearchError:
    told = Reason.of("limit.value", name=name, value=value[:60])
    return SearchError(f"{name}={value[:60]!r} is none", remedy="a day such as since=2026-11-27", reason=told)


def _line(one: Change, formatter: Formatter) -> dict[str, Any]:
    """A change in words; what was withdrawn keeps its name to itself."""
    words, withdrawn = formatter.words, one.software.state is SoftwareState.WITHDRAWN
    shown = listing.of_software(one.software, formatter)
    changed = ", ".join(words(FIELDS[name].label) for name in one.fields) or words("changes.sources_only")
    return {
        "name": words("record.withdrawn") if withdrawn else shown.name,
        "url": shown.url if one.kind is not ChangeKind.GONE else "",
        "at": one.at,
        "says": shown.says if one.kind is ChangeKind.NEW else None,
        "changed": words("feed.changed_what", fields=changed) if one.kind is ChangeKind.CHANGED else "",
    }


def show_families(request: Request, language: str) -> Response:  # noqa: ARG001 - its path has one
    """The wholes with most parts."""
    return pages.render(request, "families.html", families=house_of(request).catalogue.families.largest())


def show_family(request: Request, language: str, software_id: str) -> Response:
    """A whole with its parts, installations and copies, by what each is."""
    house = house_of(request)
    formatter = house.formatter(language)
    whole = house.catalogue.software.get(software_id)
    if whole.state is not SoftwareState.PUBLISHED:
        raise Refused(404, "not-found")
    members, n = house.catalogue.families.members(whole.id)
    groups = []
    for (kind, artefact), some in groupby(
        sorted(members, key=lambda one: (one[0].value != "part", one[0].value, one[1].fields.artefact or "~")),
        key=lambda one: (one[0].value, one[1].fields.artefact),
    ):
        lines = [listing.of_software(software, formatter) for _, software in some]
        label = formatter.term("artefact", artefact) if artefact else formatter.words("unknown")
        groups.append({"kind": kind, "label": label, "lines": lines})
    name = whole.fields.name or whole.slug
    line = listing.of_software(whole, formatter)
    return pages.render(
        request, "family.html", whole=whole, name=name, line=line, groups=groups, n=n, shown=len(members)
    )


def show_statistics(request: Request, language: str) -> Response:
    """What the toolbox is made of, as bars with their figures."""
    house = house_of(request)
    formatter = house.formatter(language)
    query = Query(size=1, language=language)
    result = house.engine.search(query)
    at, label = facets.Addresses(f"/{language}/software"), labels_of(house, formatter)
    groups = facets.groups(result, query, label=label, words=formatter.words, at=at)
    return pages.render(
        request,
        "statistics.html",
        total=result.total,
        charts=[_chart(one, result.total) for one in groups if one.name in _FIGURES],
        shelves=house.catalogue.software.count_by_shelf(),
    )


def _chart(group: facets.Group, total: int) -> dict[str, Any]:
    """A bar's width is its share of the longest that says something; what nobody states is told beside."""
    stated = [value for value in group.values if not value.unknown and value.count][:_BARS]
    largest = max((value.count for value in stated), default=1)
    unknown = next((value.count for value in group.values if value.unknown), 0)
    return {
        "name": group.name,
        "label": group.label,
        "bars": [
            {"label": one.label, "count": one.count, "url": one.toggle_url, "width": round(310 * one.count / largest)}
            for one in stated
        ],
        "unknown": unknown,
        "stated": (total - unknown) / total if total else 0.0,
    }


def show_source(request: Request, language: str, name: str) -> Response:
    """A source: who publishes it, on what terms, when it was last harvested well, and its best tools."""
    house = house_of(request)
    formatter = house.formatter(language)
    source = house.catalogue.sources.get(name)
    if not source.enabled:
        raise Refused(404, "not-found")
    return pages.render(
        request,
        "source.html",
        source=source,
        country=formatter.country(source.country) if source.country else None,
        terms=listing.terms_words(source.terms, formatter),
        last_good=house.catalogue.runs.last_good(source.name).get(source.name),
        **_best(house, source.name, formatter),
    )


def _best(house: House, name: str, formatter: Formatter) -> dict[str, Any]:
    language = formatter.words.language
    try:
        result = house.engine.search(Query(language=language, selections={"source": (name,)}, size=10))
    except SearchError:
        return {"total": None, "hits": []}
    return {"total": result.total, "hits": [listing.of_hit(hit, formatter) for hit in result.hits]}


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/changes", show_changes)
    rooms.page("/{language}/families", show_families)
    rooms.page("/{language}/families/{software_id}", show_family)
    rooms.page("/{language}/statistics", show_statistics)
    rooms.page("/{language}/sources/{name}", show_source)
