"""When to ask again, by what a refusal's headers tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harvester.net.waiting import retry_at

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=7)
LEAST_WAIT = timedelta(minutes=1)
MOST_WAIT = timedelta(hours=1)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "90"}, NOW + timedelta(seconds=90)),
        ({"retry-after": "Wed, 04 Mar 2026 12:07:00 GMT"}, SOON),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(SOON.timestamp()))}, SOON),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(SOON.timestamp()))}, SOON),
        # a secondary limit: the hour's budget is not spent, so its reset says nothing
        ({"X-RateLimit-Remaining": "4970", "X-RateLimit-Reset": str(int(SOON.timestamp()))}, NOW + LEAST_WAIT),
        ({}, NOW + LEAST_WAIT),
        ({"Retry-After": "soon"}, NOW + LEAST_WAIT),
        ({"Retry-After": "-5"}, NOW + LEAST_WAIT),
        ({"Retry-After": "999999999999999999"}, NOW + MOST_WAIT),
        ({"Retry-After": "Wed, 04 Mar 2020 12:00:00 GMT"}, NOW),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999999"}, NOW + LEAST_WAIT),
    ],
)
def test_the_moment_is_the_one_that_the_headers_tell(headers: dict[str, str], expected: datetime) -> None:
    assert retry_at(headers, now=NOW) == expected
