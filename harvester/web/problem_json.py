"""What went wrong, said to programs (RFC 9457)."""

from __future__ import annotations

from fastapi.responses import JSONResponse

from harvester.words import ENGLISH, packaged


def for_programs(path: str) -> bool:
    """Whether programs ask for what is at this path, and no people."""
    return path.startswith("/api/") or path == "/healthz"


def problem(status: int, code: str, *, detail: str | None = None, remedy: str | None = None) -> JSONResponse:
    """The problem for programs."""
    words = packaged()[ENGLISH]
    body = {
        "type": "about:blank",
        "title": words(f"error.{code}.title"),
        "status": status,
        "detail": detail or words(f"error.{code}.why"),
        "remedy": remedy or words(f"error.{code}.remedy"),
    }
    return JSONResponse(body, status, media_type="application/problem+json")
