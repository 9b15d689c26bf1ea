"""The fields of a piece of civic software, each declared once, by the names of publiccode.yml.

The names are snake_case here and camelCase in JSON; where publiccode.yml is silent they are CodeMeta's or schema.org's
(codeRepository, programmingLanguage). Unknown is None or an empty collection, never "".

A line of `Fields` says how several sources' values become one (scalar, union, text), of which type a value is, and
where it is shown. JSON and back, merging, provenance, the record page, lists, CSV, the API and its description and the
completeness of an entry all follow from it. The order of the lines is the order in which pages show fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Flag, StrEnum, auto
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

LangMap = Mapping[str, str]
"""Text by BCP 47 tag; `und` where the language is not stated."""


class FieldKind(StrEnum):
    """How several sources' values of one field become one."""

    SCALAR = "scalar"  # the source of highest priority wins, the others are kept as losing values
    UNION = "union"  # every value stands, each with its sources
    TEXT = "text"  # a scalar for each language


class ValueType(StrEnum):
    """What one value of a field is: a scalar, one of a union's, or one language's text."""

    TEXT = "text"
    ADDRESS = "address"  # an absolute http(s) URL
    COUNTRY = "country"  # ISO 3166-1 alpha-2
    LANGUAGE = "language"  # BCP 47
    FLAG = "flag"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"  # UTC
    ORGANISATION = "organisation"


class Place(Flag):
    """Where a field is shown, asked for or looked at."""

    PANEL = auto()  # the record page's panel of facts
    UNSTATED = auto()  # the panel says "not stated" where no source knows it
    REVIEW = auto()  # what a reviewer sees of what would be published
    LIST = auto()  # an item of a list: the index's document, the API's item, a column of the CSV
    LINE = auto()  # the line of facts of a result
    SEARCH = auto()  # its words are searched
    WANTED = auto()  # completeness asks everything for it
    WANTED_OF_CODE = auto()  # completeness asks software with public source code for it
    TOLD = auto()  # the record page tells its maintainers where it is wanted and missing
    GUARDED = auto()  # a source that is not trusted changes it in nothing that is published


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredField:
    """What is declared of a field. Its label is the words of the key "field.<name>".

    `json` is its name in JSON, `schema` schema.org's property of the same meaning, `vocabulary` the name of one in
    `vocabularies.VOCABULARIES` whose codes are its values. `written` names the field that holds it as the source wrote
    it, shown where no value of this one is certain.
    """

    name: str
    kind: FieldKind
    type: ValueType
    json: str
    places: Place
    vocabulary: str | None = None
    schema: str | None = None
    written: str | None = None

    @property
    def label(self) -> str:
        """The key of its label's words."""
        return f"field.{self.name}"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body that develops or publishes the software. `country` is ISO 3166-1 alpha-2.

    `kind` is a code of vocabularies.ORGANISATION_KINDS, None where nothing tells.
    """

    name: str
    uri: str | None = None
    country: str | None = None
    kind: str | None = None


_NOWHERE = Place(0)


def _scalar(places: Place = _NOWHERE, type: ValueType = ValueType.TEXT, **more: str) -> Any:
    return field(default=None, metadata={"kind": FieldKind.SCALAR, "places": places, "type": type, **more})


def _union(places: Place = _NOWHERE, type: ValueType = ValueType.TEXT, **more: str) -> Any:
    return field(default=(), metadata={"kind": FieldKind.UNION, "places": places, "type": type, **more})


def _text(places: Place = _NOWHERE, **more: str) -> Any:
    return field(default_factory=dict, metadata={"kind": FieldKind.TEXT, "places": places, **more})


_ADDRESS, _COUNTRY, _LANGUAGE = ValueType.ADDRESS, ValueType.COUNTRY, ValueType.LANGUAGE
_PANEL, _REVIEW, _LIST, _LINE, _SEARCH = Place.PANEL, Place.REVIEW, Place.LIST, Place.LINE, Place.SEARCH
_UNSTATED, _WANTED, _OF_CODE, _TOLD = Place.UNSTATED, Place.WANTED, Place.WANTED_OF_CODE, Place.TOLD
_GUARDED = Place.GUARDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What is said of one software or service, by one source or by all of them merged."""

    name: str | None = _scalar(_REVIEW | _LIST | _SEARCH | _WANTED | _GUARDED, schema="name")
    # "software" (source code is public) or "service"
    kind: str | None = _scalar(_REVIEW | _LIST | _GUARDED, vocabulary="kind")
    # what it is: an application, a library, documentation …; concluded where no source says it
    artefact: str | None = _scalar(_REVIEW | _PANEL | _LIST | _LINE, vocabulary="artefact")
    short_description: LangMap = _text(_REVIEW | _LIST | _SEARCH | _WANTED | _TOLD | _GUARDED, schema="description")
    long_description: LangMap = _text(_SEARCH | _WANTED | _GUARDED)
    features: LangMap = _text(_SEARCH | _GUARDED, schema="featureList")  # a language's features, one a line
    use_cases: tuple[str, ...] = _union(_REVIEW | _LIST | _SEARCH | _WANTED, vocabulary="use_case")
    # an SPDX expression, or None: never a guess
    license: str | None = _scalar(
        _PANEL | _UNSTATED | _REVIEW | _LIST | _LINE | _OF_CODE | _TOLD | _GUARDED,
        schema="license",
        written="license_text",
    )
    license_text: str | None = _scalar(_LIST | _GUARDED)  # the licence as the source wrote it
    # False: the forge looked into the repository and found no licence at all; None: nobody looked
    has_license: bool | None = _scalar(_LIST)
    organisations: tuple[Organisation, ...] = _union(
        _PANEL | _UNSTATED | _REVIEW | _LIST | _SEARCH | _WANTED | _GUARDED, schema="producer"
    )
    # where it is developed or meant for
    countries: tuple[str, ...] = _union(_PANEL | _REVIEW | _LIST | _WANTED, _COUNTRY, schema="countryOfOrigin")
    development_status: str | None = _scalar(
        _PANEL | _REVIEW | _LIST | _OF_CODE | _TOLD, vocabulary="development_status", schema="creativeWorkStatus"
    )
    software_type: str | None = _scalar(
        _PANEL | _REVIEW | _OF_CODE, vocabulary="software_type", schema="applicationCategory"
    )
    # of the interface
    available_languages: tuple[str, ...] = _union(
        _PANEL | _UNSTATED | _REVIEW | _LIST | _LINE | _WANTED | _TOLD, _LANGUAGE, schema="availableLanguage"
    )
    programming_languages: tuple[str, ...] = _union(
        _PANEL | _REVIEW | _LIST | _LINE | _OF_CODE, schema="programmingLanguage"
    )
    platforms: tuple[str, ...] = _union(_PANEL | _OF_CODE, schema="operatingSystem")
    audiences: tuple[str, ...] = _union(_PANEL, vocabulary="audience", schema="audience")
    software_version: str | None = _scalar(_PANEL, schema="softwareVersion")
    release_date: date | None = _scalar(_PANEL, schema="datePublished")
    date_created: datetime | None = _scalar(_PANEL, schema="dateCreated")
    date_modified: datetime | None = _scalar(_PANEL | _LIST | _OF_CODE, schema="dateModified")  # the last push
    stars: int | None = _scalar(_PANEL | _LIST)
    is_based_on: str | None = _scalar(_PANEL | _GUARDED, _ADDRESS, schema="isBasedOn")
    categories: tuple[str, ...] = _union(_PANEL)  # publiccode.yml categories, as declared
    # canonical
    code_repository: str | None = _scalar(_REVIEW | _LIST | _OF_CODE | _GUARDED, _ADDRESS, schema="codeRepository")
    landing_url: str | None = _scalar(_REVIEW | _LIST | _WANTED | _TOLD | _GUARDED, _ADDRESS, schema="url")
    documentation: str | None = _scalar(_OF_CODE | _GUARDED, _ADDRESS, schema="softwareHelp")
    logo: str | None = _scalar(_GUARDED, type=_ADDRESS, schema="image")
    # the repository as publiccode.yml's `url` declares it, which may be another one; an entry's `url` is its own
    url: str | None = _scalar(_GUARDED, json="declaredUrl")
    # products, often proprietary ones, that it can stand in for
    replaces: tuple[str, ...] = _union(_PANEL | _REVIEW | _LIST | _SEARCH)
    topics: tuple[str, ...] = _union(_REVIEW | _LIST | _SEARCH, schema="keywords")
    used_by: tuple[str, ...] = _union(_LIST)
    archived: bool | None = _scalar()
    fork: bool | None = _scalar()
    mirror: bool | None = _scalar()  # a copy that follows another repository
    template: bool | None = _scalar()  # its owners mean it to be copied as a start
    has_publiccode: bool | None = _scalar(_LIST)


_TYPES: Mapping[Any, ValueType] = {
    bool: ValueType.FLAG,
    int: ValueType.NUMBER,
    date: ValueType.DAY,
    datetime: ValueType.MOMENT,
    Organisation: ValueType.ORGANISATION,
}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _one_value(annotation: Any) -> Any:
    """The Python type of one value: of `X | None` and `tuple[X, ...]` X."""
    if isinstance(annotation, UnionType):
        return next(one for one in get_args(annotation) if one is not NoneType)
    return get_args(annotation)[0] if get_origin(annotation) is tuple else annotation


def _declared() -> Mapping[str, DeclaredField]:
    annotations = get_type_hints(Fields)
    found = {}
    for name, spec in Fields.__dataclass_fields__.items():
        said = dict(spec.metadata)
        said["type"] = _TYPES.get(_one_value(annotations[name]), said.get("type", ValueType.TEXT))
        found[name] = DeclaredField(**{"name": name, "json": _camel(name), **said})
    return found


FIELDS: Mapping[str, DeclaredField] = _declared()
"""Each field's declaration, in the order in which pages show them."""

FIELD_KINDS: Mapping[str, FieldKind] = {name: declared.kind for name, declared in FIELDS.items()}
"""The merge rule of each field."""


@cache
def fields_in(place: Place) -> tuple[str, ...]:
    """The names of the fields that have a place, in their order."""
    return tuple(name for name, declared in FIELDS.items() if place & declared.places)
