"""A publiccode.yml made of what is known of a software, where the standard asks for nothing that nobody states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from harvester.model import FIELDS, Fields, Severity
from harvester.validate.validator import validate


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A publiccode.yml made of what the catalogue knows; or, where its standard asks for more, `missing` says what."""

    text: str
    missing: tuple[str, ...]


def publiccode(fields: Fields) -> MadeFile:
    """The file, where it needs nothing that nobody states. What the validator refuses of optional keys is left out."""
    document = document_of(fields)
    for _ in range(len(FIELDS)):
        text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)
        wrong = [one.key for one in validate(text.encode()).results if one.severity is Severity.ERROR]
        optional = [key for key in wrong if _there(document, key)]
        if not optional:
            return MadeFile("" if wrong else text, tuple(dict.fromkeys(wrong)))
        for key in optional:
            _drop(document, key)
    return MadeFile("", ("publiccodeYmlVersion",))  # pragma: no cover - each round drops a key


def document_of(fields: Fields) -> dict[str, Any]:
    """What is known, by the keys of publiccode.yml."""
    description = {
        tag: {
            "shortDescription": text,
            **({"longDescription": fields.long_description[tag]} if tag in fields.long_description else {}),
            **({"features": fields.features[tag].splitlines()} if tag in fields.features else {}),
            **({"documentation": fields.documentation} if fields.documentation else {}),
        }
        for tag, text in fields.short_description.items()
        if tag != "und"
    }
    languages = list(fields.available_languages)
    said = {
        "publiccodeYmlVersion": "0",
        "name": fields.name,
        "url": fields.code_repository,
        "landingURL": fields.landing_url,
        "isBasedOn": fields.is_based_on,
        "softwareVersion": fields.software_version,
        "releaseDate": fields.release_date.isoformat() if fields.release_date else None,
        "platforms": list(fields.platforms),
        "categories": list(fields.categories),
        "usedBy": list(fields.used_by),
        "developmentStatus": fields.development_status,
        "softwareType": fields.software_type,
        "description": description,
        "legal": {"license": fields.license} if fields.license else None,
        "localisation": {"availableLanguages": languages} if languages else None,
    }
    return {key: value for key, value in said.items() if value}


def _there(document: Mapping[str, Any], key: str) -> bool:
    place: Any = document
    for part in key.split("."):
        name, _, _ = part.partition("[")
        if not isinstance(place, Mapping) or name not in place:
            return False
        place = place[name]
    return True


def _drop(document: dict[str, Any], key: str) -> None:
    *above, last = (part.partition("[")[0] for part in key.split("."))
    place: Any = document
    for part in above:
        place = place[part]
    place.pop(last, None)
