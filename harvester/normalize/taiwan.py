"""A programme of code.gov.tw's open data (format "taiwan-program"): {ProgramName, Description, URL: addresses with
semicolons, DemoURL, Authorization, Types, Teches, ProvideDeptName}. Contacts are not read."""

from __future__ import annotations

import re
from typing import Any

from harvester.model import Fields, Issue, Organisation, RawItem, Reading
from harvester.normalize.draft import Where, language_of, object_of, reading, refused, said
from harvester.normalize.licenses import licence
from harvester.normalize.readers import reads
from harvester.normalize.values import country_of, text


@reads("taiwan-program", version=3)
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
    where = Where(repository="; ".join(urls), website=text(entry.get("DemoURL")), place="URL")
    return reading(fields, reader=read.name, where=where, issues=issues)


def _several(value: Any, between: str) -> tuple[str, ...]:
    parts = re.split(between, text(value) or "")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
