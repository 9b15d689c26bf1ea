"""When a forge says "not now": until when, by what its headers tell.

In this order: Retry-After (seconds or a date), the reset of a spent budget (GitHub's X-RateLimit-Reset, GitLab's
RateLimit-Reset, seconds since 1970), else a minute, which is the least that GitHub asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LEAST_WAIT = timedelta(seconds=60)
MOST_WAIT = timedelta(hours=1)
"""A longer wait than this is not believed: the budgets of both forges refill within the hour."""


def retry_at(headers: Mapping[str, str], *, now: datetime | None = None) -> datetime:
    """When to ask again (UTC), by the headers of a refusal. `headers` in any letter case."""
    now = now or datetime.now(UTC)
    lowered = {name.lower(): str(value).strip() for name, value in headers.items()}
    told = _after(lowered.get("retry-after"), now)
    if told is None and lowered.get("x-ratelimit-remaining", lowered.get("ratelimit-remaining", "0")) == "0":
        told = _epoch(lowered.get("x-ratelimit-reset") or lowered.get("ratelimit-reset"))
    if told is None:
        told = now + LEAST_WAIT
    return min(max(told, now), now + MOST_WAIT)


def _after(value: str | None, now: datetime) -> datetime | None:
    if not value:
        return None
    if value.isdecimal():
        return now + timedelta(seconds=min(int(value[:9]), MOST_WAIT.total_seconds()))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _epoch(value: str | None) -> datetime | None:
    if not value or not value.isdecimal() or len(value) > 11:
        return None
    return datetime.fromtimestamp(int(value), UTC)
