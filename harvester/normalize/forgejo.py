"""A Forgejo or Gitea repository as harvester.forges keeps it (format "forgejo"), and the metadata files in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.model import Fields, RawItem, Reading
from harvester.normalize.forge_parts import Owner, Told, language_names, read_repository
from harvester.normalize.licenses import spdx
from harvester.normalize.readers import reads
from harvester.normalize.urls import web_address
from harvester.normalize.values import flag, mapping, moment, number, prose, text, texts


@reads("forgejo", version=6, of_forge=True)
def read(raw: RawItem) -> Reading:
    """Records: key "repository", and the path of each metadata file that the repository holds."""
    return read_repository(raw, read.name, told)


def told(repository: Mapping[str, Any]) -> Told:
    """What Forgejo says of a repository, and what has its form."""
    address = text(repository.get("html_url")) or text(repository.get("clone_url"))
    license_id, license_text = _license(texts(repository.get("licenses")))
    release = mapping(repository.get("release"))
    released = moment(release.get("published_at"))
    origin = web_address(repository.get("original_url"))
    mirror = flag(repository.get("mirror"))
    return Told(
        address=address,
        place="html_url",
        path=text(repository.get("full_name")),
        number=number(repository.get("id")),
        description=prose(repository.get("description")),
        owner=_owner(mapping(repository.get("owner")), address),
        origin=origin,
        empty=flag(repository.get("empty")),
        fields=Fields(
            name=text(repository.get("name")),
            landing_url=web_address(repository.get("website")),
            license=license_id,
            license_text=license_text,
            software_version=text(release.get("tag_name")),
            release_date=released.date() if released else None,
            date_created=moment(repository.get("created_at")),
            date_modified=moment(repository.get("updated_at")),
            archived=flag(repository.get("archived")),
            fork=flag(repository.get("fork")),
            mirror=mirror,
            template=flag(repository.get("template")),
            is_based_on=web_address(mapping(repository.get("parent")).get("html_url")) or (origin if mirror else None),
            stars=number(repository.get("stars_count")),
            topics=texts(repository.get("topics")),
            programming_languages=texts(repository.get("languages")) or language_names(repository.get("language")),
        ),
    )


def _license(names: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The one licence that the forge found. Of several it does not say how they go together."""
    return (spdx(names[0]) if len(names) == 1 else None), ", ".join(names) or None


def _owner(owner: Mapping[str, Any], repository: str | None) -> Owner:
    location = prose(owner.get("location"))
    if owner.get("organisation") is not True or text(owner.get("login")) is None:
        return Owner(location=location)
    return Owner(name=text(owner.get("full_name")), page=(repository or "").rpartition("/")[0], location=location)
