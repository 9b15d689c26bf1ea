"""Raw items of metadata files for the tests of their readers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from harvester.model import RawItem
from harvester.normalize.canonical import canonical_json

REPOSITORY = "https://github.com/Town/Permits"


def item(payload: Any, kind: str, *, key: str = "item", **context: Any) -> RawItem:
    """A raw item; what is no bytes or text becomes JSON."""
    body = payload.encode() if isinstance(payload, str) else payload
    return RawItem(
        key=key,
        format=kind,
        payload=body if isinstance(body, bytes) else canonical_json(body),
        url="https://source.example/item",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        context=context,
    )
