"""Rules of a budget's entry in the ledger: what a token may still spend at a host, as the host's answers tell it.

An entry is {"limit", "remaining", "used", "resets_at", "window_s", "pending": {holder: [cost, until]}, "asked_at"};
of budgets a minute (GitHub's secondary limits) it is {"spent": {second: points}}. Times in seconds since 1970.
A budget is of a token (known by its fingerprint alone), a host, and a resource: "graphql", "search", "code_search",
"core". Source of the names: docs.github.com, "Rate limits for the REST API" (x-ratelimit-resource).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from harvester.net.counting import REST_ROOT
from harvester.net.ledger import Entry, Ledger
from harvester.net.waiting import MOST_WAIT_S, reset_s

PREFIX = "budget "
NOBODY = "-"
"""Whose budget a request without a token spends: its address's."""
_MINUTE_S = 62
"""A minute of the host's, with a margin for how long requests take to come there."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SAME_WINDOW_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldBudget:
    """What an answer says of the budget that it was paid from."""

    remaining: int
    resets_s: float
    limit: int | None = None
    used: int | None = None
    resource: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left of a host's budget, of all its tokens that are known; `resets_at` is the first of them (UTC)."""

    remaining: int
    limit: int | None
    resets_at: datetime
    window_s: float
    tokens: int


def resource_of(url: str) -> str:
    """The resource that a URL is most likely counted under; the answer may know better."""
    path = urlsplit(url).path
    if path.endswith("/graphql"):
        return "graphql"
    path = REST_ROOT.sub("", path, count=1)
    if path.startswith("/search/"):
        return "code_search" if path.startswith("/search/code") else "search"
    return "core"


def key(whose: str, host: str, resource: str) -> str:
    """The key of a budget's entry."""
    return f"{PREFIX}{whose} {host} {resource}"


def minute_key(whose: str, host: str, kind: str) -> str:
    """The key of the points of the last minute."""
    return f"minute {whose} {host} {kind}"


def told(headers: Mapping[str, str], *, now: float) -> ToldBudget | None:
    """What the headers (lower-case names) say, None when that is not enough to know when the budget refills."""
    for prefix in ("x-ratelimit-", "ratelimit-"):
        remaining = _number(headers.get(f"{prefix}remaining"))
        resets = reset_s(headers.get(f"{prefix}reset"), now)
        if remaining is None or resets is None:
            continue
        resource = headers.get(f"{prefix}resource", "")
        return ToldBudget(
            remaining=remaining,
            resets_s=min(resets, MOST_WAIT_S),
            limit=_number(headers.get(f"{prefix}limit")),
            used=_number(headers.get(f"{prefix}used")),
            resource=resource if _NAME.fullmatch(resource) else None,
        )
    return None


def learn(entry: Entry, said: ToldBudget, now: float) -> None:
    """Take in what an answer says. Answers overtake each other: within a window the least that was told is true."""
    resets_at = now + said.resets_s
    remaining = said.remaining
    if abs(entry.get("resets_at", 0.0) - resets_at) < _SAME_WINDOW_S and "remaining" in entry:
        remaining = min(remaining, int(entry["remaining"]))
    elif entry.get("resets_at", 0.0) > resets_at:
        return  # of an earlier window
    entry |= {"remaining": remaining, "resets_at": resets_at}
    entry["window_s"] = max(said.resets_s, entry.get("window_s", 0.0))
    entry |= {name: value for name, value in (("limit", said.limit), ("used", said.used)) if value is not None}


def available(entry: Entry, now: float) -> float:
    """What may be spent now, without what requests under way may cost; infinite while nothing is known."""
    refilled = entry.get("resets_at", 0.0) <= now
    known = float(entry.get("limit" if refilled else "remaining", math.inf))
    return known - sum(int(cost) for cost, until in entry.get("pending", {}).values() if until > now)


def wait_s(entry: Entry, cost: int, now: float) -> float:
    """Seconds until the budget has so much; 0 when it has."""
    known = entry.get("resets_at", 0.0) > now and "remaining" in entry
    if not known or available(entry, now) >= min(cost, entry.get("limit", cost)):
        return 0.0
    return float(entry["resets_at"]) - now


def reserve(entry: Entry, holder: str, cost: int, *, until: float, now: float) -> None:
    """A request that may cost so much is on its way."""
    pending = {name: kept for name, kept in entry.get("pending", {}).items() if kept[1] > now}
    before = pending.get(holder, [0, 0.0])[0]
    entry["pending"] = pending | {holder: [before + cost, until]}
    entry["asked_at"] = now


def paid(entry: Entry, holder: str, cost: int) -> None:
    """It is no longer on its way; what it really cost is in the host's own figures."""
    pending = entry.get("pending", {})
    if holder in pending:
        pending[holder][0] -= cost
        if pending[holder][0] <= 0:
            del pending[holder]
    if not pending:
        entry.pop("pending", None)


def free(entry: Entry, holder_prefix: str) -> None:
    """Requests of these holders are no longer on their way."""
    for holder in [name for name in entry.get("pending", {}) if name.startswith(holder_prefix)]:
        paid(entry, holder, entry["pending"][holder][0])


def minute_wait_s(entry: Entry, cost: int, limit: int, now: float) -> float:
    """Seconds until so many points may be spent, with at most `limit` in any minute."""
    spent = _last_minute(entry, now)
    over, wait = sum(spent.values()) + min(cost, limit) - limit, 0.0
    for second in sorted(spent):
        if over <= 0:
            break
        over -= spent[second]
        wait = second + 1 + _MINUTE_S - now
    return wait


def minute_spend(entry: Entry, cost: int, now: float) -> None:
    """So many points are spent now; a negative number corrects what was expected."""
    spent = _last_minute(entry, now)
    spent[int(now)] = max(0, spent.get(int(now), 0) + cost)
    entry["spent"] = {str(second): points for second, points in spent.items() if points}
    if not entry["spent"]:
        del entry["spent"]


def left(ledger: Ledger, hosts: Iterable[str] | None = None) -> Mapping[str, Left]:
    """What is left by "host resource", of these hosts or of all. A window that ended has refilled."""
    wanted = None if hosts is None else set(hosts)
    found: dict[str, list[Entry]] = {}
    for name, entry in ledger.read(PREFIX).items():
        _, _, host, resource = name.split(" ")
        if "remaining" in entry and (wanted is None or host in wanted):
            found.setdefault(f"{host} {resource}", []).append(entry)
    now = datetime.now(UTC).timestamp()
    return {name: _together(entries, now) for name, entries in sorted(found.items())}


def _together(entries: list[Entry], now: float) -> Left:
    limits = [int(entry["limit"]) for entry in entries if "limit" in entry]
    refilled = [
        entry if entry["resets_at"] > now else entry | {"remaining": entry.get("limit", entry["remaining"])}
        for entry in entries
    ]
    return Left(
        remaining=sum(int(entry["remaining"]) for entry in refilled),
        limit=sum(limits) if len(limits) == len(entries) else None,
        resets_at=datetime.fromtimestamp(min(entry["resets_at"] for entry in entries), UTC),
        window_s=max(entry["window_s"] for entry in entries),
        tokens=len(entries),
    )


def _last_minute(entry: Entry, now: float) -> dict[int, int]:
    spent: Mapping[str, Any] = entry.get("spent", {})
    return {int(second): int(points) for second, points in spent.items() if int(second) + 1 + _MINUTE_S > now}


def _number(value: str | None) -> int | None:
    value = (value or "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 9 else None
