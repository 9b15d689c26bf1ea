"""The review console: the queue, the candidate, what it might be the same as, and a verdict in one key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from harvester.catalogue.acts import Act
from harvester.catalogue.claims import DeskClaim
from harvester.catalogue.sought import QueueSought
from harvester.catalogue.standing import Waiting
from harvester.errors import CatalogueUnavailable, Conflict, NotFound
from harvester.model import Decision, Operation, Place, Software, SoftwareState
from harvester.web import desk, pages, record, texts
from harvester.web.desk import LONGEST_WHY
from harvester.web.desk_queue import address, queue_part, sought_in, sought_of
from harvester.web.house import House, house_of
from harvester.web.identity import Access, Refused, visitor_of
from harvester.web.rooms import Rooms
from harvester.web.security import MAX_ID
from harvester.words import Formatter, Weighed

QUEUE_SHOWN = 50
REASONS = ("not-civic", "not-software", "demo-copy", "duplicate", "abandoned", "too-little")
"""Reasons of a rejection that a reviewer picks by number; the free text says more."""
PUT_OFF = {"end": 0, "week": 7, "month": 30, "quarter": 91}
"""For how many days a candidate is put off; 0: until the rest of the queue is done."""

_DECIDED_ON = {
    Operation.ACCEPT: {SoftwareState.CANDIDATE, SoftwareState.REJECTED},
    Operation.REJECT: {SoftwareState.CANDIDATE},
    Operation.DEFER: {SoftwareState.CANDIDATE},
    Operation.UNSURE: {SoftwareState.CANDIDATE},
    Operation.TAKE: {SoftwareState.PUBLISHED},
    Operation.LEAVE: {SoftwareState.PUBLISHED},
    Operation.LIST: {SoftwareState.PUBLISHED},
    Operation.SET_ASIDE: {SoftwareState.PUBLISHED},
    Operation.WITHDRAW: {*SoftwareState} - {SoftwareState.WITHDRAWN, SoftwareState.MERGED},
}
"""In which states a software can be decided on so; of two others in any."""
VERDICTS = {
    "accept": Operation.ACCEPT,
    "reject": Operation.REJECT,
    "defer": Operation.DEFER,
    "unsure": Operation.UNSURE,
    "same": Operation.SAME,
    "different": Operation.DIFFERENT,
    "take": Operation.TAKE,
    "leave": Operation.LEAVE,
    "list": Operation.LIST,
    "set-aside": Operation.SET_ASIDE,
    "withdraw": Operation.WITHDRAW,
}


def show_review(request: Request, language: str, id: str = "", done: str = "", page: int = 1) -> Response:
    """The page, at a candidate or at the first of this page of the queue."""
    return _page(request, language, id, sought_of(request), page=page, done=done)


def _page(
    request: Request,
    language: str,
    id: str,
    sought: QueueSought,
    *,
    page: int = 1,
    done: str = "",
    status: int = 200,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    house = house_of(request)
    formatter = house.formatter(language)
    total = house.catalogue.review.waiting(sought=sought)
    pages_n = max(1, -(-total // QUEUE_SHOWN))
    page = min(max(1, page), pages_n)
    queue = house.catalogue.review.queue(QUEUE_SHOWN, QUEUE_SHOWN * (page - 1), sought=sought)
    candidate, held = _candidate(house, request, id, queue)
    context: dict[str, Any] = {
        **queue_part(house, request, formatter, queue, sought=sought, page=page, current=candidate),
        "total": total,
        "page": page,
        "pages_n": pages_n,
        "before_url": address(language, sought, page=page - 1) if page > 1 else None,
        "after_url": address(language, sought, page=page + 1) if page < pages_n else None,
        "sought": sought,
        "by_source": _by_source(house),
        "voices": house.catalogue.voices.count(),
        "oldest": house.catalogue.review.oldest(),
        "last": _last(house, request),
        "done": done if formatter.words.known(f"review.done.{done}") else "",
        "decided_today": _decided_today(house, request),
        "software": candidate,
        "held": held,
        "held_until": formatter.until(held.until) if held else "",
        "problem": problem,
        "typed": defaultdict(str, typed or {}),
        "reasons": REASONS,
        "put_off": PUT_OFF,
        "tomorrow": (datetime.now(UTC) + timedelta(days=1)).date().isoformat(),
        **_around(candidate, queue, language=language, sought=sought, page=page),
    }
    if candidate is not None:
        context |= _about(house, candidate, formatter)
    return pages.render(request, "review.html", status=status, **context)


def _candidate(
    house: House, request: Request, wanted: str, queue: Sequence[Software]
) -> tuple[Software | None, DeskClaim | None]:
    """What is shown, claimed for who reads where it waits; and another's claim on it."""
    login = visitor_of(request).login
    if wanted:
        found = next((one for one in queue if one.id == wanted), None)
        with suppress(NotFound):
            found = found or house.catalogue.software.get(wanted)
        if found is not None:
            claim = _claimed(house, request, found) if _waits(found) else None
            return found, claim if claim and claim.login != login else None
    taken = {one.software for one in house.catalogue.claims.all() if one.login != login}
    for one in queue:
        if one.id not in taken:
            claim = _claimed(house, request, one)
            if claim is None or claim.login == login:
                return one, None
    return None, None


def _waits(one: Software) -> bool:
    return one.state is SoftwareState.CANDIDATE or one.asks


def _claimed(house: House, request: Request, one: Software) -> DeskClaim | None:
    """Whose it is now; nobody's where the page is only asked for its head, or the database is busy."""
    if request.method == "HEAD":
        return None
    try:
        return house.catalogue.claims.take(one.id, visitor_of(request).login)
    except CatalogueUnavailable:  # it is decided in the transaction of the verdict anyhow
        return None


def _around(
    candidate: Software | None, queue: Sequence[Software], *, language: str, sought: QueueSought, page: int
) -> dict[str, str | None]:
    ids = [one.id for one in queue]
    place = ids.index(candidate.id) if candidate and candidate.id in ids else -1
    after = ids[place + 1] if place + 1 < len(ids) else None
    before = ids[place - 1] if place > 0 else None
    return {
        "next_id": after or before,
        "next_url": address(language, sought, after, page=page) if after else None,
        "previous_url": address(language, sought, before, page=page) if before else None,
    }


def _by_source(house: House) -> list[tuple[str, int]]:
    counts = house.catalogue.software.count_by_source()
    found = [(source, states.get("candidate", 0)) for source, states in counts.items()]
    return sorted((one for one in found if one[1]), key=lambda one: (-one[1], one[0]))[:6]


def _last(house: House, request: Request) -> dict[str, Any] | None:
    decision = house.catalogue.review.last_decision(visitor_of(request).login)
    if decision is None:
        return None
    try:
        name = house.catalogue.software.get(decision.software).fields.name
    except NotFound:
        name = None
    name = name or decision.software
    if (others := house.catalogue.review.decided_together(decision) - 1) > 0:
        name = house.words[pages.language_of(request)]("review.and_others", name=name, n=others)
    return {"id": decision.id, "operation": decision.operation.value, "name": name}


def _decided_today(house: House, request: Request) -> int:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return house.catalogue.review.decided_since(visitor_of(request).login, midnight)


def _about(house: House, candidate: Software, formatter: Formatter) -> dict[str, Any]:
    catalogue = house.catalogue
    provenance = catalogue.software.provenance(candidate.id)
    history, issues = catalogue.review.history(candidate.id), catalogue.software.issues(candidate.id)
    apart = _told_apart(history)
    near = [one for one in catalogue.software.neighbours(candidate.id) if one.id not in apart]
    return {
        "name": candidate.fields.name or candidate.slug,
        "short": texts.best(candidate.fields.short_description, formatter.words.language),
        "origins": record.origins(provenance)[:3],
        "proposed": formatter.reason(candidate.appraisal.proposed) if candidate.appraisal.proposed else "",
        "why": _why_here(candidate, formatter),
        "facts": record.facts(candidate, Place.REVIEW, provenance=provenance, formatter=formatter),
        "issues": issues[:20],
        "issues_n": len(issues),
        "history": desk.decided(history, formatter),
        "several": len(provenance) > 1,
        "neighbours": [{"one": one, "why": formatter.reason(one.reason)} for one in near[:8]],
        "neighbours_n": len(near),
        "waits": candidate.state is SoftwareState.CANDIDATE,
        "changes": [_changes(one, formatter) for one in catalogue.standing.waiting(candidate.id)]
        if candidate.asks
        else [],
    }


def _changes(waiting: Waiting, formatter: Formatter) -> dict[str, Any]:
    """What a source says otherwise than what is published, by field as a page shows it."""
    rows = [
        (name, record.spelled(name, before, formatter), record.spelled(name, now, formatter))
        for name, (before, now) in waiting.fields.items()
    ]
    return {"title": waiting.title, "source": waiting.source, "url": waiting.url, "rows": rows}


def _why_here(candidate: Software, formatter: Formatter) -> list[Weighed]:
    """Why another body could take it up, or could not, the weightiest reason first."""
    reasons = candidate.appraisal.toolbox.reasons
    return [Weighed(formatter.reason(one), formatter.weight(weight)) for weight, one in reasons]


def _told_apart(history: Sequence[Decision]) -> set[str]:
    """The softwares that a reviewer said are others: they are not asked about again."""
    apart = (Operation.DIFFERENT, Operation.SPLIT)
    said = [one for one in history if one.undone_at is None and one.operation in apart]
    return {end for one in said for end in (one.software, one.value.get("software"))}


def do_verdict(
    request: Request,
    language: str,
    software_id: str,
    verdict: str,
    seen: Annotated[int | None, Form()] = None,
    reason: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
    other: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
    filters: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
) -> Response:
    """Decide, then the next candidate is there."""
    operation = VERDICTS.get(verdict)
    if operation is None:
        raise Refused(404, "not-found")
    house = house_of(request)
    words = house.formatter(language).words
    typed = {"reason": reason, "why": why[:LONGEST_WHY], "until": until, "day": day[:10]}
    found = house.catalogue.software.get(software_id)
    sought, page = sought_in(filters, request)
    again = partial(_page, request, language, found.id, sought, page=page, typed=typed)
    said = ": ".join(part for part in (reason if reason in REASONS else "", why.strip()[:LONGEST_WHY]) if part) or None
    if operation in (Operation.REJECT, Operation.WITHDRAW) and said is None:
        problem = f"{words('error.no-reason.title')}. {words('error.no-reason.why')}"
        return again(status=400, problem=problem)
    ends = ended(until, day, house) if operation is Operation.DEFER else None
    if ends is not None and ends <= datetime.now(UTC):
        return again(status=400, problem=words("defer.past"))
    pair = operation in (Operation.SAME, Operation.DIFFERENT)
    if pair and (not other or other == software_id):
        raise Refused(400, "bad-request")
    act = Act(
        software=found.id,
        operation=operation,
        why=said,
        value=other if pair else None,
        seen=seen,
        among=_DECIDED_ON.get(operation),
        survives=operation is Operation.SAME,
        until=ends,
        claimed=operation in (*_DECIDED_ON, Operation.SAME, Operation.DIFFERENT),
    )
    try:
        house.catalogue.review.together([act], visitor_of(request).login)
    except Conflict as error:
        told = house.formatter(language).reason(error.reason) if error.reason else ""
        return again(status=409, problem=f"{words('error.conflict.title')}. {told}")
    if operation in (Operation.LIST, Operation.SET_ASIDE):
        return RedirectResponse(f"/{language}/software/{found.id}/{found.slug}", 303)
    if operation in (Operation.DIFFERENT, Operation.WITHDRAW):
        going: str | None = found.id
    else:
        going = next[:40] or None
        with suppress(CatalogueUnavailable):  # the verdict is kept: who comes next is claimed as its page opens
            going = house.catalogue.claims.take_next(visitor_of(request).login, sought=sought, after=next)
    return RedirectResponse(address(language, sought, going, done=verdict, page=page), 303)


def ended(until: str, day: str, house: House) -> datetime | None:
    """When a candidate that is put off comes back (UTC): in so many days, or as a day begins in the site's zone."""
    if until in PUT_OFF:
        days = PUT_OFF[until]
        return datetime.now(UTC) + timedelta(days=days) if days else None
    if not day.strip():
        return None
    try:
        begins = datetime.combine(date.fromisoformat(day[:10]), time(), ZoneInfo(house.settings.timezone))
        return begins.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(400, "bad-request") from None


def do_undo(
    request: Request,
    language: str,
    decision: Annotated[int, Form(le=MAX_ID)],
) -> Response:
    """Take a decision back, whoever made it, and show what it was about; what stands on it is shown instead."""
    house = house_of(request)
    try:
        software = house.catalogue.review.undo(decision, visitor_of(request).login)
    except Conflict as error:
        later = house.catalogue.review.stands_on(decision)
        formatter = house.formatter(language)
        told = formatter.reason(error.reason) if error.reason else ""
        rows = desk.decided(later[::-1], formatter)
        return pages.render(request, "review_stands.html", status=409, problem=told, later=rows)
    return RedirectResponse(desk.address_of(language, software, "undo"), 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/review", show_review, access=Access.REVIEWER)
    rooms.form("/{language}/review/undo", do_undo, access=Access.REVIEWER)
    rooms.form("/{language}/review/{software_id}/{verdict}", do_verdict, access=Access.REVIEWER)
