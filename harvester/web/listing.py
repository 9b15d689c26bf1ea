"""Hits as pages and exports show them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harvester.model import Software, Terms
from harvester.search.result import Hit
from harvester.web import texts
from harvester.words import Activity, Formatter

FEW = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A result: name, by whom, one sentence, one line of facts, its use cases. `missing` are facts nobody states."""

    url: str
    name: str
    by: str
    says: texts.Text
    activity: Activity | None
    facts: tuple[str, ...]
    missing: tuple[str, ...]
    tags: tuple[str, ...]


def of_hit(hit: Hit, formatter: Formatter) -> Line:
    """A hit, its words marked."""
    shown = hit.document
    says = texts.best(shown["short_description"], formatter.words.language)
    marked = hit.highlights.get("description")
    return _line(
        shown,
        formatter,
        name=hit.highlights.get("name", shown["name"]),
        says=texts.Text(marked, says.lang) if marked else says,
    )


def of_software(software: Software, formatter: Formatter) -> Line:
    """A software of the catalogue, in the same form."""
    fields = software.fields
    shown = {
        "id": software.id,
        "slug": software.slug,
        "organisations": [one.name for one in fields.organisations],
        "countries": fields.countries,
        "use_cases": fields.use_cases,
        "license": fields.license,
        "languages": fields.available_languages,
        "programming_languages": fields.programming_languages,
        "kind": fields.kind,
        "date_modified": fields.date_modified.isoformat() if fields.date_modified else None,
        "used_by": len(fields.used_by),
    }
    says = texts.best(fields.short_description, formatter.words.language)
    return _line(shown, formatter, name=fields.name or software.slug, says=says)


def _line(shown: Mapping[str, Any], formatter: Formatter, *, name: str, says: texts.Text) -> Line:
    words = formatter.words
    modified = shown["date_modified"]
    service = shown["kind"] == "service"
    facts = [
        words("kind.service_short") if service else "",
        shown["license"] or "",
        _few(shown["programming_languages"]),
        _few([formatter.language(tag) for tag in shown["languages"]]),
        words("hit.used_by", n=shown["used_by"]) if shown["used_by"] else "",
    ]
    return Line(
        url=f"/{words.language}/software/{shown['id']}/{shown['slug']}",
        name=name,
        by=_by(shown, formatter),
        says=says,
        activity=formatter.activity(datetime.fromisoformat(modified)) if modified else None,
        facts=tuple(fact for fact in facts if fact),
        missing=() if shown["license"] or service else (words("hit.no_license"),),
        tags=tuple(formatter.term("use_case", code) for code in shown["use_cases"][:FEW]),
    )


def _by(shown: Mapping[str, Any], formatter: Formatter) -> str:
    bodies = [*shown["organisations"][:1], *(formatter.country(code) for code in shown["countries"][:2])]
    return " · ".join(bodies)


def _few(values: Sequence[str]) -> str:
    return ", ".join(values[:FEW]) + (" …" if len(values) > FEW else "")


def terms_words(terms: Terms, formatter: Formatter) -> str:
    """A source's terms in a line: licence, whom to name, and whether copies must share alike."""
    words = formatter.words
    said = [
        terms.license or words("terms.none"),
        words("terms.attribution", value=terms.attribution) if terms.attribution else "",
        words("terms.share_alike") if terms.share_alike else "",
    ]
    return " · ".join(one for one in said if one)
