"""The JSON API: the page's own parameters in, totals, items and facets out. Described at /openapi.json."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Query as Parameter
from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from harvester.assess import concepts
from harvester.errors import CatalogueUnavailable, NotFound, SearchError
from harvester.model import SoftwareState
from harvester.search import box
from harvester.search.ladder import climb
from harvester.search.query import DEFAULT_SIZE, MAX_REACH, SORTS, Query
from harvester.search.result import Hit
from harvester.web import explaining, facets
from harvester.web.api_models import (
    REFUSALS,
    EntryOut,
    FacetOut,
    FacetValueOut,
    HealthOut,
    ItemOut,
    ListOut,
    Problem,
    RunOut,
    RunsOut,
    SearchParams,
    SourceOut,
    SourcesOut,
    entry,
    item,
)
from harvester.web.house import House, house_of
from harvester.web.labels import labels_of
from harvester.web.neighbourhood import neighbourhood
from harvester.web.pages import public_url
from harvester.web.problem_json import problem
from harvester.web.problems import RETRY_S
from harvester.web.rooms import Rooms
from harvester.web.told import accounts, as_provenance, uses_of
from harvester.words import ENGLISH, Formatter

CACHE = "public, max-age=60"

_log = logging.getLogger(__name__)


def list_software(request: Request, params: Annotated[SearchParams, Parameter()]) -> Response:
    """Search, with the page's own parameters, or everything page after page with `cursor`."""
    house = house_of(request)
    if params.cursor is not None:
        return _page_after(request, params, params.cursor)
    found = climb(house.engine, params.query())
    query, result = found.query, found.result
    words, at = house.words[ENGLISH], facets.Addresses("/api/v1/software", language=query.language)
    label = labels_of(house, Formatter(words))
    groups = facets.groups(result, query, label=label, words=words, at=at)
    site, whole = public_url(request), replace(query, page=1, size=DEFAULT_SIZE)
    answer = ListOut(
        total=result.total,
        reachable=min(result.total, MAX_REACH),
        step=found.step,
        listed=found.listed,
        totals=dict(found.totals),
        meant=[concepts.label(code, query.language) for code in found.meant],
        corrected=query.text if found.instead_of else None,
        misnamed=list(box.misnamed(query.text)),
        next_cursor=None,
        csv_url=f"{site}{at.of(whole, path=f'/{ENGLISH}/software.csv')}",
        of_all=result.of_all,
        page=result.page,
        pages=result.pages,
        items=_items(house, query, result.hits, site=site, explain=params.explain == "1"),
        facets=[_facet(group) for group in groups],
        weights=explaining.weights(house.formatter(ENGLISH)) if params.explain == "1" else None,
        took_ms=round(result.took_ms, 3),
    )
    return as_json(request, answer)


def _page_after(request: Request, params: SearchParams, cursor: str) -> Response:
    """A page of everything found, in the order of ids."""
    house, query, site = house_of(request), params.query(), public_url(request)
    if query.page != 1 or query.sort != SORTS[0]:
        raise SearchError("cursor goes without page and sort", remedy="leave them out, or leave out cursor")
    if params.explain == "1":
        raise SearchError(
            "cursor goes in the order of ids, which explain does not tell", remedy="leave out one of them"
        )
    hits, total = house.engine.after(query, cursor), house.engine.total(query)
    csv = facets.Addresses(f"/{ENGLISH}/software.csv").of(replace(query, size=DEFAULT_SIZE))
    answer = ListOut(
        total=total,
        reachable=total,
        step=query.step,
        totals={query.step: total},
        listed=total,
        meant=[],
        corrected=None,
        misnamed=list(box.misnamed(query.text)),
        next_cursor=hits[-1].id if len(hits) == query.size else None,
        csv_url=f"{site}{csv}",
        of_all=total,
        page=1,
        pages=-(-total // query.size),
        items=_items(house, query, hits, site=site, explain=False),
        facets=[],
        took_ms=0,
    )
    return as_json(request, answer)


def _items(house: House, query: Query, hits: Sequence[Hit], *, site: str, explain: bool) -> list[ItemOut]:
    try:
        looked_at = house.catalogue.software.looked_at([hit.id for hit in hits])
    except CatalogueUnavailable:  # the index answers all the same
        looked_at = {}
    items = [item(hit, site=site, today=_today(), looked_at=looked_at.get(hit.id)) for hit in hits]
    if not explain:
        return items
    why, english = explaining.told(house, query, hits), house.formatter(ENGLISH)
    return [one.model_copy(update={"explanation": explaining.out(why[one.id], english)}) for one in items]


def _today() -> date:
    return datetime.now(UTC).date()


def _facet(group: facets.Group) -> FacetOut:
    values = [
        FacetValueOut(
            value=one.value, label=one.label, count=one.count, selected=one.selected, toggle_url=one.toggle_url
        )
        for one in group.values
    ]
    return FacetOut(name=group.name, label=group.label, values=values, truncated=group.others > 0)


def get_software(request: Request, software_id: str) -> Response:
    """One published software: its fields by publiccode.yml's names, and where each value comes from."""
    house = house_of(request)
    software = house.catalogue.software.get(software_id)
    if software.state is SoftwareState.MERGED and software.merged_into:
        return RedirectResponse(f"/api/v1/software/{software.merged_into}", 301)
    if software.state is SoftwareState.GONE:
        return problem(410, "gone")
    if software.state is SoftwareState.WITHDRAWN:
        return problem(410, "gone", detail=house.words[ENGLISH]("record.state.withdrawn"))
    if software.state is not SoftwareState.PUBLISHED:
        raise NotFound(f"no software {software_id!r}")
    if software_id != software.id:
        return RedirectResponse(f"/api/v1/software/{software.id}", 301)
    around = neighbourhood(house.catalogue, software)
    provenance, uses = house.catalogue.software.provenance(software.id), uses_of(house.catalogue, software)
    provenance |= as_provenance(uses, title=house.words[ENGLISH]("voice.source"))
    made = entry(software, provenance, around, site=public_url(request))
    return as_json(request, made.model_copy(update={"uses": accounts(uses)}))


def list_sources(request: Request) -> Response:
    """Where the data comes from, and on what terms."""
    house = house_of(request)
    counts, good = house.catalogue.software.count_by_source(), house.catalogue.runs.last_good()
    items = [
        SourceOut(
            name=source.name,
            title=source.title,
            spider=source.spider,
            publisher=source.publisher,
            country=source.country,
            license=source.terms.license,
            terms_url=source.terms.url,
            attribution=source.terms.attribution,
            share_alike=source.terms.share_alike,
            software=counts.get(source.name, {}).get("published", 0),
            last_good=good.get(source.name),
        )
        for source in house.catalogue.sources.all()
    ]
    return as_json(request, SourcesOut(total=len(items), items=items))


def list_runs(
    request: Request,
    source: Annotated[str | None, Parameter(max_length=200, description="Runs of this source only.")] = None,
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
) -> Response:
    """The newest runs, with what they brought and how they were judged."""
    english = house_of(request).formatter(ENGLISH)
    items = [
        RunOut(
            id=run.id,
            source=run.source,
            state=run.state.value,
            judgement=run.judgement.value if run.judgement else None,
            reasons=[english.reason(reason) for reason in run.reasons],
            due_at=run.due_at,
            started_at=run.started_at,
            finished_at=run.finished_at,
            entries=run.counts.entries,
            new=run.counts.new,
            changed=run.counts.changed,
            gone=run.counts.gone,
            issues=run.counts.issues,
            requests=run.counts.requests,
        )
        for run in house_of(request).catalogue.runs.recent(source, limit)
    ]
    return as_json(request, RunsOut(total=house_of(request).catalogue.runs.count(source), items=items))


def as_json(request: Request, answer: BaseModel) -> Response:
    """The answer, or 304 where the asker has it. What it took to find it makes no answer another one."""
    body = answer.model_dump_json(by_alias=True)
    told = answer.model_dump_json(by_alias=True, exclude={"took_ms"})
    tag = f'W/"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'
    headers = {"cache-control": CACHE, "etag": tag}
    held = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    if tag in held or "*" in held:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def get_health(request: Request) -> Response:
    """200 when the database and the index answer, else 503 with what is wrong. Places are named in the log alone."""
    house = house_of(request)
    try:
        house.catalogue.database.check()
        database = "ok"
    except CatalogueUnavailable as error:
        _log.error("%s", error)
        database = error.what
    found = house.engine.healthy()
    if not found.ok:
        _log.error("%s", found.detail)
    index = "ok" if found.ok else "it does not answer, or holds nothing yet"
    fine = database == index == "ok"
    answer = HealthOut(status="ok" if fine else "failing", database=database, index=index)
    headers = {} if fine else {"retry-after": RETRY_S}
    return Response(answer.model_dump_json(), 200 if fine else 503, headers, media_type="application/json")


def described(made: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI's document with problems under the type that they have: FastAPI knows one type a route."""
    for operation in (operation for path in made["paths"].values() for operation in path.values()):
        for answer in operation["responses"].values():
            content = answer.get("content", {})
            if content.get("application/json", {}).get("schema", {}).get("$ref", "").endswith("/Problem"):
                content["application/problem+json"] = content.pop("application/json")
    return made


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    gone = {**REFUSALS, 404: {"model": Problem}, 410: {"model": Problem}}
    found = {**REFUSALS, 503: {"model": Problem, "description": "The search index is not there."}}
    ill: dict[int | str, dict[str, Any]] = {429: REFUSALS[429], 503: {"model": HealthOut}}
    rooms.api("/api/v1/software", list_software, response_model=ListOut, responses=found)
    rooms.api("/api/v1/software/{software_id}", get_software, response_model=EntryOut, responses=gone)
    rooms.api("/api/v1/sources", list_sources, response_model=SourcesOut, responses=REFUSALS)
    rooms.api("/api/v1/runs", list_runs, response_model=RunsOut, responses=REFUSALS)
    rooms.api("/healthz", get_health, strict=False, response_model=HealthOut, responses=ill)
