"""A source's parameters as a form made from its kind's declarations: to add one, to change one, to look at one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from harvester.errors import NotFound
from harvester.model import Source
from harvester.runs.kinds import NAME, Parameter, Refusal, SourceKind, as_its_kind, kinds, read, written
from harvester.runs.registry import offers
from harvester.web import pages
from harvester.web.house import House, house_of
from harvester.web.identity import Access, visitor_of
from harvester.web.rooms import Rooms
from harvester.words import Words

_LONGEST = 10_000  # of what is typed into a field
_TITLE = 200
_NAME, _CALLED = "(name)", "(title)"
"""The two fields that are of the source itself; no parameter is called so."""


async def _form(request: Request) -> FormData:
    return await request.form()


Typed = Annotated[FormData, Depends(_form)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterField:
    """A parameter in the form: what it means in the page's language, what stands in it, and why that cannot be."""

    parameter: Parameter
    meaning: str
    value: str
    refusal: Refusal | None


@dataclass(slots=True)
class _Asked:
    """What a form asks for: a source, or by name of a field why there is none."""

    source: Source | None
    typed: dict[str, str]
    refused: dict[str, Refusal] = field(default_factory=dict)


def show_kinds(request: Request) -> Response:
    """The kinds of source that one can be made of."""
    return pages.render(request, "kinds.html", kinds=list(kinds().values()))


def show_kind(request: Request, language: str, kind: str) -> Response:
    """The form for a new source of a kind."""
    return _page(request, language, _known(kind), _Asked(None, {}))


def do_add_of_kind(request: Request, language: str, kind: str, form: Typed) -> Response:
    """Store a source as it was typed; it is harvested once it is accepted."""
    found, house = _known(kind), house_of(request)
    asked = _new(house, found, form)
    if asked.source is None:
        return _page(request, language, found, asked, status_code=400)
    house.catalogue.sources.put(asked.source, visitor_of(request).login)
    return RedirectResponse(f"/{language}/operations/sources/{asked.source.name}", 303)


def show_parameters(request: Request, language: str, source: str) -> Response:
    """The form of a source that is stored."""
    stored = house_of(request).catalogue.sources.get(source)
    kind = _known(stored.spider)
    typed = {
        one.name: written(stored.params[one.name], one.form) for one in kind.parameters if one.name in stored.params
    }
    return _page(request, language, kind, _Asked(None, typed), stored=stored)


def do_change_parameters(request: Request, language: str, source: str, form: Typed) -> Response:
    """Show what a change of the parameters means; once that was seen (`sure`), make it."""
    house = house_of(request)
    stored = house.catalogue.sources.get(source)
    kind = _known(stored.spider)
    asked = _changed(kind, stored, form)
    if asked.source is None:
        return _page(request, language, kind, asked, stored=stored, status_code=400)
    if form.get("sure") != "yes":
        return _page(request, language, kind, asked, stored=stored)
    house.catalogue.sources.change(source, visitor_of(request).login, params=asked.source.params)
    return RedirectResponse(f"/{language}/operations/sources/{source}", 303)


def do_preview(request: Request, language: str, form: Typed) -> Response:
    """Begin to look at a source before anything of it is stored: a `source` that is stored or offered, with parameters
    that were typed or with its own, or a new one of a `kind`."""
    house = house_of(request)
    name, kind = _text(form, "source"), _text(form, "kind")
    if name:
        stored = _stored_or_offered(house, name)
        asked = _changed(_known(stored.spider), stored, form) if _text(form, "typed") else _Asked(stored, {})
        if asked.source is None:
            return _page(request, language, _known(stored.spider), asked, stored=stored, status_code=400)
    else:
        asked = _new(house, _known(kind), form)
        if asked.source is None:
            return _page(request, language, _known(kind), asked, status_code=400)
    made = house.previews.start(house.settings, asked.source)
    return RedirectResponse(f"/{language}/operations/previews/{made.id}", 303)


def show_preview(request: Request, preview: str) -> Response:
    """A preview: under way, or the first items as they were understood, with the source's terms."""
    house = house_of(request)
    looked = house.previews.get(preview)
    source = looked.source
    found = looked.result.items if looked.result else []
    kind = _known(source.spider)
    stored = source.name in house.catalogue.sources.names()
    answer = pages.render(
        request,
        "preview.html",
        looked=looked,
        source=source,
        items=found,
        issues=[(item.raw.key, issue) for item in found for issue in item.reading.issues]
        + [("", issue) for issue in (looked.result.issues if looked.result else [])],
        failures=looked.result.failures if looked.result else [],
        stored=stored,
        same=stored and house.catalogue.sources.get(source.name).params == source.params,
        offered=source.name in offers() and offers()[source.name].source.params == source.params,
        typed=[
            (one.name, written(source.params[one.name], one.form))
            for one in kind.parameters
            if one.name in source.params
        ],
    )
    if not looked.is_over:
        answer.headers["refresh"] = "2"
    return answer


def _stored_or_offered(house: House, name: str) -> Source:
    offer = offers().get(name)
    if offer is not None and name not in house.catalogue.sources.names():
        return offer.source
    return house.catalogue.sources.get(name)


def _known(kind: str) -> SourceKind:
    found = kinds().get(kind)
    if found is None:
        raise NotFound(f"no kind of source is called {kind[:60]!r}", remedy="harvester sources kinds")
    return found


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value[:_LONGEST] if isinstance(value, str) else ""


def _parameters(kind: SourceKind, form: FormData) -> dict[str, str]:
    return {one.name: _text(form, f"p.{one.name}") for one in kind.parameters}


def _changed(kind: SourceKind, stored: Source, form: FormData) -> _Asked:
    typed = _parameters(kind, form)
    params, refused = read(kind, typed, stored.params)
    return _Asked(None if refused else replace(stored, params=params), typed, refused)


def _new(house: House, kind: SourceKind, form: FormData) -> _Asked:
    typed = _parameters(kind, form)
    params, refused = read(kind, typed, {})
    name, title = _text(form, "name").strip(), " ".join(_text(form, "title").split())[:_TITLE]
    if not NAME.fullmatch(name):
        refused[_NAME] = Refusal("name" if name else "missing", name)
    elif name in house.catalogue.sources.names():
        refused[_NAME] = Refusal("taken", name)
    if not title:
        refused[_CALLED] = Refusal("missing", "")
    asked = _Asked(None, {**typed, _NAME: name, _CALLED: title}, refused)
    if not refused:
        made = as_its_kind(name, kind.name, params)
        country = params.get("country")
        asked.source = replace(
            made, title=title, params=params, accepted=False, country=country if isinstance(country, str) else None
        )
    return asked


def _page(
    request: Request,
    language: str,
    kind: SourceKind,
    asked: _Asked,
    *,
    stored: Source | None = None,
    status_code: int = 200,
) -> Response:
    words = house_of(request).formatter(language).words
    return pages.render(
        request,
        "source_form.html",
        kind=kind,
        stored=stored,
        fields=[
            ParameterField(
                parameter=one,
                meaning=meaning(words, kind, one),
                value=asked.typed.get(one.name, ""),
                refusal=asked.refused.get(one.name),
            )
            for one in kind.parameters
        ],
        refused=asked.refused,
        own={"name": asked.refused.get(_NAME), "title": asked.refused.get(_CALLED)},
        name=asked.typed.get(_NAME, ""),
        title=asked.typed.get(_CALLED, ""),
        change=differences(kind, stored, asked.source) if stored and asked.source else None,
        status=status_code,
    )


def meaning(words: Words, kind: SourceKind, parameter: Parameter) -> str:
    """What a parameter means: as its kind has it, where that says otherwise than the others."""
    own = f"param.{kind.name}.{parameter.name}"
    return words(own if words.known(own) else f"param.{parameter.name}")


def differences(kind: SourceKind, before: Source, after: Source) -> Sequence[tuple[str, str, str]]:
    """The parameters that change: name, before, after, each as it is typed."""
    forms = {one.name: one.form for one in kind.parameters}

    def told(params: Mapping[str, Any], name: str) -> str:
        return written(params.get(name), forms.get(name, "yaml"))

    names = [*forms, *(key for key in {**before.params, **after.params} if key not in forms)]
    both = ((name, told(before.params, name), told(after.params, name)) for name in names)
    return [one for one in both if one[1] != one[2]]


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/operations/kinds", show_kinds, access=Access.OPERATOR)
    rooms.page("/{language}/operations/kinds/{kind}", show_kind, access=Access.OPERATOR)
    rooms.form("/{language}/operations/kinds/{kind}", do_add_of_kind, access=Access.OPERATOR)
    rooms.page("/{language}/operations/sources/{source}/parameters", show_parameters, access=Access.OPERATOR)
    rooms.form("/{language}/operations/sources/{source}/parameters", do_change_parameters, access=Access.OPERATOR)
    rooms.form("/{language}/operations/previews", do_preview, access=Access.OPERATOR)
    rooms.page("/{language}/operations/previews/{preview}", show_preview, access=Access.OPERATOR)
