"""Hits as pages and exports show them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harvester.model import FIELDS, FieldKind, Place, Shelf, Software, Terms, fields_in
from harvester.search.document import Document
from harvester.search.result import Hit
from harvester.web import texts
from harvester.web.record import show
from harvester.words import Activity, Formatter

FEW = 4  # values of a fact
SHORT = 60  # characters of what a source wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A result: name, by whom, one sentence, one line of facts, its use cases. `missing` are facts nobody states."""

    id: str
    url: str
    name: str
    by: str
    says: texts.Text
    activity: Activity | None
    facts: tuple[str, ...]
    missing: tuple[str, ...]
    tags: tuple[str, ...]


def of_hit(hit: Hit, formatter: Formatter, *, looser: bool = False) -> Line:
    """A hit, its words marked; `looser` where it answers less of the question than those before it."""
    shown = hit.document
    says = texts.best(shown["short_description"], formatter.words.language)
    marked = hit.highlights.get("description")
    return _line(
        shown,
        formatter,
        name=hit.highlights.get("name", shown["name"]),
        says=texts.Text(marked, says.lang) if marked else says,
        note=formatter.words(f"hit.step.{hit.step}") if looser else "",
    )


def of_software(software: Software, formatter: Formatter) -> Line:
    """A software of the catalogue, in the same form."""
    shown = Document(software).shown()
    says = texts.best(shown["short_description"], formatter.words.language)
    return _line(shown, formatter, name=shown["name"], says=says)


def _line(shown: Mapping[str, Any], formatter: Formatter, *, name: str, says: texts.Text, note: str = "") -> Line:
    words, activity = formatter.words, shown["activity"]
    service, users = shown["kind"] == "service", len(shown["used_by"])
    no_license = "hit.without_license" if shown["has_license"] is False else "hit.no_license"
    known = {field: fact for field in fields_in(Place.LINE) if (fact := _fact(field, shown, formatter))}
    return Line(
        id=shown["id"],
        url=f"/{words.language}/software/{shown['id']}/{shown['slug']}",
        name=name,
        by=_by(shown, formatter),
        says=says,
        activity=None if activity is None else formatter.activity(datetime.fromtimestamp(activity, UTC)),
        facts=(
            *([words("kind.service_short")] if service else []),
            *known.values(),
            *([words("hit.used_by", n=users)] if users else []),
            *([words("hit.copied_by", n=shown["copied_by"])] if shown["copied_by"] else []),
            *([words(f"hit.shelf.{shown['shelf']}")] if shown["shelf"] != Shelf.LISTED else []),
            *([note] if note else []),
        ),
        missing=() if service or "license" in known else (words(no_license),),
        tags=tuple(show("use_cases", code, formatter).text for code in shown["use_cases"][:FEW]),
    )


def _fact(field: str, shown: Mapping[str, Any], formatter: Formatter) -> str:
    """A field's first values; where none is certain, what the sources wrote."""
    declared, value = FIELDS[field], shown[field]
    if value in (None, [], {}):
        written = shown[declared.written] if declared.written else None
        return formatter.words("as_written", value=_short(written)) if written else ""
    values = value if declared.kind is FieldKind.UNION else [value]
    return ", ".join(show(field, one, formatter).text for one in values[:FEW]) + (" …" if len(values) > FEW else "")


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…"


def _by(shown: Mapping[str, Any], formatter: Formatter) -> str:
    bodies = [one["name"] for one in shown["organisations"][:1]]
    return " · ".join([*bodies, *(formatter.country(code) for code in shown["countries"][:2])])


def terms_words(terms: Terms, formatter: Formatter) -> str:
    """A source's terms in a line: licence, whom to name, and whether copies must share alike."""
    words = formatter.words
    said = [
        terms.license or words("terms.none"),
        words("terms.attribution", value=terms.attribution) if terms.attribution else "",
        words("terms.share_alike") if terms.share_alike else "",
    ]
    return " · ".join(one for one in said if one)
