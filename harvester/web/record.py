"""What a record page says: each fact with who says so, when, and what was said otherwise. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from harvester.model import (
    ASSESSMENT,
    FIELDS,
    Basis,
    Evidence,
    FieldKind,
    Place,
    Provenance,
    Software,
    ValueType,
    fields_in,
)
from harvester.normalize import readers
from harvester.resolve.values import to_json
from harvester.web.pages import bare_address, web_address
from harvester.words import Formatter


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as a page shows it; `url` when it leads somewhere."""

    text: str
    url: str = ""
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """Who says a value: source, where, when it last said so, of what date that is, and how it came to that."""

    value: Shown
    chosen: bool
    source: str
    url: str
    seen: datetime | None
    as_of: datetime | None
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
    software: Software, place: Place, *, provenance: Mapping[int, Provenance], formatter: Formatter
) -> list[Fact]:
    """The facts of a place's fields, those that nobody knows left out (but for a few that are always shown)."""
    found = (fact(software, name, provenance=provenance, formatter=formatter) for name in fields_in(place))
    return [one for one in found if one.values or one.sayings or Place.UNSTATED in FIELDS[one.name].places]


def fact(software: Software, name: str, *, provenance: Mapping[int, Provenance], formatter: Formatter) -> Fact:
    """One field's fact; where no value is certain, what the sources wrote."""
    values, told_by = _values(software, name, formatter), name
    written = FIELDS[name].written
    if not values and written:
        as_written = [one.text for one in _values(software, written, formatter)]
        values = tuple(Shown(formatter.words("as_written", value=text)) for text in as_written)
        told_by = written if values else name
    sayings = tuple(
        _saying(told_by, evidence, provenance=provenance, formatter=formatter)
        for evidence in software.evidence.get(told_by, ())
    )
    return Fact(name=name, values=values, sayings=sayings)


def _values(software: Software, name: str, formatter: Formatter) -> tuple[Shown, ...]:
    value = getattr(software.fields, name)
    if value is None:
        return ()
    kind = FIELDS[name].kind
    if kind is FieldKind.TEXT:
        return tuple(Shown(text, lang=tag) for tag, text in value.items())
    if kind is FieldKind.UNION:
        return tuple(show(name, one, formatter) for one in value)
    return (show(name, value, formatter),)


def _saying(name: str, evidence: Evidence, *, provenance: Mapping[int, Provenance], formatter: Formatter) -> Saying:
    origin = provenance.get(evidence.record)
    ours = formatter.words(f"basis.{evidence.basis.value}")
    of_ours = evidence.basis is Basis.REVIEWED or evidence.source == ASSESSMENT
    return Saying(
        value=show(name, evidence.value, formatter),
        chosen=evidence.chosen,
        source=voice(origin) if origin else ours if of_ours else evidence.source,
        url=web_address(origin.url) if origin else "",
        seen=origin.last_seen if origin else None,
        as_of=origin.as_of if origin else None,
        basis=evidence.basis,
        because=evidence.because,
    )


def looked_at(provenance: Mapping[int, Provenance]) -> date | None:
    """The day on which who would know of a newer change was last asked; None: nobody was."""
    days = (readers.looked_at(one.reader, one.last_seen, one.as_of) for one in provenance.values())
    return max((day.date() for day in days if day is not None), default=None)


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


def spelled(name: str, value: Any, formatter: Formatter) -> str:
    """All of a field's value on one line, addresses whole; what it is known by for "identifiers"."""
    if name == "identifiers":
        return ", ".join(sorted(str(one) for one in value))
    if isinstance(value, Mapping):
        return " / ".join(value.values())
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return ", ".join(_whole(show(name, to_json(one), formatter)) for one in values)


def _whole(shown: Shown) -> str:
    if not shown.url:
        return shown.text
    return shown.url if shown.text == bare_address(shown.url) else f"{shown.text}, {shown.url}"


def show(name: str, value: Any, formatter: Formatter) -> Shown:
    """A value, as Fields or evidence holds it, for a reader."""
    if isinstance(value, Mapping) and FIELDS[name].kind is FieldKind.TEXT:
        tag, text = next(iter(value.items()))
        return Shown(str(text), lang=None if tag == "und" else tag)
    shown = _SHOWN.get(FIELDS[name].type)
    return shown(value, formatter) if shown else _text(name, str(value), formatter)


def _text(name: str, value: str, formatter: Formatter) -> Shown:
    vocabulary = FIELDS[name].vocabulary
    if vocabulary:
        return Shown(formatter.term(vocabulary, value))
    address = web_address(value)
    return Shown(bare_address(address), address) if address else Shown(value)


def _organisation(value: Any, formatter: Formatter) -> Shown:
    known = value if isinstance(value, Mapping) else to_json(value)
    country, kind = known.get("country"), known.get("kind")
    about = [formatter.country(country)] if country else []
    about += [formatter.term("organisation_kind", kind).lower()] if kind else []
    return Shown(", ".join([known["name"], *about]), web_address(known.get("uri")))


_SHOWN: Mapping[ValueType, Callable[[Any, Formatter], Shown]] = {
    ValueType.FLAG: lambda value, formatter: Shown(formatter.words("flag.yes" if value else "flag.no")),
    ValueType.NUMBER: lambda value, formatter: Shown(formatter.number(value)),
    ValueType.DAY: lambda value, formatter: Shown(formatter.date(value)),
    ValueType.MOMENT: lambda value, formatter: Shown(formatter.date(value)),
    ValueType.COUNTRY: lambda value, formatter: Shown(formatter.country(value)),
    ValueType.LANGUAGE: lambda value, formatter: Shown(formatter.language(value)),
    ValueType.ORGANISATION: _organisation,
}
"""How a value of each type is shown; of the others its text is."""
