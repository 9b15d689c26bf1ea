"""A GitLab project as harvester.forges keeps it (format "gitlab"), and the metadata files in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from harvester.model import Fields, RawItem, Reading
from harvester.normalize.forge_parts import Owner, Told, read_repository
from harvester.normalize.licenses import spdx
from harvester.normalize.readers import reads
from harvester.normalize.values import flag, mapping, moment, number, prose, text, texts


@reads("gitlab", version=7, of_forge=True)
def read(raw: RawItem) -> Reading:
    """Records: key "repository", and the path of each metadata file that the project holds."""
    asked_origin = "forked_from_project" not in (raw.context.get("placeholders") or ())
    return read_repository(raw, read.name, partial(_told, asked_origin=asked_origin))


def _told(project: Mapping[str, Any], *, asked_origin: bool) -> Told:
    license_id, license_text = _license(mapping(project.get("license")))
    origin = mapping(project.get("forked_from_project"))
    release = mapping(project.get("latest_release"))
    released = moment(release.get("released_at"))
    return Told(
        address=text(project.get("web_url")) or text(project.get("http_url_to_repo")),
        place="web_url",
        path=text(project.get("path_with_namespace")),
        number=number(project.get("id")),
        description=prose(project.get("description")),
        owner=_owner(mapping(project.get("namespace"))),
        empty=flag(project.get("empty_repo")),
        fields=Fields(
            name=text(project.get("name")),
            license=license_id,
            license_text=license_text,
            date_created=moment(project.get("created_at")),
            date_modified=moment(project.get("last_activity_at")),
            software_version=text(release.get("tag_name")),
            release_date=released.date() if released else None,
            archived=flag(project.get("archived")),
            fork=bool(origin) if asked_origin and "forked_from_project" in project else None,
            mirror=flag(project.get("mirror")),
            is_based_on=text(origin.get("web_url")),
            stars=number(project.get("star_count")),
            topics=texts(project.get("topics")) or texts(project.get("tag_list")),
            programming_languages=texts(project.get("languages")),
        ),
    )


def _license(value: Any) -> tuple[str | None, str | None]:
    key, name = text(value.get("key")), text(value.get("name"))
    return spdx(key) or spdx(name), name or key


def _owner(namespace: Mapping[str, Any]) -> Owner:
    if namespace.get("kind") != "group":
        return Owner()
    return Owner(
        name=text(namespace.get("name")) or text(namespace.get("full_path")), page=text(namespace.get("web_url"))
    )
