"""The values of a publiccode.yml with today's keys, each checked for its type and vocabulary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harvester.model import AUDIENCES, DEVELOPMENT_STATUSES, SOFTWARE_TYPES, Fields, Issue, Organisation
from harvester.normalize.countries import alpha2
from harvester.normalize.languages import tag
from harvester.normalize.licenses import licence
from harvester.normalize.personal import may_hold_mail
from harvester.normalize.publiccode_keys import SOFTWARE_TYPES_OF_OLD, STATUSES_OF_OLD
from harvester.normalize.publiccode_rules import check
from harvester.normalize.publiccode_values import Descriptions, Faults, Getter, plain
from harvester.normalize.urls import web_address

_ITALIAN_BODY = re.compile(r"^urn:x-italian-pa:", re.IGNORECASE)


def fields_of(value: Mapping[str, Any], faults: Faults) -> Fields:
    """The fields; what is wrong with the others goes to `faults`."""
    get = Getter(value, faults)
    texts = Descriptions(get.descriptions(), faults)
    check(value, get, faults)
    legal = get.mapping("legal")
    name = get.text("name") or texts.any("localisedName")
    doubts: list[Issue] = []
    stated = licence([plain(legal.get("license"))], doubts, place="legal.license")
    for doubt in doubts:
        faults.add(doubt.code, ("legal", "license"), value=doubt.value)
    return Fields(
        name=name,
        url=get.text("url"),
        landing_url=get.address("landingURL"),
        documentation=texts.address("documentation"),
        logo=_logo(get),
        short_description=texts.map("shortDescription"),
        long_description=texts.map("longDescription"),
        features=texts.lists("features"),
        **stated,
        development_status=get.word("developmentStatus", DEVELOPMENT_STATUSES, STATUSES_OF_OLD),
        software_type=get.word("softwareType", SOFTWARE_TYPES, SOFTWARE_TYPES_OF_OLD),
        software_version=get.text("softwareVersion"),
        release_date=get.date("releaseDate"),
        is_based_on=next((text for text in get.texts("isBasedOn") if web_address(text)), None),
        organisations=_organisations(value, legal),
        countries=_countries(value, get.mapping("intendedAudience"), faults),
        categories=get.texts("categories"),
        topics=get.texts("tags"),
        audiences=tuple(code for code in _scope(value, faults) if code in AUDIENCES),
        platforms=get.texts("platforms"),
        available_languages=_languages(get.mapping("localisation"), faults),
        used_by=tuple(text for text in get.texts("usedBy") if "@" not in text),
    )


def _scope(value: Mapping[str, Any], faults: Faults) -> tuple[str, ...]:
    """intendedAudience.scope, as far as it is a list of texts; what is wrong with it is the validator's to say."""
    audience = value.get("intendedAudience")
    scope = audience.get("scope") if isinstance(audience, Mapping) else None
    if scope not in (None, "") and not isinstance(scope, list):
        faults.add("wrong-type", ("intendedAudience", "scope"), value=scope, wanted="list")
    codes = scope if isinstance(scope, list) else [scope]
    return tuple(dict.fromkeys(code for code in codes if isinstance(code, str)))


def _logo(get: Getter) -> str | None:
    return web_address(get.text("logo"))  # a path inside the repository is allowed, and of no use to a page


def _organisations(value: Mapping[str, Any], legal: Mapping[str, Any]) -> tuple[Organisation, ...]:
    body = value.get("organisation")
    body = body if isinstance(body, Mapping) else {}
    uri = plain(body.get("uri"))
    name = plain(body.get("name")) or plain(legal.get("repoOwner")) or plain(legal.get("mainCopyrightOwner"))
    if uri is None:
        code = _ipa_code(value)
        uri = f"urn:x-italian-pa:{code}" if code else None
    if not name or may_hold_mail(name):
        return ()
    country = "IT" if uri and _ITALIAN_BODY.match(uri) else None
    return (Organisation(name[:200], uri, country),)


def _ipa_code(value: Mapping[str, Any]) -> str | None:
    for key in ("it", "IT"):
        italian = value.get(key)
        reuse = italian.get("riuso") if isinstance(italian, Mapping) else None
        code = reuse.get("codiceIPA") if isinstance(reuse, Mapping) else None
        if plain(code):
            return plain(code)
    return None


def _countries(value: Mapping[str, Any], audience: Mapping[str, Any], faults: Faults) -> tuple[str, ...]:
    found: dict[str, None] = {}
    declared = audience.get("countries")
    if declared not in (None, "") and not isinstance(declared, list):
        faults.add("wrong-type", ("intendedAudience", "countries"), value=declared, wanted="list")
    for place, text in enumerate(declared if isinstance(declared, list) else [declared]):
        code = alpha2(plain(text))
        if code:
            found[code] = None
        elif text is not None:
            faults.add("unknown-country", ("intendedAudience", "countries", place), value=text)
    body = value.get("organisation")
    uri = plain(body.get("uri")) if isinstance(body, Mapping) else None
    if (uri and _ITALIAN_BODY.match(uri)) or _ipa_code(value):  # an `it` section may only state what others do, too
        found.setdefault("IT")
    return tuple(found)


def _languages(localisation: Mapping[str, Any], faults: Faults) -> tuple[str, ...]:
    declared = localisation.get("availableLanguages")
    found: dict[str, None] = {}
    for place, text in enumerate(declared if isinstance(declared, list) else [declared]):
        written = plain(text)
        code = tag(written)
        if code:
            found[code] = None
        elif written:
            faults.add("unknown-language", ("localisation", "availableLanguages", place), value=written)
    return tuple(found)
