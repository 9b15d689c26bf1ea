"""How alive a tool is, 0 to 100, and why. Unknown is not the same as asleep: without a date there is no figure.

    score = max(a, 0.75 a + 0.25 r), rounded
    a     last change: 100 up to 90 days ago, falling evenly to 50 at 365 days and to 0 at 1,095 days (three years)
    r     last release: 100 up to 365 days ago, falling evenly to 0 at 1,460 days (four years)

A release never lowers the figure; where no change is known, the release stands for it. A tool that its makers call
obsolete, or whose text says that it came to its end (see `abandoned`), has at most 20, one whose repository is archived
0. Dates more than a day ahead of `today` are disregarded.

status     archived   the repository is archived, whatever the dates
           active     changed or released within 365 days
           slowing    within 730 days
           dormant    longer ago
           unknown    no date; or none that anybody vouches for: who would know of a newer change (its forge, or a
                      dump of forges by its own date) was last asked over 365 days ago, as far as is known, and the
                      newest date is older, too

Reasons are (points, reason), as in an appraisal: last-change and last-release with their `day`, future-date with its
`date`, obsolete, said-ended with its words and archived-there with the points that they take, no-date, old-evidence
with the `date` that it is of. Codes begin with "health.".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from harvester.assess.abandoned import said_to_have_ended
from harvester.model import Fields, Reason

Weighed = tuple[float, Reason]

_CHANGE = ((90, 100.0), (365, 50.0), (1095, 0.0))
_RELEASE = ((365, 100.0), (1460, 0.0))
_OBSOLETE_AT_MOST = 20
_ACTIVE_DAYS, _SLOWING_DAYS = 365, 730
_FRESH_DAYS = 365
"""Of evidence: what an older dump says tells nothing of today."""


@dataclass(frozen=True, slots=True)
class Health:
    """`score` is 0 to 100, None where `status` is "unknown"; `reasons` are (points, reason)."""

    score: int | None
    status: str
    reasons: tuple[Weighed, ...] = ()


def health(fields: Fields, today: date, *, looked_at: date | None) -> Health:
    """How alive it is on a day. Services without public code have no dates as a rule, and are unknown.

    `looked_at` is the day on which who would know of a newer change was last asked; None: nobody was.
    """
    changed, released, doubts = _dates(fields, today)
    latest = max((day for day in (changed, released) if day), default=None)
    if fields.archived:
        return Health(0, "archived", ((-100.0, Reason("health.archived-there")), *doubts))
    if latest is None:
        return Health(None, "unknown", doubts or ((0.0, Reason("health.no-date")),))
    until = max(latest, looked_at or latest)
    if (today - until).days > _FRESH_DAYS:
        return Health(None, "unknown", ((0.0, Reason.of("health.old-evidence", date=until.isoformat())), *doubts))
    points, reasons = _points(changed or latest, released, today)
    ended = said_to_have_ended(fields)
    if ended and points > _OBSOLETE_AT_MOST:
        reasons.append((_OBSOLETE_AT_MOST - points, Reason.of("health.said-ended", value=ended[1])))
        points = _OBSOLETE_AT_MOST
    if fields.development_status == "obsolete" and points > _OBSOLETE_AT_MOST:
        reasons.append((_OBSOLETE_AT_MOST - points, Reason("health.obsolete")))
        points = _OBSOLETE_AT_MOST
    age = (today - latest).days
    status = "active" if age <= _ACTIVE_DAYS else "slowing" if age <= _SLOWING_DAYS else "dormant"
    return Health(round(points), status, (*reasons, *doubts))


def _dates(fields: Fields, today: date) -> tuple[date | None, date | None, tuple[Weighed, ...]]:
    """The last change and release, without those that cannot be yet, and a reason for each of these."""
    doubts: list[Weighed] = []

    def past(day: date | None) -> date | None:
        if isinstance(day, datetime):
            day = day.date()
        if day is not None and day > today + timedelta(days=1):
            doubts.append((0.0, Reason.of("health.future-date", date=day.isoformat())))
            return None
        return day

    return past(fields.date_modified), past(fields.release_date), tuple(doubts)


def _points(changed: date, released: date | None, today: date) -> tuple[float, list[Weighed]]:
    a = _on_line(_CHANGE, (today - changed).days)
    if released is None:
        return a, [(round(a, 1), Reason.of("health.last-change", day=changed.isoformat()))]
    points = max(a, 0.75 * a + 0.25 * _on_line(_RELEASE, (today - released).days))
    gained = (round(points - a, 1), Reason.of("health.last-release", day=released.isoformat()))
    return points, [(round(a, 1), Reason.of("health.last-change", day=changed.isoformat())), gained]


def _on_line(corners: tuple[tuple[int, float], ...], days: int) -> float:
    """The height of a line through (days, points) corners, level before the first and after the last."""
    before, high = corners[0]
    if days <= before:
        return high
    for after, low in corners[1:]:
        if days <= after:
            return high + (low - high) * (days - before) / (after - before)
        before, high = after, low
    return high
