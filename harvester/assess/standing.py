"""What a software is worth to somebody who looks for one, 0 to 1, and why. It orders lists; it decides nothing.

The figure is the sum of the reasons' points, over 100. A reason is (points, Reason), its code "standing.CODE".

code          points
copied        8 for each doubling of the bodies that copied it, at most 20
used-by       8 for each doubling of the bodies that are said to use it, at most 16
sources       8 for each doubling of the sources that tell of it, at most 16; these three at most 40 together
changed       its last change or release is of a later year: 2014 none, 2026 and later 12
release       5, a release or version is told
stable        4, it is said to be stable
publiccode    4, a publiccode.yml describes it; none of these four where it is archived, obsolete or said to
              have come to its end
completeness  at most 15, the share of what a reader wants to know
own           10, it is neither a copy nor a part of another
beside        4, it is a part or an installation of another; a copy or mirror has neither
stars         2.5 for each tenfold of its stars, at most 10

It looks at no clock: a later year counts more than an earlier one, so that two figures compare on any day.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

from harvester.assess.abandoned import said_to_have_ended
from harvester.assess.completeness import completeness
from harvester.model import Fields, Reason, Related, RelationType, Verdict

_Weighed = tuple[float, Reason]
_COPIES = (RelationType.COPY, RelationType.MIRROR)
_BESIDE = (RelationType.PART, RelationType.INSTANCE)
_FIRST_YEAR, _LAST_YEAR = 2014, 2026
_OF_USE = 40.0
POINTS: Mapping[str, float] = {
    "copied": 20.0,
    "used-by": 16.0,
    "sources": 16.0,
    "changed": 12.0,
    "release": 5.0,
    "stable": 4.0,
    "publiccode": 4.0,
    "completeness": 15.0,
    "own": 10.0,
    "beside": 4.0,
    "stars": 10.0,
}
"""The most points that each reason gives."""


def standing(
    fields: Fields, *, sources: Collection[str] = (), relations: Collection[Related] = (), copied_by: int = 0
) -> Verdict:
    """`sources` are the names of those that say something of it, `copied_by` how many bodies copied it."""
    reasons = tuple(sorted(_points(fields, len(sources), relations, copied_by), key=lambda one: (-one[0], one[1].code)))
    return Verdict(value=round(sum(points for points, _ in reasons) / 100, 4), reasons=reasons)


def _points(fields: Fields, sources: int, relations: Collection[Related], copied_by: int) -> Iterator[_Weighed]:
    use = [
        (_doublings(copied_by, most=POINTS["copied"]), Reason.of("standing.copied", n=copied_by)),
        (_doublings(len(fields.used_by), most=POINTS["used-by"]), Reason.of("standing.used-by", n=len(fields.used_by))),
        (_doublings(max(0, sources - 1), most=POINTS["sources"]), Reason.of("standing.sources", n=sources)),
    ]
    left = _OF_USE
    for points, reason in use:
        if points:
            yield round(min(points, left), 1), reason
            left -= min(points, left)
    yield from _care(fields)
    share = completeness(fields).share
    if share:
        yield round(POINTS["completeness"] * share, 1), Reason.of("standing.completeness", percent=round(100 * share))
    types = {one.type for one in relations}
    if types.isdisjoint(_COPIES):
        own = types.isdisjoint(_BESIDE)
        code = "own" if own else "beside"
        yield POINTS[code], Reason(f"standing.{code}")
    if fields.stars:
        yield (
            min(POINTS["stars"], round(2.5 * math.log10(1 + fields.stars), 1)),
            Reason.of("standing.stars", n=fields.stars),
        )


def lost(fields: Fields, *, relations: Collection[Related] = ()) -> tuple[_Weighed, ...]:
    """What it has not because of what it is, each with the points that others may have for it."""
    found = []
    if not {one.type for one in relations}.isdisjoint(_COPIES):
        found.append((POINTS["own"], Reason("standing.lost-copy")))
    if _ended(fields):
        care = sum(POINTS[code] for code in ("changed", "release", "stable", "publiccode"))
        found.append((care, Reason("standing.lost-ended")))
    return tuple(found)


def _ended(fields: Fields) -> bool:
    return bool(fields.archived or fields.development_status == "obsolete" or said_to_have_ended(fields))


def _care(fields: Fields) -> Iterator[_Weighed]:
    if _ended(fields):
        return
    years = [day.year for day in (fields.date_modified, fields.release_date) if day is not None]
    if years and max(years) > _FIRST_YEAR:
        share = min(1.0, (max(years) - _FIRST_YEAR) / (_LAST_YEAR - _FIRST_YEAR))
        yield round(POINTS["changed"] * share, 1), Reason.of("standing.changed", year=str(max(years)))
    if fields.release_date is not None or fields.software_version:
        yield POINTS["release"], Reason("standing.release")
    if fields.development_status == "stable":
        yield POINTS["stable"], Reason("standing.stable")
    if fields.has_publiccode:
        yield POINTS["publiccode"], Reason("standing.publiccode")


def _doublings(number: int, *, most: float) -> float:
    return round(min(most, 8 * math.log2(1 + number)), 1) if number > 0 else 0.0
