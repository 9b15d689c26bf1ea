"""Many candidates decided together: a filter or a selection, its count and list, a drawn sample that is opened first,
one verdict, one act, one undo."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, QueryParams

from harvester.catalogue.acts import Act
from harvester.catalogue.database import now
from harvester.catalogue.sought import QueueSought
from harvester.model import Operation, Place, Software, SoftwareState
from harvester.web import pages, record, texts
from harvester.web.desk import LONGEST_WHY
from harvester.web.desk_queue import address, sought_in
from harvester.web.house import House, house_of
from harvester.web.identity import Access, Refused, visitor_of
from harvester.web.review import PUT_OFF, REASONS, VERDICTS, ended
from harvester.web.rooms import Rooms
from harvester.words import Formatter

MOST = 1000
"""Are decided at once."""
SAMPLE = 5
_LISTED = 500
_CHOSEN = 100  # by hand
TOGETHER = ("accept", "reject", "defer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What is decided together: those of the filters, or (`ticked`) the `chosen` ids alone, as they were at a time
    (UTC) and without some; `opened` of the sample have been looked at."""

    sought: QueueSought
    filters: str
    at: datetime
    ticked: bool = False
    chosen: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()

    @classmethod
    def of(cls, said: QueryParams | FormData, request: Request) -> Together:
        """What an address or a form means."""

        def several(name: str, most: int) -> tuple[str, ...]:
            found = tuple(dict.fromkeys(str(one)[:40] for one in said.getlist(name)))
            if len(found) > most:  # of what is left out the rest would be decided on
                raise Refused(400, "bad-request")
            return found

        filters = str(said.get("filters") or "")
        return cls(
            sought=sought_in(filters, request)[0],
            filters=filters,
            at=_moment(str(said.get("at") or "")),
            ticked=bool(said.get("ticked")),
            chosen=several("id", _CHOSEN),
            without=several("without", _CHOSEN),
            opened=several("opened", 2 * _CHOSEN),
        )

    def versions(self, house: House) -> dict[str, int]:
        """By id the version of each that still is as it was then, in the queue's order; one more than are decided on
        where there are more."""
        if self.ticked and not self.chosen:
            return {}
        review = house.catalogue.review
        found = review.listed(self.sought, MOST + 1, before=self.at, among=self.chosen or None)
        return {one: version for one, version in found.items() if one not in self.without}

    def sample(self, ids: Sequence[str]) -> list[str]:
        """Which are opened before anything is decided: drawn by a digest, so that who lists again draws the same. What
        was opened and is decided on meanwhile counts."""
        gone = len({*self.opened} - {*ids} - {*self.without})
        drawn = sorted(ids, key=lambda one: hashlib.sha256(f"{self.at.isoformat()}{one}".encode()).digest())
        return drawn[: max(0, SAMPLE - gone)]

    def pairs(self, **more: tuple[str, ...]) -> list[tuple[str, str]]:
        """It as an address or a form carries it."""
        several = {"id": self.chosen, "without": self.without, "opened": self.opened}
        several |= {name: (*several[name], *values) for name, values in more.items()}
        said = [("filters", self.filters), ("at", self.at.isoformat())]
        said += [("ticked", "1")] if self.ticked else []
        return [*said, *((name, one) for name, values in several.items() for one in values)]


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return min(found.astimezone(UTC), now()) if found.tzinfo else now()
    except (ValueError, OverflowError):
        return now()


def show_together(request: Request, language: str) -> Response:
    """The sample one after the other, then the verdict; always with the count and the list."""
    return _page(request, language, Together.of(request.query_params, request))


def _page(
    request: Request,
    language: str,
    together: Together,
    *,
    status: int = 200,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    house = house_of(request)
    formatter, found = house.formatter(language), together.versions(house)
    ids = list(found)[:MOST]
    if together.ticked and not together.chosen:
        status, problem = 400, formatter.words("bulk.none_ticked")
    sample = together.sample(ids)
    ahead = [one for one in sample if one not in together.opened]
    shown = house.catalogue.software.get(ahead[0]) if ahead else None
    here = f"/{language}/review/together"
    return pages.render(
        request,
        "review_together.html",
        status=status,
        problem=problem,
        typed=defaultdict(str, typed or {}),
        n=len(ids),
        more=len(found) > MOST,
        filters=together.filters,
        back_url=f"/{language}/review" + (f"?{together.sought.query}" if together.sought.said else ""),
        listed=[
            {"name": one.fields.name or one.slug, "url": f"/{language}/review?id={one.id}"}
            for one in house.catalogue.software.many(ids[:_LISTED])
        ],
        number=len(sample) - len(ahead) + 1,
        sample_n=len(sample),
        shown=_shown(house, shown, formatter) if shown else None,
        looked_url=f"{here}?{urlencode(together.pairs(opened=(shown.id,)))}" if shown else "",
        without_url=f"{here}?{urlencode(together.pairs(without=(shown.id,)))}" if shown else "",
        carried=together.pairs(),
        reasons=REASONS,
        put_off=PUT_OFF,
        verdicts=TOGETHER,
    )


def _shown(house: House, one: Software, formatter: Formatter) -> dict[str, Any]:
    provenance = house.catalogue.software.provenance(one.id)
    reasons = one.appraisal.toolbox.reasons
    return {
        "id": one.id,
        "name": one.fields.name or one.slug,
        "short": texts.best(one.fields.short_description, formatter.words.language),
        "origins": record.origins(provenance)[:3],
        "why": [(formatter.weight(weight), formatter.reason(reason)) for weight, reason in reasons],
        "facts": [
            (fact.name, ", ".join(value.text for value in fact.values))
            for fact in record.facts(one, Place.REVIEW, provenance=provenance, formatter=formatter)
        ],
    }


async def do_together(request: Request, language: str) -> Response:
    """One verdict for all of them, in one act."""
    return await run_in_threadpool(_decide, request, language, await request.form())


def _decide(request: Request, language: str, form: FormData) -> Response:
    house, together = house_of(request), Together.of(form, request)
    words = house.formatter(language).words
    typed = {name: str(form.get(name) or "")[:LONGEST_WHY] for name in ("verdict", "reason", "why", "until", "day")}
    found = dict(list(together.versions(house).items())[:MOST])

    def again(problem: str, status: int = 400) -> Response:
        return _page(request, language, together, status=status, problem=problem, typed=typed)

    if any(one not in together.opened for one in together.sample(list(found))):
        return again(words("bulk.unopened"))
    if typed["verdict"] not in TOGETHER:
        return again(words("bulk.no_verdict"))
    operation = VERDICTS[typed["verdict"]]
    parts = (typed["reason"] if typed["reason"] in REASONS else "", typed["why"].strip())
    why = ": ".join(part for part in parts if part) or None
    if operation is Operation.REJECT and why is None:
        return again(f"{words('error.no-reason.title')}. {words('error.no-reason.why')}")
    until = ended(typed["until"], typed["day"], house) if operation is Operation.DEFER else None
    if until is not None and until <= datetime.now(UTC):
        return again(words("defer.past"))
    states = {SoftwareState.CANDIDATE}
    acts = [
        Act(software=one, operation=operation, why=why, seen=version, among=states, until=until, claimed=True)
        for one, version in found.items()
    ]
    if not house.catalogue.review.together(acts, visitor_of(request).login, still=True):
        return again(words("bulk.none"), 409)
    return RedirectResponse(address(language, together.sought, done=typed["verdict"]), 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/review/together", show_together, access=Access.REVIEWER)
    rooms.form("/{language}/review/together", do_together, access=Access.REVIEWER)
