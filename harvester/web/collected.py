"""Collections: their pages for visitors, and where an editor makes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from harvester.catalogue.collected import LONGEST_TEXT, LONGEST_TITLE, Collection
from harvester.errors import CatalogueError, Conflict
from harvester.model import Software, SoftwareState
from harvester.web import listing, pages, texts
from harvester.web.house import House, house_of
from harvester.web.identity import Access, visitor_of
from harvester.web.rooms import Rooms

_FOUND = 12


def paths(house: House) -> Iterator[str]:
    """The addresses within a language of the index and of each collection that shows something."""
    shown = house.catalogue.collections.shown()
    if shown:
        yield "collections"
    yield from (f"collections/{quote(slug)}" for slug in shown)


def lines(house: House, language: str) -> list[dict[str, Any]]:
    """The collections that show something, as an index lists them."""
    shown = house.catalogue.collections.shown()
    return [
        {
            "title": texts.best(one.title, language),
            "text": texts.best(one.text, language),
            "url": f"/{language}/collections/{quote(one.slug)}",
            "n": shown[one.slug],
        }
        for one in house.catalogue.collections.all()
        if one.slug in shown
    ]


def _published(house: House, one: Collection) -> list[Software]:
    """Its tools that visitors see, in order; of what was merged the one that it is now."""
    now = house.catalogue.software.heirs(one.softwares)
    return [each for each in now if each.state is SoftwareState.PUBLISHED]


def show_collections(request: Request, language: str) -> Response:
    """Every collection that shows something."""
    return pages.render(request, "collections.html", lines=lines(house_of(request), language))


def show_collection(request: Request, language: str, slug: str) -> Response:
    """One: its text and its tools in the editor's order."""
    house = house_of(request)
    one, formatter = house.catalogue.collections.get(slug), house.formatter(language)
    return pages.render(
        request,
        "collection.html",
        slug=one.slug,
        title=texts.best(one.title, language),
        text=texts.rich(texts.best(one.text, language)),
        lines=[listing.of_software(each, formatter) for each in _published(house, one)],
    )


def show_desk(request: Request, language: str) -> Response:  # noqa: ARG001 - it is in the address of every page
    """All of them, and the form for a new one."""
    return _desk_page(request, None)


def show_edit(request: Request, slug: str, q: str = "") -> Response:
    """One with its tools, and others to add."""
    return _desk_page(request, house_of(request).catalogue.collections.get(slug), q=q)


def _desk_page(
    request: Request,
    one: Collection | None,
    *,
    q: str = "",
    status: int = 200,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    house = house_of(request)
    mine = house.catalogue.software.many(one.softwares) if one else []
    found = house.catalogue.software.called(q, _FOUND) if q.strip() else []
    language = pages.language_of(request)
    said = {f"title-{tag}": text for tag, text in one.title.items()} if one else {}
    said |= {f"text-{tag}": text for tag, text in one.text.items()} if one else {}
    return pages.render(
        request,
        "review_collection.html",
        status=status,
        problem=problem,
        one=one,
        all=[
            {"slug": each.slug, "title": texts.best(each.title, language)} for each in house.catalogue.collections.all()
        ],
        tags=list(house.words),
        said=defaultdict(str, {**said, **(typed or {})}),
        mine=mine,
        found=[each for each in found if one is None or each.id not in one.softwares],
        q=q[:200],
        longest_title=LONGEST_TITLE,
        longest_text=LONGEST_TEXT,
    )


async def do_new(request: Request, language: str) -> Response:
    """Make one."""
    return await run_in_threadpool(_save, request, language, None, await request.form())


async def do_edit(request: Request, language: str, slug: str) -> Response:
    """Change one, or remove it."""
    return await run_in_threadpool(_save, request, language, slug, await request.form())


def _save(request: Request, language: str, slug: str | None, form: FormData) -> Response:
    house, actor = house_of(request), visitor_of(request).login
    here = f"/{language}/review/collections"
    collections = house.catalogue.collections
    if slug is not None and form.get("remove"):
        collections.remove(slug, actor)
        return RedirectResponse(here, 303)
    before = collections.get(slug) if slug is not None else None
    typed = {name: str(value) for name, value in form.items() if name.startswith(("title-", "text-"))}
    title = {tag: typed.get(f"title-{tag}", "") for tag in house.words}
    text = {tag: typed.get(f"text-{tag}", "") for tag in house.words}
    # what was written in a language that the pages do not have stays
    title |= {tag: words for tag, words in (before.title if before else {}).items() if tag not in title}
    text |= {tag: words for tag, words in (before.text if before else {}).items() if tag not in text}
    wanted = _ordered(before.softwares if before else (), form)
    try:
        made = collections.put(
            slug, title=title, text=text, softwares=wanted, actor=actor, seen=str(form.get("seen") or "") or None
        )
    except CatalogueError as error:
        if error.reason is None:
            raise
        status, fresh = 400, before
        if isinstance(error, Conflict) and slug is not None:
            status, fresh = 409, collections.get(slug)
        problem = house.formatter(language).reason(error.reason)
        return _desk_page(request, fresh, status=status, problem=problem, typed=typed)
    return RedirectResponse(f"{here}/{quote(made.slug)}", 303)


def _ordered(before: Sequence[str], form: FormData) -> list[str]:
    """The tools as the form orders them: by their numbers, without what goes, and what is added last."""
    out = {str(one) for one in form.getlist("out")}
    places = {one: _place(str(form.get(f"place-{one}") or ""), n) for n, one in enumerate(before, 1)}
    kept = sorted((one for one in before if one not in out), key=lambda one: places[one])
    return [*kept, *(str(one)[:80] for one in form.getlist("add"))]


def _place(text: str, default: int) -> tuple[int, int]:
    """Its number; what is moved to another's goes before that one."""
    number = int(text) if text.isdecimal() and len(text) < 6 else default
    return (number, 0 if number < default else (1 if number == default else 2))


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/collections", show_collections)
    rooms.page("/{language}/collections/{slug}", show_collection)
    rooms.page("/{language}/review/collections", show_desk, access=Access.REVIEWER)
    rooms.form("/{language}/review/collections", do_new, access=Access.REVIEWER)
    rooms.page("/{language}/review/collections/{slug}", show_edit, access=Access.REVIEWER)
    rooms.form("/{language}/review/collections/{slug}", do_edit, access=Access.REVIEWER)
