"""What a record page says: each fact with who says so, when, and what was said otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harvester.model import FIELD_KINDS, Basis, Evidence, FieldKind, Provenance, Software
from harvester.resolve.values import to_json
from harvester.web.pages import bare_address, term, web_address
from harvester.words import Formatter

PANEL = (
    "license",
    "organisations",
    "countries",
    "development_status",
    "software_type",
    "available_languages",
    "programming_languages",
    "platforms",
    "audiences",
    "software_version",
    "release_date",
    "date_created",
    "date_modified",
    "stars",
    "is_based_on",
    "categories",
)
"""The facts of the panel, in this order; what has a place of its own on the page is not among them."""

REVIEWED = ("name", "kind", "short_description", "use_cases", *PANEL[:7], "code_repository", "landing_url", "topics")
"""What a reviewer sees of what would be published."""

ALWAYS = ("license", "organisations", "available_languages")
"""Shown as not stated when nobody says them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as a page shows it; `url` when it leads somewhere."""

    text: str
    url: str = ""
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """Who says a value: source, where, when it last said so, and how it came to that."""

    value: Shown
    chosen: bool
    source: str
    url: str
    seen: datetime | None
    basis: Basis
    because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A field with its values and everybody who says something of it."""

    name: str
    values: tuple[Shown, ...]
    sayings: tuple[Saying, ...]

    @property
    def sources(self) -> int:
        """How many sources stand behind what is shown."""
        return len({saying.source for saying in self.sayings if saying.chosen})

    @property
    def basis(self) -> Basis | None:
        """The strongest way in which it came to be; None when nobody says it."""
        order = (Basis.REVIEWED, Basis.DECLARED, Basis.TRANSLATED, Basis.FORGE, Basis.DETECTED, Basis.INFERRED)
        chosen = {saying.basis for saying in self.sayings if saying.chosen}
        return next((basis for basis in order if basis in chosen), None)

    @property
    def disputed(self) -> bool:
        """Whether somebody says otherwise."""
        return any(not saying.chosen for saying in self.sayings)

    @property
    def lost(self) -> tuple[Saying, ...]:
        """Who says otherwise."""
        return tuple(saying for saying in self.sayings if not saying.chosen)


def facts(
    software: Software, names: Sequence[str], *, provenance: Mapping[int, Provenance], formatter: Formatter
) -> list[Fact]:
    """The facts of these fields, those that nobody knows left out (but for a few that are always shown)."""
    found = (fact(software, name, provenance=provenance, formatter=formatter) for name in names)
    return [one for one in found if one.values or one.sayings or one.name in ALWAYS]


def fact(software: Software, name: str, *, provenance: Mapping[int, Provenance], formatter: Formatter) -> Fact:
    """One field's fact."""
    sayings = tuple(
        _saying(name, evidence, provenance=provenance, formatter=formatter)
        for evidence in software.evidence.get(name, ())
    )
    return Fact(name=name, values=_values(software, name, formatter), sayings=sayings)


def _values(software: Software, name: str, formatter: Formatter) -> tuple[Shown, ...]:
    value = getattr(software.fields, name)
    if value is None:
        return ()
    if FIELD_KINDS[name] is FieldKind.TEXT:
        return tuple(Shown(text, lang=tag) for tag, text in value.items())
    if FIELD_KINDS[name] is FieldKind.UNION:
        return tuple(show(name, one, formatter) for one in value)
    return (show(name, value, formatter),)


def _saying(name: str, evidence: Evidence, *, provenance: Mapping[int, Provenance], formatter: Formatter) -> Saying:
    origin = provenance.get(evidence.record)
    review = formatter.words("basis.reviewed")
    return Saying(
        value=show(name, evidence.value, formatter),
        chosen=evidence.chosen,
        source=voice(origin) if origin else review if evidence.basis is Basis.REVIEWED else evidence.source,
        url=web_address(origin.url) if origin else "",
        seen=origin.last_seen if origin else None,
        basis=evidence.basis,
        because=evidence.because,
    )


def voice(origin: Provenance) -> str:
    """Who speaks: a publiccode.yml speaks for its makers, whoever found it."""
    if origin.reader.startswith("publiccode/"):
        return f"publiccode.yml ({origin.source_title})"
    return origin.source_title


def origins(provenance: Mapping[int, Provenance]) -> list[Provenance]:
    """Where records come from, each place once, as several records may be read of one item."""
    found: dict[tuple[str, str], Provenance] = {}
    for one in provenance.values():
        found.setdefault((one.source, one.url), one)
    return sorted(found.values(), key=lambda one: (one.first_seen, one.source))


def inferred(fact: Fact) -> list[tuple[str, str]]:
    """What was concluded from which words, each once."""
    said = [(one.value.text, one.because or "") for one in fact.sayings if one.chosen and one.basis is Basis.INFERRED]
    return list(dict.fromkeys(said))


def show(name: str, value: Any, formatter: Formatter) -> Shown:
    """A value, as Fields or evidence holds it, for a reader."""
    words = formatter.words
    if isinstance(value, bool):
        return Shown(words("yes") if value else words("no"))
    if isinstance(value, int):
        return Shown(formatter.number(value))
    if name == "organisations":
        return _organisation(value, formatter)
    if isinstance(value, Mapping):
        tag, text = next(iter(value.items()))
        return Shown(str(text), lang=None if tag == "und" else tag)
    return _plain(name, value, formatter)


def _plain(name: str, value: Any, formatter: Formatter) -> Shown:
    if name in ("release_date", "date_created", "date_modified"):
        return Shown(formatter.date(value))
    if name == "countries":
        return Shown(formatter.country(value))
    if name == "available_languages":
        return Shown(formatter.language(value))
    address = web_address(value)
    if address:
        return Shown(bare_address(address), address)
    return Shown(term(name, str(value), formatter.words.language))


def _organisation(value: Any, formatter: Formatter) -> Shown:
    known = value if isinstance(value, Mapping) else to_json(value)
    country, kind = known.get("country"), known.get("kind")
    about = [formatter.country(country)] if country else []
    about += [term("organisation_kind", kind, formatter.words.language).lower()] if kind else []
    return Shown(", ".join([known["name"], *about]), web_address(known.get("uri")))
