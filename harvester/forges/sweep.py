"""The steps of a sweep, the same for every forge: what is listed is compared with what is stored, and is then as it
was (`seen`), changed, or to be looked into; it is named, and its page made.

A forge's folder says how it is asked (`client`, `queries`), what its answers hold (`payload`), and how they become what
is stored at the smallest number of requests (`harvest`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from harvester.errors import MISSHAPEN, BudgetSpent, FetchError
from harvester.model import COPIED_BY, Issue, Page, RawItem, Unit
from harvester.normalize import repository
from harvester.normalize.believed import is_own
from harvester.normalize.repository import File, Repository
from harvester.normalize.urls import canonical_repository

BROKEN_SERVER = (None, 502, 503, 504)
"""No answer, or one of a proxy: not this repository but the server is in trouble."""
_MOST_UNREADABLE = 5  # repositories of a page, before the server is taken to be broken after all
Told = Mapping[str, Any]
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeWords:
    """What a kind of forge calls a repository's number, its name and its address; `format` is its payloads'."""

    format: str
    number: str
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A repository as it is stored; `raw` is None where it is not. `current`: all was asked for that is asked now."""

    repository: Repository = field(default_factory=Repository)
    raw: RawItem | None = None
    current: bool = False

    @property
    def told(self) -> Told:
        """What the forge told, nothing where it is not stored."""
        return self.repository.told

    @property
    def held(self) -> tuple[File, ...] | None:
        """The files that are stored."""
        return self.repository.held


@dataclass(frozen=True, slots=True)
class Now:
    """A repository as it is now. `whole`: False where something could not be had, to be asked again."""

    told: Told
    held: tuple[File, ...] | None = None
    whole: bool = True


@dataclass(slots=True)
class Found:
    """What a sweep came to: `items` that are new or changed and keys that were `seen` as stored, `ask` what was listed
    of those that are to be looked into, `gone` keys of those that are there no more. `stopped_by`: not all was had.
    `unlisted`: no listing showed them, and who was found through copies is so still."""

    items: dict[str, RawItem] = field(default_factory=dict)
    seen: dict[str, None] = field(default_factory=dict)
    ask: dict[str, Any] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    stopped_by: FetchError | None = None
    unlisted: bool = False

    def only(self, keys: Iterable[str]) -> Found:
        """The part of these keys, without issues."""
        mine = set(keys)
        items = {key: raw for key, raw in self.items.items() if key in mine}
        return Found(items=items, seen={key: None for key in self.seen if key in mine})


class Sweep:
    """One run's. `host` is the forge's for people, `hosts` further ones of its own, `known` gives items of earlier runs
    by key, `context` goes into every item. `asked` is the digest of what is asked of each repository; those in
    `describing` describe another."""

    def __init__(
        self,
        words: ForgeWords,
        *,
        host: str,
        known: Callable[[Sequence[str]], Mapping[str, RawItem]],
        asked: str,
        context: Mapping[str, Any],
        describing: Iterable[str] = (),
        hosts: Sequence[str] = (),
    ) -> None:
        self._words, self._host, self._known = words, host, known
        self._hosts = (urlsplit(f"https://{host}").hostname or host, *hosts)
        self._asked, self._context = asked, context
        self._describing = {name.lower() for name in describing}
        self._names = _Names()
        self._totals: dict[str, int] = {}
        self._proposed: dict[str, dict[str, Any]] = {}

    def key(self, told: Told) -> str:
        """By the forge's number; where it means nothing, by the address."""
        number = (
            None if self._words.number in (self._context.get("placeholders") or ()) else told.get(self._words.number)
        )
        address = self.url(told)
        return f"{self._host}:{number}" if number is not None else canonical_repository(address) or address

    def url(self, told: Told) -> str:
        """Where people see it: a page of this forge, whatever it says."""
        address = told.get(self._words.address)
        if isinstance(address, str) and is_own(address, self._hosts):
            return address
        return f"https://{self._host}/{told.get(self._words.name)}"

    def before(self, keys: Sequence[str]) -> dict[str, Before]:
        """What is stored of each of these."""
        known = self._known(keys)
        return {key: self._before(known.get(key)) for key in keys}

    def _before(self, raw: RawItem | None) -> Before:
        if raw is None or (stored := repository.stored(raw)) is None or raw.format != self._words.format:
            return Before()
        return Before(repository=stored, raw=raw, current=stored.asked == self._asked)

    def readable(self, found: list[Issue], entries: Iterable[Any], read: Callable[[Any], Read | None]) -> list[Read]:
        """What `read` makes of each entry of a listing; None leaves it out. One in no form that is understood is told
        in `found`, and keeps no other back."""
        told = []
        for place, entry in enumerate(entries, 1):
            try:
                if (one := read(entry)) is not None:
                    told.append(one)
            except MISSHAPEN as error:
                found.append(self._misshapen(entry, error, f"entry {place}"))
        return told

    def _misshapen(self, entry: Any, error: Exception, place: str) -> Issue:
        name = entry.get(self._words.name) if isinstance(entry, Mapping) else entry
        return Issue.of("entry-form", place=place, value=name, why=f"{type(error).__name__}: {error}")

    def compare(
        self, listed: Iterable[Told], again: Callable[[Told, Before], Now | None], *, unlisted: bool = False
    ) -> Found:
        """What was listed beside what is stored. `again` gives it as it is now, None: it is to be looked into."""
        found = Found(unlisted=unlisted)
        shown = {self.key(told): told for told in listed}
        for key, before in self.before(list(shown)).items():
            try:
                now = again(shown[key], before)
                if now is None:
                    found.ask[key] = shown[key]
                else:
                    self.keep(found, now, before)
            except MISSHAPEN as error:
                found.issues.append(self._misshapen(shown[key], error, key))
        return found

    def look_inside(
        self, found: Found, look: Callable[[Told, Before], Now], *, unread: Callable[[Told, Before], Now]
    ) -> None:
        """Look inside what is to be looked into, one after the other, until the forge is spent or in trouble.

        What cannot be had of one repository is told, kept as it is `unread`, and asked again by the next run.
        """
        unreadable = 0
        for key, before in self.before(list(found.ask)).items():
            told = found.ask[key]
            try:
                now = look(told, before)
            except FetchError as error:
                unreadable += 1
                if isinstance(error, BudgetSpent) or error.status in BROKEN_SERVER or unreadable > _MOST_UNREADABLE:
                    found.stopped_by = error
                    return
                now, name = unread(told, before), str(told.get(self._words.name))
                found.issues.append(Issue.of("repository-unreadable", place=name, why=error.message))
            except MISSHAPEN as error:
                found.issues.append(self._misshapen(told, error, key))
                del found.ask[key]
                continue
            del found.ask[key]
            self.keep(found, now, before)

    def led(self, led: Mapping[str, Told]) -> Found:
        """What other names lead to on their forge: a repository that is stored had them before; others are to `ask`."""
        found, names = Found(unlisted=True), dict[str, list[str]]()
        for name, told in led.items():
            names.setdefault(self.key(told), []).append(name)
        for key, before in self.before(list(names)).items():
            if before.raw is None:
                found.ask |= dict.fromkeys(names[key], key)
            else:
                self.keep(found, Now(before.told, before.held, whole=before.current), before, formerly=names[key])
        return found

    def proposed(self, shown: Mapping[str, Told], copied: Mapping[str, Mapping[str, Any]]) -> Found:
        """What origins come to that no listing showed and nothing was asked of but what a listing tells, by name;
        `copied` says by name who copied them. One that is stored meanwhile is left as it is."""
        found = Found(unlisted=True)
        keyed = {self.key(told): (name, told) for name, told in shown.items()}
        for key, before in self.before(list(keyed)).items():
            name, told = keyed[key]
            if before.raw is None:
                self._proposed[key] = {COPIED_BY: dict(copied[name])}
                self.keep(found, Now(told, whole=False), before)
        return found

    def keep(self, found: Found, now: Now, before: Before, formerly: Iterable[str] = ()) -> None:
        """Add a repository; whoever had its name before loses it as a former one: the forge's redirect ends then."""
        name, key = str(now.told.get(self._words.name)), self.key(now.told)
        if not found.unlisted:
            self._proposed.pop(key, None)
        elif before.raw is not None and (copied := before.raw.context.get(COPIED_BY)):
            self._proposed[key] = {COPIED_BY: copied}
        made = Repository(
            told=now.told,
            held=now.held,
            asked=self._asked if now.whole else None,
            formerly=(*before.repository.formerly, *formerly),
        ).renamed(before.told.get(self._words.name), name)
        for one, settled in self._names.settled(key, name, made).items():
            raw = self._raw(one, settled)
            if one == key and before.raw is not None and _alike(before.raw, raw):
                found.seen[one] = None
            else:
                found.items[one] = raw
                found.seen.pop(one, None)

    def _raw(self, key: str, made: Repository) -> RawItem:
        named = str(made.told.get(self._words.name)).lower()
        context = self._context
        if key in self._proposed:  # whose country and publisher the source does not know
            context = self._proposed[key] | {one: context[one] for one in ("placeholders",) if one in context}
        return RawItem(
            key=key,
            format=self._words.format,
            payload=made.payload(),
            url=self.url(made.told),
            fetched_at=datetime.now(UTC),
            context={**context, "describes_another": True} if named in self._describing else context,
        )

    def page(
        self,
        unit: Unit,
        found: Found,
        *,
        next_units: Iterable[Unit] = (),
        listing: str = "",
        total: int | None = None,
        seen: int | None = None,
    ) -> Page:
        """The page of a unit, with the total of all listings. `total` is this listing's, `seen` what it has shown
        where it is at its end."""
        if total is not None:
            self._totals[listing] = total
            if seen is not None and seen < total:
                found.issues.append(Issue.of("short-listing", place=listing, found=seen, total=total))
        return Page(
            unit=unit,
            raw_items=tuple(found.items.values()),
            seen=tuple(found.seen),
            gone=tuple(found.gone),
            next_units=tuple(next_units),
            total=sum(self._totals.values()) or None,
            issues=tuple(found.issues),
        )


class _Names:
    """What one run learns of its repositories' names now and before: a former one is good as an alias until another
    repository takes it. Thread-safe."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._kept: dict[str, Repository] = {}
        self._lock = threading.Lock()

    def settled(self, key: str, name: str, made: Repository) -> dict[str, Repository]:
        """A repository has this name now: it without the former names that others have, by its key.

        Beside it whoever loses this name as a former one, as the run knows it.
        """
        with self._lock:
            self._now[name.lower()] = key
            names = tuple(one for one in made.formerly if self._now.get(one.lower(), key) == key)
            settled = {key: replace(made, formerly=names)}
            loser = self._before.pop(name.lower(), key)
            if loser != key:
                settled[loser] = self._kept[loser] = self._kept[loser].renamed(None, name)
            if names:
                self._before.update({one.lower(): key for one in names})
                self._kept[key] = settled[key]
            return settled


def _alike(one: RawItem, other: RawItem) -> bool:
    """Whether storing the one in the place of the other would change nothing."""
    return (one.payload, one.url, dict(one.context)) == (other.payload, other.url, dict(other.context))
