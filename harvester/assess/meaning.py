"""What a reading means in our vocabularies: the last step of reading, the same for every format.

A reader says what its payload says. Here its categories become use cases and audiences by crosswalk (TRANSLATED), what
it is for is concluded from its words where nobody said it (INFERRED, with the words), and organisations get their one
name, kind and country. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harvester.assess import crosswalk, organisations
from harvester.assess.use_cases import infer
from harvester.model import Basis, Fields, Reading, Record


def understood(reading: Reading) -> Reading:
    """The reading with every record in our vocabularies. What a reader declared stays as it is."""
    if not reading.records:
        return reading
    records = [_record(record) for record in reading.records]
    declared = any(_says_use_cases(record) for record in records)
    return replace(reading, records=tuple(_without_inferred(record) if declared else record for record in records))


def _record(record: Record) -> Record:
    vocabulary = crosswalk.vocabulary_of(record.reader)
    fields = record.fields
    changes: dict[str, Any] = {}
    basis, because = dict(record.basis), dict(record.because)
    for name, translate in (("use_cases", crosswalk.use_cases), ("audiences", crosswalk.audiences)):
        if not getattr(fields, name) and (found := translate(vocabulary, fields.categories)):
            changes[name], basis[name] = tuple(found), Basis.TRANSLATED
            because[name] = ", ".join(dict.fromkeys(found.values()))
    if not fields.use_cases and "use_cases" not in changes and (inferred := _inferred(fields)):
        changes["use_cases"], basis["use_cases"] = tuple(inferred), Basis.INFERRED
        because["use_cases"] = "; ".join(inferred.values())
    folded = tuple(dict.fromkeys(organisations.folded(one) for one in fields.organisations))
    if folded != fields.organisations:
        changes["organisations"] = folded
    if not changes:
        return record
    return replace(record, fields=replace(fields, **changes), basis=basis, because=because)


def _inferred(fields: Fields) -> Mapping[str, str]:
    name = (fields.name or "").replace("-", " ").replace("_", " ")
    return dict(infer(name, {**fields.long_description, **fields.short_description}, fields.topics))


def _says_use_cases(record: Record) -> bool:
    return bool(record.fields.use_cases) and record.basis.get("use_cases", Basis.DECLARED) is not Basis.INFERRED


def _without_inferred(record: Record) -> Record:
    """Of one item's records those that only conclude are silent where another of them says it."""
    if record.basis.get("use_cases") is not Basis.INFERRED:
        return record
    basis = {name: basis for name, basis in record.basis.items() if name != "use_cases"}
    because = {name: why for name, why in record.because.items() if name != "use_cases"}
    return replace(record, fields=replace(record.fields, use_cases=()), basis=basis, because=because)
