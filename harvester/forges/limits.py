"""When a forge says "not now": until when, by what its headers tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from harvester.net.waiting import wait_s


def retry_at(headers: Mapping[str, str], *, now: datetime | None = None) -> datetime:
    """When to ask again (UTC), by the headers of a refusal, in any letter case; in a minute when they don't tell.

    A refusal is read like a 429 whatever its status: GitHub refuses with 403, and GraphQL with 200.
    """
    now = now or datetime.now(UTC)
    lowered = {name.lower(): str(value) for name, value in headers.items()}
    return now + timedelta(seconds=wait_s(429, lowered, now=now.timestamp()) or 0)
