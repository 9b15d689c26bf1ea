"""What the validator says of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harvester.model import Severity
from harvester.validate.places import place_of
from harvester.validate.reading.nodes import YamlNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
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
    """A file's results; it is valid when none is an error.

    `values` are those that could be read, by key; `tree` is where they stand.
    """

    results: tuple[Finding, ...]
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tree: YamlNode | None = field(default=None, repr=False, compare=False)

    @property
    def valid(self) -> bool:
        return all(result.severity is not Severity.ERROR for result in self.results)

    def with_results(self, more: tuple[Finding, ...]) -> Report:
        """This report with further results, which get their places."""
        return replace(self, results=(*self.results, *(placed(self.tree, result) for result in more)))


def placed(tree: YamlNode | None, result: Finding) -> Finding:
    """A result with its key's place."""
    line, column = place_of(tree, result.key.split("."))
    return replace(result, line=line, column=column)
