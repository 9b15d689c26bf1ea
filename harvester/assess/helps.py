"""What a reviewer's decision on a software is worth, 0 to 1.25, and why: it orders what waits; it decides nothing.

A sure tool that many could use helps most, and what is surely none helps least: the probability that another body could
take it up, times a quarter and its standing. The quarter keeps the order of what nobody tells much of.
"""

from __future__ import annotations

from harvester.model import Appraisal, Reason

_LEAST = 0.25


def helps(appraisal: Appraisal) -> float:
    """The figure that the queue is ordered by."""
    return round(appraisal.toolbox.value * (_LEAST + appraisal.standing.value), 4)


def why(appraisal: Appraisal) -> list[Reason]:
    """Why it was proposed; else what weighs most in it: of its standing and of its being a tool one each, where
    something speaks for it."""
    if appraisal.proposed is not None:
        return [appraisal.proposed]
    heaviest = [verdict.reasons[0] for verdict in (appraisal.standing, appraisal.toolbox) if verdict.reasons]
    return [reason for weight, reason in heaviest if weight > 0]
