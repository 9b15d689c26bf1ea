"""An entry of avoinkoodi.fi (format "avoinkoodi"): {project, owner, code_url, service_url?, homepage_url?,
description?}; "-" stands for none (projects-schema.json of solita/avoinkoodi)."""

from __future__ import annotations

from typing import Any

from harvester.model import Fields, Issue, Organisation, RawItem, Reading
from harvester.normalize.draft import Where, language_of, object_of, reading, refused, said
from harvester.normalize.licenses import licence
from harvester.normalize.readers import reads
from harvester.normalize.values import country_of, text


@reads("avoinkoodi", version=3)
def read(raw: RawItem) -> Reading:
    """One record."""
    entry = object_of(raw)
    if isinstance(entry, Reading):
        return entry
    name = _given(entry.get("project"))
    if name is None:
        return refused("no-name", place="project", value=entry.get("project"))
    issues: list[Issue] = []
    stated = licence([_given(entry.get("license"))], issues, place="license")
    country = country_of(raw)
    owner = _given(entry.get("owner"))
    fields = Fields(
        name=name,
        short_description=said(_given(entry.get("description")), language_of(raw)),
        **stated,
        organisations=(Organisation(owner, None, country),) if owner else (),
        countries=(country,) if country else (),
    )
    website = _given(entry.get("homepage_url")) or _given(entry.get("service_url"))
    where = Where(repository=_given(entry.get("code_url")), website=website, place="code_url")
    return reading(fields, reader=read.name, where=where, issues=issues)


def _given(value: Any) -> str | None:
    found = text(value)
    return None if found in ("-", "–", "—") else found
