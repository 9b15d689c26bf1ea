"""A Forgejo or Gitea repository as harvester.forges keeps it (format "forgejo"), and the publiccode.yml in it."""

from __future__ import annotations

from collections.abc import Mapping
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

READER = "forgejo/2"
_FORGE = (
    "archived",
    "date_created",
    "date_modified",
    "fork",
    "is_based_on",
    "license",
    "license_text",
    "programming_languages",
    "release_date",
    "software_version",
    "stars",
)
_PUBLICCODE = ("publiccode.yml", "publiccode.yaml", ".publiccode.yml")
"""The first that there is counts."""


def read(raw: RawItem) -> Reading:
    """One or two records: key "repository", and "publiccode.yml" when the repository has a readable one."""
    repository = payload_of(raw)
    if isinstance(repository, Issue):
        return Reading(outcome=Outcome.REFUSED, issues=(repository,))
    address = text(repository.get("html_url")) or text(repository.get("clone_url"))
    canonical = canonical_repository(address) if address else None
    if address is None or canonical is None:
        issue = Issue(code="no-repository", message="the item names no repository", place="html_url", value=address)
        return Reading(outcome=Outcome.REFUSED, issues=(issue,))
    if flag(repository.get("empty")):
        return Reading(outcome=Outcome.SKIPPED, reason="the repository is empty")
    shown = repository_url(address) or canonical
    identifiers = _identifiers(repository, canonical, address)
    record = _repository(raw, repository, address=shown, identifiers=identifiers)
    return reading(raw, record, repository, address=shown, identifiers=identifiers)


def _identifiers(repository: Mapping[str, Any], canonical: str, address: str) -> tuple[Identifier, ...]:
    """The forge's id, the address, and the addresses under the names that it had before: the forge redirects those."""
    found = [Identifier("repo", canonical)]
    forge_id = number(repository.get("id"))
    if forge_id is not None:
        found.insert(0, Identifier("forge", f"{canonical.split('/')[2]}:{forge_id}"))
    name = text(repository.get("full_name"))
    if name and address.lower().endswith(f"/{name.lower()}"):
        root = address[: -len(name)]
        former = (canonical_repository(root + one) for one in texts(repository.get("formerly")))
        found += [Identifier("repo", one) for one in former if one and one != canonical]
    return tuple(dict.fromkeys(found))


def _repository(
    raw: RawItem, repository: Mapping[str, Any], *, address: str, identifiers: tuple[Identifier, ...]
) -> Record:
    description = prose(repository.get("description"))
    name = text(repository.get("name")) or address.rpartition("/")[2]
    topics = texts(repository.get("topics"))
    license_id, license_text = _license(texts(repository.get("licenses")))
    release = mapping(repository.get("release"))
    released = moment(release.get("published_at"))
    owner = mapping(repository.get("owner"))
    stated = country_of(raw)
    location = prose(owner.get("location"))
    country = stated or of_place(location)
    original = web_address(repository.get("original_url"))
    mirror = flag(repository.get("mirror")) or False
    fields = Fields(
        name=name,
        kind="software",
        code_repository=address,
        landing_url=web_address(repository.get("website")),
        short_description={"und": description} if description else {},
        license=license_id,
        license_text=license_text,
        software_version=text(release.get("tag_name")),
        release_date=released.date() if released else None,
        date_created=moment(repository.get("created_at")),
        date_modified=moment(repository.get("updated_at")),
        archived=flag(repository.get("archived")),
        fork=flag(repository.get("fork")),
        is_based_on=web_address(mapping(repository.get("parent")).get("html_url")) or (original if mirror else None),
        stars=number(repository.get("stars_count")),
        has_publiccode=has_publiccode(repository),
        organisations=_organisations(owner, country, publisher=text(raw.context.get("publisher")), address=address),
        countries=(country,) if country else (),
        topics=topics,
        programming_languages=texts(repository.get("languages")) or texts([repository.get("language")]),
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
        suggests=_came_from(original, identifiers),
        basis=basis,
        because=why,
        priority=PRIORITY,
    )


def _came_from(original: str | None, identifiers: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    """Where a mirror looks, or a moved repository came from: the same software perhaps, for a reviewer to say."""
    there = canonical_repository(original) if original else None
    suggested = Identifier("repo", there) if there else None
    return (suggested,) if suggested and suggested not in identifiers else ()


def _license(names: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The one licence that the forge found. Of several it does not say how they go together."""
    return (spdx(names[0]) if len(names) == 1 else None), ", ".join(names) or None


def _organisations(
    owner: Mapping[str, Any], country: str | None, *, publisher: str | None, address: str
) -> tuple[Organisation, ...]:
    """The owning organisation; a person's account is nobody's organisation."""
    login = text(owner.get("login"))
    if owner.get("organisation") is not True or login is None:
        return (Organisation(publisher, None, country),) if publisher else ()
    name = text(owner.get("full_name")) or publisher or login
    return (Organisation(name, f"{address.rpartition('/')[0]}", country),)
