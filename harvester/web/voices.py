"""What anybody may say without an account: propose a tool, tell of a use, object to a value; and what became of it.

A proposal is previewed from its address alone: no page asks the network in a stranger's name (docs/decisions/0030).
"""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from harvester.assess.words import fold
from harvester.catalogue.voices import Matter, MatterState, VoiceKind
from harvester.errors import AddressRefused, CatalogueError, NotFound
from harvester.model import FIELDS, Fields, Identifier, Outcome, Software, SoftwareState
from harvester.net.guard import Guard
from harvester.normalize.personal import without_mail
from harvester.normalize.urls import web_address
from harvester.web import pages, record
from harvester.web.desk import reason_words
from harvester.web.house import House, house_of
from harvester.web.identity import Access, token_hash
from harvester.web.rooms import Rooms
from harvester.words import Formatter

BOUNDS = {
    "address": 500,
    "name": 200,
    "description": 300,
    "words": 1000,
    "organisation": 200,
    "evidence": 500,
    "purpose": 500,
    "since": 4,
    "many": 9,
}
"""Characters of each text that is taken; what is longer is refused, as a part would say something else."""
_TRAP = "site"  # a field that nobody sees: what fills it in is a machine
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_FIRST_YEAR = 1970
_LONGEST_KEY = 2000  # bytes: PostgreSQL's index takes no more than 2704
_ALIKE = 6


class _Unusable(Exception):
    """What was typed cannot be taken; `key` names the words that say why, `name` the text's field."""

    def __init__(self, key: str, name: str = "") -> None:
        super().__init__(key)
        self.key, self.name = key, name


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a proposal's address says, and what the catalogue knows of it."""

    fields: Fields
    names: tuple[Identifier, ...]
    there: tuple[Software, ...] = ()
    alike: tuple[Software, ...] = ()
    before: tuple[Matter, ...] = field(default=())

    @property
    def published(self) -> Software | None:
        """What has this address and is published."""
        return next((one for one in self.there if one.state is SoftwareState.PUBLISHED), None)

    def of_state(self, state: str) -> bool:
        """Whether something of this address is in a state."""
        return any(one.state == state for one in self.there)

    @property
    def waiting(self) -> Matter | None:
        """The same proposal of somebody else, that waits."""
        return next((one for one in self.before if one.state is MatterState.WAITS), None)


def show_propose(request: Request, language: str) -> Response:
    """The form; with an address what is understood of it, and the form that sends it."""
    said = {
        name: str(request.query_params.get(name, ""))[:2000] for name in ("address", "name", "description", "words")
    }
    if not said["address"].strip():
        return _propose_page(request, typed=said)
    try:
        typed = _texts(said)
        return _propose_page(request, typed=typed, understood=_understood(house_of(request), typed, language))
    except _Unusable as error:
        return _propose_page(request, typed=said, status=400, problem=error)


async def do_propose(request: Request, language: str) -> Response:
    """Keep a proposal, and show where its fate is told."""
    return await run_in_threadpool(_propose, request, language, _form(await request.form()))


def _propose(request: Request, language: str, form: Mapping[str, str]) -> Response:
    house, again = house_of(request), partial(_propose_page, request, typed=form)

    def kept(texts: Mapping[str, str]) -> str:
        understood = _understood(house, texts, language)
        if understood.published is not None:
            raise _Unusable("voice.there_already")
        data = {name: texts[name] for name in ("address", "name", "description") if texts.get(name)}
        data["language"] = language
        said = {name: texts[name] for name in ("name", "description", "words") if texts.get(name)}
        key = str(understood.names[0])
        return _hear(house, VoiceKind.PROPOSAL, key, data=data, said=said, language=language)

    return _sent(request, language, form, kept=kept, again=again)


def show_use(request: Request, software: str = "") -> Response:
    """The form in which somebody tells that an organisation uses a published tool."""
    return _about_page(request, "propose_use.html", _published(house_of(request), software))


async def do_use(request: Request, language: str) -> Response:
    """Keep it."""
    return await run_in_threadpool(_use, request, language, _form(await request.form()))


def _use(request: Request, language: str, form: Mapping[str, str]) -> Response:
    house = house_of(request)
    software = _published(house, form.get("software", ""))

    def kept(texts: Mapping[str, str]) -> str:
        organisation, evidence = texts.get("organisation"), texts.get("evidence")
        if not organisation or not evidence:
            raise _Unusable("voice.needs", "organisation" if not organisation else "evidence")
        _check_number(texts, "since", least=_FIRST_YEAR, most=house.formatter(language).now.year)
        _check_number(texts, "many", least=1, most=999_999_999)
        said = {name: texts[name] for name in ("evidence", "purpose", "since", "many") if texts.get(name)}
        said["evidence"] = _web_page(evidence)
        key = f"use:{software.id}:{fold(organisation) or organisation}"
        data = {"organisation": " ".join(organisation.split())}
        return _hear(house, VoiceKind.USE, key, data=data, said=said, language=language, software=software.id)

    again = partial(_about_page, request, "propose_use.html", software, typed=form)
    return _sent(request, language, form, kept=kept, again=again)


def show_wrong(request: Request, software: str = "", field: str = "") -> Response:
    """The form in which somebody says that a value is wrong."""
    return _wrong_page(request, _published(house_of(request), software), field)


async def do_wrong(request: Request, language: str) -> Response:
    """Keep it."""
    return await run_in_threadpool(_wrong, request, language, _form(await request.form()))


def _wrong(request: Request, language: str, form: Mapping[str, str]) -> Response:
    house, name = house_of(request), form.get("field", "")
    software = _published(house, form.get("software", ""))

    def kept(texts: Mapping[str, str]) -> str:
        if name not in FIELDS:
            raise _Unusable("voice.needs", "field")
        if not texts.get("words"):
            raise _Unusable("voice.needs", "words")
        said = {"words": texts["words"]}
        if texts.get("evidence"):
            said["evidence"] = _web_page(texts["evidence"])
        key = f"objection:{software.id}:{name}"
        told = {"software": software.id, "field": name}
        return _hear(house, VoiceKind.OBJECTION, key, data={}, said=said, language=language, **told)

    again = partial(_wrong_page, request, software, name, typed=form)
    return _sent(request, language, form, kept=kept, again=again)


def show_receipt(request: Request, language: str, receipt: str) -> Response:
    """What became of what somebody said, for whoever has its address."""
    house = house_of(request)
    matter, _ = house.catalogue.voices.receipt(token_hash(receipt))
    formatter = house.formatter(language)
    answer = pages.render(
        request,
        "receipt.html",
        matter=matter,
        software=_shown(house, matter),
        field=FIELDS.get(matter.field or ""),
        why=refusal_words(matter.why, formatter),
        fresh="new" in request.query_params,
        address=f"{pages.public_url(request)}/{language}/proposals/{receipt}",
    )
    answer.headers["x-robots-tag"] = "noindex"
    answer.headers["cache-control"] = "no-store"
    return answer


def refusal_words(why: str | None, formatter: Formatter) -> str:
    """Why it was refused, a reason of the list in the reader's language."""
    code, _, rest = (why or "").partition(": ")
    if code and formatter.words.known(f"refusal.{code}"):
        return formatter.words(f"refusal.{code}") + (f": {rest}" if rest else "")
    return reason_words(why, formatter)


def _shown(house: House, matter: Matter) -> Software | None:
    """The published software that it is of, or became."""
    try:
        return _published(house, matter.software or "")
    except NotFound:
        return None


def _published(house: House, software_id: str) -> Software:
    """NotFound: nothing of this id is published."""
    found = house.catalogue.software.heir(software_id[:100])
    if found.state is not SoftwareState.PUBLISHED:
        raise NotFound(f"no software {software_id!r}")
    return found


def _form(form: Any) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _texts(said: Mapping[str, str]) -> dict[str, str]:
    """The texts without control characters and mail addresses. _Unusable: one is too long."""
    found = {}
    for name, most in BOUNDS.items():
        text = _CONTROLS.sub(" ", said.get(name, "").replace("\r\n", "\n"))
        if len(text) > most:
            raise _Unusable("voice.too_long", name)
        if name not in ("address", "evidence"):
            text = without_mail(text) or ""
        elif _tells_of_somebody(text):
            raise _Unusable("voice.no_page", name)
        found[name] = text.strip()
    return found


def _tells_of_somebody(address: str) -> bool:
    """Whether it holds a user's name, a password or a mail address, which are not kept; "git" is nobody's name."""
    rest = address.strip().partition("://")[2]
    place, slash, path = rest.partition("/")
    user = place.rpartition("@")[0]
    return bool(rest) and (user not in ("", "git") or without_mail(slash + path) != slash + path)


def _web_page(text: str) -> str:
    """_Unusable: it is no page that anybody can open."""
    address = web_address(text)
    try:
        Guard().check_url(address or "")
    except AddressRefused:
        raise _Unusable("voice.no_page", "evidence") from None
    return str(address)


def _check_number(texts: Mapping[str, str], name: str, *, least: int, most: int) -> None:
    text = texts.get(name, "")
    if text and not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise _Unusable("voice.no_number", name)


def _understood(house: House, texts: Mapping[str, str], language: str) -> Understood:
    """_Unusable: the address leads nowhere public, or to nothing that a software is known by."""
    voices, address = house.catalogue.voices, texts["address"]
    if not address:
        raise _Unusable("voice.needs", "address")
    reading = voices.understood({**texts, "language": language})
    if reading.outcome is not Outcome.READ:
        raise _Unusable("voice.no_tool", "address")
    (found,) = reading.records
    told = found.fields.code_repository or found.fields.landing_url or ""
    try:
        Guard().check_url(told)
    except AddressRefused:
        raise _Unusable("voice.no_page", "address") from None
    ids = voices.named((*found.identifiers, *found.suggests))
    there = house.catalogue.software.many(ids[:_ALIKE])
    called = house.catalogue.software.called(str(found.fields.name), 4 * _ALIKE)
    alike = [one for one in called if one.state is SoftwareState.PUBLISHED and one.id not in ids]
    alike = [one for one in alike if fold(one.fields.name or "") == fold(str(found.fields.name))]
    before = voices.of_key(str(found.identifiers[0]))
    return Understood(
        fields=found.fields,
        names=tuple(found.identifiers),
        there=tuple(there),
        alike=tuple(alike[:_ALIKE]),
        before=tuple(before),
    )


def _hear(
    house: House,
    kind: VoiceKind,
    key: str,
    *,
    data: Mapping[str, str],
    said: Mapping[str, str],
    language: str,
    **of: str,
) -> str:
    """Keep it; returns what only its sender knows: the last part of its receipt's address."""
    if len(key.encode()) > _LONGEST_KEY:
        raise _Unusable("voice.too_long", "address" if kind is VoiceKind.PROPOSAL else "organisation")
    receipt = secrets.token_urlsafe(24)
    told = {"data": data, "said": said, "language": language, "receipt": token_hash(receipt)}
    house.catalogue.voices.hear(kind, key, **told, **of)  # type: ignore[arg-type]
    return receipt


def _sent(
    request: Request,
    language: str,
    form: Mapping[str, str],
    *,
    kept: Callable[[Mapping[str, str]], str],
    again: Callable[..., Response],
) -> Response:
    """Take what was sent, or say on the same page why not, with what was typed."""
    senders, sender = house_of(request).senders, request.client.host if request.client else "unknown"
    if wait_s := senders.reserve(sender):
        answer = again(status=429, wait_s=wait_s)
        answer.headers["retry-after"] = str(wait_s)
        return answer
    try:
        if form.get(_TRAP):
            raise _Unusable("voice.trap")
        receipt = kept(_texts(form))
    except _Unusable as error:  # who types something wrong need not wait to put it right
        if error.key != "voice.trap":
            senders.forgive(sender)
        return again(status=400, problem=error)
    except CatalogueError as error:
        if error.reason is None or error.reason.code != "voices.full":
            raise
        return again(status=503, problem=_Unusable("voices.full"))
    return RedirectResponse(f"/{language}/proposals/{receipt}?new=1", 303)


def _propose_page(
    request: Request,
    *,
    typed: Mapping[str, str],
    understood: Understood | None = None,
    status: int = 200,
    problem: _Unusable | None = None,
    wait_s: int = 0,
) -> Response:
    formatter = house_of(request).formatter(pages.language_of(request))
    refused = next((one for one in understood.before if one.state is MatterState.REFUSED), None) if understood else None
    return pages.render(
        request,
        "propose.html",
        status=status,
        typed=defaultdict(str, typed),
        understood=understood,
        refused=refused,
        refused_why=refusal_words(refused.why, formatter) if refused else "",
        problem=problem,
        wait_s=wait_s,
        bounds=BOUNDS,
    )


def _about_page(
    request: Request,
    template: str,
    software: Software,
    *,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
    problem: _Unusable | None = None,
    wait_s: int = 0,
    **more: Any,
) -> Response:
    return pages.render(
        request,
        template,
        status=status,
        software=software,
        name=software.fields.name or software.slug,
        typed=defaultdict(str, typed or {}),
        problem=problem,
        wait_s=wait_s,
        bounds=BOUNDS,
        **more,
    )


def _wrong_page(request: Request, software: Software, field: str, **more: Any) -> Response:
    house = house_of(request)
    formatter, chosen = house.formatter(pages.language_of(request)), FIELDS.get(field)
    provenance = house.catalogue.software.provenance(software.id) if chosen else {}
    fact = record.fact(software, field, provenance=provenance, formatter=formatter) if chosen else None
    named = sorted(((formatter.words(one.label), name) for name, one in FIELDS.items()), key=lambda one: fold(one[0]))
    return _about_page(request, "propose_wrong.html", software, field=chosen, fact=fact, named=named, **more)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    for path, show, do in (
        ("propose", show_propose, do_propose),
        ("propose/use", show_use, do_use),
        ("propose/wrong", show_wrong, do_wrong),
    ):
        rooms.page(f"/{{language}}/{path}", show)
        rooms.form(f"/{{language}}/{path}", do, access=Access.ANYONE)
    rooms.page("/{language}/proposals/{receipt}", show_receipt)
