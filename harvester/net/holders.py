"""What holders have in the ledger: turns that are under way, and what they have sent so far.

Whoever sees a holder end frees what it held, so that a process that was killed keeps no host from the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from harvester.net import budgets, hosts
from harvester.net.ledger import Entries, Ledger

_SPENT = "spent "


def spent_key(holder: str) -> str:
    """The key of what a holder has sent so far, by group."""
    return _SPENT + holder


def free(ledger: Ledger, prefix: str) -> None:
    """Give back the turns of all holders of this prefix: they have ended."""

    def step(entries: Entries, now: float) -> None:
        for key, entry in entries.items():
            if key.startswith(hosts.PREFIX):
                hosts.free(entry, prefix, now)
            else:
                budgets.free(entry, prefix)

    for known in (ledger.read(hosts.PREFIX), ledger.read(budgets.PREFIX)):
        kept = [key for key, entry in known.items() if _holds(entry, prefix)]
        if kept:
            ledger.change(kept, step)


def take_spent(ledger: Ledger, prefix: str) -> Mapping[str, int]:
    """What all holders of this prefix have sent, by group; it is told once."""

    def step(entries: Entries, _now: float) -> Mapping[str, int]:
        total: Counter[str] = Counter()
        for entry in entries.values():
            total.update(entry)
            entry.clear()
        return dict(total)

    known = list(ledger.read(spent_key(prefix)))
    return ledger.change(known, step) if known else {}


def _holds(entry: Mapping[str, Mapping[str, object]], prefix: str) -> bool:
    return any(holder.startswith(prefix) for part in ("holders", "pending") for holder in entry.get(part, {}))
