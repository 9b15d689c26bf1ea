"""The reviewers' lane for what visitors say: what waits, each matter with its voices, accepted, refused, taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from harvester.catalogue.voices import Matter, MatterState, VoiceKind
from harvester.errors import Conflict, NotFound
from harvester.model import FIELDS, Software
from harvester.web import desk, pages, record, voices
from harvester.web.desk import LONGEST_WHY
from harvester.web.house import House, house_of
from harvester.web.identity import Access, Refused, visitor_of
from harvester.web.rooms import Rooms, RowId
from harvester.web.security import MAX_ID
from harvester.words import Formatter

REFUSALS = ("listed", "no-tool", "no-evidence", "not-so", "unclear")
"""Reasons of a refusal that a reviewer picks; the free text says more."""
_PAGE = 50
_VERDICTS = ("accept", "refuse", "undo")


def show_voices(
    request: Request, language: str, page: int = 1, kind: str = "", state: str = "", done: str = ""
) -> Response:
    """What waits, oldest first; or what was accepted or refused, with its undoing."""
    house = house_of(request)
    formatter, page = house.formatter(language), min(max(1, page), 10_000)
    of_kind = VoiceKind(kind) if kind in [*VoiceKind] else None
    of_state = MatterState(state) if state in [*MatterState] else MatterState.WAITS
    heard = house.catalogue.voices
    total = heard.count(kind=of_kind, state=of_state)
    matters = heard.listed(_PAGE, _PAGE * (page - 1), kind=of_kind, state=of_state)
    last = max(1, -(-total // _PAGE))

    def paged(number: int) -> str:
        said = {"state": of_state.value, "kind": of_kind.value if of_kind else None, "page": number}
        return f"/{language}/review/voices?" + urlencode({name: one for name, one in said.items() if one})

    return pages.render(
        request,
        "review_voices.html",
        rows=[_row(house, one, formatter) for one in matters],
        total=total,
        kinds=[(one.value, heard.count(kind=one, state=of_state)) for one in VoiceKind],
        states=[one.value for one in MatterState],
        kind=of_kind,
        state=of_state,
        page=page,
        last=last,
        before_url=paged(page - 1) if page > 1 else None,
        after_url=paged(page + 1) if page < last else None,
        done=done if done in _VERDICTS else "",
    )


def show_voice(request: Request, matter_id: RowId) -> Response:
    """One matter: what it is about, what was said, by how many, and what the catalogue knows."""
    return _voice_page(request, house_of(request).catalogue.voices.get(matter_id))


def _voice_page(
    request: Request, matter: Matter, *, status: int = 200, problem: str = "", typed: Mapping[str, str] | None = None
) -> Response:
    house = house_of(request)
    formatter = house.formatter(pages.language_of(request))
    software = _software(house, matter)
    fact = None
    if software is not None and matter.field in FIELDS:
        provenance = house.catalogue.software.provenance(software.id)
        fact = record.fact(software, str(matter.field), provenance=provenance, formatter=formatter)
    there = []
    if matter.kind is VoiceKind.PROPOSAL:
        read = house.catalogue.voices.understood(matter.data).records
        there = house.catalogue.software.many(house.catalogue.voices.named(read[0].identifiers) if read else [])
    return pages.render(
        request,
        "review_voice.html",
        status=status,
        row=_row(house, matter, formatter),
        software=software,
        fact=fact,
        there=there,
        before=[one for one in house.catalogue.voices.of_key(matter.key) if one.id != matter.id],
        reasons=REFUSALS,
        why_words=voices.refusal_words(matter.why, formatter),
        problem=problem,
        typed=defaultdict(str, typed or {}),
    )


def _software(house: House, matter: Matter) -> Software | None:
    try:
        return house.catalogue.software.heir(matter.software) if matter.software else None
    except NotFound:
        return None


def _row(house: House, matter: Matter, formatter: Formatter) -> dict[str, Any]:
    """A matter as a list shows it: what it is about in one line."""
    software = _software(house, matter)
    name = (software.fields.name or software.slug) if software else ""
    declared = FIELDS.get(matter.field or "")
    second = formatter.words(declared.label) if declared else matter.data.get("organisation", "")
    about = matter.data.get("address") or formatter.words("pair", first=name, second=second)
    return {"matter": matter, "about": about, "ago": formatter.ago(matter.at)}


def do_voice(
    request: Request,
    language: str,
    matter_id: RowId,
    verdict: str,
    reason: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
    seen: Annotated[int | None, Form(le=MAX_ID)] = None,
) -> Response:
    """Accept, refuse with a reason, or take that back."""
    house, actor = house_of(request), visitor_of(request).login
    heard, formatter = house.catalogue.voices, house.formatter(language)
    typed = {"reason": reason, "why": why[:LONGEST_WHY]}
    free = why.strip()[:LONGEST_WHY]
    said = ": ".join(part for part in (reason if reason in REFUSALS else "", free) if part)
    try:
        if verdict == "accept":
            heard.accept(matter_id, actor, why=free or None, seen=seen)
        elif verdict == "refuse" and not said:
            problem = f"{formatter.words('error.no-reason.title')}. {formatter.words('error.no-reason.why')}"
            return _voice_page(request, heard.get(matter_id), status=400, problem=problem, typed=typed)
        elif verdict == "refuse":
            heard.refuse(matter_id, actor, why=said)
        elif verdict == "undo":
            heard.undo(matter_id, actor)
        else:
            raise Refused(404, "not-found")
    except Conflict as error:
        problem = f"{formatter.words('error.conflict.title')}. {desk.told(error, formatter)}"
        return _voice_page(request, heard.get(matter_id), status=409, problem=problem, typed=typed)
    if verdict == "undo":
        return RedirectResponse(f"/{language}/review/voices/{matter_id}", 303)
    return RedirectResponse(f"/{language}/review/voices?done={verdict}", 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/review/voices", show_voices, access=Access.REVIEWER)
    rooms.page("/{language}/review/voices/{matter_id}", show_voice, access=Access.REVIEWER)
    rooms.form("/{language}/review/voices/{matter_id}/{verdict}", do_voice, access=Access.REVIEWER)
