"""The visitors' pages: home, search, filters, sources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from harvester.errors import NotFound, SearchError
from harvester.model import ALSO, FACETS, Shelf
from harvester.search import box
from harvester.search.ladder import climb
from harvester.search.query import SORTS, Query
from harvester.search.result import Result
from harvester.web import collected, entities, explaining, export, exports, facets, feeds_at, listing, pages
from harvester.web.house import House, house_of
from harvester.web.labels import labels_of
from harvester.web.rooms import Rooms
from harvester.words import Formatter, Words

NEWEST = 6
_VALUES_FOUND = 200  # of a facet, on its page
_EXPORTS = {"CSV": "csv", "JSON": "json", "JSON lines": "jsonl", "DCAT": "jsonld", "publiccode.yml": "zip"}
_ALL_VALUES = 65_000  # of a facet, as many as an engine counts


def query_of(request: Request, language: str) -> Query:
    """The query that the address means. SearchError: it passes a limit."""
    return Query.from_params(request.query_params.multi_items(), language=language)


def show_root(request: Request) -> Response:
    """To the language that the browser likes best."""
    answer = RedirectResponse(f"/{pages.language_of(request)}/", 302)
    answer.headers["vary"] = "Accept-Language"
    return answer


def show_home(request: Request, language: str) -> Response:
    """One sentence, the box, use cases with counts, what is new, where it comes from."""
    house = house_of(request)
    formatter = house.formatter(language)
    use_cases: list[dict[str, Any]] = []
    try:
        result = house.engine.search(Query(size=1, language=language))
        use_cases = entities.bars(result, entities.KINDS["use-cases"], house, formatter)
    except SearchError:
        result = None
    newest = house.catalogue.software.published(NEWEST, listed=True)
    return pages.render(
        request,
        "home.html",
        collections=collected.lines(house, language),
        result=result,
        use_cases=use_cases,
        newest=[listing.of_software(one, formatter) for one in newest],
        sources=_sources(house, formatter),
    )


def _sources(house: House, formatter: Formatter) -> list[dict[str, Any]]:
    """The sources, those that know most first."""
    counts = house.catalogue.software.count_by_source()
    found: list[dict[str, Any]] = [
        {
            "name": source.name,
            "title": source.title,
            "publisher": source.publisher,
            "country": formatter.country(source.country) if source.country else None,
            "count": counts.get(source.name, {}).get("published", 0),
            "terms": listing.terms_words(source.terms, formatter),
            "terms_url": source.terms.url,
        }
        for source in house.catalogue.sources.all()
        if source.enabled
    ]
    return sorted(found, key=lambda one: -one["count"])


def show_sources(request: Request, language: str) -> Response:
    """Where the data comes from, on what terms, and when it was last harvested well."""
    house = house_of(request)
    formatter = house.formatter(language)
    good = house.catalogue.runs.last_good()
    known = _sources(house, formatter)
    for one in known:
        one["last_good"] = good.get(one["name"])
    return pages.render(request, "sources.html", sources=known)


def show_search(request: Request, language: str) -> Response:
    """The search page."""
    house = house_of(request)
    formatter = house.formatter(language)
    answer = climb(house.engine, query_of(request, language))
    query, result = answer.query, answer.result
    explains = _explains(request)
    at = facets.Addresses(f"/{language}/software", explain=explains)
    label, words = labels_of(house, formatter), formatter.words
    return pages.render(
        request,
        "search.html",
        query=query,
        result=result,
        answer=answer,
        meant=", ".join(answer.searched_as(language)),
        as_typed_url=at.of(replace(answer.instead_of, as_typed=True, page=1)) if answer.instead_of else None,
        misnamed=[(name, ", ".join(FACETS)) for name in box.misnamed(query.text)],
        groups=[
            one
            for one in facets.groups(result, query, label=label, words=words, at=at)
            if one.values and one.name != ALSO
        ],
        chips=facets.chips(query, label=label, words=words, at=at),
        hits=[listing.of_hit(hit, formatter, looser=answer.looser(hit)) for hit in result.hits],
        hidden_inputs=[*facets.hidden_inputs(query), *_explaining(explains=explains)],
        sorts=[(sort, at.sorted_by(query, sort)) for sort in SORTS],
        why=_why(house, query, result, formatter) if explains else None,
        why_url=facets.Addresses(f"/{language}/software", explain=not explains).of(query),
        filters_url=facets.Addresses(f"/{language}/filters", explain=explains).of(query),
        find_kept=[*_find_kept(query), *_explaining(explains=explains)],
        cleared_url=at.cleared(query),
        exports=[
            (name, at.of(replace(query, page=1), path=f"/{language}/software.{ending}"))
            for name, ending in _EXPORTS.items()
        ],
        json_url=at.of(query, path="/api/v1/software"),
        feeds=feeds_at.addresses(query, language),
        previous_url=at.paged(query, query.page - 1) if query.page > 1 else None,
        next_url=at.paged(query, query.page + 1) if query.page < result.pages else None,
        also=_also(result, query, at=at, words=words),
        lifted=_lifted(house, query, label=label, words=words, at=at) if not result.total else [],
        took_ms=max(1, round(result.took_ms)),
    )


def _explains(request: Request) -> bool:
    """Whether a list is to say why it stands in its order: choosing and paging keep that."""
    return request.query_params.get("explain") == "1"


def _explaining(*, explains: bool) -> list[tuple[str, str]]:
    return [("explain", "1")] if explains else []


def _why(house: House, query: Query, result: Result, formatter: Formatter) -> dict[str, Any]:
    """Why each answer stands where it does, by its id, and the weights of the order."""
    told = explaining.told(house, query, result.hits)
    return {
        "of": {name: explaining.shown(one, formatter) for name, one in told.items()},
        "weights": [(one.reason, formatter.decimal(one.value)) for one in explaining.weights(formatter)],
    }


def _also(result: Result, query: Query, *, at: facets.Addresses, words: Words) -> list[dict[str, Any]]:
    """What is set aside of this search, by shelf: how many, whether it is shown, and the address that shows or hides
    it."""
    counts = next((facet.values for facet in result.facets if facet.name == ALSO), ())
    return [
        {
            "label": words(f"shelf.{one.value}"),
            "n": one.count,
            "shown": one.selected,
            "url": at.toggled(query, ALSO, one.value),
        }
        for one in counts
        if one.value != Shelf.LISTED and one.count
    ]


def _lifted(
    house: House, query: Query, *, label: facets.Labels, words: Words, at: facets.Addresses
) -> list[dict[str, Any]]:
    """Which filter to lift, and how many that gives; the best first."""
    found = []
    for name, value, wider in facets.without_one(query):
        total = house.engine.search(wider).total
        if total:
            said = {"facet": words(f"facet.{name}"), "label": label(name, value)}
            found.append({**said, "url": at.of(wider), "total": total})
    return sorted(found, key=lambda one: -one["total"])


def show_filters(request: Request, language: str, find: str = "") -> Response:
    """The facets as a page of their own, for narrow screens and for searching within long ones."""
    house = house_of(request)
    formatter = house.formatter(language)
    explains = _explains(request)
    at = facets.Addresses(f"/{language}/filters", explain=explains)
    label, words = labels_of(house, formatter), formatter.words
    answer = climb(house.engine, query_of(request, language))
    query, result = answer.query, answer.result
    if find.strip():
        result = facets.called(house.engine.search(replace(query, values=_ALL_VALUES)), find, label=label)
    groups = [
        one for one in facets.groups(result, query, label=label, words=words, at=at) if one.values and one.name != ALSO
    ]
    return pages.render(
        request,
        "filters.html",
        query=query,
        result=result,
        groups=groups,
        chips=facets.chips(query, label=label, words=words, at=at),
        find=find.strip()[:60],
        kept=[*query.to_params(), *_explaining(explains=explains)],
        back_url=facets.Addresses(f"/{language}/software", explain=explains).of(query),
        cleared_url=at.cleared(query),
    )


def _find_kept(query: Query) -> list[tuple[str, str]]:
    """What stays where a facet's values are searched: the question is `words` there, as `q` looks for a value."""
    return [("words" if name == "q" else name, value) for name, value in query.to_params() if name != "page"]


def show_facet(request: Request, language: str, name: str, q: str = "") -> Response:
    """One facet, searched among all its values."""
    if name not in FACETS:
        raise NotFound(f"no facet {name!r}")
    house = house_of(request)
    formatter = house.formatter(language)
    label, words = labels_of(house, formatter), formatter.words
    params = [(one, value) for one, value in request.query_params.multi_items() if one != "q"]
    asked = Query.from_params([("q" if one == "words" else one, value) for one, value in params], language=language)
    query = climb(house.engine, asked).query
    every = house.engine.search(replace(query, values=_ALL_VALUES, page=1, size=1))
    named = replace(every, facets=tuple(facet for facet in every.facets if facet.name == name))
    found = facets.called(named, q, label=label, most=_VALUES_FOUND)
    at = facets.Addresses(f"/{language}/software", explain=_explains(request))
    (group,) = facets.groups(found, query, label=label, words=words, at=at)
    return pages.render(
        request,
        "facet.html",
        group=group,
        find=q.strip()[:60],
        kept=[(one, value) for one, value in params if one not in ("page", "size")],
        back_url=at.of(query),
    )


def show_csv(request: Request, language: str) -> Response:
    """This list as CSV, whole."""
    house = house_of(request)
    # a query that cannot be answered fails before the first line is sent
    answer = climb(house.engine, query_of(request, language))
    query, total = answer.query, answer.result.total
    words, site = house.words[language], pages.public_url(request)
    asked = request.method != "HEAD"
    terms = exports.terms_of(house, language)
    rows = export.rows(house.engine, query, site=site, total=total, words=words, terms=terms)
    body = rows if asked else iter(())
    headers = {"content-disposition": 'attachment; filename="civic-software.csv"'}
    return StreamingResponse(export.together(body), media_type="text/csv; charset=utf-8", headers=headers)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/", show_root)
    rooms.page("/{language}/", show_home)
    rooms.page("/{language}/sources", show_sources)
    rooms.page("/{language}/software", show_search)
    rooms.page("/{language}/software.csv", show_csv)
    rooms.page("/{language}/filters", show_filters)
    rooms.page("/{language}/facets/{name}", show_facet)
