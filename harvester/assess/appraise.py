"""Everything that is concluded of one software, put together: what it is, whether it belongs, its worth, its shelf."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from harvester.assess.assessment import Subject, assess
from harvester.assess.shelf import shelve
from harvester.assess.standing import standing
from harvester.model import ASSESSMENT, Appraisal, Basis, Evidence, Fields, Identifier, Reason, Related

_UNKNOWN = "unknown"

_Evidence = Mapping[str, tuple[Evidence, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known around a software: its sources as (name, format), how it stands to others, who copied it, what a
    reviewer said of listing it, the questions that one pinned it for, whether another copy of the same unknown origin
    is shown for it, and why a source proposed it."""

    sources: Sequence[tuple[str, str]] = ()
    relations: tuple[Related, ...] = ()
    copied_by: int = 0
    folded: tuple[Identifier, ...] = ()
    decided: bool | None = None
    pinned: tuple[str, ...] = ()
    shown_elsewhere: bool = False
    proposed: Reason | None = None


def appraise(
    fields: Fields, evidence: _Evidence, identifiers: Collection[Identifier], around: Around, *, listed_from: float
) -> tuple[Fields, _Evidence, Appraisal]:
    """Its fields and evidence with what it is, where no source or reviewer said so, and its appraisal."""
    assessed = assess(
        Subject(
            fields=fields,
            identifiers=tuple(identifiers),
            sources=tuple(around.sources),
            relations=frozenset(str(one.type) for one in around.relations),
            copied_by=around.copied_by,
        )
    )
    if fields.artefact is None and assessed.artefact != _UNKNOWN:
        said = Evidence(
            value=assessed.artefact,
            record=0,
            source=ASSESSMENT,
            basis=Basis.TRANSLATED if assessed.artefact_declared else Basis.INFERRED,
        )
        fields = replace(fields, artefact=assessed.artefact)
        evidence = {**evidence, "artefact": (said, *evidence.get("artefact", ()))}
    shelf, because = shelve(
        assessed.toolbox.value,
        listed_from=listed_from,
        relations=around.relations,
        artefact=fields.artefact,
        decided=around.decided,
        shown_elsewhere=around.shown_elsewhere,
    )
    names = {name for name, _ in around.sources}
    return (
        fields,
        evidence,
        Appraisal(
            civic=assessed.civic,
            toolbox=assessed.toolbox,
            standing=standing(fields, sources=names, relations=around.relations, copied_by=around.copied_by),
            artefact_reasons=assessed.artefact_reasons,
            shelf=shelf,
            because=because,
            relations=around.relations,
            copied_by=around.copied_by,
            folded=around.folded,
            pinned=around.pinned,
            proposed=around.proposed,
        ),
    )
