"""What a dropped or doubtful item becomes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # the item, or this value of it, could not be used
    WARNING = "warning"  # it was used, with a doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Something wrong in the input: what, where, which value, and what to do about it.

    `code` is stable and short ("yaml-syntax", "url-mismatch"); `place` is the path of the key
    ("description.it.features[2]"); `line` and `column` count from 1; `value` is cut to 200 characters
    and never holds a contact's name, address or number.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    place: str | None = None
    line: int | None = None
    column: int | None = None
    value: str | None = None
    remedy: str | None = None
