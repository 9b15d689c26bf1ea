"""code.json (format "code-json"): a release of an inventory, or one project's own file.

Sources: the schemas 1.0.0 and 2.0.0 of code.gov (inventories), 0.x to 2.x of the US Centers for Medicare & Medicaid
Services (one project, at the root of its repository), and the Open Resource Exchange's (texts in English and French).
Contacts are personal data and are not read. Inventories are taken apart in code_json_inventory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harvester.model import (
    SOFTWARE_TYPES,
    Fields,
    Identifier,
    Issue,
    LangMap,
    Organisation,
    Outcome,
    RawItem,
    Reading,
    Record,
)
from harvester.normalize.code_json_inventory import AGENCIES, releases
from harvester.normalize.licenses import Licence, licence
from harvester.normalize.metadata_file import (
    Content,
    FoundAt,
    Unread,
    described,
    json_value,
    labels,
    localized,
    loose_moment,
    one_of,
    page,
    read_file,
    record_of_file,
    standing,
)
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository, web_address
from harvester.normalize.values import country_of, mapping, prose, text

__all__ = ["read", "record_of", "releases"]

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
_REPOSITORY_KEYS = ("repositoryURL", "repositoryUrl", "repository", "repoURL")
_NO_NAME = ("null", "none", "n/a", "na")  # as inventories fill what their form demands
_PAGE_KEYS = ("homepageURL", "homepageUrl", "homepage", "projectURL", "downloadURL", "downloadUrl")


@reads("code-json", version=2)
def read(raw: RawItem) -> Reading:
    """One record: of a release (context {"agency"?, "catalogue"?, "country"?}) or of a repository's own file
    (context {"repository"}).

    Refused is what names nothing; skipped is what is exempt from release and has no address at all.
    """
    reading = read_file(raw, _file if raw.context.get("repository") else _release)
    if reading.outcome is not Outcome.READ:
        return reading
    (record,) = reading.records
    catalogue = text(raw.context.get("catalogue"))
    if catalogue:
        own = Identifier("catalogue", f"{catalogue}:{text(raw.key) or 'item'}")
        record = replace(record, identifiers=(*record.identifiers, own))
    agency = text(raw.context.get("agency"))
    if agency and not record.fields.organisations:
        organisation = Organisation(AGENCIES.get(agency, agency), None, country_of(raw))
        record = replace(record, fields=replace(record.fields, organisations=(organisation,)))
    if not (record.fields.code_repository or record.fields.landing_url) and _exempt(raw):
        return Reading(outcome=Outcome.SKIPPED, reason="exempt from release, and without any address")
    return replace(reading, records=(record,))


def record_of(content: Content, place: FoundAt) -> tuple[Record, tuple[Issue, ...]]:
    """The record of one project's file. Raises InputError when it is none."""
    return _file(content, place)


def _file(content: Content, place: FoundAt) -> tuple[Record, tuple[Issue, ...]]:
    value, issues = json_value(content)
    for key in ("releases", "projects"):  # an inventory of one, as agencies told their projects to write at first
        if isinstance(value, dict) and isinstance(value.get(key), list) and not value.get("name"):
            value = value[key]
    if isinstance(value, list):
        if len(value) != 1:
            raise Unread(Issue.of("several-things", place="releases", count=len(value)))
        value = value[0]
    record, more = _record(value, place)
    return replace(record, priority=PRIORITY_IN_REPOSITORY), (*issues, *more)


def _release(content: Content, place: FoundAt) -> tuple[Record, tuple[Issue, ...]]:
    value, issues = json_value(content)
    record, more = _record(value, place)
    return record, (*issues, *more)


def _record(value: Any, place: FoundAt) -> tuple[Record, tuple[Issue, ...]]:
    if not isinstance(value, dict) or "@value" in value:
        wrong = value.get("@value") if isinstance(value, dict) else value
        raise Unread(Issue.of("json-form", value=wrong, found=type(wrong).__name__))
    declared = next((said for key in _REPOSITORY_KEYS if (said := one_of(value.get(key)))), None)
    about = standing(declared, place, key="repositoryURL")
    name = one_of(value.get("name")) or (about.code_repository or "").rpartition("/")[2] or None
    if name is None:
        raise Unread(Issue.of("no-name", place="name"))
    issues = list(about.issues)
    short, long = _descriptions(value)
    topics = _labels(value.get("tags"))
    categories = _labels(value.get("categories"))
    stated = _licence(value, issues)
    dates = mapping(value.get("date"))
    organisations = _organisations(value, place.country)
    fields = Fields(
        name=name[:200],
        kind="software" if about.code_repository else None,
        code_repository=about.code_repository,
        url=declared if place.repository and declared and canonical_repository(declared) else None,
        landing_url=_landing(value, declared, code_repository=about.code_repository),
        short_description=short,
        long_description=long,
        **stated,
        development_status=_status(value.get("status"), issues),
        software_type=next((one for one in labels(value.get("softwareType")) if one in SOFTWARE_TYPES), None),
        software_version=text(value.get("version")),
        date_created=loose_moment(dates.get("created")),
        date_modified=loose_moment(dates.get("lastModified")),
        organisations=organisations,
        countries=(place.country,) if place.country else (),
        categories=categories,
        topics=topics,
        platforms=_labels(value.get("platforms")),
        programming_languages=_labels(value.get("languages")) or _labels(value.get("language")),
    )
    return record_of_file("code.json", read.name, fields, about, priority=PRIORITY), tuple(issues)


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


def _licence(value: Mapping[str, Any], issues: list[Issue]) -> Licence:
    permissions = mapping(value.get("permissions"))
    listed = permissions.get("licenses") or value.get("licences") or value.get("licenses")
    pairs = [_name_and_address(one) for one in (listed if isinstance(listed, list) else [listed])]
    if not any(name or address for name, address in pairs):
        pairs = [(one_of(value.get("license_name")), None)]
        pairs += [_name_and_address(value.get("license"))] if pairs == [(None, None)] else []
    return licence(pairs, issues, place="permissions.licenses")


def _name_and_address(value: Any) -> tuple[str | None, str | None]:
    if not isinstance(value, Mapping):
        said = prose(value)
        return (None, said) if said and web_address(said) else (said, None)
    name = prose(value.get("spdxID")) or one_of(value.get("name"))
    return None if name and name.lower() in _NO_NAME else name, one_of(value.get("URL")) or one_of(value.get("url"))


def _status(value: Any, issues: list[Issue]) -> str | None:
    said = one_of(value)
    found = _STATUSES.get(said.lower()) if said else None
    if said and found is None:
        issues.append(
            Issue.of(
                "unknown-term",
                place="status",
                value=said,
                terms="Ideation, Development, Alpha, Beta, Release Candidate, Production, Archival",
            )
        )
    return found


def _landing(value: Mapping[str, Any], declared: str | None, *, code_repository: str | None) -> str | None:
    """The first page that is not the repository; an address that is no repository's for certain is a page, too."""
    own = canonical_repository(code_repository) if code_repository else None
    found = [page(value.get(key)) for key in _PAGE_KEYS]
    if declared and not code_repository:
        found.append(web_address(declared))
    return next((one for one in found if one and (own is None or canonical_repository(one) != own)), None)


def _organisations(value: Mapping[str, Any], country: str | None) -> tuple[Organisation, ...]:
    """The organisation within the agency, then the agency; codes of US departments become names."""
    said = (value.get("organization"), value.get("organisation"), value.get("team"), value.get("agency"))
    found = {AGENCIES.get(name, name)[:200]: None for one in said if (name := one_of(one)) and "@" not in name}
    found.pop("UNKNOWN", None)
    return tuple(Organisation(name, None, country) for name in found)


def _exempt(raw: RawItem) -> bool:
    value, _ = json_value(raw.payload)
    said = labels(mapping(value.get("permissions")).get("usageType") or value.get("usageType"))
    return any(one.startswith("exempt") for one in said)
