"""How politely hosts are asked, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GITHUB_POINTS = {"graphql": 2000, "rest": 900}
"""Points a minute and token. Source: docs.github.com, "Rate limits for the REST API", about secondary rate limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Per host. Times in seconds, sizes in bytes; `longest_wait_s` is how long a request may be held back."""

    in_flight: int = 1
    spacing_s: float = 1.0  # between two page requests
    api_spacing_s: float = 0.1  # between two requests to an API, whose own limits are read from its answers
    back_off_s: float = 2.0  # after a failure, doubled after each further one
    longest_wait_s: float = 60.0
    connect_s: float = 10.0
    read_s: float = 30.0
    answer_s: float = 60.0  # for a whole answer, however steadily it drips
    body_bytes: int = 4 * 1024 * 1024
    redirects: int = 10
    points_a_minute: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By host: what a token may spend of "graphql" and of "rest" in any minute, which no answer tells."""

    @property
    def lease_s(self) -> float:
        """After so long a request has ended, however slow its answer was."""
        return self.connect_s + self.read_s + self.answer_s + 20.0


POLITE = Limits(points_a_minute={"api.github.com": GITHUB_POINTS})
SIMULATED = Limits(in_flight=16, spacing_s=0.0, api_spacing_s=0.0, longest_wait_s=5.0)
"""For the simulated web on this machine, which nobody has to spare."""
