"""The fields of a piece of civic software, by the names of publiccode.yml (snake_case here, camelCase in JSON).

Where publiccode.yml is silent the names are CodeMeta's or schema.org's (codeRepository, programmingLanguage).
Unknown is None or an empty collection, never "".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

LangMap = Mapping[str, str]
"""Text by BCP 47 tag; `und` where the language is not stated."""


class FieldKind(StrEnum):
    """How several sources' values of one field become one."""

    SCALAR = "scalar"  # the source of highest priority wins, the others are kept as losing values
    UNION = "union"  # every value stands, each with its sources
    TEXT = "text"  # a scalar for each language


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body that develops or publishes the software. `country` is ISO 3166-1 alpha-2.

    `kind` is a code of vocabularies.ORGANISATION_KINDS, None where nothing tells.
    """

    name: str
    uri: str | None = None
    country: str | None = None
    kind: str | None = None


def _scalar() -> Any:
    return field(default=None, metadata={"kind": FieldKind.SCALAR})


def _union() -> Any:
    return field(default=(), metadata={"kind": FieldKind.UNION})


def _text() -> Any:
    return field(default_factory=dict, metadata={"kind": FieldKind.TEXT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What is said of one software or service, by one source or by all of them merged."""

    name: str | None = _scalar()
    kind: str | None = _scalar()  # vocabularies.KINDS: "software" (source code is public) or "service"
    code_repository: str | None = _scalar()  # canonical https URL
    url: str | None = _scalar()  # the repository as publiccode.yml declares it, which may be another one
    landing_url: str | None = _scalar()
    documentation: str | None = _scalar()
    logo: str | None = _scalar()
    short_description: LangMap = _text()
    long_description: LangMap = _text()
    features: LangMap = _text()  # a language's features, one a line
    license: str | None = _scalar()  # an SPDX expression, or None: never a guess
    license_text: str | None = _scalar()  # the licence as the source wrote it
    development_status: str | None = _scalar()  # publiccode.yml developmentStatus
    software_type: str | None = _scalar()  # publiccode.yml softwareType
    software_version: str | None = _scalar()
    release_date: date | None = _scalar()
    date_created: datetime | None = _scalar()  # UTC
    date_modified: datetime | None = _scalar()  # UTC, the last push
    archived: bool | None = _scalar()
    fork: bool | None = _scalar()
    mirror: bool | None = _scalar()  # a copy that follows another repository
    template: bool | None = _scalar()  # its owners mean it to be copied as a start
    is_based_on: str | None = _scalar()
    stars: int | None = _scalar()
    has_publiccode: bool | None = _scalar()
    organisations: tuple[Organisation, ...] = _union()
    countries: tuple[str, ...] = _union()  # ISO 3166-1 alpha-2: where it is developed or meant for
    use_cases: tuple[str, ...] = _union()  # codes of vocabularies.USE_CASES
    categories: tuple[str, ...] = _union()  # publiccode.yml categories, as declared
    audiences: tuple[str, ...] = _union()  # codes of vocabularies.AUDIENCES
    topics: tuple[str, ...] = _union()
    platforms: tuple[str, ...] = _union()
    programming_languages: tuple[str, ...] = _union()
    available_languages: tuple[str, ...] = _union()  # BCP 47, of the interface
    used_by: tuple[str, ...] = _union()


FIELD_KINDS: Mapping[str, FieldKind] = {
    name: spec.metadata["kind"] for name, spec in Fields.__dataclass_fields__.items()
}
"""The merge rule of each field, in the order in which pages show them."""
