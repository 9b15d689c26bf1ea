"""Rules of a host's entry in the ledger: who holds its slots, who waits for one, and when it may be asked next.

An entry is {"next_at", "closed_until", "holders": {holder: {"slots", "until", "want", "since", "ask_by"}}}; times in
seconds since 1970. Who waits says until when it will ask again: one that does not is forgotten. A slot is granted to
whoever waits longest; several slots are shared evenly among those who want some.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harvester.net.ledger import Entry

PREFIX = "host "
FULL_S = 0.03
"""When to ask again for a slot that another process holds."""
LOOK_AGAIN_S = 1.0
"""When to look again where only this process can give a turn back, which then tells."""
_LATE_S = 0.5
_JITTER = (1.02, 1.3)
"""A spacing is stretched, never shortened, so that requests of many sources don't fall into step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a holder uses, and how many slots it wants in all. `lease_s` is longer than the longest answer."""

    holder: str
    in_use: int
    want: int
    limit: int
    spacing_s: float
    lease_s: float


def key(host: str) -> str:
    """The key of a host's entry."""
    return PREFIX + host


def claim(entry: Entry, asked: Claim, now: float) -> tuple[int, float]:
    """(slots that the holder has now, 0) or, when it gets none more than it uses, (those, seconds to wait)."""
    holders = _living(entry, now)
    mine = holders.pop(asked.holder, {})
    since = mine["since"] if mine.get("ask_by", 0.0) > now else now
    rivals = [other for other in holders.values() if other["slots"] or _waits(other, now)]
    share = max(1, asked.limit // (len(rivals) + 1))
    before_us = sum(
        max(0, min(other["want"], share) - other["slots"])
        for other in rivals
        if _waits(other, now) and other["since"] < since
    )
    allowed = asked.limit - sum(other["slots"] for other in rivals) - before_us
    slots = max(asked.in_use, min(asked.want, allowed))
    wait = max(closed_s(entry, now), entry.get("next_at", 0.0) - now, 0.0)
    granted = slots > asked.in_use and wait == 0.0
    if not granted:
        wait = wait or (FULL_S if rivals else LOOK_AGAIN_S)
        slots = asked.in_use
    holders[asked.holder] = mine = {"slots": slots, "until": now + asked.lease_s}
    if granted:
        spacing = asked.spacing_s * random.uniform(*_JITTER)
        entry["next_at"] = max(entry.get("next_at", 0.0), now + spacing) if spacing else entry.get("next_at", 0.0)
    else:
        mine |= {"want": asked.want, "since": since, "ask_by": now + wait + _LATE_S}
    return slots, 0.0 if granted else wait


def hold(entry: Entry, holder: str, slots: int, now: float) -> None:
    """The holder has so many slots left, for as long as it had them, and waits for none."""
    holders = _living(entry, now)
    known = holders.pop(holder, None)
    if slots and known is not None:
        holders[holder] = {"slots": slots, "until": known["until"]}
    _tidy(entry, now)


def began(entry: Entry, spacing_s: float, moment: float) -> None:
    """A request began then, which is later than it was granted on a busy machine: the next one keeps its distance."""
    if spacing_s:
        entry["next_at"] = max(entry.get("next_at", 0.0), moment + spacing_s * _JITTER[0])


def close(entry: Entry, until: float) -> None:
    """No request before then; never shortens what was told before."""
    entry["closed_until"] = max(until, entry.get("closed_until", 0.0))


def closed_s(entry: Entry, now: float) -> float:
    """Seconds for which the host is closed yet."""
    return max(0.0, float(entry.get("closed_until", 0.0)) - now)


def free(entry: Entry, holder_prefix: str, now: float) -> None:
    """Take back what all holders of this prefix have: they are gone."""
    holders = _living(entry, now)
    for holder in [name for name in holders if name.startswith(holder_prefix)]:
        del holders[holder]
    _tidy(entry, now)


def _living(entry: Entry, now: float) -> dict[str, dict[str, Any]]:
    """The holders whose lease lasts, or who will ask again."""
    found: dict[str, dict[str, Any]] = entry.get("holders", {})
    for name in list(found):
        idle = not found[name]["slots"] and not _waits(found[name], now)
        if idle or found[name]["until"] <= now:
            del found[name]
    entry["holders"] = found
    return found


def _waits(holder: Mapping[str, Any], now: float) -> bool:
    return float(holder.get("ask_by", 0.0)) > now


def _tidy(entry: Entry, now: float) -> None:
    """Leave nothing of a host that nobody asks."""
    if not entry["holders"]:
        del entry["holders"]
    for name in ("next_at", "closed_until"):
        if entry.get(name, 0.0) <= now:
            entry.pop(name, None)
