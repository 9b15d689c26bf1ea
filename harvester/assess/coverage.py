"""How much a source tells: how many fields its records fill, and how much of it was understood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harvester.model import Basis, Fields, Record
from harvester.model.fields import FIELD_KINDS

_SAID = (Basis.DECLARED, Basis.TRANSLATED, Basis.FORGE, Basis.REVIEWED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Shares are 0 to 1, rounded to thousandths, None where there is nothing to take a share of.

    `fields_filled` is the mean over records; the others count entries, an entry of several records once.
    `licence_recognised` is of the entries that state a licence, those with an SPDX expression. `use_case_declared`
    holds what a source said in our vocabulary or in its own; what was only concluded is `use_case_inferred`.
    """

    fields_filled: float | None
    licence_stated: int
    licence_recognised: float | None
    use_case_declared: float | None
    use_case_inferred: float | None


def filled(fields: Fields) -> float:
    """The share of all fields that have a value. False and 0 are values; empty is none."""
    return sum(getattr(fields, name) not in (None, (), {}) for name in FIELD_KINDS) / len(FIELD_KINDS)


def coverage(entries: Iterable[Sequence[Record]]) -> Coverage:
    """What the entries of a source tell; each entry is its records."""
    read = stated = recognised = declared = inferred = records = 0
    fill = 0.0
    for entry in entries:
        read += 1
        records += len(entry)
        fill += sum(filled(record.fields) for record in entry)
        stated += any(record.fields.license or record.fields.license_text for record in entry)
        recognised += any(record.fields.license for record in entry)
        bases = [record.basis.get("use_cases", Basis.DECLARED) for record in entry if record.fields.use_cases]
        said = any(basis in _SAID for basis in bases)
        declared += said
        inferred += bool(bases) and not said
    return Coverage(
        fields_filled=_share(fill, records),
        licence_stated=stated,
        licence_recognised=_share(recognised, stated),
        use_case_declared=_share(declared, read),
        use_case_inferred=_share(inferred, read),
    )


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
