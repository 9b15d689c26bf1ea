"""A public repository as code.gouv.fr's dumps tell it (format "codegouv-repository"): a copy of what its forge has."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from harvester.model import REPOSITORY, Basis, Issue, Organisation, Outcome, RawItem, Reading
from harvester.normalize.draft import opened
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository, repository_url, web_address
from harvester.normalize.values import country_of, moment, text, texts

PRIORITY = 30  # the forge itself says it better, and newer
_HELD = (
    "license license_text date_created date_modified archived fork stars programming_languages topics".split()
)  # the forge computes or holds it
_NO_LICENCE = "Other"  # what GitHub says of a licence that it does not know


@reads("codegouv-repository", version=4, copies_forge=True)
def read(raw: RawItem) -> Reading:
    """One record. Values are texts in the CSV dump, JSON's own in the other.

    The payload is a row, with `organization_names` for all the organisations that were listed with its address.
    context: {"country"?: of the bodies that are listed}.
    """
    begun = opened(raw)
    if isinstance(begun, Reading):
        return begun
    entry, row = begun
    written = text(row.get("repository_url")) or ""
    address, canonical = repository_url(written), canonical_repository(written)
    if address is None or canonical is None:
        issue = Issue.of("no-repository", place="repository_url", value=written or None)
        return Reading(outcome=Outcome.REFUSED, issues=(issue,))
    values = entry.values
    entry.named("repo", canonical)
    values["code_repository"] = address
    values["name"] = text(row.get("name")) or address.rpartition("/")[2]
    entry.describe({"und": row.get("description")})
    licence = text(row.get("license"))
    if licence == _NO_LICENCE:
        values["license_text"] = licence
    else:
        entry.licenses([licence], place="license")
    values["landing_url"] = web_address(row.get("homepage"))
    values["date_created"] = moment(row.get("creation_date"))
    values["date_modified"] = moment(row.get("last_modification")) or moment(row.get("last_update"))
    values["archived"], values["fork"] = _flag(row.get("is_archived")), _flag(row.get("is_fork"))
    values["stars"] = _number(row.get("stars_count"))
    values["programming_languages"] = texts([row.get("language")])
    topics = row.get("topics")
    values["topics"] = texts(topics if isinstance(topics, list) else (text(topics) or "").split(","))
    country = country_of(raw)
    values["countries"] = (country,) if country else ()
    host = urlsplit(address).netloc
    names = texts(row.get("organization_names"))
    values["organisations"] = tuple(Organisation(name, f"https://{host}/{name}", country) for name in names)
    basis = {name: Basis.FORGE for name in _HELD if values.get(name) not in (None, ())}
    return entry.reading(read.name, basis=basis, priority=PRIORITY, key=REPOSITORY)


def _flag(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(value).lower())


def _number(value: Any) -> int | None:
    written = str(value)
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 18 else None
