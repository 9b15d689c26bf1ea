"""The record's page, and where a record went that is not there any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from harvester.assess.completeness import completeness
from harvester.assess.health import health
from harvester.assess.naming import called
from harvester.catalogue import Catalogue
from harvester.catalogue.changes import changed_fields
from harvester.catalogue.issues import IssueRow
from harvester.catalogue.software import VersionRow
from harvester.errors import NotFound
from harvester.model import (
    FACETS,
    FIELDS,
    BodyLink,
    BodyRole,
    FieldKind,
    Fields,
    Place,
    Provenance,
    Severity,
    Software,
    SoftwareState,
    fields_in,
)
from harvester.normalize.repository import publiccode_of
from harvester.validate import Finding, validate
from harvester.web import criteria, desk, linked, listing, organisations, pages, record, texts, told
from harvester.web.house import House, house_of
from harvester.web.identity import visitor_of
from harvester.web.neighbourhood import Neighbourhood, neighbourhood
from harvester.web.rooms import Rooms
from harvester.web.similar import Compared, similar
from harvester.words import Formatter, Weighed, Words

LISTED = 30
"""How many issues and versions a record's page lists."""
USERS_LISTED = 100
_MOST_FAULTS = 50
_LONGEST_JUDGED = 64 * 1024  # bytes; judging takes a visitor's time


def show_short_record(request: Request, language: str, software_id: str) -> Response:
    """To the record's full address."""
    return show_record(request, language, software_id, "")


def show_record(request: Request, language: str, software_id: str, slug: str) -> Response:
    """The record, or where it went: former slugs and merged ones redirect, gone and withdrawn ones answer 410."""
    house = house_of(request)
    formatter = house.formatter(language)
    software = house.catalogue.software.get(software_id)
    if software.state is SoftwareState.MERGED and software.merged_into:
        software = house.catalogue.software.get(software.merged_into)
    hidden = software.state in (SoftwareState.CANDIDATE, SoftwareState.REJECTED)
    if hidden and not visitor_of(request).role:
        raise NotFound(f"no software {software_id!r}")
    if software.state is SoftwareState.WITHDRAWN:  # its name is not shown either
        name = formatter.words("record.withdrawn")
        return pages.render(request, "gone.html", status=410, software=software, name=name)
    if (software_id, slug) != (software.id, software.slug):
        return RedirectResponse(f"/{language}/software/{software.id}/{software.slug}", 301)
    name = called(software)
    if software.state is SoftwareState.GONE:
        return pages.render(request, "gone.html", status=410, software=software, name=name)
    about = _about(house, software, formatter, site=pages.public_url(request))
    about["desk"] = desk.part(house, software, formatter) if visitor_of(request).role else None
    return pages.render(request, "record.html", software=software, name=name, back=_back(request, language), **about)


def _back(request: Request, language: str) -> dict[str, str] | None:
    """The search that led here, when the browser says so."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.headers.get("host") or came.path != f"/{language}/software" or not came.query:
        return None
    return {"url": f"{came.path}?{came.query}", "text": dict(parse_qsl(came.query)).get("q", "")}


def _about(house: House, software: Software, formatter: Formatter, *, site: str) -> dict[str, Any]:
    catalogue, fields, language = house.catalogue, software.fields, formatter.words.language
    provenance = catalogue.software.provenance(software.id)
    features = texts.best(fields.features, language)
    canonical = f"/{language}/software/{software.id}/{software.slug}"
    use_cases = record.fact(software, "use_cases", provenance=provenance, formatter=formatter)
    faults, versions = faults_of(catalogue, software.id), catalogue.software.versions(software.id)
    issues = _issues(catalogue.software.issues(software.id), judged=faults is not None)
    bodies = catalogue.organisations.of(software.id)
    around = neighbourhood(catalogue, software)
    uses = told.uses_of(catalogue, software)
    of_users = provenance | told.as_provenance(uses, title=formatter.words("voice.source"))
    users = record.fact(software, "used_by", provenance=of_users, formatter=formatter)
    facts = record.facts(software, Place.PANEL, provenance=provenance, formatter=formatter)
    return {
        "criteria": criteria.of(software, provenance, formatter),
        "users_at": _Slugs((one.as_said, one.slug) for one in bodies if one.role is BodyRole.USES),
        "copied": organisations.told_of(bodies, BodyRole.COPIED)[:LISTED],
        "shared": _Places((one.name, _shared(software, one, bodies, language)) for one in facts),
        "short": texts.best(fields.short_description, language),
        "long": texts.rich(texts.best(fields.long_description, language)),
        "features": [line for line in str(features.html).splitlines() if line.strip()],
        "features_lang": features.lang,
        "canonical": canonical,
        "linked": linked.in_page(linked.json_ld(fields, page=site + canonical)),
        "actions": _actions(software),
        "use_cases": use_cases,
        "inferred": record.inferred(use_cases),
        "uses": told.accounts(uses),
        "users_said": [one for one in users.sayings if one.chosen],
        "listed": USERS_LISTED,
        "facts": facts,
        "activity": gauge(software, provenance, formatter),
        "last_change": last_sign(fields),
        "similar": similar(house.engine, _compared(software, around), formatter),
        "around": around,
        "concluded": _concluded(software, formatter),
        "faults": faults,
        "issues": issues[:LISTED],
        "issues_n": len(issues),
        "missing": _missing(software),
        "history": _history(versions, formatter.words)[:LISTED],
        "versions_n": len(versions),
        "origins": [
            {
                "title": one.source_title,
                "url": one.url,
                "seen": one.last_seen,
                "terms": listing.terms_words(one.terms, formatter),
            }
            for one in record.origins(provenance)
        ],
    }


class _Slugs(dict[str, str]):
    """Bodies' slugs by what sources call them; "" where none is known."""

    def __missing__(self, name: str) -> str:
        return ""


class _Places(dict[str, list[str]]):
    """By field for each value where what shares it is listed; "" where nothing lists it."""


def _shared(software: Software, fact: record.Fact, bodies: Sequence[BodyLink], language: str) -> list[str]:
    """The address of what shares each value of a fact: an organisation's page, or a list."""
    value = getattr(software.fields, fact.name)
    several = value if FIELDS[fact.name].kind is FieldKind.UNION else (value,)
    if fact.name == "organisations":
        slugs = {one.as_said: one.slug for one in bodies if one.role in (BodyRole.MAKES, BodyRole.PUBLISHES)}
        found = [f"/{language}/organisations/{slugs[one.name]}" if one.name in slugs else "" for one in several]
    else:
        facet = next((one for one in FACETS.values() if one.fields == (fact.name,)), None)
        said = [list(facet.split(one)) if facet and one is not None else [] for one in several]
        at = f"/{language}/software?"
        found = [at + urlencode({facet.name: one[0]}) if facet and len(one) == 1 else "" for one in said]
    return [*found, *[""] * (len(fact.values) - len(found))]


@dataclass(frozen=True, slots=True)
class Concluded:
    """A figure as a percentage, with its reasons; `name` is the key of its words."""

    name: str
    percent: int
    reasons: tuple[Weighed, ...]


def _concluded(software: Software, formatter: Formatter) -> list[Concluded]:
    """The figures that decide where lists show it, and in which order."""
    said = software.appraisal
    return [
        Concluded(
            name,
            round(100 * verdict.value),
            tuple(Weighed(formatter.reason(reason), formatter.weight(weight)) for weight, reason in verdict.reasons),
        )
        for name, verdict in (("toolbox", said.toolbox), ("civic", said.civic), ("standing", said.standing))
    ]


def _issues(rows: list[IssueRow], *, judged: bool) -> list[IssueRow]:
    """The issues; where the validator's results are shown, those with a line would say the same again."""
    return [row for row in rows if not (judged and row.issue.line)]


def _actions(software: Software) -> list[dict[str, str]]:
    fields = software.fields
    wanted = (("website", fields.landing_url), ("source", fields.code_repository), ("docs", fields.documentation))
    return [{"name": name, "url": pages.web_address(url)} for name, url in wanted if pages.web_address(url)]


def _compared(software: Software, around: Neighbourhood) -> Compared:
    told = (*around.of, *around.to)
    return Compared(
        family={
            software.id,
            *(one.id for one in told if one.id),
            *(one.relation.object for one in told if one.relation.object),
        },
        called=called(software),
        fields=software.fields,
    )


def _missing(software: Software) -> list[str]:
    """What its maintainers could add."""
    fields, told = software.fields, fields_in(Place.TOLD)
    found = [name for name in completeness(fields).missing if name in told]
    if "license" in found and fields.license_text:
        found[found.index("license")] = "license_as_written"
    elif "license" in found and fields.has_license is False:
        found[found.index("license")] = "no_license"
    looked_into = fields.kind != "service" and fields.has_publiccode is False
    return ["publiccode", *found] if looked_into else found


def _history(versions: list[VersionRow], words: Words) -> list[dict[str, Any]]:
    found = []
    for newer, older in zip(versions, [*versions[1:], None], strict=True):
        changed = [
            words(FIELDS[name].label)
            for name in (changed_fields(newer.data.fields, older.data.fields) if older else ())
        ]
        found.append({"at": newer.at, "state": newer.state.value, "changed": ", ".join(changed)})
    return found


_STATES = {"dormant": "silent"}


@dataclass(frozen=True, slots=True)
class Gauge:
    """0 to 100, the word for it (active, slowing, silent, archived), and what each reason counts."""

    score: int
    state: str
    reasons: tuple[Weighed, ...]


def gauge(software: Software, provenance: Mapping[int, Provenance], formatter: Formatter) -> Gauge | None:
    """The activity; None when nobody can tell: no source shows a sign of it, or none has looked for a newer one.

    That something rests says only its forge, when it was asked within a year: the newest change in a dump of years ago,
    or in a catalogue's entry, is not its last one.
    """
    found = health(software.fields, formatter.now.date(), looked_at=record.looked_at(provenance))
    if found.score is None:
        return None
    reasons = (Weighed(formatter.reason(reason), formatter.points(points)) for points, reason in found.reasons)
    return Gauge(found.score, _STATES.get(found.status, found.status), tuple(reasons))


def last_sign(fields: Fields) -> date | None:
    """The newest change or release that any source tells of."""
    changed = fields.date_modified.date() if fields.date_modified else None
    return max((day for day in (changed, fields.release_date) if day), default=None)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/software/{software_id}", show_short_record)
    rooms.page("/{language}/software/{software_id}/{slug}", show_record)


@dataclass(frozen=True, slots=True)
class RecordFaults:
    """The first results of the file found at `url`, and how many there are of each severity."""

    url: str
    shown: Sequence[Finding]
    errors: int
    warnings: int


def faults_of(catalogue: Catalogue, software_id: str) -> RecordFaults | None:
    """The faults of the first publiccode.yml that a software was made from; None when it has none, or no fault."""
    for raw in catalogue.software.raw_items(software_id):
        payload = publiccode_of(raw)
        if payload is None or len(payload) > _LONGEST_JUDGED:
            continue
        results = _judged(payload)
        errors = sum(result.severity is Severity.ERROR for result in results)
        if not results:
            return None
        shown = sorted(results, key=lambda result: (result.severity is not Severity.ERROR, result.line))
        return RecordFaults(raw.url, shown[:_MOST_FAULTS], errors, len(results) - errors)
    return None


@lru_cache(maxsize=256)
def _judged(payload: bytes) -> tuple[Finding, ...]:
    return validate(payload).results
