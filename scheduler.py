"""The clock: which sources are due becomes queued runs. APScheduler tells the time; nothing else knows of it.

A slot is queued once, under (source, due time in UTC) and under its local time, so several clocks, a restart and the
hour that autumn repeats all give one run. Slots that passed while no clock ran become one catch-up run; the others
are recorded as missed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from harvester.catalogue import Catalogue
from harvester.errors import SourceError
from harvester.model import Source

_TICK_S = 15
_LOOK_BACK = timedelta(days=2)  # a clock that was away longer looks further back only for what is rarely due
_MOST_MISSED = 20
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")  # cron counts from Sunday, APScheduler from Monday

_log = logging.getLogger(__name__)


def trigger(source: Source) -> CronTrigger | None:
    """The source's cron line in its zone, None when it has none. Raises SourceError that names the line."""
    if not source.schedule:
        return None
    try:
        return _cron(source.schedule, ZoneInfo(source.timezone))
    except (ValueError, KeyError) as error:
        raise SourceError(
            f"source {source.name!r}: schedule {source.schedule!r} in {source.timezone!r}: {error}",
            remedy="five fields, minute hour day month weekday, and an IANA zone",
        ) from None


def _cron(line: str, zone: ZoneInfo) -> CronTrigger:
    fields = line.split()
    if len(fields) != 5:
        raise ValueError(f"{len(fields)} fields instead of five")
    minute, hour, day, month, weekday = fields
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=zone)


def _weekdays(field: str) -> str:
    """The field as names, which mean the same everywhere: cron's 0 and 7 are Sunday, and 5-7 is a span."""
    if field == "*":
        return field
    days: set[int] = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, dash, last = ("0", "-", "6") if span == "*" else span.partition("-")
        begin = _weekday(first)
        end = _weekday(last) if dash else (6 if step else begin)
        if end < begin:
            raise ValueError(f"weekdays {part!r} end before they begin")
        days.update(day % 7 for day in range(begin, end + 1, max(1, int(step or 1))))
    return ",".join(_WEEKDAYS[day] for day in sorted(days))


def _weekday(name: str) -> int:
    if name in _WEEKDAYS:
        return _WEEKDAYS.index(name)
    if name.isdigit() and int(name) <= 7:
        return int(name)
    raise ValueError(f"{name!r} is no weekday")


def next_due(source: Source, after: datetime | None = None) -> datetime | None:
    """When the source is due next (UTC), None when it has no schedule, is switched off, or paused with no end."""
    moment = after or datetime.now(UTC)
    if source.rests(moment) and source.paused_until is not None:
        moment = max(moment, source.paused_until)
    cron = None if source.rests(moment) else trigger(source)
    if cron is None:
        return None
    fire = cron.get_next_fire_time(None, moment)
    while fire is not None and _repeated(fire):
        fire = cron.get_next_fire_time(None, fire.astimezone(UTC) + timedelta(seconds=1))
    return fire.astimezone(UTC) if fire is not None else None


def upcoming(source: Source, most: int) -> list[datetime]:
    """The next times at which the source is due (UTC), at most so many."""
    found: list[datetime] = []
    moment = next_due(source)
    while moment is not None and len(found) < most:
        found.append(moment)
        moment = next_due(source, moment + timedelta(seconds=1))
    return found


def slots(source: Source, *, after: datetime, upto: datetime) -> Iterator[tuple[datetime, str]]:
    """The source's slots in (after, upto]: due time in UTC and local slot; of a repeated local time the first only."""
    cron = trigger(source)
    moment = after + timedelta(seconds=1)
    while cron is not None:
        fire = cron.get_next_fire_time(None, moment)
        if fire is None or fire > upto:
            return
        due = fire.astimezone(UTC)
        if not _repeated(fire):
            yield due, f"{fire:%Y-%m-%dT%H:%M} {source.timezone}"
        moment = due + timedelta(seconds=1)


def _repeated(local: datetime) -> bool:
    """Whether the clocks showed this local time before: they were put back since."""
    return local.fold == 1 and local.utcoffset() != local.replace(fold=0).utcoffset()


class Clock:
    """Queues what is due, at the start and every few seconds. A source's first slot comes after `began` (now)."""

    def __init__(self, catalogue: Catalogue, *, began: datetime | None = None) -> None:
        self._catalogue = catalogue
        self._began = began or datetime.now(UTC)
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin to tick, in a thread."""
        self._scheduler.add_job(
            self.tick,
            "interval",
            seconds=_TICK_S,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """End ticking."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def tick(self, now: datetime | None = None) -> int:
        """Queue every source that is due; returns how many runs were queued. A bad schedule stops its source only."""
        queued = 0
        for source in self._catalogue.sources.all():
            moment = now or datetime.now(UTC)
            if source.schedule is None or source.rests(moment):
                continue
            try:
                queued += self._queue(source, moment)
            except SourceError as error:
                _log.error("%s", error)
        return queued

    def _queue(self, source: Source, now: datetime) -> int:
        last = self._catalogue.runs.latest_due(source.name) or self._began
        if source.paused_until is not None:  # what passed during a pause was not missed
            last = max(last, min(source.paused_until, now))
        due = list(slots(source, after=max(last, now - _LOOK_BACK), upto=now))
        if not due and last < now - _LOOK_BACK:
            due = list(slots(source, after=last, upto=now - _LOOK_BACK))
        for at, _ in due[:-1][-_MOST_MISSED:]:
            self._catalogue.runs.missed(source.name, at)
        if not due:
            return 0
        at, local = due[-1]
        return 1 if self._catalogue.runs.queue(source.name, at, local_slot=local) else 0
