"""Dates, durations, names of languages and countries, as a reader of one language expects them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from harvester.model import VOCABULARIES, Issue, Reason
from harvester.words.catalogs import ENGLISH, Words, packaged

# as harvester.assess.health counts, so that a list and a record never disagree
ACTIVE_FOR = timedelta(days=365)
SLOWING_FOR = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Activity:
    """How alive a software looks: a state for the dot's colour (active, slowing, silent, archived) and its words."""

    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A reason in words, and what it counts: "+0.45" or "+40"."""

    words: str
    points: str


class IssueWords(NamedTuple):
    """An issue in words; `remedy` is empty where nobody knows one."""

    message: str
    remedy: str


class Formatter:
    """Formats for one language, with times in one zone. `now` is UTC."""

    def __init__(self, words: Words, *, timezone: str = "UTC", now: datetime | None = None) -> None:
        self.words = words
        self.zone_name = timezone
        self.now = now or datetime.now(UTC)
        self._locale = words.locale
        self._zone: tzinfo = ZoneInfo(timezone)

    def number(self, value: int) -> str:
        """2,184 or 2 184."""
        return self.words.number(value)

    def percent(self, share: float) -> str:
        """61%, or 61 % with a narrow no-break space, as the language has it."""
        return format_percent(share, locale=self._locale)

    def decimal(self, value: float) -> str:
        """0.91 or 0,91."""
        return format_decimal(value, format="0.00", locale=self._locale)

    def points(self, value: float) -> str:
        """+40 or −12."""
        return ("+" if round(value) >= 0 else "−") + self.number(abs(round(value)))

    def weight(self, value: float) -> str:
        """+0.45 or −0.05, with a real minus."""
        return ("+" if value >= 0 else "−") + self.decimal(abs(value))

    def ago(self, moment: datetime) -> str:
        """3 weeks ago."""
        return format_timedelta(moment - self.now, add_direction=True, locale=self._locale, threshold=1.2)

    def until(self, moment: datetime) -> str:
        """14 minutes: how far off something is, whichever side."""
        return format_timedelta(abs(moment - self.now), locale=self._locale, threshold=1.2)

    def date(self, value: date | str) -> str:
        """12 Nov 2026; a time is taken in the pages' zone."""
        if isinstance(value, str):
            value = _parsed(value)
        if isinstance(value, datetime):
            value = value.astimezone(self._zone).date()
        return format_date(value, format="medium", locale=self._locale)

    def moment(self, moment: datetime) -> str:
        """today 04:00, yesterday 04:10, Mon 02:30, 12 Nov 2026 02:30."""
        local, today = moment.astimezone(self._zone), self.now.astimezone(self._zone).date()
        clock = format_time(local, "HH:mm", locale=self._locale)
        days = (local.date() - today).days
        if -1 <= days <= 1:
            return self.words(("day.yesterday", "day.today", "day.tomorrow")[days + 1], time=clock)
        if abs(days) < 7:
            return f"{format_date(local.date(), 'EEE', locale=self._locale)} {clock}"
        return f"{format_date(local.date(), format='medium', locale=self._locale)} {clock}"

    def utc(self, moment: datetime) -> str:
        """2026-11-23 12:03 UTC, for tooltips."""
        return format_datetime(moment.astimezone(UTC), "yyyy-MM-dd HH:mm 'UTC'", locale=self._locale)

    def duration(self, length: timedelta) -> str:
        """3 s, 1 min 12 s, 2 h 5 min."""
        seconds = max(0, round(length.total_seconds()))
        hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
        if hours:
            return self.words("duration.hours", hours=hours, minutes=minutes)
        if minutes:
            return self.words("duration.minutes", minutes=minutes, seconds=seconds)
        return self.words("duration.seconds", seconds=seconds)

    def language(self, tag: str) -> str:
        """French, Français; the tag itself when nobody knows its name."""
        return _language(tag, self._locale)

    def country(self, code: str) -> str:
        """Finland, Finlande; the code itself when it is none."""
        return str(self._locale.territories.get(code.upper(), code))

    def reason(self, reason: Reason) -> str:
        """A reason in words; one whose words or arguments are not known any more is shown as it was stored."""
        try:
            return self.words(reason.code, **{name: self._argument(name, value) for name, value in reason.args.items()})
        except KeyError:
            return ": ".join([reason.code, *([", ".join(map(str, reason.args.values()))] if reason.args else [])])

    def issue(self, issue: Issue) -> IssueWords:
        """What is wrong and what to do about it; of a code that has no words any more, the code alone."""
        values = {**issue.words, "place": issue.place or self.words("issue.it")}
        for name in ("wanted", "found"):
            if name in values:
                values[name] = self.term("type", values[name])
        try:
            return IssueWords(*(self.words(f"issue.{issue.code}.{part}", **values) for part in IssueWords._fields))
        except KeyError:
            return IssueWords(issue.code, "")

    def _argument(self, name: str, value: str | int) -> str | int:
        if name == "day":
            return self.ago(datetime.combine(date.fromisoformat(str(value)), time(), UTC))
        if name == "date":
            return self.date(str(value))
        if name == "until":
            return self.utc(datetime.fromisoformat(str(value)))
        return self.term(name, str(value)) if name in VOCABULARIES else value

    def term(self, vocabulary: str, code: str) -> str:
        """The label of a vocabulary's code; the code itself when it is not in it."""
        key = f"{vocabulary}.{code}"
        return self.words(key) if self.words.known(key) else code

    def activity(self, modified: datetime | None, *, archived: bool = False) -> Activity | None:
        """How alive it looks by its last push; None when nobody says."""
        if archived:
            return Activity("archived", self.words("activity.archived"))
        if modified is None:
            return None
        age = self.now - modified
        if age <= ACTIVE_FOR:
            return Activity("active", self.words("activity.active", ago=self.ago(modified)))
        if age <= SLOWING_FOR:
            return Activity("slowing", self.words("activity.slowing", ago=self.ago(modified)))
        return Activity("silent", self.words("activity.silent", year=str(modified.year)))


def say(reason: Reason, language: str = ENGLISH) -> str:
    """A reason in a language that the harvester comes with, else in English, without a person's zone or clock."""
    words = packaged()
    return Formatter(words[language if language in words else ENGLISH]).reason(reason)


def _parsed(value: str) -> date:
    return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)


@lru_cache(maxsize=2000)
def _language(tag: str, locale: Locale) -> str:
    try:
        name = Locale.parse(tag, sep="-").get_display_name(locale)
    except (UnknownLocaleError, ValueError):
        return tag
    return name[:1].upper() + name[1:] if name else tag
