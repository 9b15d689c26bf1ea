"""Values out of payloads of any shape: text that UTF-8 holds, numbers that a database holds, or None."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harvester.model import Issue, RawItem
from harvester.normalize.canonical import canonical_json, parse_json
from harvester.normalize.countries import alpha2
from harvester.normalize.personal import without_mail


def payload_of(raw: RawItem) -> dict[str, Any] | Issue:
    """The payload as a JSON object without the fields that the source serves as placeholders, or why it is none."""
    try:
        value = parse_json(raw.payload)
        if b"\\u" in raw.payload:  # an escape can hide half a character, which no database takes
            value = parse_json(canonical_json(value))
    except (ValueError, RecursionError) as error:
        return Issue.of("json-syntax", why=error)
    if not isinstance(value, dict):
        return Issue.of("json-form", found=type(value).__name__)
    for path in raw.context.get("placeholders") or ():
        _leave_out(value, str(path))
    return value


def _leave_out(value: dict[str, Any], path: str) -> None:
    """Take out what stands at a path ("id", "namespace.kind")."""
    head, _, rest = path.partition(".")
    if not rest:
        value.pop(head, None)
    elif isinstance(inner := value.get(head), dict):
        _leave_out(inner, rest)


def text(value: Any) -> str | None:
    """A text that UTF-8 can hold, without NULs and outer spaces, or None."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "").encode("utf-8", "replace").decode().strip() or None


def prose(value: Any) -> str | None:
    """A text for people to read, without the mail addresses in it, or None."""
    found = text(value)
    return without_mail(found) if found else None


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, each once."""
    items = value if isinstance(value, list) else ()
    return tuple(dict.fromkeys(found for item in items if (found := text(item))))


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time in UTC, or None."""
    written = text(value)
    if written is None:
        return None
    try:
        parsed = datetime.fromisoformat(written)
    except ValueError:
        return None
    try:
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except OverflowError:
        return None


def number(value: Any) -> int | None:
    """A whole number that a database holds, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else None


def flag(value: Any) -> bool | None:
    """True, False, or None for anything else."""
    return value if isinstance(value, bool) else None


def country_of(raw: RawItem) -> str | None:
    """The country that the source is configured with, as its code."""
    return alpha2(text(raw.context.get("country")))
