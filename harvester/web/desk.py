"""What a reviewer does with one software, published or not: correct, merge, split, relate, reopen; and the locks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from harvester.catalogue.acts import Act
from harvester.errors import Conflict, HarvesterError, InputError
from harvester.model import (
    FIELDS,
    VOCABULARIES,
    Decision,
    DeclaredField,
    FieldKind,
    Operation,
    RelationType,
    Software,
    SoftwareState,
    ValueType,
)
from harvester.resolve.values import to_json
from harvester.web import pages, record
from harvester.web.house import House, house_of
from harvester.web.identity import Access, Refused, visitor_of
from harvester.web.rooms import Rooms
from harvester.words import Formatter

LONGEST_WHY = 500
MOST_MERGED = 12
_FOUND = 12
_PAGE = 50
_RELATIONS = (RelationType.COPY, RelationType.PART, RelationType.INSTANCE, RelationType.REPLACES)


def address_of(language: str, software: Software, done: str = "") -> str:
    """Where a reviewer goes on with it: its own page where it has one, else the desk."""
    if software.state is SoftwareState.PUBLISHED:
        return f"/{language}/software/{software.id}/{software.slug}"
    return f"/{language}/review?id={software.id}" + (f"&done={done}" if done else "")


def part(house: House, software: Software, formatter: Formatter) -> dict[str, Any]:
    """What the record's page offers a reviewer."""
    return {
        "history": decided(house.catalogue.review.history(software.id), formatter),
        "several": len(house.catalogue.software.provenance(software.id)) > 1,
        "locks": [one for one in house.catalogue.review.history(software.id) if one.contested],
    }


def decided(decisions: Sequence[Decision], formatter: Formatter) -> list[dict[str, Any]]:
    """Decisions as a page lists them, newest first."""
    return [
        {
            "id": one.id,
            "what": formatter.words(f"decision.{one.operation.value}"),
            "field": one.field if one.field in FIELDS else None,
            "value": spelled(one, formatter),
            "who": one.actor,
            "when": formatter.date(one.at),
            "until": formatter.date(one.until) if one.until else "",
            "why": reason_words(one.why, formatter),
            "undone": one.undone_at is not None,
            "by": one.undone_by,
            "contested": one.contested,
            "of_many": one.act is not None,
        }
        for one in decisions
    ]


def reason_words(why: str | None, formatter: Formatter) -> str:
    """A decision's reason, that of the list in the reader's language."""
    code, _, rest = (why or "").partition(": ")
    if code and formatter.words.known(f"reject.{code}"):
        return formatter.words(f"reject.{code}") + (f": {rest}" if rest else "")
    return why or ""


def spelled(decision: Decision, formatter: Formatter) -> str:
    """A correction's value, or the question of a pin, on one line."""
    if decision.operation is Operation.PIN:
        return str(decision.value["question"])
    return values_words(decision.field, decision.value, formatter) if decision.field in FIELDS else ""


def values_words(field: str | None, value: Any, formatter: Formatter) -> str:
    """JSON values of a field on one line."""
    if field is None or value is None:
        return ""
    if FIELDS[field].kind is FieldKind.TEXT:
        texts = value if isinstance(value, list) else [value]
        return " / ".join(" / ".join(one.values()) if isinstance(one, Mapping) else str(one) for one in texts)
    values = value if isinstance(value, list) else [value]
    return ", ".join(record.show(field, one, formatter).text for one in values)


def work_page(request: Request, template: str, software: Software, *, status: int = 200, **more: Any) -> Response:
    name = software.fields.name or software.slug
    return pages.render(request, template, status=status, software=software, name=name, **more)


def told(error: HarvesterError, formatter: Formatter) -> str:
    return formatter.reason(error.reason) if error.reason else ""


def show_correct(request: Request, software_id: str, field: str = "") -> Response:
    """Every field with what is shown and who says so; one of them with the form that corrects it."""
    return _correct_page(request, house_of(request).catalogue.software.get(software_id), field)


def _correct_page(
    request: Request,
    software: Software,
    field: str,
    *,
    status: int = 200,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    house = house_of(request)
    formatter = house.formatter(pages.language_of(request))
    provenance = house.catalogue.software.provenance(software.id)
    corrections = [one for one in house.catalogue.review.history(software.id) if one.undone_at is None and one.field]
    chosen = FIELDS.get(field)
    return work_page(
        request,
        "review_correct.html",
        software,
        status=status,
        problem=problem,
        typed=defaultdict(str, typed or {}),
        field=chosen,
        choices=_choices(chosen, formatter) if chosen else [],
        current=_current(software, chosen, formatter) if chosen else [],
        facts=[record.fact(software, name, provenance=provenance, formatter=formatter) for name in FIELDS],
        objections=house.catalogue.voices.objections(software.id, chosen.name) if chosen else [],
        corrections=decided([one for one in corrections if one.field in FIELDS], formatter),
        tomorrow=(datetime.now(UTC) + timedelta(days=1)).date().isoformat(),
    )


def _choices(field: DeclaredField, formatter: Formatter) -> list[tuple[str, str]]:
    if field.vocabulary:
        return [(code, formatter.term(field.vocabulary, code)) for code in VOCABULARIES[field.vocabulary]]
    if field.type is ValueType.FLAG:
        return [("true", formatter.words("flag.yes")), ("false", formatter.words("flag.no"))]
    if field.type is ValueType.ORGANISATION:
        return [(code, formatter.term("organisation_kind", code)) for code in VOCABULARIES["organisation_kind"]]
    return []


def _current(software: Software, field: DeclaredField, formatter: Formatter) -> list[tuple[str, str]]:
    """Its values now, each as JSON that removes it, and as it is read."""
    value = getattr(software.fields, field.name)
    if field.kind is FieldKind.TEXT:
        return [(json.dumps(tag), f"{tag}: {text}") for tag, text in value.items()]
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return [(json.dumps(to_json(one)), record.show(field.name, to_json(one), formatter).text) for one in values]


async def do_correct(request: Request, language: str, software_id: str) -> Response:
    """Correct one field: set it, add to it, or remove values."""
    return await run_in_threadpool(_correct, request, language, software_id, await request.form())


def _correct(request: Request, language: str, software_id: str, form: FormData) -> Response:
    house, field = house_of(request), str(form.get("field", ""))
    formatter, software = house.formatter(language), house.catalogue.software.get(software_id)
    declared, typed = FIELDS.get(field), {name: str(value) for name, value in form.items()}
    if declared is None:
        raise Refused(400, "bad-request")

    def again(status: int, problem: str) -> Response:
        fresh = house.catalogue.software.get(software.id)
        return _correct_page(request, fresh, field, status=status, problem=problem, typed=typed)

    why = typed.get("why", "").strip()[:LONGEST_WHY]
    if not why:
        return again(400, formatter.words("correct.needs_reason"))
    try:
        operation, value = _wanted(declared, form)
        until = _until(typed.get("until", ""))
        act = Act(
            software=software.id,
            operation=operation,
            field=field,
            value=value,
            why=why,
            until=until,
            seen=number(typed.get("seen")),
        )
        house.catalogue.review.together([act], visitor_of(request).login)
    except Conflict as error:
        return again(409, told(error, formatter))
    except (InputError, ValueError):
        return again(400, formatter.words("correct.unusable", field=formatter.words(declared.label)))
    return RedirectResponse(f"/{language}/review/{software.id}/correct?field={field}#corrections", 303)


def number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _until(text: str) -> datetime | None:
    """The beginning of a day to come, UTC. ValueError: it is none."""
    if not text.strip():
        return None
    day = datetime.combine(date.fromisoformat(text.strip()), datetime.min.time(), UTC)
    if day <= datetime.now(UTC):
        raise ValueError("the end of a correction lies ahead")
    return day


def _wanted(declared: DeclaredField, form: FormData) -> tuple[Operation, Any]:
    """What the form asks for. ValueError: what was typed cannot be a value."""
    operation = {"set": Operation.SET, "add": Operation.ADD, "remove": Operation.REMOVE}[str(form.get("operation"))]
    if operation is Operation.REMOVE:
        gone = [json.loads(str(one)) for one in form.getlist("gone")]
        if not gone:
            raise ValueError("nothing is chosen")
        return operation, gone if declared.kind is FieldKind.UNION else gone[0]
    value = str(form.get("value", "")).strip()
    if declared.kind is FieldKind.TEXT:
        return operation, {str(form.get("tag", "")).strip() or "und": value}
    one: Any = value
    if declared.type is ValueType.FLAG:
        one = {"true": True, "false": False}[value]
    elif declared.type is ValueType.NUMBER:
        one = int(value)
    elif declared.type is ValueType.ORGANISATION:
        said = {name: str(form.get(name, "")).strip() or None for name in ("uri", "country", "kind")}
        one = {"name": value, **said}
    return operation, [one] if declared.kind is FieldKind.UNION else one


def show_locks(request: Request, language: str, page: int = 1, contested: str = "") -> Response:
    """The corrections that hold, those first whose sources changed beneath them: both values side by side."""
    house = house_of(request)
    formatter, page, only = house.formatter(language), min(max(1, page), 10_000), bool(contested)
    corrections = house.catalogue.corrections
    rows = [
        {
            "software": one.software,
            "name": one.software.fields.name or one.software.slug,
            "decision": decided([one.decision], formatter)[0],
            "saw": [values_words(one.decision.field, each, formatter) for each in one.decision.saw or ()],
            "now": [values_words(one.decision.field, each, formatter) for each in one.now],
        }
        for one in corrections.locks(_PAGE, _PAGE * (page - 1), contested=only)
    ]
    total = corrections.count(contested=only)
    return pages.render(
        request,
        "review_locks.html",
        rows=rows,
        total=total,
        contested=corrections.count(contested=True),
        only=only,
        page=page,
        last=max(1, -(-total // _PAGE)),
    )


async def do_pin(request: Request, language: str, software_id: str) -> Response:
    """Pin it for a question: it stands first among what answers that."""
    return await run_in_threadpool(_pin, request, language, software_id, await request.form())


def _pin(request: Request, language: str, software_id: str, form: FormData) -> Response:
    house = house_of(request)
    software = house.catalogue.software.get(software_id)
    act = Act(
        software=software.id,
        operation=Operation.PIN,
        value=str(form.get("question") or ""),
        why=str(form.get("why") or "").strip()[:LONGEST_WHY],
        seen=number(str(form.get("seen") or "")),
        among={SoftwareState.PUBLISHED},
    )
    house.catalogue.review.together([act], visitor_of(request).login)
    return RedirectResponse(f"{address_of(language, software)}#desk", 303)


def do_reopen(request: Request, language: str, software_id: str) -> Response:
    """Take back what took it off the pages or out of the queue."""
    house = house_of(request)
    found = house.catalogue.review.reopen(software_id, visitor_of(request).login)
    return RedirectResponse(address_of(language, found, "reopen"), 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/review/locks", show_locks, access=Access.REVIEWER)
    here = "/{language}/review/{software_id}"
    rooms.page(f"{here}/correct", show_correct, access=Access.REVIEWER)
    rooms.form(f"{here}/correct", do_correct, access=Access.REVIEWER)
    rooms.form(f"{here}/pin", do_pin, access=Access.REVIEWER)
    rooms.form(f"{here}/reopen", do_reopen, access=Access.REVIEWER)
