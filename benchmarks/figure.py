"""One measured figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`value` is a ratio to `baseline` (or a count beside it); `limit` is "<= 0.04" or ">= 0.8", None: only reported.

    `unit` says what `value` and `baseline` are measured in.
    """

    name: str
    value: float
    baseline: float
    limit: str | None = None
    unit: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the limit holds; None without one."""
        if self.limit is None:
            return None
        relation, number = self.limit.split()
        return self.value <= float(number) if relation == "<=" else self.value >= float(number)

    def line(self) -> str:
        """For people."""
        verdict = {True: "holds", False: "DOES NOT HOLD", None: "reported"}[self.holds]
        return f"{self.name}: {self.value:.4g} {self.unit} (baseline {self.baseline:.4g}) {self.limit or ''} {verdict}"

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "name": self.name,
            "value": self.value,
            "baseline": self.baseline,
            "limit": self.limit,
            "holds": self.holds,
            "unit": self.unit,
        }
