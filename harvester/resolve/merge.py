"""Records of one thing become one: who wins, and where every value came from.

- A scalar is the value of the record of highest priority; then source name and record id decide.
- A text is a scalar for each language.
- A union keeps every value, those of the highest priority first, each with all its sources. Spelling is the first
  source's; an organisation's URI, country and kind are filled in from whoever knows them.
- What was inferred stands only where nobody said anything.
- Reviewers' decisions are laid over that as evidence of basis REVIEWED, in the order in which they were made.

Nothing is lost: a value that did not win stays in the evidence with `chosen` False, and where several sources say
the same all of them are chosen. Evidence's `value` is JSON: a scalar as such, one value of a union, or one
language's text as {tag: text}. A decision's evidence has the source "review" and the decision's id, negated, as record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from harvester.errors import InputError
from harvester.model import (
    FIELD_KINDS,
    Basis,
    Decision,
    Evidence,
    FieldKind,
    Fields,
    Identifier,
    Operation,
    Organisation,
    Record,
)
from harvester.resolve.components import strength
from harvester.resolve.values import from_json, sameness, to_json

REVIEW = "review"
"""The source that reviewers' evidence names."""

_NAMES = tuple(FIELD_KINDS)
_VALUES = attrgetter(*_NAMES)


@dataclass(frozen=True, slots=True)
class SourcedRecord:
    """A record with the id that the catalogue gave it and the name of its source."""

    id: int
    source: str
    record: Record


@dataclass(frozen=True, slots=True)
class Merged:
    """What several records agree to be. `evidence` is by field, the strongest first; what nobody knows is absent."""

    fields: Fields
    evidence: Mapping[str, tuple[Evidence, ...]]
    identifiers: tuple[Identifier, ...]


@dataclass(slots=True)
class _Claim:
    """One value that somebody gives a field; `value` as Fields holds it, `tag` a text's language."""

    value: Any
    record: int
    source: str
    basis: Basis
    because: str | None
    tag: str | None = None
    chosen: bool = True

    def evidence(self) -> Evidence:
        value = to_json(self.value)
        return Evidence(
            value=value if self.tag is None else {self.tag: value},
            record=self.record,
            source=self.source,
            basis=self.basis,
            because=self.because,
            chosen=self.chosen,
        )


def merge(records: Sequence[SourcedRecord], decisions: Sequence[Decision] = ()) -> Merged:
    """One software's fields from its records, and what reviewers decided of them, whatever the order of either.

    InputError: there is no record (a merged record is always made from records), or a decision's value cannot be
    one of its field (`values.from_json` tells before it is stored).
    """
    if not records:
        raise InputError("nothing can be merged from no record", remedy="withdraw the software instead")
    ranked = sorted(records, key=lambda one: (-one.record.priority, one.source, one.id))
    claims = _claims(ranked)
    for decision in sorted(decisions, key=lambda one: (one.at, one.id)):
        field = decision.field
        if decision.undone_at is None and field is not None and field in FIELD_KINDS:
            _overlay(claims.setdefault(field, []), decision, field=field)
    settled: dict[str, Any] = {}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    for name, kind in FIELD_KINDS.items():
        if said := claims.get(name):
            _silence_inferred(said)
            value = _SETTLE[kind](said)
            if value is not None:
                settled[name] = value
            evidence[name] = tuple([claim.evidence() for claim in said])
    return Merged(Fields(**settled), evidence, _identifiers(ranked))


def _identifiers(records: Iterable[SourcedRecord]) -> tuple[Identifier, ...]:
    return tuple(sorted({found for one in records for found in one.record.identifiers}, key=strength))


def _claims(ranked: Sequence[SourcedRecord]) -> dict[str, list[_Claim]]:
    claims: dict[str, list[_Claim]] = {}
    for one in ranked:
        record = one.record
        for name, value in zip(_NAMES, _VALUES(record.fields), strict=True):
            if value is None or value == () or value == {}:
                continue
            basis = record.basis.get(name, Basis.DECLARED)
            why = record.because.get(name)
            because, of_each = (None, why) if isinstance(why, Mapping) else (why, {})
            said = claims.setdefault(name, [])
            kind = FIELD_KINDS[name]
            if kind is FieldKind.SCALAR:
                said.append(_Claim(value, one.id, one.source, basis, because))
            elif kind is FieldKind.UNION:
                said.extend([_Claim(each, one.id, one.source, basis, of_each.get(each, because)) for each in value])
            else:
                said.extend([_Claim(text, one.id, one.source, basis, because, tag) for tag, text in value.items()])
    return claims


def _overlay(said: list[_Claim], decision: Decision, *, field: str) -> None:
    """Lay one decision over the claims of its field: reviewers' claims go before all others."""
    if decision.operation is Operation.REMOVE:
        _remove(said, decision, field=field)
    elif decision.operation in (Operation.SET, Operation.ADD):
        # adding to what holds one value only is setting it
        keeps = decision.operation is Operation.ADD and FIELD_KINDS[field] is FieldKind.UNION
        new = _reviewed(decision, field=field)
        tags = {claim.tag for claim in new}
        for claim in said:
            replaced = FIELD_KINDS[field] is not FieldKind.TEXT or claim.tag in tags or not new
            if not keeps and replaced:
                claim.chosen = False
        known = {_key(claim) for claim in new}
        for claim in said:  # who said the same all along is right now
            claim.chosen = claim.chosen or _key(claim) in known
        said[:0] = new


def _remove(said: Sequence[_Claim], decision: Decision, *, field: str) -> None:
    """Mark the value as losing; without a value every one of the field, and for a text also by its language."""
    value = decision.value
    for claim in said:
        by_language = claim.tag is not None and value == claim.tag
        if value is None or by_language:
            claim.chosen = False
    if value is not None and not (FIELD_KINDS[field] is FieldKind.TEXT and isinstance(value, str)):
        gone = {_key(claim) for claim in _reviewed(decision, field=field)}
        for claim in said:
            claim.chosen = claim.chosen and _key(claim) not in gone


def _reviewed(decision: Decision, *, field: str) -> list[_Claim]:
    value, kind = decision.value, FIELD_KINDS[field]
    if value is None:  # "this is not known", which is something to say too
        return []

    def claim(value: Any, tag: str | None = None) -> _Claim:
        return _Claim(value, -decision.id, REVIEW, Basis.REVIEWED, decision.why, tag)

    if kind is FieldKind.TEXT:
        return [claim(text, tag) for tag, text in from_json(field, value).items()]
    if kind is FieldKind.UNION and isinstance(value, list | tuple):
        return [claim(from_json(field, each)) for each in value]
    return [claim(from_json(field, value))]


def _key(claim: _Claim) -> Any:
    return claim.tag, sameness(claim.value)


def _silence_inferred(said: Sequence[_Claim]) -> None:
    """What was concluded from words never stands beside what somebody said."""
    if any(claim.chosen and claim.basis is not Basis.INFERRED for claim in said):
        for claim in said:
            claim.chosen = claim.chosen and claim.basis is not Basis.INFERRED


def _settle_scalar(said: Sequence[_Claim]) -> Any:
    """The first claim that nobody struck out; the others are chosen only where they say the same."""
    best = next((claim for claim in said if claim.chosen), None)
    for claim in said:
        claim.chosen = best is not None and claim.chosen and claim.value == best.value
    return best.value if best else None


def _settle_text(said: Sequence[_Claim]) -> dict[str, str] | None:
    best: dict[str, str] = {}
    for claim in said:
        if claim.chosen and claim.tag is not None:
            claim.chosen = best.setdefault(claim.tag, claim.value) == claim.value
    return best or None


def _settle_union(said: Sequence[_Claim]) -> tuple[Any, ...] | None:
    standing = [claim.value for claim in said if claim.chosen]
    if standing and isinstance(standing[0], Organisation):
        return _one_of_each(standing)
    best: dict[Any, Any] = {}
    for value in standing:
        best.setdefault(sameness(value), value)
    return tuple(best.values()) or None


def _one_of_each(organisations: Iterable[Organisation]) -> tuple[Organisation, ...]:
    """One organisation for each name and country; where a country is not told, it is the first of its name."""
    found: list[Organisation] = []
    places: dict[Any, list[int]] = {}
    for new in organisations:
        alike = places.setdefault(sameness(new), [])
        for place in alike:
            old = found[place]
            if old.country == new.country or not (old.country and new.country):
                known = {name: getattr(old, name) or getattr(new, name) for name in ("uri", "country", "kind")}
                found[place] = replace(old, **known)
                break
        else:
            alike.append(len(found))
            found.append(new)
    return tuple(found)


_SETTLE = {FieldKind.SCALAR: _settle_scalar, FieldKind.TEXT: _settle_text, FieldKind.UNION: _settle_union}
