"""What the validator says of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harvester.model import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing that is wrong. Lines and columns count from 1; 0 is the whole file.

    `key` and `description` are the official validator's; `key` is "" for a fault of the syntax.
    """

    key: str
    description: str
    line: int = 0
    column: int = 0
    severity: Severity = Severity.ERROR
    remedy: str | None = None

    def as_json(self) -> dict[str, Any]:
        """In the official validator's form."""
        return {
            "key": self.key,
            "description": self.description,
            "line": self.line,
            "column": self.column,
            "type": self.severity.value,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """A file's results; it is valid when none is an error. `values` are those that could be read, by today's keys."""

    results: tuple[Result, ...]
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def valid(self) -> bool:
        return all(result.severity is not Severity.ERROR for result in self.results)
