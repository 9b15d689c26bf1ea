"""A check of a source: each of its addresses is asked once, politely, and what is the matter is told with a remedy.

It stores nothing of what comes. Trouble of the moment (5xx, time-outs, 429, a spent budget) says nothing of a source.
"""

from __future__ import annotations

import hashlib
import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from harvester.catalogue import Catalogue
from harvester.catalogue.database import now
from harvester.config import Settings, load_settings
from harvester.errors import (
    MISSHAPEN,
    AddressRefused,
    FetchError,
    HarvesterError,
    InputError,
    RobotsRefused,
    SourceError,
    Walled,
)
from harvester.log import configure_logging, tell_everywhere
from harvester.model import Checked, CheckFinding, Outcome, Page, RawItem, Reason, Source, Unit, UnitFailed
from harvester.net import Net, NetSession, holders
from harvester.net.counting import without_query
from harvester.net.robots import Robots, robots_url
from harvester.normalize.readers import read
from harvester.runs.child import limit_memory
from harvester.runs.execute import child_environment

_log = logging.getLogger(__name__)
MOST_ADDRESSES = 20
MOST_READ = 200  # entries of an answer
FROZEN_AFTER = timedelta(days=730)
SECOND_LOOK = timedelta(hours=1)
"""After which a second 404 counts."""
LIMIT_S = 300
"""Of a check in a process of its own."""
_TELLING, _ENOUGH = 3, 20
"""Entries that have to be misunderstood to tell a changed form, and to have a date to tell how old the data is."""
_HOPS = 10
_FOR_GOOD = (301, 308)
_ASIDE = (302, 303, 307)
_DATES = ("last_activity_at", "pushed_at", "updated_at")


@dataclass(slots=True)
class _Nothing:
    """Stands in the catalogue's place: nothing is known, and nothing is kept."""

    def forges(self) -> Mapping[str, str]:
        return {}

    def open_units(self, first: Iterable[Unit], *, confirms: bool = False) -> Sequence[Unit]:  # noqa: ARG002
        return list(first)

    def known(self, keys: Sequence[str]) -> Mapping[str, RawItem]:  # noqa: ARG002
        return {}

    def brought(self) -> Sequence[RawItem]:
        return ()

    def unseen(self, *, limit: int) -> Sequence[RawItem]:  # noqa: ARG002
        return ()

    def copied(self, host: str, *, limit: int) -> Mapping[str, Sequence[str]]:  # noqa: ARG002
        return {}

    def claimed(self, host: str, *, limit: int) -> Sequence[str]:  # noqa: ARG002
        return ()

    def store(self, pages: Any) -> None:
        """Nothing is kept."""

    def unit_failed(self, failed: UnitFailed) -> None:
        """Nothing is kept."""


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What one address showed."""

    url: str
    finding: CheckFinding
    told: Reason
    moved_to: str | None = None
    newest: datetime | None = None


def check_source(
    catalogue: Catalogue, settings: Settings, name: str, *, by: str, moment: datetime | None = None
) -> Checked:
    """Check a source and keep what was found. Raises NotFound."""
    source, before, moment = catalogue.sources.get(name), catalogue.checks.of(name), moment or now()
    holder = f"check:{name}"
    holders.free(catalogue.ledger, holder)  # what an earlier one held that was killed
    net = Net.of(settings, ledger=catalogue.ledger, holder=holder)
    try:
        checked = look(source, net, before=before, by=by, moment=moment)
    except HarvesterError:
        raise
    except Exception as error:  # noqa: BLE001 - one that broke is told, and the next source has its turn
        _log.exception("the check of %s broke", name)
        seen = [_said(source.spider, CheckFinding.SILENT, f"{type(error).__name__}: {error}")]
        checked = _kept(source, seen, before, by=by, moment=moment)
    finally:
        net.close()
    catalogue.checks.keep(checked)
    return checked


def broke(catalogue: Catalogue, name: str, *, by: str) -> None:
    """Keep that a check ended without a finding: killed, or for want of time or memory."""
    source = catalogue.sources.get(name)
    seen = [_said(source.spider, CheckFinding.SILENT, "the check took too long, or was killed")]
    catalogue.checks.keep(_kept(source, seen, catalogue.checks.of(name), by=by, moment=now()))


def begin(settings: Settings, name: str, *, by: str) -> subprocess.Popen[bytes]:
    """Check a source in a child process, which keeps what it finds, and ends itself after `LIMIT_S`."""
    return subprocess.Popen(
        [sys.executable, "-m", "harvester.runs.check", name, by],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=child_environment(settings),
    )


def apart(settings: Settings, name: str, by: str) -> None:
    """Check a source in a child process, and wait for its end."""
    if begin(settings, name, by=by).wait() != 0:
        catalogue = Catalogue.open(settings.database_url, migrate=False)
        try:
            broke(catalogue, name, by=by)
        finally:
            catalogue.close()


def look(source: Source, net: Net, *, before: Checked | None, by: str, moment: datetime) -> Checked:
    """What a check finds of a source, after what the one before found."""
    from harvester.scrapy_process import spider_of

    try:
        spider = spider_of(source, frontier=_Nothing(), net=net)
        looks = list(spider.looks())[:MOST_ADDRESSES]
    except SourceError as error:
        return _kept(source, [_said(source.spider, CheckFinding.SHAPE, error)], before, by=by, moment=moment)
    if spider.most_bytes is not None:
        net.limits = replace(net.limits, body_bytes=max(net.limits.body_bytes, spider.most_bytes))
    session = net.session(f"check:{source.name}")
    manners = _Manners(session, net, asks_robots=not spider.documented_api)
    seen = [_one(session, manners, spider, one) for one in looks]
    return _kept(source, seen, before, by=by, moment=moment)


def _said(url: str, finding: CheckFinding, error: object) -> _Seen:
    return _Seen(url=url, finding=finding, told=Reason.of(f"checked.{finding}", url=without_query(url), why=str(error)))


def _one(session: NetSession, manners: _Manners, spider: Any, asked: Any) -> _Seen:
    """Ask one address."""
    url = asked.url
    try:
        answer, moved_to = _answer(session, manners, url, asked.headers)
    except Walled as error:
        return _said(url, CheckFinding.WALLED, error.message)
    except (RobotsRefused, AddressRefused) as error:
        return _said(url, CheckFinding.REFUSES, error.message)
    except requests.ConnectionError as error:
        nameless = "NameResolutionError" in repr(error) or "Name or service not known" in str(error)
        # a machine without a network resolves no name either: that alone is never called dead
        return _said(url, CheckFinding.SILENT, "its host has no name" if nameless else error)
    except (HarvesterError, requests.RequestException) as error:
        return _said(url, CheckFinding.SILENT, error)
    if answer.status_code in (404, 410):
        return _said(url, CheckFinding.DEAD, f"status {answer.status_code}")
    if answer.status_code in (401, 403, 451):
        return _said(url, CheckFinding.REFUSES, f"status {answer.status_code}")
    if answer.status_code != 200:
        return _said(url, CheckFinding.SILENT, f"status {answer.status_code}")
    found = _of_a_forge(url, answer) if asked.unit is None else _of_a_catalogue(spider, asked.unit, url, answer)
    if found.finding is CheckFinding.FINE and moved_to is not None:
        found = replace(found, finding=CheckFinding.MOVED, moved_to=moved_to)
        found.told = Reason.of("checked.moved", url=without_query(url), to=without_query(moved_to))
    return found


class _Manners:
    """Those of a crawl: each host's robots.txt is asked once, and obeyed with its delay on every hop."""

    def __init__(self, session: NetSession, net: Net, *, asks_robots: bool) -> None:
        self._session = session
        self._net = net
        self._asks = asks_robots
        self._known: dict[str, Robots] = {}

    def allow(self, url: str) -> None:
        """Raises RobotsRefused, or FetchError where the rules could not be had."""
        if not self._asks:
            return
        place = robots_url(url)
        if place not in self._known:
            self._net.governor.pace(urlsplit(place).hostname or "", self._net.limits.spacing_s)
            answer = self._session.get(place, allow_redirects=True)
            if answer.status_code >= 500 or answer.status_code == 429:
                raise FetchError(f"its robots.txt could not be had (status {answer.status_code})")
            self._known[place] = rules = Robots.answered(answer.status_code, answer.content)
            delay = rules.delay_s(self._net.user_agent) or 0.0
            self._net.governor.pace(urlsplit(place).hostname or "", max(delay, self._net.limits.spacing_s))
        if not self._known[place].allows(url, self._net.user_agent):
            raise RobotsRefused(self._known[place].why)


def _answer(
    session: NetSession, manners: _Manners, url: str, headers: Mapping[str, str]
) -> tuple[requests.Response, str | None]:
    """The answer at the end of the redirects, and where those lead that hold for good; None: nowhere else."""
    at, moved_to, for_good = url, None, True
    for _ in range(_HOPS):
        manners.allow(at)
        try:
            answer = session.get(at, headers=dict(headers), allow_redirects=False)
            if answer.status_code not in (*_FOR_GOOD, *_ASIDE) or "location" not in answer.headers:
                return answer, moved_to
            at = urljoin(at, answer.headers["location"])
        except requests.RequestException:
            raise
        except ValueError:
            raise FetchError("it is redirected to what is no address") from None
        for_good = for_good and answer.status_code in _FOR_GOOD
        moved_to = at if for_good else moved_to
    raise FetchError(f"it is redirected more than {_HOPS} times")


def _of_a_forge(url: str, answer: requests.Response) -> _Seen:
    if "json" not in answer.headers.get("content-type", ""):
        if urlsplit(url).path.endswith((".yml", ".yaml", ".json", ".csv", ".txt")):
            return _Seen(url=url, finding=CheckFinding.FINE, told=Reason.of("checked.fine", url=without_query(url)))
        return _said(url, CheckFinding.SHAPE, "no JSON")
    try:
        value = json.loads(answer.content)
    except MISSHAPEN as error:
        return _said(url, CheckFinding.SHAPE, f"{type(error).__name__}: {error}")
    if isinstance(value, dict) and "resources" in value:  # what is left of GitHub's limits: it is there
        return _fine(url, None)
    entries = value.get("data") if isinstance(value, dict) else value
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        return _said(url, CheckFinding.SHAPE, "no list of repositories")
    if not entries:
        return _said(url, CheckFinding.EMPTIED, "it lists no repository")
    newest = max((moment for one in entries for name in _DATES if (moment := _moment(one.get(name)))), default=None)
    return _fine(url, newest)


def _of_a_catalogue(spider: Any, unit: Unit, url: str, answer: requests.Response) -> _Seen:
    from harvester.scrapy_process import page_of

    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() == "content-type"}
    try:
        page = page_of(spider, unit, url=url, headers=headers, body=answer.content)
    except InputError as error:
        empty = "lists nothing" in error.message or "answered nothing" in error.message
        return _said(url, CheckFinding.EMPTIED if empty else CheckFinding.SHAPE, error.message)
    except HarvesterError as error:  # a broken answer, that another attempt may get whole
        return _said(url, CheckFinding.SILENT, error.message)
    except MISSHAPEN as error:
        return _said(url, CheckFinding.SHAPE, f"{type(error).__name__}: {error}")
    if not page.raw_items and not page.next_units:
        return _said(url, CheckFinding.EMPTIED, "it lists nothing")
    readings = [read(raw) for raw in page.raw_items[:MOST_READ]]
    if len(readings) >= _TELLING and all(one.outcome is Outcome.REFUSED for one in readings):
        return _said(url, CheckFinding.SHAPE, f"none of {len(readings)} entries is understood")
    return _fine(url, _newest(page, readings, answer))


def _newest(page: Page, readings: Sequence[Any], answer: requests.Response) -> datetime | None:
    """The newest date in an answer that is all there is; of a page of several nothing is known."""
    if page.next_units or len(page.raw_items) > MOST_READ:
        return None
    dates = [record.fields.date_modified for one in readings for record in one.records if record.fields.date_modified]
    told = _moment_of_mail(answer.headers.get("last-modified"))
    return max((*(dates if len(dates) >= _ENOUGH else ()), *((told,) if told else ())), default=None)


def _fine(url: str, newest: datetime | None) -> _Seen:
    return _Seen(
        url=url, finding=CheckFinding.FINE, told=Reason.of("checked.fine", url=without_query(url)), newest=newest
    )


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found is not None and found.tzinfo else None


def _moment_of_mail(value: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(value) if value else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found is not None and found.tzinfo else None


def _kept(source: Source, seen: Sequence[_Seen], before: Checked | None, *, by: str, moment: datetime) -> Checked:
    """The finding of a source from those of its addresses."""
    seen = list(seen)
    gone_since: dict[str, datetime] = {}
    for one in seen:
        if one.finding is CheckFinding.DEAD:
            address = hashlib.sha256(one.url.encode()).hexdigest()[:16]
            gone_since[address] = since = (before.gone_since if before else {}).get(address, moment)
            if moment - since < SECOND_LOOK:  # one look is none
                one.finding, one.told = CheckFinding.SILENT, Reason("checked.once", one.told.args)
    newest = max((one.newest for one in seen if one.newest), default=None)
    finding = next((each for each in CheckFinding if _holds(each, seen)), CheckFinding.SILENT)
    told = tuple(one.told for one in seen if one.finding is finding)[:5]
    if finding is CheckFinding.FINE and newest is not None and moment - newest > FROZEN_AFTER:
        finding, told = CheckFinding.FROZEN, (Reason.of("checked.frozen", date=newest.date().isoformat()),)
    if not seen:
        told = (Reason("checked.unknown"),)
    fine = finding is CheckFinding.FINE
    return Checked(
        source=source.name,
        at=moment,
        by=by,
        finding=finding,
        told=told,
        proposed=_proposed(source, finding, [one for one in seen if one.finding is finding], len(seen)),
        data_of=newest,
        fine_at=moment if fine else before.fine_at if before else None,
        fine_by=by if fine else before.fine_by if before else None,
        gone_since=gone_since,
    )


def _holds(finding: CheckFinding, seen: Sequence[_Seen]) -> bool:
    """Whether a finding is that of the source: one that is empty among others that are not says nothing."""
    of = [one.finding is finding for one in seen]
    return all(of) and bool(of) if finding is CheckFinding.EMPTIED else any(of)


def _proposed(source: Source, finding: CheckFinding, seen: Sequence[_Seen], of: int) -> dict[str, Any]:
    """The values of the source that would mend it."""
    if finding is CheckFinding.MOVED:
        params = dict(source.params)
        for one in seen:
            params = _led_on(params, one.url, one.moved_to or one.url, source)
        return {"params": params} if params != dict(source.params) else {}
    if finding is CheckFinding.DEAD and len(seen) == of:
        return {"enabled": False}
    return {}


def _led_on(params: dict[str, Any], url: str, to: str, source: Source) -> dict[str, Any]:
    """The parameters with the one that led to an address leading to where it moved."""
    from harvester.runs.kinds import defaults

    for name, value in {**defaults(source.spider), **params}.items():
        values = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
        for place, one in enumerate(values):
            if not (isinstance(one, str) and "://" in one and url.startswith(one)):
                continue
            rest = url[len(one) :]
            if to.endswith(rest):
                values[place] = to[: len(to) - len(rest)]
                return {**params, name: values[0] if isinstance(value, str) else values}
    return params


def main(name: str, by: str) -> None:
    """Check one source of the installation."""
    settings = load_settings()
    configure_logging("WARNING", settings.log_format)
    tell_everywhere(source=name)
    signal.alarm(LIMIT_S)  # it ends whoever began it, also when that has ended
    limit_memory(settings.run_memory_mb)
    catalogue = Catalogue.open(settings.database_url, migrate=False)
    try:
        check_source(catalogue, settings, name, by=by)
    finally:
        catalogue.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
