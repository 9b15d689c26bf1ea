"""What a run may hold of hosts and what it spent, as the governor's ledger has it, whoever was killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.net import budgets, holders
from harvester.net.ledger import Ledger


def holder(run_id: int, attempt: int) -> str:
    """The name under which an attempt asks for turns."""
    return f"run:{run_id}:{attempt}:"


def begin(ledger: Ledger, run_id: int) -> None:
    """A new attempt begins, so the earlier ones have ended: what they held is free."""
    holders.free(ledger, f"run:{run_id}:")


def end(ledger: Ledger, run_id: int, attempt: int) -> None:
    """The attempt's process has ended."""
    holders.free(ledger, holder(run_id, attempt))


def take_spent(ledger: Ledger, run_id: int) -> Mapping[str, int]:
    """What the attempts of a run sent since this was asked last, by endpoint."""
    return holders.take_spent(ledger, f"run:{run_id}:")


def left(ledger: Ledger, spent: Mapping[str, int]) -> Mapping[str, Any]:
    """What is left of the budgets of the hosts that were asked, as a run keeps it; `resets_at` is ISO 8601, UTC."""
    hosts = {endpoint.partition(" ")[0] for endpoint in spent}
    return {
        name: {
            "remaining": one.remaining,
            "limit": one.limit,
            "resets_at": one.resets_at.isoformat(timespec="seconds"),
            "tokens": one.tokens,
        }
        for name, one in budgets.left(ledger, hosts).items()
    }
