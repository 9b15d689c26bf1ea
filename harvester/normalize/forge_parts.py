"""What the forges' readers share: a repository's record beside those of the metadata files in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harvester.model import Identifier, Outcome, RawItem, Reading, Record
from harvester.normalize.metadata_file import Place
from harvester.normalize.repository_files import is_publiccode, repository_files
from harvester.normalize.values import (
    country_of,
    flag,
    mapping,
    moment,
    number,
    payload_of,
    prose,
    text,
    texts,
)

__all__ = [
    "PRIORITY",
    "country_of",
    "flag",
    "has_publiccode",
    "mapping",
    "moment",
    "number",
    "payload_of",
    "prose",
    "reading",
    "text",
    "texts",
]

PRIORITY = 40


def has_publiccode(payload: Mapping[str, Any]) -> bool | None:
    """Whether the repository has a publiccode.yml anywhere; None where nobody asked, or may look."""
    if not isinstance(payload.get("files"), list) and "publiccode" not in payload:
        return None
    return any(is_publiccode(path) for path, _ in _files(payload))


def reading(
    raw: RawItem, repository: Record, payload: Mapping[str, Any], *, address: str, identifiers: Sequence[Identifier]
) -> Reading:
    """The repository's record, and one for each metadata file in it, its key the file's path.

    `payload` holds "files": [{"path", "text" (null when it is no text, or too large)}, …], or, as older runs stored it,
    "publiccode": {"path", "text"}. A README describes the software where nothing else does. Where the source asks for
    publiccode.yml only (context "publiccode_only"), a repository without one is skipped, and one whose file cannot be
    read is refused.
    """
    found = _files(payload)
    only = bool(raw.context.get("publiccode_only"))
    if only and not any(is_publiccode(path) for path, _ in found):
        return Reading(outcome=Outcome.SKIPPED, reason="no publiccode.yml")
    place = Place(repository=address, identifiers=tuple(identifiers), country=country_of(raw))
    records, issues = repository_files(found, place)
    if only and not any(is_publiccode(record.key) for record in records):
        return Reading(outcome=Outcome.REFUSED, issues=issues)
    return Reading(outcome=Outcome.READ, records=(repository, *records), issues=issues)


def _files(payload: Mapping[str, Any]) -> tuple[tuple[str, str | None], ...]:
    """(path, text) of each file, each path once."""
    listed = payload.get("files")
    entries = [mapping(entry) for entry in (listed if isinstance(listed, list) else [])]
    older = mapping(payload.get("publiccode"))
    if older:
        entries.append({**older, "path": text(older.get("path")) or "publiccode.yml"})
    found: dict[str, str | None] = {}
    for entry in entries:
        path, content = text(entry.get("path")), entry.get("text")
        if path:
            found.setdefault(path[:300], content if isinstance(content, str) else None)
    return tuple(found.items())
