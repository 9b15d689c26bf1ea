"""Whose word counts in what is published: that of trusted sources, and what a person let in of others.

A record of a source that is not trusted is no part of a published software before a reviewer says so; until then it is
a candidate of its own, whatever identifiers it claims. What a reviewer let in stands as it was then: of what the source
says later, figures and facts are taken over, and what a page says of the software (its name, its texts, where it
leads, on what terms) and the identifiers wait for a reviewer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harvester.model import Fields, Place, Record, fields_in

GUARDED = fields_in(Place.GUARDED)
"""The fields that a source which is not trusted changes in nothing that is published."""


def standing(record: Record, let_in: Record) -> Record:
    """The record as it counts: as it was let in, with the facts of today."""
    kept = {name: getattr(let_in.fields, name) for name in GUARDED}
    basis = {name: how for name, how in record.basis.items() if name not in GUARDED}
    because = {name: why for name, why in record.because.items() if name not in GUARDED}
    return replace(
        let_in,
        fields=replace(record.fields, **kept),
        basis=basis | {name: how for name, how in let_in.basis.items() if name in GUARDED},
        because=because | {name: why for name, why in let_in.because.items() if name in GUARDED},
    )


def waiting(record: Record, let_in: Record | None) -> dict[str, tuple[Any, Any]]:
    """By field what was let in and what its source says now, where the two differ; "identifiers" among them."""
    before = let_in.fields if let_in is not None else Fields()
    pairs = {name: (getattr(before, name), getattr(record.fields, name)) for name in GUARDED}
    pairs["identifiers"] = (set(let_in.identifiers if let_in is not None else ()), set(record.identifiers))
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
