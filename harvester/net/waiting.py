"""What an answer's headers say about when to ask again. Garbage is ignored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

HEARD = (
    "retry-after",
    *(
        f"{prefix}ratelimit-{name}"
        for prefix in ("x-", "")
        for name in ("limit", "remaining", "used", "reset", "resource")
    ),
)
LEAST_WAIT_S = 60.0
"""After a 429 that does not say when: the least that GitHub asks for."""
MOST_WAIT_S = 3600.0
"""No budget that we know takes longer to refill; what is told beyond is cut to this."""
_EPOCH = 1_000_000_000  # smaller numbers in a "reset" header are seconds from now


def wait_s(status: int, headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait before the next request, None when nothing asks for it. `now` in seconds since 1970.

    `headers` have lower-case names.
    """
    told = _retry_after(headers.get("retry-after"), now) if status in (301, 403, 413, 429, 503) else None
    if told is None:
        told = _reset(headers, now)
    if told is None and status == 429:
        told = LEAST_WAIT_S
    return None if told is None else min(told, MOST_WAIT_S)


def retry_at(headers: Mapping[str, str], *, now: datetime | None = None) -> datetime:
    """When to ask a forge again (UTC) that refused with these headers, in any letter case; in a minute when they don't
    tell. A refusal is read like a 429 whatever its status: GitHub refuses with 403, and GraphQL with 200.
    """
    now = now or datetime.now(UTC)
    lowered = {name.lower(): str(value) for name, value in headers.items()}
    return now + timedelta(seconds=wait_s(429, lowered, now=now.timestamp()) or 0)


def _retry_after(value: str | None, now: float) -> float | None:
    if not value:
        return None
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return float(value[:9]) if len(value) <= 9 else MOST_WAIT_S
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    try:
        return max(0.0, moment.timestamp() - now) if moment.tzinfo else None
    except (OverflowError, OSError):
        return None


def _reset(headers: Mapping[str, str], now: float) -> float | None:
    for prefix in ("x-ratelimit-", "ratelimit-"):
        if headers.get(f"{prefix}remaining", "").strip() != "0":
            continue
        told = reset_s(headers.get(f"{prefix}reset"), now)
        if told is not None:
            return told
    return None


def reset_s(value: str | None, now: float) -> float | None:
    """Seconds until a budget refills, by a header that tells the moment (since 1970) or the seconds."""
    value = (value or "").strip()
    if not (value.isascii() and value.isdecimal() and len(value) <= 11):
        return None
    moment = float(value)
    return max(0.0, moment - now) if moment >= _EPOCH else moment
