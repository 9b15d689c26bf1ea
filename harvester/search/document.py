"""A document: a published software as the indexes hold it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from harvester.model import Fields, LangMap, Software

_LONGEST_VALUE = 300  # characters of a facet's value
_LONGEST_TEXT = 20_000  # characters of a description in one language


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Facts about one software, flat. `activity` is seconds since 1970 of its last change, None when unknown.

    `license` is the SPDX expression, `texts` what is searched beside the short description but not shown with hits.
    `relevance` is 0 to 1 and orders a list that nobody searched for words in.
    """

    id: str
    slug: str
    version: int
    name: str
    short_description: LangMap = field(default_factory=dict)
    texts: LangMap = field(default_factory=dict)
    organisations: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    use_cases: tuple[str, ...] = ()
    license: str | None = None
    languages: tuple[str, ...] = ()
    programming_languages: tuple[str, ...] = ()
    development_status: str | None = None
    sources: tuple[str, ...] = ()
    publiccode: str | None = None  # "yes", "no", None: not known
    kind: str | None = None
    stars: int | None = None
    date_modified: str | None = None  # ISO 8601, UTC
    activity: int | None = None
    topics: tuple[str, ...] = ()
    used_by: int = 0
    relevance: float = 0.0

    def shown(self) -> dict[str, Any]:
        """What a hit carries, as JSON: every field but `texts`."""
        return {
            name: _json(getattr(self, name)) for name in self.__dataclass_fields__ if name not in ("texts", "relevance")
        }

    def facet_values(self) -> dict[str, tuple[str, ...]]:
        """The values of each facet; empty where the sources do not say."""
        values = {
            "use_case": self.use_cases,
            "country": self.countries,
            "organisation": self.organisations,
            "license": licenses(self.license),
            "programming_language": self.programming_languages,
            "language": self.languages,
            "development_status": _one(self.development_status),
            "source": self.sources,
            "publiccode": _one(self.publiccode),
            "kind": _one(self.kind),
        }
        return {name: _values(given) for name, given in values.items()}


def document(software: Software, *, sources: Sequence[str] | None = None, updated: datetime | None = None) -> Document:
    """The document of a software. `sources` and `updated` stand in for what its evidence and fields say."""
    fields = software.fields
    modified = updated or fields.date_modified or _midnight(fields)
    return Document(
        id=software.id,
        slug=software.slug,
        version=software.version,
        name=fields.name or software.slug,
        short_description=dict(fields.short_description),
        texts=_texts(fields),
        organisations=tuple(organisation.name for organisation in fields.organisations),
        countries=fields.countries,
        use_cases=fields.use_cases,
        license=fields.license,
        languages=fields.available_languages,
        programming_languages=fields.programming_languages,
        development_status=fields.development_status,
        sources=tuple(_evident_sources(software) if sources is None else sources),
        publiccode=None if fields.has_publiccode is None else ("yes" if fields.has_publiccode else "no"),
        kind=fields.kind,
        stars=fields.stars,
        date_modified=modified.astimezone(UTC).isoformat() if modified else None,
        activity=int(modified.timestamp()) if modified else None,
        topics=fields.topics,
        used_by=len(fields.used_by),
        relevance=software.relevance,
    )


def licenses(expression: str | None) -> tuple[str, ...]:
    """The licences that an SPDX expression names, an exception staying with its licence."""
    if not expression:
        return ()
    parts = re.split(r"\s+(?:AND|OR)\s+|[()]", expression)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _texts(fields: Fields) -> dict[str, str]:
    joined: dict[str, list[str]] = {}
    for texts in (fields.long_description, fields.features):
        for tag, text in texts.items():
            joined.setdefault(tag, []).append(text)
    return {tag: "\n".join(texts)[:_LONGEST_TEXT] for tag, texts in joined.items()}


def _evident_sources(software: Software) -> list[str]:
    return sorted({piece.source for pieces in software.evidence.values() for piece in pieces})


def _midnight(fields: Fields) -> datetime | None:
    return datetime.combine(fields.release_date, time(), UTC) if fields.release_date else None


def _values(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:_LONGEST_VALUE] for value in values if value))


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
