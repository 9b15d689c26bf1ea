"""What programs do for an account, by a token with the scope for it: read what waits, decide it, queue a run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Request
from fastapi import Query as Parameter
from fastapi.responses import Response
from pydantic import BaseModel, Field, field_validator

from harvester.catalogue.acts import Act
from harvester.errors import NotFound
from harvester.model import Operation, SoftwareState
from harvester.web.api_models import REFUSALS, Problem
from harvester.web.house import house_of
from harvester.web.identity import Access, visitor_of
from harvester.web.rooms import Rooms, RowId
from harvester.web.security import storable

_MOST = 100
_ON = {
    "accept": (Operation.ACCEPT, {SoftwareState.CANDIDATE, SoftwareState.REJECTED}),
    "reject": (Operation.REJECT, {SoftwareState.CANDIDATE}),
    "defer": (Operation.DEFER, {SoftwareState.CANDIDATE}),
}


class WaitingOut(BaseModel):
    """A software that waits for a reviewer. `version` is what a verdict says it saw; `address` is its page there."""

    id: str
    name: str
    state: str
    version: int
    address: str


class QueueOut(BaseModel):
    """What waits, a part of it in the desk's order, and how much there is."""

    total: int
    items: list[WaitingOut]


class VerdictIn(BaseModel):
    """A verdict. `seen` is the version that it was made of: where it changed meanwhile, nothing is decided."""

    verdict: Literal["accept", "reject", "defer"]
    why: str = Field("", max_length=500, description="A rejection needs its reason.")
    seen: int | None = Field(None, ge=0, le=2**31 - 1)

    @field_validator("why")
    @classmethod
    def _text(cls, value: str) -> str:
        if not storable(value):
            raise ValueError("it holds what is no text")
        return value.strip()


class DecisionOut(BaseModel):
    """A decision, by whose number it is undone."""

    decision: int
    software: str


class UndoneOut(BaseModel):
    """Which software a decision was about that was undone."""

    software: str


class QueuedOut(BaseModel):
    """The number of the run, or null where one of that source waits or goes on already."""

    run: int | None


def list_waiting(
    request: Request,
    limit: Annotated[int, Parameter(ge=1, le=_MOST)] = 20,
    offset: Annotated[int, Parameter(ge=0, le=1_000_000)] = 0,
) -> Response:
    """What waits for a reviewer, in the order of the desk."""
    review = house_of(request).catalogue.review
    items = [
        WaitingOut(
            id=one.id,
            name=one.fields.name or one.slug,
            state=one.state.value,
            version=one.version,
            address=f"/en/review?id={one.id}",
        )
        for one in review.queue(limit, offset)
    ]
    return _told(QueueOut(total=review.waiting(), items=items))


def decide(request: Request, software_id: Annotated[str, Path(max_length=200)], said: VerdictIn) -> Response:
    """Accept, reject or put off what waits, as at the desk."""
    operation, among = _ON[said.verdict]
    catalogue = house_of(request).catalogue
    found = catalogue.software.get(software_id)
    act = Act(software=found.id, operation=operation, why=said.why or None, seen=said.seen, among=among, claimed=True)
    made = catalogue.review.together([act], visitor_of(request).login)[0]
    return _told(DecisionOut(decision=made.id, software=made.software))


def undo(request: Request, decision: RowId) -> Response:
    """Take a decision back."""
    return _told(UndoneOut(software=house_of(request).catalogue.review.undo(decision, visitor_of(request).login).id))


def queue_run(request: Request, source: Annotated[str, Path(max_length=200)]) -> Response:
    """Queue a run of a source now."""
    catalogue = house_of(request).catalogue
    if source not in catalogue.sources.names():
        raise NotFound(f"no source {source!r}")
    run = catalogue.runs.queue(source, datetime.now(UTC).replace(microsecond=0), by=visitor_of(request).login)
    return _told(QueuedOut(run=run.id if run else None))


def _told(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json", headers={"cache-control": "no-store"})


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    refused: dict[int | str, dict[str, Any]] = {
        **REFUSALS,
        401: {"model": Problem, "description": "There is no token, or it was ended."},
        403: {"model": Problem, "description": "The token, or its account, may not do this."},
    }
    about = {**refused, 404: {"model": Problem}, 409: {"model": Problem, "description": "It changed meanwhile."}}
    read: dict[str, Any] = {"scope": "read", "access": Access.REVIEWER}
    acts: dict[str, Any] = {"scope": "decide", "access": Access.REVIEWER, "method": "POST"}
    runs: dict[str, Any] = {"scope": "operate", "access": Access.OPERATOR, "method": "POST"}
    rooms.act("/api/v1/review/waiting", list_waiting, response_model=QueueOut, responses=refused, **read)
    rooms.act("/api/v1/review/undo/{decision}", undo, response_model=UndoneOut, responses=about, **acts)
    rooms.act("/api/v1/review/{software_id}", decide, response_model=DecisionOut, responses=about, **acts)
    rooms.act("/api/v1/operations/sources/{source}/run", queue_run, response_model=QueuedOut, responses=about, **runs)
