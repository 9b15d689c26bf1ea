"""A software of the Comptoir du Libre's export v1 (format "comptoir-du-libre"): who uses it, and its ids elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from harvester.model import RawItem, Reading
from harvester.normalize.draft import Draft, opened
from harvester.normalize.readers import reads
from harvester.normalize.urls import web_address
from harvester.normalize.values import mapping, text, texts

_PEOPLE = frozenset(("person", "personne", "individual"))
_KEYS = ("wikidata", "sill", "framalibre", "cnll")


@reads("comptoir-du-libre", version=3)
def read(raw: RawItem) -> Reading:
    """One record. Its ids at Wikidata, SILL, Framalibre and CNLL are strong names."""
    begun = opened(raw)
    if isinstance(begun, Reading):
        return begun
    entry, payload = begun
    entry.crosswalk("comptoir-du-libre", payload.get("id"), place="id")
    entry.values["name"] = text(payload.get("name"))
    entry.licenses([payload.get("licence")], place="licence")
    resources = _object(entry, payload, "external_resources")
    found = {key: _object(entry, resources, key, within="external_resources.") for key in _KEYS}
    entry.wikidata(found["wikidata"].get("id"), place="external_resources.wikidata.id")
    entry.crosswalk("sill", found["sill"].get("id"), place="external_resources.sill.id")
    entry.crosswalk("framalibre", found["framalibre"].get("slug"), place="external_resources.framalibre.slug")
    entry.crosswalk("cnll", _last_of(found["cnll"].get("url")), place="external_resources.cnll.url")
    entry.repository(resources.get("repository"), place="external_resources.repository")
    entry.website(resources.get("website"), place="external_resources.website")
    entry.values["logo"] = web_address(payload.get("logoUrl"))
    entry.values["topics"] = texts(payload.get("keywords"))
    entry.values["used_by"] = texts(list(_users(payload.get("users"))))
    return entry.reading(read.name)


def _object(entry: Draft, value: Mapping[str, Any], key: str, *, within: str = "") -> Mapping[str, Any]:
    """An object. PHP writes an empty one as []; what is anything else becomes an issue."""
    told = value.get(key)
    if not isinstance(told, Mapping) and told not in (None, []):
        entry.doubt("wrong-type", place=within + key, value=told, wanted="object")
    return mapping(told)


def _last_of(value: Any) -> str | None:
    """The last part of an address's path, which is the entry's id at the CNLL."""
    address = web_address(value)
    return urlsplit(address).path.rstrip("/").rpartition("/")[2] or None if address else None


def _users(value: Any) -> Iterator[str]:
    """Names of bodies; people who signed up as users are left out."""
    for each in value if isinstance(value, list) else ():
        told = mapping(each)
        name, kind = text(told.get("name")), text(told.get("type")) or ""
        if name and kind.lower() not in _PEOPLE:
            yield name
