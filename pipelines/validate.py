"""Stage 2: what no reader may let through, whatever its format: unusable addresses, broken text, contradictions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from harvester.model import FIELDS, Fields, Issue, Outcome, RawItem, Reading, Record, Severity, ValueType
from pipelines.normalize import ReadPage

_ADDRESSES = tuple(name for name, declared in FIELDS.items() if declared.type is ValueType.ADDRESS)
_LONGEST_NAME = 200  # characters


class ValidatePipeline:
    """Checks every reading; a value that cannot stand is taken out and becomes an issue."""

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, ReadPage):
            return item
        return replace(item, items=tuple((raw, validated(raw, reading)) for raw, reading in item.items))


def validated(raw: RawItem, reading: Reading) -> Reading:
    """The reading with every contradiction and unusable value made an issue."""
    issues = list(reading.issues)
    records = tuple(_record(record, issues) for record in reading.records)
    outcome = reading.outcome
    if outcome is Outcome.READ and not records:
        issues.append(Issue.of("empty-reading", key=raw.key, format=raw.format))
        outcome = Outcome.REFUSED
    if outcome is Outcome.REFUSED and not any(issue.severity is Severity.ERROR for issue in issues):
        issues.append(Issue.of("refused", key=raw.key, format=raw.format))
    reason = reading.reason
    if outcome is Outcome.SKIPPED and not reason:
        reason = "not stated"
    return replace(reading, outcome=outcome, records=records, issues=tuple(issues), reason=reason)


def _record(record: Record, issues: list[Issue]) -> Record:
    changes: dict[str, Any] = {}
    for field in _ADDRESSES:
        value = getattr(record.fields, field)
        if value is not None and not _is_address(value):
            issues.append(Issue.of("unusable-address", place=field, value=value))
            changes[field] = None
    name = record.fields.name
    if name is not None and len(name) > _LONGEST_NAME:
        issues.append(Issue.of("long-name", place="name", value=name, most=_LONGEST_NAME))
        changes["name"] = name[: _LONGEST_NAME - 1].rstrip() + "…"
    fields: Fields = replace(record.fields, **changes) if changes else record.fields
    return replace(record, fields=fields) if changes else record


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
