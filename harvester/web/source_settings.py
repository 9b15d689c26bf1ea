"""The operator's pages of sources: one with all that is known of it and can be done, and what the registry offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import yaml
from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from harvester.catalogue import Catalogue
from harvester.catalogue.database import now
from harvester.catalogue.runs import OPEN
from harvester.errors import NotFound, SourceError
from harvester.model import Bounds, Checked, Source
from harvester.runs.kinds import bounds, read_kinds_soon
from harvester.runs.registry import offers
from harvester.web import pages
from harvester.web.house import House, house_of
from harvester.web.identity import Access, visitor_of
from harvester.web.operations import bars, schedule_words, state_of, took
from harvester.web.rooms import Rooms

RUNS = 14
NAMED = 200  # of what would go, on the page
PAUSES = (1, 7, 30)
"""Days for which a source can be paused; 0 is without an end."""

_Change = Callable[[Catalogue, str, str], object]


def _set(**values: Any) -> _Change:
    return lambda catalogue, name, login: catalogue.sources.change(name, login, **values)


CHANGES: Mapping[str, _Change] = {
    "accept": _set(accepted=True),
    "off": _set(enabled=False),
    "on": _set(enabled=True),
    "resume": lambda catalogue, name, login: catalogue.sources.change(name, login, paused=False, paused_until=now()),
    "trust": _set(trusted=True),
    "untrust": _set(trusted=False),
    "take-back": lambda catalogue, name, login: catalogue.sources.take_back(name, login),
    "remove": lambda catalogue, name, login: catalogue.sources.take_back(name, login, remove=True),
    "mend": lambda catalogue, name, login: catalogue.checks.accept(name, login),
    "give-back": lambda catalogue, name, login: catalogue.sources.give_back(name, login),
}
"""What a button does to a source, by the button's word."""
_RESOLVED = frozenset({"trust", "untrust", "take-back", "remove", "give-back"})
"""What changes which softwares are published: it holds at once."""


def show_source(request: Request, language: str, source: str, sure: str = "") -> Response:
    """A source: what it is, when it is due, what it brought and cost, its issues by cause. `sure` names a change whose
    list is shown before it is made."""
    return _page(request, language, source, sure=sure)


def _page(
    request: Request, language: str, source: str, *, sure: str = "", typed: Source | None = None, status: int = 200
) -> Response:
    """The page; with what was `typed` in the form where that cannot be."""
    house = house_of(request)
    formatter = house.formatter(language)
    found = house.catalogue.sources.get(source)
    runs = house.catalogue.runs.recent(source, RUNS)
    states = house.catalogue.software.count_by_source().get(source, {})
    asked = sure if sure in ("take-back", "remove") else ""
    checking = house.checking.is_under_way(source)
    page = pages.render(
        request,
        "source_settings.html",
        checked=house.catalogue.checks.of(source),
        checking=checking,
        address_change=_address_change(found, house.catalogue.checks.of(source)),
        source=found,
        typed=typed or found,
        refused=typed is not None,
        status=status,
        params=[(key, _written(value)) for key, value in found.params.items()],
        bounds=bounds(found, house.settings),
        bound_names=[field.name for field in fields(Bounds)],
        schedule=schedule_words(found, formatter.words),
        upcoming=_upcoming(house, found),
        runs=[(run, state_of(run), took(run, formatter.now)) for run in runs],
        bars=bars(runs),
        published=states.get("published", 0),
        candidates=states.get("candidate", 0),
        items=house.catalogue.sources.items(source),
        groups=house.catalogue.issues.groups(source=source),
        open_run=next((run for run in runs if run.state in OPEN), None),
        paused=found.rests(now()) and found.paused,
        pauses=PAUSES,
        sure=asked,
        going=house.catalogue.sources.would_take_back(source) if asked else None,
        named=NAMED,
        zone=house.settings.timezone,
    )
    if checking:
        page.headers["refresh"] = "2"
    return page


def _address_change(source: Source, checked: Checked | None) -> Sequence[tuple[str, str, str]]:
    """What the last check proposes to change of the parameters: name, before, after."""
    if checked is None or "params" not in checked.proposed:
        return ()
    after = checked.proposed["params"]
    names = [name for name in after if after[name] != source.params.get(name)]
    return [(name, _written(source.params.get(name, "")), _written(after[name])) for name in names]


def _written(value: object) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000).strip()


def _upcoming(house: House, source: Source) -> list[datetime]:
    """The next times at which it is due, at most five."""
    found: list[datetime] = []
    after: datetime | None = None
    while len(found) < 5 and (moment := house.next_due(source, after)) is not None:
        found.append(moment)
        after = moment + timedelta(seconds=1)
    return found


def show_offers(request: Request) -> Response:
    """What the registry offers and nobody added yet."""
    house = house_of(request)
    read_kinds_soon()
    known = set(house.catalogue.sources.names())
    return pages.render(request, "offers.html", offers=[offer for name, offer in offers().items() if name not in known])


def do_add(request: Request, language: str, name: Annotated[str, Form(max_length=60)]) -> Response:
    """Add a source of the registry; it is harvested once it is accepted. One that is stored, removed perhaps, is shown:
    its page gives it back."""
    house, offer = house_of(request), offers().get(name)
    if offer is None:
        raise NotFound(f"the registry has no source {name!r}")
    try:
        house.catalogue.sources.get(name)
    except NotFound:
        house.catalogue.sources.put(replace(offer.source, enabled=True), visitor_of(request).login)
    return RedirectResponse(f"/{language}/operations/sources/{name}", 303)


def do_change(request: Request, language: str, source: str, change: str) -> Response:
    """Do what a button says: see CHANGES."""
    house = house_of(request)
    if change not in CHANGES:
        raise NotFound(f"nothing is called {change!r}")
    CHANGES[change](house.catalogue, source, visitor_of(request).login)
    if change in _RESOLVED:
        house.catalogue.resolver.resolve()
    gone = "" if change == "remove" else f"/sources/{source}"
    return RedirectResponse(f"/{language}/operations{gone}", 303)


def do_check(request: Request, language: str, source: str) -> Response:
    """Ask, in a process of its own, whether the source's addresses still lead there; the page tells what it found."""
    house = house_of(request)
    house.catalogue.sources.get(source)
    house.checking.start(house.settings, source, by=visitor_of(request).login)
    return RedirectResponse(f"/{language}/operations/sources/{source}", 303)


def do_pause(request: Request, language: str, source: str, days: Annotated[int, Form(ge=0, le=366)] = 0) -> Response:
    """Let the clock leave a source alone for some days; 0: until it is resumed."""
    until = now() + timedelta(days=days) if days else None
    house_of(request).catalogue.sources.change(source, visitor_of(request).login, paused=True, paused_until=until)
    return RedirectResponse(f"/{language}/operations/sources/{source}", 303)


def do_edit(
    request: Request,
    language: str,
    source: str,
    title: Annotated[str, Form(min_length=1, max_length=200)],
    schedule: Annotated[str, Form(max_length=100)] = "",
    timezone: Annotated[str, Form(max_length=60)] = "UTC",
    least: Annotated[int, Form(ge=0, le=10_000_000)] = 1,
) -> Response:
    """Change what a source is called, when it is due and how much a good run brings at the least."""
    house = house_of(request)
    before = house.catalogue.sources.get(source)
    values: dict[str, Any] = {
        "title": title.strip() or before.title,
        "schedule": " ".join(schedule.split()) or None,
        "timezone": timezone.strip() or "UTC",
        "least": least,
    }
    typed = replace(before, **values)
    try:
        house.next_due(replace(typed, enabled=True, accepted=True, paused=False), datetime.now(UTC))
    except SourceError:
        return _page(request, language, source, typed=typed, status=400)
    house.catalogue.sources.change(source, visitor_of(request).login, **values)
    return RedirectResponse(f"/{language}/operations/sources/{source}", 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/operations/offers", show_offers, access=Access.OPERATOR)
    rooms.form("/{language}/operations/offers", do_add, access=Access.OPERATOR)
    rooms.page("/{language}/operations/sources/{source}", show_source, access=Access.OPERATOR)
    rooms.form("/{language}/operations/sources/{source}/edit", do_edit, access=Access.OPERATOR)
    rooms.form("/{language}/operations/sources/{source}/check", do_check, access=Access.OPERATOR)
    rooms.form("/{language}/operations/sources/{source}/pause", do_pause, access=Access.OPERATOR)
    rooms.form("/{language}/operations/sources/{source}/change/{change}", do_change, access=Access.OPERATOR)
