"""A GitHub repository as harvester.forges asked for it (format "github"), and the metadata files in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.model import Fields, RawItem, Reading
from harvester.normalize.forge_parts import Owner, Told, language_names, read_repository
from harvester.normalize.licenses import spdx
from harvester.normalize.readers import reads
from harvester.normalize.urls import web_address
from harvester.normalize.values import flag, mapping, moment, number, prose, text, texts

_NO_LICENCE = frozenset(("NOASSERTION", "OTHER"))


@reads("github", version=7, of_forge=True)
def read(raw: RawItem) -> Reading:
    """Records: key "repository", and the path of each metadata file that the repository holds."""
    return read_repository(raw, read.name, _told)


def _told(node: Mapping[str, Any]) -> Told:
    full_name = text(node.get("nameWithOwner"))
    address = text(node.get("url")) or (f"https://github.com/{full_name}" if full_name else None)
    license_id, license_text = _license(mapping(node.get("license")))
    release = mapping(node.get("latestRelease"))
    released = moment(release.get("publishedAt"))
    mirrored = web_address(node.get("mirrorUrl"))
    return Told(
        address=address,
        place="url",
        path=full_name,
        number=number(node.get("databaseId")),
        description=prose(node.get("description")),
        owner=_owner(mapping(node.get("owner")), address),
        origin=mirrored,
        empty=flag(node.get("isEmpty")),
        fields=Fields(
            name=text(node.get("name")),
            landing_url=web_address(node.get("homepageUrl")),
            license=license_id,
            license_text=license_text,
            software_version=text(release.get("tagName")),
            release_date=released.date() if released else None,
            date_created=moment(node.get("createdAt")),
            date_modified=moment(node.get("pushedAt")),
            archived=flag(node.get("isArchived")),
            fork=flag(node.get("isFork")),
            mirror=flag(node.get("isMirror")),
            template=flag(node.get("isTemplate")),
            is_based_on=web_address(mapping(node.get("parent")).get("url")) or mirrored,
            stars=number(node.get("stargazerCount")),
            topics=texts(node.get("topics")),
            programming_languages=language_names(node.get("primaryLanguage"), node.get("languages")),
        ),
    )


def _license(value: Any) -> tuple[str | None, str | None]:
    spdx_id, name = text(value.get("spdxId")), text(value.get("name"))
    if spdx_id and spdx_id.upper() not in _NO_LICENCE:
        return spdx(spdx_id), name or spdx_id
    return None, name if name and name.upper() not in _NO_LICENCE else None


def _owner(owner: Mapping[str, Any], repository: str | None) -> Owner:
    location = prose(owner.get("location"))
    if owner.get("__typename") != "Organization" or text(owner.get("login")) is None:
        return Owner(location=location)
    return Owner(name=text(owner.get("name")), page=(repository or "").rpartition("/")[0], location=location)
