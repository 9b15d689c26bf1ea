"""What a reading means in our vocabularies: the last step of reading, the same for every format.

A reader says what its payload says. Here the language of a text that states none is found (DETECTED), its categories
become use cases and audiences by crosswalk (TRANSLATED), what it is for is concluded from its words where nobody said
it (INFERRED, with the words), and so are the products that it can stand in for; organisations get their one name, kind
and country. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from harvester.assess import crosswalk, organisations
from harvester.assess.replaces import infer_replaces
from harvester.assess.use_cases import infer
from harvester.model import Basis, Fields, Identifier, Reading, Record
from harvester.normalize.detect import with_languages

_TRANSLATIONS = (("use_cases", crosswalk.use_cases), ("audiences", crosswalk.audiences))


def understood(reading: Reading) -> Reading:
    """The reading with every record in our vocabularies. What a reader declared stays as it is."""
    if not reading.records:
        return reading
    return replace(reading, records=_without_doubled_conclusions([_record(record) for record in reading.records]))


def _record(record: Record) -> Record:
    record = with_languages(record)
    vocabulary = crosswalk.vocabulary_of(record.reader)
    fields = record.fields
    changes: dict[str, Any] = {}
    basis, because = dict(record.basis), dict(record.because)  # of each value its own words
    for name, translate in _TRANSLATIONS:
        if not getattr(fields, name) and (found := translate(vocabulary, fields.categories)):
            changes[name], basis[name] = tuple(found), Basis.TRANSLATED
            because[name] = dict(found)
    if not fields.use_cases and "use_cases" not in changes and (inferred := _inferred(fields, vocabulary)):
        changes["use_cases"], basis["use_cases"] = tuple(inferred), Basis.INFERRED
        because["use_cases"] = dict(inferred)
    if not fields.replaces and (stands_in := infer_replaces(_texts(fields))):
        changes["replaces"], basis["replaces"] = tuple(stands_in), Basis.INFERRED
        because["replaces"] = dict(stands_in)
    folded = tuple(dict.fromkeys(organisations.folded(one) for one in fields.organisations))
    if folded != fields.organisations:
        changes["organisations"] = folded
    if not changes:
        return record
    return replace(record, fields=replace(fields, **changes), basis=basis, because=because)


def _texts(fields: Fields) -> Iterable[str]:
    return (*fields.short_description.values(), *fields.long_description.values(), *fields.features.values())


def _inferred(fields: Fields, vocabulary: str) -> Mapping[str, str]:
    """Use cases, each with the words that decided. Categories that nobody has decided on are words like topics; a long
    description, which mentions much, counts only where nothing shorter tells."""
    name = (fields.name or "").replace("-", " ").replace("_", " ")
    undecided = (term for term in fields.categories if not crosswalk.is_known(vocabulary, term))
    labels = tuple(dict.fromkeys((*fields.topics, *undecided)))
    later = (fields.long_description, fields.features)
    leanings = crosswalk.leanings(vocabulary, fields.categories)
    return dict(infer(name, fields.short_description, labels, later=later, leanings=leanings))


def _without_doubled_conclusions(records: Iterable[Record]) -> tuple[Record, ...]:
    """Of one software's records those that only conclude are silent where another says it or a better one does."""
    given = tuple(records)
    best: dict[tuple[Identifier, ...], Record] = {}
    for record in sorted(given, key=lambda one: (_only_concludes(one), -one.priority)):
        if record.fields.use_cases:
            best.setdefault(record.identifiers, record)
    return tuple(
        _without_conclusion(record)
        if _only_concludes(record) and best.get(record.identifiers, record) is not record
        else record
        for record in given
    )


def _only_concludes(record: Record) -> bool:
    return record.basis.get("use_cases") is Basis.INFERRED


def _without_conclusion(record: Record) -> Record:
    basis = {name: basis for name, basis in record.basis.items() if name != "use_cases"}
    because = {name: why for name, why in record.because.items() if name != "use_cases"}
    return replace(record, fields=replace(record.fields, use_cases=()), basis=basis, because=because)
