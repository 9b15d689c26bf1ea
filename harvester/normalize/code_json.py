"""code.json (format "code-json"): a release of an inventory, or one project's own file.

Sources: the schemas 1.0.0 and 2.0.0 of code.gov (inventories), 0.x to 2.x of the US Centers for Medicare & Medicaid
Services (one project, at the root of its repository), and the Open Resource Exchange's (texts in English and French).
Contacts are personal data and are not read. Inventories are taken apart in code_json_inventory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from harvester.model import SOFTWARE_TYPES, Issue, LangMap, Organisation, RawItem, Reading
from harvester.normalize.code_json_inventory import AGENCIES, REPOSITORY_KEYS, releases
from harvester.normalize.draft import Draft, FoundAt, skipped
from harvester.normalize.metadata_file import Content, Unread, json_value, read_file
from harvester.normalize.readers import reads
from harvester.normalize.urls import web_address
from harvester.normalize.values import (
    country_of,
    described,
    labels,
    localized,
    mapping,
    one_of,
    page,
    prose,
    text,
    type_of,
)

__all__ = ["read", "reading_of", "releases"]

PRIORITY = 60  # an inventory's entry; the repository's own file says it better
PRIORITY_IN_REPOSITORY = 68
_STATUSES = {
    "ideation": "concept",
    "development": "development",
    "alpha": "development",
    "beta": "beta",
    "release candidate": "beta",
    "production": "stable",
    "maintained": "stable",
    "archival": "obsolete",
    "archived": "obsolete",
    "deprecated": "obsolete",
    "retired": "obsolete",
}
_TERMS = "Ideation, Development, Alpha, Beta, Release Candidate, Production, Archival"
_NO_NAME = ("null", "none", "n/a", "na")  # as inventories fill what their form demands
_PAGE_KEYS = ("homepageURL", "homepageUrl", "homepage", "projectURL", "downloadURL", "downloadUrl")


@reads("code-json", version=4)
def read(raw: RawItem) -> Reading:
    """One record: of a release (context {"agency"?, "catalogue"?, "country"?}) or of a repository's own file
    (context {"repository"}).

    Refused is what names nothing; skipped is what is exempt from release and has no address at all.
    """
    return read_file(raw, reading_of if raw.context.get("repository") else partial(_release, raw))


def reading_of(content: Content, found: FoundAt) -> Reading:
    """One record, of one project's file. Raises InputError when it is none."""
    value, issues = json_value(content)
    for key in ("releases", "projects"):  # an inventory of one, as agencies told their projects to write at first
        if isinstance(value, dict) and isinstance(value.get(key), list) and not value.get("name"):
            value = value[key]
    if isinstance(value, list):
        if len(value) != 1:
            raise Unread(Issue.of("several-things", place="releases", count=len(value)))
        value = value[0]
    draft = _draft(value, found, issues)
    return draft.filed(read.name, key="code.json", priority=PRIORITY_IN_REPOSITORY)


def _release(raw: RawItem, content: Content, found: FoundAt) -> Reading:
    value, issues = json_value(content)
    draft = _draft(value, found, issues)
    if catalogue := text(raw.context.get("catalogue")):
        draft.named("catalogue", f"{catalogue}:{text(raw.key) or 'item'}")
    agency = text(raw.context.get("agency"))
    if agency and not draft.values["organisations"]:
        draft.values["organisations"] = (Organisation(AGENCIES.get(agency, agency), None, country_of(raw)),)
    values = draft.values
    if values["name"] and not (values.get("code_repository") or values["landing_url"]) and _is_exempt(value):
        return skipped("exempt from release, and without any address")
    return draft.filed(read.name, key="code.json", priority=PRIORITY)


def _draft(value: Any, found: FoundAt, issues: tuple[Issue, ...]) -> Draft:
    if not isinstance(value, dict) or "@value" in value:
        wrong = value.get("@value") if isinstance(value, dict) else value
        raise Unread(Issue.of("json-form", value=wrong, found=type_of(wrong)))
    draft = Draft.of_file(found)
    draft.issues += issues
    declared = next((said for key in REPOSITORY_KEYS if (said := one_of(value.get(key)))), None)
    draft.declared(declared, place="repositoryURL")
    draft.called(one_of(value.get("name")))
    # an address that is no repository's for certain is a page, too
    beside = web_address(declared) if "code_repository" not in draft.values else None
    draft.pages(*(page(value.get(key)) for key in _PAGE_KEYS), beside)
    draft.licenses(_licenses(value), place="permissions.licenses")
    draft.status(one_of(value.get("status")), _STATUSES, place="status", terms=_TERMS)
    draft.bodies(_organisations(value, found.country))
    dates = mapping(value.get("date"))
    draft.moment("date_created", dates.get("created"), place="date.created")
    draft.moment("date_modified", dates.get("lastModified"), place="date.lastModified")
    short, long = _descriptions(value)
    draft.values |= {
        "short_description": short,
        "long_description": long,
        "software_type": next((one for one in labels(value.get("softwareType")) if one in SOFTWARE_TYPES), None),
        "software_version": text(value.get("version")),
        "categories": _labels(value.get("categories")),
        "topics": _labels(value.get("tags")),
        "platforms": _labels(value.get("platforms")),
        "programming_languages": _labels(value.get("languages")) or _labels(value.get("language")),
    }
    return draft


def _descriptions(value: Mapping[str, Any]) -> tuple[LangMap, LangMap]:
    """(short, long). Canada's describe what it does and how it works."""
    said = value.get("description")
    parts = mapping(said)
    if "whatItDoes" in parts or "howItWorks" in parts:
        short, long = described(localized(parts.get("whatItDoes")))
        how = localized(parts.get("howItWorks"))
        return short or described(how)[0], {**how, **long}
    short, long = described(localized(said))
    return short, {**long, **localized(value.get("longDescription"))}


def _labels(value: Any) -> tuple[str, ...]:
    """Labels, also where they are given by language."""
    if isinstance(value, Mapping):
        return tuple(dict.fromkeys(label for inner in value.values() for label in labels(inner)))
    return labels(value)


def _licenses(value: Mapping[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    permissions = mapping(value.get("permissions"))
    listed = permissions.get("licenses") or value.get("licences") or value.get("licenses")
    pairs = [_name_and_address(one) for one in (listed if isinstance(listed, list) else [listed])]
    if not any(name or address for name, address in pairs):
        pairs = [(one_of(value.get("license_name")), None)]
        pairs += [_name_and_address(value.get("license"))] if pairs == [(None, None)] else []
    yield from pairs


def _name_and_address(value: Any) -> tuple[str | None, str | None]:
    if not isinstance(value, Mapping):
        said = prose(value)
        return (None, said) if said and web_address(said) else (said, None)
    name = prose(value.get("spdxID")) or one_of(value.get("name"))
    return None if name and name.lower() in _NO_NAME else name, one_of(value.get("URL")) or one_of(value.get("url"))


def _organisations(value: Mapping[str, Any], country: str | None) -> Iterator[Organisation]:
    """The organisation within the agency, then the agency; codes of US departments become names."""
    for key in ("organization", "organisation", "team", "agency"):
        name = one_of(value.get(key))
        if name and name != "UNKNOWN":
            yield Organisation(AGENCIES.get(name, name), None, country)


def _is_exempt(value: Mapping[str, Any]) -> bool:
    said = labels(mapping(value.get("permissions")).get("usageType") or value.get("usageType"))
    return any(one.startswith("exempt") for one in said)
