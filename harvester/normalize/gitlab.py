"""A GitLab project as harvester.forges keeps it (format "gitlab"), and the metadata files in it."""

from __future__ import annotations

from typing import Any

from harvester.model import Basis, Fields, Identifier, Issue, Organisation, Outcome, RawItem, Reading, Record
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
from harvester.normalize.urls import canonical_repository, repository_url

READER = "gitlab/3"
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


def read(raw: RawItem) -> Reading:
    """Records: key "repository", and the path of each metadata file that the project holds."""
    project = payload_of(raw)
    if isinstance(project, Issue):
        return Reading(outcome=Outcome.REFUSED, issues=(project,))
    address = text(project.get("web_url")) or text(project.get("http_url_to_repo"))
    canonical = canonical_repository(address) if address else None
    if address is None or canonical is None:
        issue = Issue(code="no-repository", message="the item names no repository", place="web_url", value=address)
        return Reading(outcome=Outcome.REFUSED, issues=(issue,))
    shown = repository_url(address) or canonical
    host = canonical.split("/")[2]
    forge_id = number(project.get("id"))
    identifiers: tuple[Identifier, ...] = (Identifier("repo", canonical),)
    if forge_id is not None:
        identifiers = (Identifier("forge", f"{host}:{forge_id}"), *identifiers, *_former(project, address))
    record = _repository(raw, project, address=shown, identifiers=identifiers)
    return reading(raw, record, project, address=shown, identifiers=identifiers)


def _former(project: dict[str, Any], address: str) -> tuple[Identifier, ...]:
    """The addresses that the project had before: GitLab redirects them until somebody else takes the path."""
    path = text(project.get("path_with_namespace"))
    if path is None or not address.lower().removesuffix(".git").endswith(f"/{path.lower()}"):
        return ()
    root = address.removesuffix(".git")[: -len(path)]
    found = (canonical_repository(f"{root}{former}") for former in texts(project.get("formerly")))
    return tuple(Identifier("repo", former) for former in found if former)


def _repository(raw: RawItem, project: dict[str, Any], *, address: str, identifiers: tuple[Identifier, ...]) -> Record:
    description = prose(project.get("description"))
    name = text(project.get("name")) or address.rpartition("/")[2]
    topics = texts(project.get("topics")) or texts(project.get("tag_list"))
    license_id, license_text = _license(mapping(project.get("license")))
    origin = mapping(project.get("forked_from_project"))
    country = country_of(raw)
    known_fork = "forked_from_project" in project and "forked_from_project" not in (
        raw.context.get("placeholders") or ()
    )
    release = mapping(project.get("latest_release"))
    released = moment(release.get("released_at"))
    fields = Fields(
        name=name,
        kind="software",
        code_repository=address,
        short_description={"und": description} if description else {},
        license=license_id,
        license_text=license_text,
        date_created=moment(project.get("created_at")),
        date_modified=moment(project.get("last_activity_at")),
        software_version=text(release.get("tag_name")),
        release_date=released.date() if released else None,
        archived=flag(project.get("archived")),
        fork=bool(origin) if known_fork else None,
        is_based_on=text(origin.get("web_url")),
        stars=number(project.get("star_count")),
        has_publiccode=has_publiccode(project),
        organisations=_organisations(mapping(project.get("namespace")), country, text(raw.context.get("publisher"))),
        countries=(country,) if country else (),
        topics=topics,
        programming_languages=texts(project.get("languages")),
    )
    return Record(
        key="repository",
        reader=READER,
        fields=fields,
        identifiers=identifiers,
        basis=dict.fromkeys(_FORGE, Basis.FORGE),
        priority=PRIORITY,
    )


def _license(value: Any) -> tuple[str | None, str | None]:
    key, name = text(value.get("key")), text(value.get("name"))
    return spdx(key) or spdx(name), name or key


def _organisations(namespace: Any, country: str | None, publisher: str | None) -> tuple[Organisation, ...]:
    """The group that holds the project; a person's namespace is nobody's organisation."""
    if namespace.get("kind") != "group":
        return (Organisation(publisher, None, country),) if publisher else ()
    name = text(namespace.get("name")) or text(namespace.get("full_path"))
    return (Organisation(name, text(namespace.get("web_url")), country),) if name else ()
