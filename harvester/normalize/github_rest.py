"""A repository object of GitHub's REST API, as other catalogues keep copies of it (format "github-rest")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harvester.model import REPOSITORY, Basis, Fields, Identifier, Organisation, RawItem, Reading
from harvester.normalize.draft import Where, object_of, reading, refused, said
from harvester.normalize.licenses import spdx
from harvester.normalize.readers import reads
from harvester.normalize.values import country_of, flag, mapping, moment, number, text, texts

PRIORITY = 30  # a copy of what the forge itself says better
FORGE = (
    "archived",
    "date_created",
    "date_modified",
    "fork",
    "license",
    "license_text",
    "mirror",
    "programming_languages",
    "stars",
    "template",
    "topics",
)
_BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?")
_NO_LICENSE = ("NOASSERTION", "NONE")


@reads("github-rest", version=5)
def read(raw: RawItem) -> Reading:
    """One record. context: {"publisher"?: whose list it is, "country"?}."""
    found = object_of(raw)
    if isinstance(found, Reading):
        return found
    address = text(found.get("html_url"))
    if address is None:
        value = found.get("html_url")
        return refused("no-address", place="html_url", value=value)
    country = country_of(raw)
    owner = mapping(found.get("owner"))
    group = text(raw.context.get("publisher"))
    if group is None and owner.get("type") == "Organization":
        group = text(owner.get("login"))  # a person's account is nobody's organisation
    fields = replace(
        fields_of(found),
        name=text(found.get("name")) or address.rpartition("/")[2],
        organisations=(Organisation(group, None, country),) if group else (),
        countries=(country,) if country else (),
    )
    return reading(
        fields,
        reader=read.name,
        where=Where(repository=address, website=homepage(found), place="html_url"),
        also=forge_id(found),
        basis=dict.fromkeys(FORGE, Basis.FORGE),
        priority=PRIORITY,
        key=REPOSITORY,
    )


def fields_of(found: Mapping[str, Any]) -> Fields:
    """What the forge says of a repository, without its name and addresses. {} stands for null in some recordings."""
    given = mapping(found.get("license"))
    key, name = text(given.get("spdx_id")), text(given.get("name"))
    language = text(found.get("language"))
    return Fields(
        short_description=said(found.get("description") or None),
        license=(spdx(key) or spdx(name)) if key not in _NO_LICENSE else None,
        license_text=name or key,
        date_created=moment(found.get("created_at")),
        date_modified=moment(found.get("pushed_at")),
        archived=flag(found.get("archived")),
        fork=flag(found.get("fork")),
        mirror=(text(found.get("mirror_url")) is not None) if "mirror_url" in found else None,
        template=flag(found.get("is_template")),
        stars=number(found.get("stargazers_count")),
        topics=texts(found.get("topics")),
        programming_languages=(language,) if language else (),
    )


def forge_id(found: Mapping[str, Any]) -> tuple[Identifier, ...]:
    """The forge's own number of the repository."""
    identifier = number(found.get("id"))
    return (Identifier("forge", f"github.com:{identifier}"),) if identifier is not None else ()


def homepage(found: Mapping[str, Any]) -> str | None:
    """The repository's site."""
    return with_scheme(found.get("homepage"))


def with_scheme(value: Any) -> str | None:
    """An address as it was written, with https:// where people left it out ("www.example.org/x")."""
    written = text(value)
    return f"https://{written}" if written and _BARE.fullmatch(written) else written
