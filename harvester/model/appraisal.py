"""What the house concludes of a software: whether it belongs, its worth, how it stands to others, where it is shown.

Sources declare none of it. Every figure comes with its reasons, and a reviewer's decision goes before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harvester.model.identity import Identifier
from harvester.model.reason import Reason
from harvester.model.record import Basis

ASSESSMENT = "assessment"
"""The source that evidence of what the house concluded names."""


class Shelf(StrEnum):
    """Where lists show a published software: in the toolbox, or set aside, one switch away."""

    LISTED = "listed"
    COPIES = "copies"  # somebody else's, copied
    PARTS = "parts"  # of something else, and no tool by itself
    OTHER = "other"  # what is no tool for public bodies


class RelationType(StrEnum):
    """How one software stands to another."""

    SAME = "same"  # probably one thing entered twice: a reviewer is asked
    COPY = "copy"  # a fork or copy by somebody else
    MIRROR = "mirror"  # follows another repository
    PART = "part"  # plug-in, module, client, documentation, site, packaging of another
    INSTANCE = "instance"  # a local installation or customisation
    REPLACES = "replaces"  # can stand in for a product


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A figure from 0 to 1 and its reasons as (weight, reason), the heaviest first."""

    value: float = 0.0
    reasons: tuple[tuple[float, Reason], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """How a software stands to another one: `object` is that one's id, None where the catalogue does not have it.

    `target` ("scheme:value") names what the catalogue does not have: the address of an origin, or a minted "family:…"
    that all copies of one unknown origin share. `probability` is 1 where it was declared.
    """

    type: RelationType
    because: Reason
    object: str | None = None
    target: str = ""
    basis: Basis = Basis.INFERRED
    probability: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """`civic`: made for the public's business. `toolbox`: another body could take it up. `standing`: what it is worth.

    `artefact_reasons` say why it is taken for what it is, `because` why it stands on its shelf. `copied_by` counts the
    owners of its copies, `folded` names the copies that lists show under it. `pinned` are the questions that an editor
    pinned it for. `proposed`: why a source proposed what it was not told to harvest.
    """

    civic: Verdict = Verdict()
    toolbox: Verdict = Verdict()
    standing: Verdict = Verdict()
    artefact_reasons: tuple[tuple[float, Reason], ...] = ()
    shelf: Shelf = Shelf.LISTED
    because: Reason | None = None
    relations: tuple[Related, ...] = ()
    copied_by: int = 0
    folded: tuple[Identifier, ...] = ()
    pinned: tuple[str, ...] = ()
    proposed: Reason | None = None


NOT_APPRAISED = Appraisal()
"""Of what was not looked at yet: it is listed, as nothing speaks against it."""
