"""A software as JSON: publiccode.yml's names where it has one, and the evidence behind every field. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic.alias_generators import to_camel

from harvester.model import FIELD_KINDS, Evidence, Organisation, Provenance, Software


def entry(software: Software, provenance: Mapping[int, Provenance], *, site: str) -> dict[str, Any]:
    """The entry; fields that nobody states are null or empty, never guessed."""
    said = {to_camel(name): plain(getattr(software.fields, name)) for name in FIELD_KINDS}
    return {
        "id": software.id,
        "url": f"{site}/api/v1/software/{software.id}",
        "page": f"{site}/en/software/{software.id}/{software.slug}",
        "version": software.version,
        "firstSeen": plain(software.first_seen),
        "lastSeen": plain(software.last_seen),
        "identifiers": [str(name) for name in software.identifiers],
        **said,
        "provenance": {
            to_camel(name): [_evidence(one, provenance) for one in evidence]
            for name, evidence in software.evidence.items()
        },
        "sources": [_source(one) for one in provenance.values()],
    }


def plain(value: Any) -> Any:
    """A value as JSON: dates as ISO 8601, organisations as objects."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Organisation):
        return {"name": value.name, "uri": value.uri, "country": value.country}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def _evidence(one: Evidence, provenance: Mapping[int, Provenance]) -> dict[str, Any]:
    origin = provenance.get(one.record)
    return {
        "value": one.value,
        "source": one.source,
        "url": origin.url if origin else None,
        "lastSeen": plain(origin.last_seen) if origin else None,
        "basis": one.basis.value,
        "because": one.because,
        "chosen": one.chosen,
    }


def _source(one: Provenance) -> dict[str, Any]:
    return {
        "source": one.source,
        "title": one.source_title,
        "url": one.url,
        "license": one.terms.license,
        "termsUrl": one.terms.url,
        "attribution": one.terms.attribution,
        "shareAlike": one.terms.share_alike,
        "firstSeen": plain(one.first_seen),
        "lastSeen": plain(one.last_seen),
    }
