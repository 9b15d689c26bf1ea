"""The facets, each declared once: of which fields its values are, in the order in which pages show them.

The index's mapping and document, both engines' fields and filters, the page's filters and chips, the parameters of
pages and API and their description follow from a declaration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harvester.model.appraisal import ASSESSMENT
from harvester.model.fields import FIELDS, FieldKind, Fields, Organisation, ValueType
from harvester.model.software import Software
from harvester.model.vocabularies import POLICY_AREAS_OF, VOCABULARIES

ALSO = "also"
"""The facet of what lists show beside the toolbox: its values are shelves, and the toolbox is always shown."""

LONGEST_VALUE = 300  # characters of a facet's value


def licenses(expression: str) -> tuple[str, ...]:
    """The licences that an SPDX expression names, an exception staying with its licence."""
    parts = re.split(r"\s(?:AND|OR)\s|[()]", expression)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _as_it_is(value: Any) -> Iterable[str]:
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return (value.name if isinstance(value, Organisation) else str(value),)


def _cut(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:LONGEST_VALUE] for value in values if value))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFacet:
    """A facet. Its name is its parameter in addresses and its field in the index; "facet.<name>" is its label's key.

    `fields` are the fields that its values are of, `split` makes one value of a field the facet's values. The type and
    vocabulary of its fields tell its values' labels. Without fields, `of` tells its values, and `codes` the
    vocabulary that they are of. Of one that is `concluded` harvester.assess.concluded tells the values. By one that is
    `sought`, which has fields, the queue of what waits is narrowed.
    """

    name: str
    fields: tuple[str, ...]
    split: Callable[[Any], Iterable[str]] = _as_it_is
    of: Callable[[Software], Iterable[str]] | None = None
    codes: str | None = None
    concluded: bool = False
    figure: bool = False
    sought: bool = False

    @property
    def label(self) -> str:
        """The key of its label's words."""
        return f"facet.{self.name}"

    @property
    def type(self) -> ValueType:
        """What its values are, and so how they are labelled."""
        return FIELDS[self.fields[0]].type if self.fields else ValueType.TEXT

    @property
    def vocabulary(self) -> str | None:
        """The vocabulary whose codes are its values."""
        return FIELDS[self.fields[0]].vocabulary if self.fields else self.codes

    @property
    def fixed(self) -> tuple[str, ...]:
        """All values that it may have beside "unknown"; empty where they are open."""
        if self.vocabulary:
            return tuple(VOCABULARIES[self.vocabulary])
        return ("yes", "no") if self.type is ValueType.FLAG else ()

    def values(self, software: Software) -> tuple[str, ...]:
        """A software's values, each once; empty where the sources do not say, and of what is concluded."""
        found = self._of_fields(software.fields) if self.of is None else self.of(software)
        return _cut(found)

    def values_of(self, fields: Fields) -> tuple[str, ...]:
        """The values that these fields say."""
        return _cut(self._of_fields(fields))

    def _of_fields(self, fields: Fields) -> Iterator[str]:
        for name in self.fields:
            value = getattr(fields, name)
            if value is not None:
                several = value if FIELDS[name].kind is FieldKind.UNION else (value,)
                for one in several:
                    yield from self.split(one)


def _sources(software: Software) -> list[str]:
    said = {piece.source for pieces in software.evidence.values() for piece in pieces}
    return sorted(said - {ASSESSMENT})


def _policy_areas(software: Software) -> list[str]:
    return [area for use_case in software.fields.use_cases for area in POLICY_AREAS_OF.get(use_case, ())]


def _organisation_kinds(software: Software) -> list[str]:
    return [one.kind for one in software.fields.organisations if one.kind]


def _year(software: Software) -> list[str]:
    """Of the last change or release: a year ages by itself, where "a year ago" would have to be written anew."""
    days = (software.fields.date_modified, software.fields.release_date)
    return [str(max(day.year for day in days if day))] if any(days) else []


def _shelf(software: Software) -> tuple[str]:
    return (software.appraisal.shelf.value,)


_DECLARED = (
    DeclaredFacet(name="use_case", fields=("use_cases",), figure=True, sought=True),
    DeclaredFacet(name="policy_area", fields=(), of=_policy_areas, codes="policy_area"),
    DeclaredFacet(name="artefact", fields=("artefact",), figure=True, sought=True),
    DeclaredFacet(name="country", fields=("countries",), figure=True, sought=True),
    DeclaredFacet(name="organisation", fields=("organisations",), sought=True),
    DeclaredFacet(name="organisation_kind", fields=(), of=_organisation_kinds, codes="organisation_kind"),
    DeclaredFacet(name="used_by", fields=(), codes="user_kind", concluded=True),
    DeclaredFacet(name="license_family", fields=(), codes="license_family", concluded=True),
    DeclaredFacet(name="license", fields=("license",), split=licenses, figure=True),
    DeclaredFacet(name="programming_language", fields=("programming_languages",), figure=True),
    DeclaredFacet(name="language", fields=("available_languages",), figure=True, sought=True),
    DeclaredFacet(name="development_status", fields=("development_status",), figure=True),
    DeclaredFacet(name="change_year", fields=(), of=_year),
    DeclaredFacet(name="platform", fields=("platforms",)),
    DeclaredFacet(name="audience", fields=("audiences",)),
    DeclaredFacet(name="replaces", fields=("replaces",)),
    DeclaredFacet(name="source", fields=(), of=_sources),
    DeclaredFacet(name="publiccode", fields=("has_publiccode",)),
    DeclaredFacet(name="kind", fields=("kind",)),
    DeclaredFacet(name=ALSO, fields=(), of=_shelf, codes="shelf"),
)

FACETS: Mapping[str, DeclaredFacet] = {declared.name: declared for declared in _DECLARED}
"""Each facet's declaration, in the order in which pages show them."""

SOUGHT = tuple(facet for facet in _DECLARED if facet.sought)
"""Those by which what waits is narrowed."""


def traits(fields: Fields) -> list[tuple[str, str]]:
    """What the queue is narrowed by of a software that says these fields, as (facet, value)."""
    return [(facet.name, value) for facet in SOUGHT for value in facet.values_of(fields)]
