"""Canonical JSON: equal things give equal bytes."""

from __future__ import annotations

import json
from typing import Any, NoReturn

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_json(thing: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8. A lone surrogate, which no UTF-8 can hold, becomes U+FFFD.

    Raises ValueError for NaN and infinities, which are no JSON.
    """
    text = _ENCODER.encode(thing)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def parse_json(payload: bytes) -> Any:
    """The value of JSON bytes. Raises ValueError, also for NaN and for what is nested thousands deep."""
    try:
        return json.loads(payload, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def sound_json(payload: bytes) -> Any:
    """`parse_json` whose texts UTF-8 can hold: an escape can hide half a character, which no database takes."""
    value = parse_json(payload)
    try:
        return parse_json(canonical_json(value)) if b"\\u" in payload else value
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
