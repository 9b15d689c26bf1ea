"""civic.json (format "civic-json"): BetaNYC's and the District of Columbia's, as published files write them.

Sources: the schema's first version (status, thumbnailUrl, bornAt, geography, politicalEntity, type, needs, categories)
and its revision (name, description, license, homepage, repository, tags, partners). Contacts and partners are people
as often as bodies, and are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.model import Fields, Issue, RawItem, Reading, Record
from harvester.normalize.countries import of_place
from harvester.normalize.licenses import licence
from harvester.normalize.metadata_file import (
    Content,
    FoundAt,
    Unread,
    described,
    json_object,
    labels,
    localized,
    own_page,
    page,
    read_file,
    record_of_file,
    standing,
)
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository, web_address
from harvester.normalize.values import prose, text

PRIORITY = 64
_STATUSES = {
    "ideation": "concept",
    "alpha": "development",
    "development": "development",
    "in progress": "development",
    "experiment": "development",
    "beta": "beta",
    "production": "stable",
    "deployed": "stable",
    "archival": "obsolete",
    "archived": "obsolete",
}
_TYPES = {
    "web app": "standalone/web",
    "website": "standalone/web",
    "web tool": "standalone/web",
    "mobile app": "standalone/mobile",
    "desktop app": "standalone/desktop",
    "api": "standalone/backend",
    "library": "library",
}


@reads("civic-json", version=3)
def read(raw: RawItem) -> Reading:
    """One record. context: {"repository": where the file was found, or null}. What names nothing is refused."""
    return read_file(raw, record_of)


def record_of(content: Content, place: FoundAt) -> tuple[Record, tuple[Issue, ...]]:
    """The record of a file, and its faults. Raises InputError when it cannot be read or names nothing."""
    value, issues = json_object(content)
    declared = text(value.get("repository"))
    about = standing(declared, place, key="repository")
    name = prose(value.get("name")) or (about.code_repository or "").rpartition("/")[2] or None
    if name is None:
        raise Unread(Issue.of("no-name", place="name"))
    short, long = described(localized(value.get("description")))
    faults: list[Issue] = []
    stated = licence([value.get("license")], faults, place="license")
    categories = _categories(value.get("categories"))
    topics = labels(value.get("tags"))
    status, status_issues = _status(value.get("status"))
    fields = Fields(
        name=name[:200],
        kind="software" if about.code_repository else None,
        code_repository=about.code_repository,
        url=declared if place.repository and declared and canonical_repository(declared) else None,
        landing_url=own_page(page(value.get("homepage")), about),
        logo=web_address(value.get("thumbnailUrl")) or web_address(value.get("thumbnail")),
        short_description=short,
        long_description=long,
        **stated,
        development_status=status,
        software_type=_TYPES.get((text(value.get("type")) or "").lower()),
        countries=_countries(value.get("geography"), place),
        categories=categories,
        topics=topics,
    )
    record = record_of_file("civic.json", read.name, fields, about, priority=PRIORITY)
    return record, (*issues, *about.issues, *faults, *status_issues)


def _categories(value: Any) -> tuple[str, ...]:
    """Categories as texts, or as objects {"category": text}."""
    items = value if isinstance(value, list) else [value]
    plain = [item.get("category") if isinstance(item, Mapping) else item for item in items]
    return labels(plain)


def _countries(value: Any, place: FoundAt) -> tuple[str, ...]:
    """Countries that the geography names whole; a city or an abbreviation names none."""
    named = [of_place(said) for said in labels(value if isinstance(value, list) else [value])]
    return tuple(dict.fromkeys(code for code in (*named, place.country) if code))


def _status(value: Any) -> tuple[str | None, tuple[Issue, ...]]:
    said = prose(value)
    found = _STATUSES.get(said.lower()) if said else None
    if said is None or found:
        return found, ()
    return None, (
        Issue.of("unknown-term", place="status", value=said, terms="Ideation, Alpha, Beta, Production, Archival"),
    )
