"""Walls before a host's pages: a page that asks whoever comes for a browser, where an answer was expected."""

from __future__ import annotations

from collections.abc import Mapping

from harvester.errors import Walled
from harvester.net.counting import without_query

_READ = 16_384  # bytes of a page in which a wall says what it is
_MARKS: Mapping[str, tuple[bytes, ...]] = {
    "Anubis": (b"/.within.website/x/cmd/anubis/", b'id="anubis_challenge"', b"anubis_version"),
    "Cloudflare": (b"/cdn-cgi/challenge-platform/", b"cf-browser-verification", b"_cf_chl_opt"),
}
"""By the wall's name what only its own page holds."""


def wall_of(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """The name of the wall that answered in the host's place ("Anubis"), None where none did. Names of headers are
    lower case."""
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "Cloudflare"
    if status == 304 or "html" not in headers.get("content-type", "html").lower():
        return None
    beginning = body[:_READ].lower()
    return next((name for name, marks in _MARKS.items() if any(mark in beginning for mark in marks)), None)


def refuse_walls(url: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Raises Walled where a wall answered."""
    wall = wall_of(status, headers, body)
    if wall is not None:
        shown = without_query(url)
        raise Walled(
            f"{shown} is behind a wall that asks for a browser ({wall})",
            url=shown,
            status=status,
            remedy="ask the host to allow our user agent",
        )
