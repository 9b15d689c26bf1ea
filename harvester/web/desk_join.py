"""What joins softwares, parts them, and says how they stand to each other: merge, split and relate, at the desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from harvester.catalogue.acts import Act
from harvester.errors import CatalogueError, CatalogueUnavailable, Conflict, NotFound
from harvester.model import (
    ASSESSMENT,
    FIELDS,
    FieldKind,
    Operation,
    Place,
    Reason,
    RelationType,
    Software,
    SoftwareState,
)
from harvester.resolve.values import to_json
from harvester.web import pages, record
from harvester.web.desk import LONGEST_WHY, address_of, number, told, values_words, work_page
from harvester.web.house import House, house_of
from harvester.web.identity import Access, Refused, visitor_of
from harvester.web.rooms import Rooms
from harvester.words import Formatter

MOST_MERGED = 12
_FOUND = 12
_TELLING = tuple(
    name for name, one in FIELDS.items() if one.kind is FieldKind.SCALAR and Place.REVIEW | Place.GUARDED in one.places
)
"""What of an entry tells whose it is: what a doubtful source may not change."""
_RELATIONS = (RelationType.COPY, RelationType.PART, RelationType.INSTANCE, RelationType.REPLACES)


def show_merge(request: Request, software_id: str, q: str = "") -> Response:
    """Choose what it is to be joined with; then all of them side by side."""
    return _merge_page(request, software_id, request.query_params.getlist("other"), q)


def _merge_page(
    request: Request,
    software_id: str,
    others: Sequence[str],
    q: str = "",
    *,
    status: int = 200,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
    tried: Sequence[Software] = (),
) -> Response:
    house = house_of(request)
    catalogue, formatter = house.catalogue, house.formatter(pages.language_of(request))
    software = catalogue.software.get(software_id)
    sides = [software, *(one for one in _softwares(house, others) if one.id != software.id)]
    near = catalogue.software.many([one.id for one in catalogue.software.neighbours(software.id)[:_FOUND]])
    found = catalogue.software.called(q, _FOUND) if q.strip() else []
    shown = {one.id for one in sides}
    return work_page(
        request,
        "review_merge.html",
        software,
        status=status,
        problem=problem,
        sides=[
            {"one": one, "name": one.fields.name or one.slug, "url": address_of(formatter.words.language, one)}
            for one in sides
        ],
        rows=_side_by_side(sides, formatter) if len(sides) > 1 else [],
        found=[one for one in {one.id: one for one in (*found, *near)}.values() if one.id not in shown],
        q=q[:200],
        typed=defaultdict(str, typed or {}),
        tried=_would_be(tried, formatter),
    )


def _softwares(house: House, ids: Sequence[str]) -> list[Software]:
    """Those that can be joined, each once."""
    found = house.catalogue.software.many(list(dict.fromkeys(ids))[:MOST_MERGED])
    return [one for one in found if one.state in (SoftwareState.PUBLISHED, SoftwareState.CANDIDATE)]


def _side_by_side(sides: Sequence[Software], formatter: Formatter) -> list[dict[str, Any]]:
    rows = []
    for name, declared in FIELDS.items():
        texts = [record.spelled(name, getattr(one.fields, name), formatter) for one in sides]
        if not any(texts):
            continue
        differ, single = len(set(texts)) > 1, declared.kind is FieldKind.SCALAR
        cells = [{"id": one.id, "text": text} for one, text in zip(sides, texts, strict=True)]
        rows.append({"name": name, "cells": cells, "differ": differ, "choose": differ and single})
    return rows


def _would_be(tried: Sequence[Software], formatter: Formatter) -> list[dict[str, Any]]:
    return [
        {
            "name": one.fields.name or one.slug,
            "state": one.state.value,
            "facts": [
                (name, text) for name in FIELDS if (text := record.spelled(name, getattr(one.fields, name), formatter))
            ],
        }
        for one in tried
    ]


async def do_merge(request: Request, language: str, software_id: str) -> Response:
    """Preview a merge, or carry it out."""
    return await run_in_threadpool(_merge, request, language, software_id, await request.form())


def _merge(request: Request, language: str, software_id: str, form: FormData) -> Response:
    house, actor = house_of(request), visitor_of(request).login
    others = [str(one) for one in form.getlist("other")]
    typed = {name: str(value) for name, value in form.items()}
    sides = [house.catalogue.software.get(software_id), *_softwares(house, others)]
    by_id = {one.id: one for one in sides}
    survivor = by_id.get(typed.get("survivor", ""), sides[0])
    rest = [one for one in by_id.values() if one.id != survivor.id]
    if not rest:
        raise Refused(400, "bad-request")
    why = typed.get("why", "").strip()[:LONGEST_WHY] or None

    def seen(one: Software) -> int | None:
        return number(typed.get(f"seen-{one.id}"))

    acts = [
        Act(software=survivor.id, operation=Operation.SAME, value=one.id, why=why, survives=True, seen=seen(survivor))
        for one in rest
    ]
    for name, declared in FIELDS.items():
        chosen = by_id.get(typed.get(f"value-{name}", ""))
        value = to_json(getattr(chosen.fields, name)) if chosen and declared.kind is FieldKind.SCALAR else None
        if value is not None:
            acts.append(Act(software=survivor.id, operation=Operation.SET, field=name, value=value, why=why))
    again: dict[str, Any] = {"typed": typed}
    try:
        for one in rest:
            if seen(one) not in (None, one.version):
                name = one.fields.name or one.slug
                raise Conflict(f"{name} changed meanwhile", reason=Reason.of("conflict.changed", name=name))
        if typed.get("do") == "preview":
            tried = house.catalogue.review.tried(acts, actor)
            return _merge_page(request, software_id, list(by_id), tried=tried, **again)
        made = house.catalogue.review.together(acts, actor)
    except CatalogueUnavailable:
        raise
    except CatalogueError as error:
        problem = told(error, house.formatter(language))
        return _merge_page(request, software_id, list(by_id), status=409, problem=problem, **again)
    return RedirectResponse(address_of(language, house.catalogue.software.get(made[0].software), "same"), 303)


def show_split(request: Request, software_id: str) -> Response:
    """The entries that it was made of: which of them are another software?"""
    return _split_page(request, software_id)


def _split_page(
    request: Request,
    software_id: str,
    chosen: Sequence[int] = (),
    *,
    status: int = 200,
    problem: str = "",
    why: str = "",
    tried: Sequence[Software] = (),
) -> Response:
    house = house_of(request)
    formatter, software = house.formatter(pages.language_of(request)), house.catalogue.software.get(software_id)
    entries = [
        {
            "record": number,
            "origin": one,
            "chosen": number in chosen,
            "says": [
                f"{formatter.words(f'field.{name}')}: {values_words(name, each.value, formatter)}"
                for name in _TELLING
                for each in software.evidence.get(name, ())
                if each.record == number and each.source != ASSESSMENT
            ],
        }
        for number, one in house.catalogue.software.provenance(software.id).items()
    ]
    would = _would_be(tried, formatter)
    return work_page(
        request, "review_split.html", software, status=status, problem=problem, entries=entries, why=why, tried=would
    )


def do_split(
    request: Request,
    language: str,
    software_id: str,
    record: Annotated[list[int] | None, Form()] = None,
    why: Annotated[str, Form()] = "",
    do: Annotated[str, Form()] = "",
    seen: Annotated[int | None, Form()] = None,
) -> Response:
    """Preview a split, or carry it out."""
    house, actor, chosen = house_of(request), visitor_of(request).login, record or [0]
    said = why.strip()[:LONGEST_WHY]
    act = Act(software=software_id, operation=Operation.SPLIT, value=chosen, why=said or None, seen=seen)
    try:
        if do == "preview":
            tried = house.catalogue.review.tried([act], actor)
            return _split_page(request, software_id, chosen, why=said, tried=tried)
        made = house.catalogue.review.together([act], actor)[0]
    except (CatalogueUnavailable, NotFound):
        raise
    except CatalogueError as error:
        problem = told(error, house.formatter(language))
        return _split_page(request, software_id, chosen, status=409, problem=problem, why=said)
    return RedirectResponse(address_of(language, house.catalogue.software.get(made.software)), 303)


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation as the page lists it: from which software to which."""

    subject: str
    type: str
    object: str
    name: str
    outward: bool


def show_relate(request: Request, software_id: str, q: str = "") -> Response:
    """How it stands to others, and how it might."""
    return _relate_page(request, software_id, q)


def _relate_page(request: Request, software_id: str, q: str, *, status: int = 200, problem: str = "") -> Response:
    house = house_of(request)
    catalogue, software = house.catalogue, house.catalogue.software.get(software_id)
    ends = [(software.id, str(one.type), one.object, True) for one in software.appraisal.relations if one.object]
    ends += [(other, str(one.type), software.id, False) for other, one in catalogue.relations.of(software.id)]
    named = {one.id: one for one in catalogue.software.many([e[2] if e[3] else e[0] for e in ends][:200])}
    standing = [
        Tie(subject, kind, str(object_), named[other].fields.name or named[other].slug, outward)
        for subject, kind, object_, outward in ends
        if (other := str(object_) if outward else subject) in named
    ]
    found = catalogue.software.called(q, _FOUND) if q.strip() else []
    found += catalogue.software.many([one.id for one in catalogue.software.neighbours(software.id)[:_FOUND]])
    shown = {one.id: one for one in found if one.id != software.id}
    return work_page(
        request,
        "review_relate.html",
        software,
        status=status,
        problem=problem,
        standing=standing,
        found=list(shown.values()),
        types=_RELATIONS,
        q=q[:200],
    )


def do_relate(
    request: Request,
    language: str,
    software_id: str,
    type: Annotated[str, Form()] = "",
    other: Annotated[str, Form()] = "",
    turned: Annotated[str, Form()] = "",
    undo: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
) -> Response:
    """Say how it stands to another, or that it does not stand so; `turned`: how the other stands to it."""
    house = house_of(request)
    software = house.catalogue.software.get(software_id)
    if type not in list(RelationType) or not other or other == software.id:
        problem = house.formatter(language).words("relate.needs_both")
        return _relate_page(request, software.id, "", status=400, problem=problem)
    subject, end = (other, software.id) if turned else (software.id, other)
    act = Act(
        software=subject,
        operation=Operation.UNRELATE if undo else Operation.RELATE,
        field=type,
        value=end,
        why=why.strip()[:LONGEST_WHY] or None,
    )
    house.catalogue.review.together([act], visitor_of(request).login)
    return RedirectResponse(f"/{language}/review/{quote(software.id)}/relate", 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    here = "/{language}/review/{software_id}"
    for name, show, do in (
        ("merge", show_merge, do_merge),
        ("split", show_split, do_split),
        ("relate", show_relate, do_relate),
    ):
        rooms.page(f"{here}/{name}", show, access=Access.REVIEWER)
        rooms.form(f"{here}/{name}", do, access=Access.REVIEWER)
