"""A GitHub repository as harvester.forges asked for it (format "github"), and the metadata files in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harvester.model import Basis, Fields, Identifier, Issue, Organisation, Outcome, RawItem, Reading, Record
from harvester.normalize.countries import of_place
from harvester.normalize.forge_parts import (
    PRIORITY,
    country_of,
    flag,
    has_publiccode,
    mapping,
    moment,
    number,
    payload_of,
    prose,
    reading,
    text,
    texts,
)
from harvester.normalize.licenses import spdx
from harvester.normalize.urls import canonical_repository, repository_url, web_address

READER = "github/3"
_FORGE = (
    "archived",
    "date_created",
    "date_modified",
    "fork",
    "is_based_on",
    "license",
    "license_text",
    "programming_languages",
    "software_version",
    "stars",
)
_NO_LICENCE = frozenset(("NOASSERTION", "OTHER"))


def read(raw: RawItem) -> Reading:
    """Records: key "repository", and the path of each metadata file that the repository holds."""
    node = payload_of(raw)
    if isinstance(node, Issue):
        return Reading(outcome=Outcome.REFUSED, issues=(node,))
    full_name = text(node.get("nameWithOwner"))
    address = text(node.get("url")) or (f"https://github.com/{full_name}" if full_name else None)
    canonical = canonical_repository(address) if address else None
    if address is None or canonical is None:
        issue = Issue(code="no-repository", message="the item names no repository", place="url", value=address)
        return Reading(outcome=Outcome.REFUSED, issues=(issue,))
    shown = repository_url(address) or canonical
    forge_id = number(node.get("databaseId"))
    identifiers: tuple[Identifier, ...] = (Identifier("repo", canonical),)
    if forge_id is not None:
        identifiers = (Identifier("forge", f"{canonical.split('/')[2]}:{forge_id}"), *identifiers)
    identifiers = tuple(dict.fromkeys((*identifiers, *_formerly(node, canonical))))
    record = _repository(raw, node, address=shown, identifiers=identifiers)
    return reading(raw, record, node, address=shown, identifiers=identifiers)


def _repository(raw: RawItem, node: dict[str, Any], *, address: str, identifiers: tuple[Identifier, ...]) -> Record:
    description = prose(node.get("description"))
    name = text(node.get("name")) or address.rpartition("/")[2]
    topics = texts(node.get("topics"))
    license_id, license_text = _license(mapping(node.get("license")))
    release = mapping(node.get("latestRelease"))
    released = moment(release.get("publishedAt"))
    primary = text(node.get("primaryLanguage"))
    owner = mapping(node.get("owner"))
    stated = country_of(raw)
    location = prose(owner.get("location"))
    country = stated or of_place(location)
    fields = Fields(
        name=name,
        kind="software",
        code_repository=address,
        landing_url=web_address(node.get("homepageUrl")),
        short_description={"und": description} if description else {},
        license=license_id,
        license_text=license_text,
        software_version=text(release.get("tagName")),
        release_date=released.date() if released else None,
        date_created=moment(node.get("createdAt")),
        date_modified=moment(node.get("pushedAt")),
        archived=flag(node.get("isArchived")),
        fork=flag(node.get("isFork")),
        is_based_on=web_address(mapping(node.get("parent")).get("url")) or web_address(node.get("mirrorUrl")),
        stars=number(node.get("stargazerCount")),
        has_publiccode=has_publiccode(node),
        organisations=_organisations(
            mapping(node.get("owner")), country, publisher=text(raw.context.get("publisher")), address=address
        ),
        countries=(country,) if country else (),
        topics=topics,
        programming_languages=tuple(
            dict.fromkeys((primary, *texts(node.get("languages"))) if primary else texts(node.get("languages")))
        ),
    )
    basis = dict.fromkeys(_FORGE, Basis.FORGE)
    why = {}
    if country and not stated:
        basis["countries"], why["countries"] = Basis.INFERRED, f"the organisation's location, {location}"
    return Record(
        key="repository",
        reader=READER,
        fields=fields,
        identifiers=identifiers,
        basis=basis,
        because=why,
        priority=PRIORITY,
    )


def _formerly(node: dict[str, Any], canonical: str) -> Iterator[Identifier]:
    """The addresses under which earlier runs knew the repository: GitHub redirects from them."""
    host = canonical.split("/")[2]
    for name in texts(node.get("formerly")):
        former = canonical_repository(f"https://{host}/{name}")
        if former is not None:
            yield Identifier("repo", former)


def _license(value: Any) -> tuple[str | None, str | None]:
    spdx_id, name = text(value.get("spdxId")), text(value.get("name"))
    if spdx_id and spdx_id.upper() not in _NO_LICENCE:
        return spdx(spdx_id), name or spdx_id
    return None, name if name and name.upper() not in _NO_LICENCE else None


def _organisations(owner: Any, country: str | None, *, publisher: str | None, address: str) -> tuple[Organisation, ...]:
    """The owning organisation; a person's account is nobody's organisation."""
    login = text(owner.get("login"))
    if owner.get("__typename") != "Organization" or login is None:
        return (Organisation(publisher, None, country),) if publisher else ()
    name = text(owner.get("name")) or publisher or login
    return (Organisation(name, f"https://{address.split('/')[2]}/{login}", country),)
