"""What to choose by, at a glance: alive, free to reuse, languages, documentation, reuse, standards. Pure.

Each is known or not: what nobody states is said to be unknown, and is no fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harvester.assess.health import health
from harvester.model import Fields, Provenance, Software
from harvester.normalize.license_families import family_of
from harvester.web import record
from harvester.words import Formatter

GOOD, MIDDLING, BAD, UNKNOWN = "good", "middling", "bad", "unknown"


@dataclass(frozen=True, slots=True)
class Criterion:
    """`name` is the key of its label ("criterion.<name>"), `state` good, middling, bad or unknown, `words` why."""

    name: str
    state: str
    words: str


def of(software: Software, provenance: Mapping[int, Provenance], formatter: Formatter) -> Sequence[Criterion]:
    """All six, in their order."""
    fields = software.fields
    return (
        _alive(fields, provenance, formatter),
        _free(fields, formatter),
        _languages(fields, formatter),
        _documented(fields, formatter),
        _reused(software, formatter),
        _standards(fields, formatter),
    )


def _alive(fields: Fields, provenance: Mapping[int, Provenance], formatter: Formatter) -> Criterion:
    found = health(fields, formatter.now.date(), looked_at=record.looked_at(provenance))
    state = {"active": GOOD, "slowing": MIDDLING, "dormant": BAD, "archived": BAD}.get(found.status, UNKNOWN)
    if state is UNKNOWN:
        return Criterion("alive", UNKNOWN, formatter.words("unknown"))
    told = "silent" if found.status == "dormant" else found.status
    return Criterion("alive", state, formatter.words(f"health.{told}"))


def _free(fields: Fields, formatter: Formatter) -> Criterion:
    if fields.license is None:
        if fields.has_license is False:
            return Criterion("free", BAD, formatter.words("hit.without_license"))
        return Criterion("free", UNKNOWN, formatter.words("unknown"))
    return Criterion("free", GOOD if family_of(fields.license) else MIDDLING, fields.license)


def _languages(fields: Fields, formatter: Formatter) -> Criterion:
    spoken = fields.available_languages
    if not spoken:
        return Criterion("language", UNKNOWN, formatter.words("unknown"))
    mine = any(one.partition("-")[0] == formatter.words.language for one in spoken)
    shown = ", ".join(formatter.language(one) for one in spoken[:4]) + (" …" if len(spoken) > 4 else "")
    return Criterion("language", GOOD if mine else MIDDLING, shown)


def _documented(fields: Fields, formatter: Formatter) -> Criterion:
    if fields.documentation:
        return Criterion("documentation", GOOD, formatter.words("criterion.linked"))
    return Criterion("documentation", UNKNOWN, formatter.words("unknown"))


def _reused(software: Software, formatter: Formatter) -> Criterion:
    users, copied = len(software.fields.used_by), software.appraisal.copied_by
    said = [formatter.words("hit.used_by", n=users)] if users else []
    said += [formatter.words("hit.copied_by", n=copied)] if copied else []
    if not said:
        return Criterion("reuse", UNKNOWN, formatter.words("unknown"))
    return Criterion("reuse", GOOD, ", ".join(said))


def _standards(fields: Fields, formatter: Formatter) -> Criterion:
    if fields.has_publiccode:
        return Criterion("standards", GOOD, "publiccode.yml")
    return Criterion("standards", UNKNOWN, formatter.words("unknown"))
