"""A programme of code.gov.tw's open data (format "taiwan-program"): {ProgramName, Description, URL: addresses with
semicolons, DemoURL, Authorization, Types, Teches, ProvideDeptName}. Contacts are not read."""

from __future__ import annotations

import re
from typing import Any

from harvester.model import Fields, Identifier, Issue, Organisation, RawItem, Reading
from harvester.normalize.licenses import licence
from harvester.normalize.listed import Where, doubt, language_of, object_of, reading, refused, said
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository
from harvester.normalize.values import country_of, text


@reads("taiwan-program", version=2)
def read(raw: RawItem) -> Reading:
    """One record, of the first repository; further ones are told in an issue and suggested."""
    entry = object_of(raw)
    if isinstance(entry, Reading):
        return entry
    name = text(entry.get("ProgramName"))
    if name is None:
        value = entry.get("ProgramName")
        return refused("no-name", place="ProgramName", value=value)
    urls = _several(entry.get("URL"), r"[;\s]+")
    issues: list[Issue] = []
    if len(urls) > 1:
        issues.append(doubt("several-repositories", place="URL", value="; ".join(urls), count=len(urls)))
    stated = licence(_several(entry.get("Authorization"), r"[;,、]"), issues, place="Authorization")
    country = country_of(raw)
    owner = text(entry.get("ProvideDeptName")) or text(entry.get("ContactAgency"))
    fields = Fields(
        name=name,
        short_description=said(entry.get("Description"), language_of(raw)),
        **stated,
        organisations=(Organisation(owner, None, country),) if owner else (),
        countries=(country,) if country else (),
        categories=_several(entry.get("Types"), r"[;、]"),
        topics=_several(entry.get("Teches"), r"[;,、]"),
    )
    further = [Identifier("repo", found) for url in urls[1:] if (found := canonical_repository(url))]
    where = Where(repository=urls[0] if urls else None, website=text(entry.get("DemoURL")), place="URL")
    return reading(fields, reader=read.name, where=where, issues=issues, suggests=further)


def _several(value: Any, between: str) -> tuple[str, ...]:
    parts = re.split(between, text(value) or "")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
