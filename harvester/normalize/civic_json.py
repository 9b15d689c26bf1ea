"""civic.json (format "civic-json"): BetaNYC's and the District of Columbia's, as published files write them.

Sources: the schema's first version (status, thumbnailUrl, bornAt, geography, politicalEntity, type, needs, categories)
and its revision (name, description, license, homepage, repository, tags, partners). Contacts and partners are people
as often as bodies, and are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.model import RawItem, Reading
from harvester.normalize.countries import of_place
from harvester.normalize.draft import Draft, FoundAt
from harvester.normalize.metadata_file import Content, json_object, read_file
from harvester.normalize.readers import reads
from harvester.normalize.urls import web_address
from harvester.normalize.values import labels, localized, page, prose, text

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


@reads("civic-json", version=5)
def read(raw: RawItem) -> Reading:
    """One record. context: {"repository": where the file was found, or null}. What names nothing is refused."""
    return read_file(raw, reading_of)


def reading_of(content: Content, found: FoundAt) -> Reading:
    """One record. Raises InputError when the file cannot be read."""
    value, issues = json_object(content)
    draft = Draft.of_file(found)
    draft.issues += issues
    draft.declared(value.get("repository"), place="repository")
    draft.pages(page(value.get("homepage")))
    draft.texts(localized(value.get("description")))
    draft.licenses([value.get("license")], place="license")
    terms = "Ideation, Alpha, Beta, Production, Archival"
    draft.status(prose(value.get("status")), _STATUSES, place="status", terms=terms)
    draft.values |= {
        "logo": web_address(value.get("thumbnailUrl")) or web_address(value.get("thumbnail")),
        "software_type": _TYPES.get((text(value.get("type")) or "").lower()),
        "countries": _countries(value.get("geography"), found),
        "categories": _categories(value.get("categories")),
        "topics": labels(value.get("tags")),
    }
    draft.called(prose(value.get("name")))
    return draft.filed(read.name, key="civic.json", priority=PRIORITY)


def _categories(value: Any) -> tuple[str, ...]:
    """Categories as texts, or as objects {"category": text}."""
    items = value if isinstance(value, list) else [value]
    plain = [item.get("category") if isinstance(item, Mapping) else item for item in items]
    return labels(plain)


def _countries(value: Any, found: FoundAt) -> tuple[str, ...]:
    """Countries that the geography names whole; a city or an abbreviation names none."""
    named = [of_place(said) for said in labels(value if isinstance(value, list) else [value])]
    return tuple(dict.fromkeys(code for code in (*named, found.country) if code))
