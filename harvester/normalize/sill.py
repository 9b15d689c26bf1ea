"""An entry of SILL, the French State's list of recommended free software (format "sill"), of today and of 2022.

Today's shape: code.gouv.fr/sill/api/sill.json. The older one, of one-letter keys, is that of etalab/sill-data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from harvester.model import Organisation, RawItem, Reading
from harvester.normalize.draft import Draft, opened
from harvester.normalize.languages import tag
from harvester.normalize.readers import reads
from harvester.normalize.urls import web_address
from harvester.normalize.values import mapping, moment, text, texts

_WIKIDATA = "wikidata"
_CATALOGUES = {"cdl": "comptoir-du-libre", "comptoir-du-libre": "comptoir-du-libre"}
_PLATFORMS = {"cloud": "web"}
_OLD_SERVICES = "https://catalogue.numerique.gouv.fr/solutions/"


@reads("sill", version=3)
def read(raw: RawItem) -> Reading:
    """One record. Ids of Wikidata and of other catalogues are strong names where they are this entry's own."""
    begun = opened(raw)
    if isinstance(begun, Reading):
        return begun
    entry, payload = begun
    entry.crosswalk("sill", payload.get("id"), place="id")
    if "i" in payload and "name" not in payload:
        _older(entry, payload)
    else:
        _todays(entry, payload)
    return entry.reading(read.name)


def _todays(entry: Draft, payload: Mapping[str, Any]) -> None:
    external = mapping(payload.get("softwareExternalData"))
    values = entry.values
    values["name"] = text(payload.get("name"))
    entry.describe(_languages(payload.get("description")))
    if not values.get("short_description"):
        entry.describe(_languages(external.get("description")))
    entry.licenses([payload.get("license") or external.get("license")], place="license")
    _sources(entry, payload, external)
    for place in (payload, external):
        entry.repository(place.get("codeRepositoryUrl"), place="codeRepositoryUrl")
        entry.website(place.get("url") or place.get("websiteUrl"), place="url")
    values["documentation"] = web_address(payload.get("softwareHelp") or external.get("documentationUrl"))
    values["logo"] = web_address(payload.get("image") or payload.get("logoUrl"))
    values["categories"] = _words(payload.get("categories") or payload.get("applicationCategories"))
    values["topics"] = _words(payload.get("keywords"))
    values["platforms"] = _platforms(payload)
    values["programming_languages"] = _words(external.get("programmingLanguages"))
    values["used_by"] = _users(payload)
    values["organisations"] = _developers(payload.get("authors") or external.get("developers"))
    latest = mapping(payload.get("latestVersion"))
    values["software_version"] = text(latest.get("semVer")) or text(latest.get("version"))
    values["release_date"] = _day(latest.get("publicationTime") or latest.get("releaseDate"))


def _sources(entry: Draft, payload: Mapping[str, Any], external: Mapping[str, Any]) -> None:
    """Where else the entry stands. What is similar to it (similarExternalSoftwares) is something else."""
    for told in (payload, external):
        slug, identifier = text(told.get("sourceSlug")), told.get("externalId")
        if slug is None or not identifier:
            continue
        if slug.lower() == _WIKIDATA:
            entry.wikidata(identifier, place="externalId")
        else:
            entry.crosswalk(_CATALOGUES.get(slug.lower(), slug.lower()), identifier, place="externalId")
    entry.wikidata(payload.get("wikidataId"), place="wikidataId")
    entry.crosswalk("comptoir-du-libre", payload.get("comptoirDuLibreId"), place="comptoirDuLibreId")
    entry.crosswalk("framalibre", external.get("framalibreId"), place="framalibreId")


def _older(entry: Draft, payload: Mapping[str, Any]) -> None:
    values = entry.values
    values["name"] = text(payload.get("i"))
    purpose = payload.get("f")
    entry.describe({"fr": payload.get("fr-desc"), "en": payload.get("en-desc")})
    if not values.get("short_description"):
        entry.describe({"fr": purpose})
    entry.describe({"fr": purpose}, name="features")
    written = text(payload.get("l"))
    entry.licenses(map(str.strip, written.split(",")) if written and written != "N/A" else (), place="l")
    entry.repository(payload.get("sources"), place="sources")
    entry.website(payload.get("website"), place="website")
    values["documentation"] = web_address(payload.get("doc"))
    values["logo"] = web_address(payload.get("logo"))
    values["categories"] = tuple(dict.fromkeys(found for key in ("se", "c") if (found := text(payload.get(key)))))
    entry.crosswalk("comptoir-du-libre", payload.get("co"), place="co")
    entry.crosswalk("framalibre", mapping(payload.get("frama")).get("encoded-name"), place="frama.encoded-name")
    listed = text(payload.get("la"))
    if listed and listed.startswith(_OLD_SERVICES):
        slug = listed.removeprefix(_OLD_SERVICES).strip("/")
        entry.crosswalk("catalogue.numerique.gouv.fr", slug, place="la")


def _languages(value: Any) -> dict[str, Any]:
    """A text by language; one without is French."""
    if isinstance(value, str):
        return {"fr": value}
    return {tag(name) or "und": said for name, said in mapping(value).items()}


def _words(value: Any) -> tuple[str, ...]:
    """Texts of a list, in which some are {"value", "language"}."""
    items = value if isinstance(value, list) else ()
    return texts([item.get("value") if isinstance(item, Mapping) else item for item in items])


def _platforms(payload: Mapping[str, Any]) -> tuple[str, ...]:
    found = [name for name, runs in mapping(payload.get("operatingSystems")).items() if runs is True]
    found += [_PLATFORMS.get(name, name) for name in _words(payload.get("runtimePlatforms"))]
    return texts(found)


def _users(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Bodies that declare to use it. (Agents are counted, never named.)"""
    found: list[Any] = list(mapping(payload.get("userAndReferentCountByOrganization")))
    instances = payload.get("instances")
    found += [mapping(each).get("organization") for each in instances] if isinstance(instances, list) else []
    return texts(found)


def _developers(value: Any) -> tuple[Organisation, ...]:
    """Bodies alone: of an author who may be a person nothing is taken."""

    def found() -> Iterator[Organisation]:
        for each in value if isinstance(value, list) else ():
            told = mapping(each)
            name = text(told.get("name"))
            if name and told.get("@type") == "Organization":
                yield Organisation(name, web_address(told.get("url")))

    return tuple(dict.fromkeys(found()))


def _day(value: Any) -> date | None:
    """The day of a time in milliseconds since 1970, or of an ISO 8601 one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / 1000, UTC).date()
        except (ValueError, OverflowError, OSError):
            return None
    found = moment(value)
    return found.date() if found else None
