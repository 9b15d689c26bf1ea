"""Which state a software has: what reviewers decided, else what the trust in its sources gives."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.model import Decision, Operation, SoftwareState

_VERDICTS = (Operation.ACCEPT, Operation.REJECT, Operation.DEFER)


def verdict(decisions: Sequence[Decision], *, trusted: bool) -> tuple[SoftwareState, bool]:
    """The state that decisions and trust give, and whether it was put off. The newest verdict holds."""
    verdicts = [decision for decision in decisions if decision.undone_at is None and decision.operation in _VERDICTS]
    last = max(verdicts, key=lambda decision: decision.id, default=None)
    if last is None:
        return (SoftwareState.PUBLISHED if trusted else SoftwareState.CANDIDATE), False
    if last.operation is Operation.ACCEPT:
        return SoftwareState.PUBLISHED, False
    if last.operation is Operation.REJECT:
        return SoftwareState.REJECTED, False
    return SoftwareState.CANDIDATE, True
