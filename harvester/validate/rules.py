"""The rules that a value must keep, each with its message and its remedy.

The messages are the official validator's. A rule takes the value and its argument; an absent value keeps every rule but
those that require it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from harvester.validate import addresses, licenses
from harvester.validate.graphemes import count
from harvester.validate.languages import is_tag
from harvester.validate.schema import Rule
from harvester.validate.vocabulary import countries, ipa_codes, terms

_STANDARD = "https://github.com/publiccodeyml/publiccode.yml/blob/main/docs/standard"
_IPA = "https://github.com/publiccodeyml/italian-organizations-ipa-vocabulary"
_MEDIA_TYPE = re.compile(r" *[A-Za-z0-9][A-Za-z0-9!#$&^_-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126} *")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ITALIAN_BODY = "urn:x-italian-pa:"


@dataclass(frozen=True, slots=True)
class Kept:
    """How a rule is judged: `holds(value, argument)`, the message and remedy with {0} for the key, {1} for the
    argument."""

    holds: Callable[[Any, str], bool]
    message: str
    remedy: str


def _is_date(value: str, _: str) -> bool:
    if _DATE.fullmatch(value) is None or not value.isascii():
        return False
    try:
        date.fromisoformat(value if value[:4] != "0000" else "2000" + value[4:])
    except ValueError:
        return False
    return True


def _is_country(value: str, _: str) -> bool:
    return value in (value.lower(), value.upper()) and value.upper() in countries()


def _is_organisation(value: str, _: str) -> bool:
    try:
        url = addresses.parse(value, absolute=True)
    except ValueError:
        return False
    if url.scheme != "urn":
        return bool(value and url.scheme and url.host)
    if not addresses.is_urn(value):
        return False
    if value.lower().startswith(_ITALIAN_BODY):
        return value[len(_ITALIAN_BODY) :].lower() in ipa_codes()
    return True


def _is_supported(value: str, _: str) -> bool:
    if value.startswith("alias:"):
        return value.removeprefix("alias:") in terms("supports")
    try:
        return bool(addresses.parse(value, absolute=True).scheme)
    except ValueError:
        return False


RULES: Mapping[str, Kept] = {
    "required": Kept(lambda value, _: value is not None and value != "", "{0} is a required field", "write {0}: …"),
    "some": Kept(lambda value, _: bool(value), "{0} must contain more than 0 items", "list at least one below {0}"),
    "one_of": Kept(
        lambda value, words: value in words.split(), "{0} must be one of the following: {1}", "write one of: {1}"
    ),
    "at_most": Kept(
        lambda value, most: count(value) <= int(most),
        "{0} must be a maximum of {1} characters in length",
        "shorten it to {1} characters",
    ),
    "at_least": Kept(
        lambda value, least: count(value) >= int(least),
        "{0} must be at least {1} characters in length",
        "say more, in at least {1} characters",
    ),
    "date": Kept(_is_date, "{0} must be a date with format 'YYYY-MM-DD'", "write it as 2026-01-31"),
    "email": Kept(
        lambda value, _: addresses.is_mail(value), "{0} must be a valid email address", "write name@example.org"
    ),
    "address": Kept(
        lambda value, _: value is not None and addresses.is_address(value),
        "{0} must be a valid URL",
        "write the whole address, https://…",
    ),
    "web_address": Kept(
        lambda value, _: addresses.is_web_address(value),
        "{0} must be an HTTP URL",
        "write the whole address, https://…, or leave the key out",
    ),
    "media_type": Kept(
        lambda value, _: _MEDIA_TYPE.fullmatch(value) is not None,
        "{0} is not a valid MIME type",
        "drop the key: it is deprecated",
    ),
    "category": Kept(
        lambda value, _: value in terms("categories"),
        "{0} must be a valid category (see " + _STANDARD + "/categories-list.rst)",
        "choose from the list",
    ),
    "scope": Kept(
        lambda value, _: value in terms("scopes"),
        "{0} must be a valid scope (see " + _STANDARD + "/scope-list.rst)",
        "choose from the list",
    ),
    "country": Kept(
        _is_country, "{0} must be a valid ISO 3166-1 alpha-2 two-letter country code", "two capitals, such as IT"
    ),
    "language": Kept(lambda value, _: is_tag(value), "{0} must be a valid BCP 47 language", "write a tag such as it"),
    "languages": Kept(
        lambda value, _: all(map(is_tag, value)),
        "{0} must be a valid BCP 47 language",
        "name each description by a language tag, such as it",
    ),
    "license": Kept(
        lambda value, _: licenses.is_expression(value),
        "{0} must be a valid license (see https://spdx.org/licenses)",
        "write an identifier such as EUPL-1.2",
    ),
    "ipa_code": Kept(
        lambda value, _: value.lower() in ipa_codes(),
        "{0} must be a valid Italian Public Administration Code (iPA) (see " + _IPA + ")",
        "look the code up in the register of Italian public bodies",
    ),
    "organisation": Kept(_is_organisation, "{0} is not a valid URI", "write https://… or urn:x-italian-pa:CODE"),
    "supported": Kept(
        _is_supported,
        "{0} contains an unknown alias (see " + _STANDARD + "/aliases-list.rst)",
        "choose from the list, or write the address of what is supported",
    ),
    "required_if": Kept(
        lambda value, _: value is not None, '{0} is a required field when "{1}" is "{2}"', "list them below {0}"
    ),
    "only_if": Kept(
        lambda value, _: value is None, '{0} must not be present unless "{1}" is "{2}"', "drop {0}, or write {1}: {2}"
    ),
}


def said(rule: Rule, name: str, value: Any) -> tuple[str, str]:
    """(the message, the remedy) of a rule that a key's value broke."""
    kept = RULES[rule.name]
    if rule.name in ("required_if", "only_if"):
        words = rule.argument.split()
        return kept.message.format(name, *words), kept.remedy.format(name, *words)
    if rule.name == "one_of":
        *others, last = rule.argument.split()
        listed = '"' + '", "'.join(others) + f'" or "{last}"'
        return kept.message.format(name, listed), kept.remedy.format(name, ", ".join([*others, last]))
    message = kept.message
    if rule.name == "organisation" and str(value).startswith(_ITALIAN_BODY):
        message = (
            "{0} must be a valid Italian Public Administration Code (iPA) with format 'urn:x-italian-pa:[codiceIPA]'"
            f" (see {_IPA})"
        )
    if rule.name == "supported" and not str(value).startswith("alias:"):
        message = "{0} must be a valid URI"
    return message.format(name, rule.argument), kept.remedy.format(name, rule.argument)
