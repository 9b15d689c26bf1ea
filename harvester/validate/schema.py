"""What a publiccode.yml may hold: its keys in the standard's order, their types and rules, as data.

Source: the standard's core schema, version 0.7, with the keys of older versions that are still understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

VERSIONS = (
    "0", "0.2", "0.2.0", "0.2.1", "0.2.2", "0.3", "0.3.0", "0.4", "0.4.0", "0.5.0", "0.5", "0.7.0", "0.7",
)  # fmt: skip
LATEST = "0.7"


@dataclass(frozen=True, slots=True)
class PlainText:
    """A single value, as text."""


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""


@dataclass(frozen=True, slots=True)
class Address:
    """A URL."""


@dataclass(frozen=True, slots=True)
class AddressList:
    """A URL, or a list of them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its name in `rules`, and what it takes."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A key's type and rules.

    `each` are the rules of a list's items. `present` says that an empty text counts as written (the rules then apply
    to it), else it counts as missing. `always` is a mapping whose rules apply also when it is missing.
    """

    type: Type
    rules: tuple[Rule, ...] = ()
    each: tuple[Rule, ...] = ()
    present: bool = False
    always: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    of: Type


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping of known keys."""

    fields: Mapping[str, Field] = field(hash=False)


@dataclass(frozen=True, slots=True)
class ByLanguage:
    """A mapping from language tags to mappings of known keys."""

    of: Keys


Type = PlainText | Flag | Address | AddressList | Items | Keys | ByLanguage

_REQUIRED = Rule("required")
_WEB = Rule("web_address")
_TEXT = Field(PlainText(), present=True)
_FLAG = Field(Flag())
_TEXTS = Field(Items(PlainText()))


def _texts(*each: Rule) -> Field:
    return Field(Items(PlainText()), each=each)


def _one_of(words: str) -> Rule:
    return Rule("one_of", words)


_ORGANISATION = Keys({"name": _TEXT, "uri": Field(PlainText(), (_REQUIRED, Rule("organisation")))})
_DESCRIPTION = Keys(
    {
        "localisedName": _TEXT,
        "genericName": Field(PlainText(), (Rule("at_most", "35"),)),
        "shortDescription": Field(PlainText(), (_REQUIRED, Rule("at_most", "150"))),
        "longDescription": Field(PlainText(), (_REQUIRED, Rule("at_least", "150"), Rule("at_most", "10000"))),
        "documentation": Field(Address(), (_WEB,)),
        "apiDocumentation": Field(Address(), (_WEB,)),
        "features": Field(Items(PlainText()), (Rule("some"),)),
        "screenshots": _TEXTS,
        "videos": Field(Items(Address()), each=(_WEB,)),
        "awards": _TEXTS,
    }
)
_CONTRACTOR = Keys(
    {
        "name": Field(PlainText(), (_REQUIRED,)),
        "email": Field(PlainText(), (Rule("email"),), present=True),
        "website": Field(Address(), (_WEB,)),
        "until": Field(PlainText(), (_REQUIRED, Rule("date"))),
    }
)
_CONTACT = Keys(
    {
        "name": Field(PlainText(), (_REQUIRED,)),
        "email": Field(PlainText(), (Rule("email"),), present=True),
        "affiliation": _TEXT,
        "phone": _TEXT,
    }
)
_DEPENDENCY = Keys(
    {
        "name": Field(PlainText(), (_REQUIRED,)),
        "versionMin": _TEXT,
        "versionMax": _TEXT,
        "optional": _FLAG,
        "version": _TEXT,
    }
)
_ITALY = Keys({
    "countryExtensionVersion": Field(PlainText(), (_one_of("0.2 1.0"),), present=True),
    "conforme": Field(Keys({
        "lineeGuidaDesign": _FLAG, "modelloInteroperabilita": _FLAG, "misureMinimeSicurezza": _FLAG, "gdpr": _FLAG,
    })),
    "riuso": Field(Keys({"codiceIPA": Field(PlainText(), (Rule("ipa_code"),))}), always=True),
    "piattaforme": Field(Keys(dict.fromkeys(("spid", "pagopa", "cie", "anpr", "io"), _FLAG)), always=True),
})  # fmt: skip
PUBLICCODE = Keys({
    "publiccodeYmlVersion": Field(PlainText(), (_REQUIRED, _one_of(" ".join(VERSIONS)))),
    "name": Field(PlainText(), (_REQUIRED,)),
    "applicationSuite": Field(PlainText()),
    "url": Field(Address(), (_REQUIRED, Rule("address"))),
    "landingURL": Field(Address(), (_WEB,)),
    "isBasedOn": Field(AddressList(), each=(Rule("address"),)),
    "softwareVersion": Field(PlainText()),
    "releaseDate": Field(PlainText(), (Rule("date"),), present=True),
    "logo": _TEXT,
    "monochromeLogo": _TEXT,
    "organisation": Field(_ORGANISATION),
    "inputTypes": _texts(Rule("media_type")),
    "outputTypes": _texts(Rule("media_type")),
    "platforms": Field(Items(PlainText()), (Rule("some"),)),
    "categories": _texts(Rule("category")),
    "usedBy": _TEXTS,
    "fundedBy": Field(Items(_ORGANISATION)),
    "roadmap": Field(Address(), (_WEB,)),
    "developmentStatus": Field(PlainText(), (_REQUIRED, _one_of("concept development beta stable obsolete"))),
    "softwareType": Field(PlainText(), (_REQUIRED, _one_of(
        "standalone/mobile standalone/iot standalone/desktop standalone/web standalone/backend standalone/other"
        " addon library configurationFiles"
    ))),
    "supports": Field(Items(Keys({"id": Field(PlainText(), (_REQUIRED, Rule("supported")))}))),
    "intendedAudience": Field(Keys({
        "scope": _texts(Rule("scope")),
        "countries": _texts(Rule("country")),
        "unsupportedCountries": _texts(Rule("country")),
    })),
    "description": Field(ByLanguage(_DESCRIPTION), (Rule("some"), Rule("languages"))),
    "legal": Field(Keys({
        "license": Field(PlainText(), (_REQUIRED, Rule("license"))),
        "mainCopyrightOwner": _TEXT,
        "repoOwner": _TEXT,
        "authorsFile": _TEXT,
    }), always=True),
    "maintenance": Field(Keys({
        "type": Field(PlainText(), (_REQUIRED, _one_of("internal contract community none"))),
        "contractors": Field(Items(_CONTRACTOR), (
            Rule("required_if", "type contract"), Rule("only_if", "type contract"),
        )),
        "contacts": Field(Items(_CONTACT), (
            Rule("required_if", "type community"), Rule("required_if", "type internal"),
        )),
    }), always=True),
    "localisation": Field(Keys({
        "localisationReady": Field(Flag(), (_REQUIRED,)),
        "availableLanguages": Field(Items(PlainText()), (_REQUIRED, Rule("some")), each=(Rule("language"),)),
    }), always=True),
    "dependsOn": Field(Keys(dict.fromkeys(("open", "proprietary", "hardware"), Field(Items(_DEPENDENCY))))),
    "IT": Field(_ITALY),
    "it": Field(_ITALY),
})  # fmt: skip
