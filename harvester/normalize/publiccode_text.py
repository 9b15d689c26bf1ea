"""Where the publiccode.yml is in a raw item, whatever its format."""

from __future__ import annotations

import json

from harvester.model import RawItem


def publiccode_of(raw: RawItem) -> bytes | None:
    """The file as it was published; None where the item holds none."""
    if raw.format == "publiccode":
        return raw.payload
    if raw.format not in ("developers-italia", "github", "gitlab", "forgejo"):
        return None
    try:
        entry = json.loads(raw.payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict):
        return None
    found = entry.get("publiccode")
    text = entry.get("publiccodeYml", found.get("text") if isinstance(found, dict) else None)
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else None
