"""A software in the words of schema.org, CodeMeta and publiccode.yml. Pure: what nobody states is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from harvester.model import FIELDS, FieldKind, Fields, LangMap, Organisation, Provenance, ValueType
from harvester.model.facets import licenses

SCHEMA = "https://schema.org"
CODEMETA = "https://w3id.org/codemeta/3.0"
_OF_CODE = frozenset(("codeRepository", "programmingLanguage", "isBasedOn"))
"""What schema.org says of SoftwareSourceCode alone."""


def json_ld(fields: Fields, *, page: str, licence_of_data: str | None = None) -> dict[str, Any]:
    """A SoftwareApplication, and the SoftwareSourceCode that it is made of where its address is known."""
    application: dict[str, Any] = {"@type": "SoftwareApplication", "@id": f"{page}#application"}
    application |= _properties(fields, lambda name: FIELDS[name].schema not in _OF_CODE)
    application.setdefault("name", page.rpartition("/")[2])
    application["mainEntityOfPage"] = page
    graph = [application]
    if fields.code_repository:
        code: dict[str, Any] = {"@type": "SoftwareSourceCode", "@id": f"{page}#code", "name": application["name"]}
        code |= _properties(fields, _is_of_code)
        code["targetProduct"] = {"@id": application["@id"]}
        graph.append(code)
    found: dict[str, Any] = {"@context": SCHEMA, "@graph": graph}
    if licence_of_data:
        found["sdLicense"] = licence_of_data
    return found


def _is_of_code(name: str) -> bool:
    declared = FIELDS[name]
    return declared.schema in _OF_CODE or declared.type is ValueType.MOMENT or name == "license"


def _properties(fields: Fields, wanted: Callable[[str], bool]) -> dict[str, Any]:
    found = {}
    for name, declared in FIELDS.items():
        value = getattr(fields, name)
        if declared.schema and wanted(name) and value not in (None, (), {}):
            found[declared.schema] = _said(name, value)
    return found


def _said(name: str, value: Any) -> Any:
    declared = FIELDS[name]
    if declared.kind is FieldKind.TEXT:
        return _texts(value)
    if name == "license":
        named = [f"https://spdx.org/licenses/{one}" for one in licenses(value) if " " not in one]
        return named[0] if named and len(licenses(value)) == 1 else value
    several = value if declared.kind is FieldKind.UNION else (value,)
    said = [_one(declared.type, name, one) for one in several]
    return said[0] if len(said) == 1 else said


def _texts(texts: LangMap) -> Any:
    said = [text if tag == "und" else {"@value": text, "@language": tag} for tag, text in texts.items()]
    return said[0] if len(said) == 1 else said


def _one(kind: ValueType, name: str, value: Any) -> Any:
    if isinstance(value, Organisation):
        address = {"url": value.uri} if value.uri and value.uri.startswith("http") else {}
        return {"@type": "Organization", "name": value.name, **address}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if kind is ValueType.COUNTRY:
        return {"@type": "Country", "identifier": value}
    return {"@type": "Audience", "audienceType": value} if name == "audiences" else value


def codemeta(fields: Fields, *, page: str) -> dict[str, Any]:
    """CodeMeta 3: schema.org's properties of the source code, in one node."""
    said = _properties(fields, lambda name: name != "countries")
    for name in ("description", "featureList"):  # plain texts there
        if isinstance(said.get(name), dict):
            said[name] = said[name]["@value"]
        elif isinstance(said.get(name), list):
            said[name] = next(iter(one["@value"] if isinstance(one, dict) else one for one in said[name]))
    if status := said.pop("creativeWorkStatus", None):
        said["developmentStatus"] = status
    return {"@context": CODEMETA, "@type": "SoftwareSourceCode", "@id": page, "name": fields.name or "", **said}


def in_page(data: Mapping[str, Any]) -> Markup:
    """JSON for a script element, which nothing in it can end."""
    text = json.dumps(data, ensure_ascii=False)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def terms(provenance: Mapping[int, Provenance]) -> Iterator[str]:
    """A line for each source that a software's values come from: what it asks of who uses them again."""
    told: dict[str, Provenance] = {one.source: one for one in provenance.values()}
    for one in told.values():
        rest = [one.terms.license or "no licence stated", one.terms.attribution, one.terms.url]
        if one.terms.share_alike:
            rest.append("share alike")
        yield f"{one.source_title} ({one.url}): {', '.join(part for part in rest if part)}"
