"""A project of Code for America's index (format "brigade-project"): TOML {name, code_url, description, link_url,
organization_name, tags?, status?, github: the API's object}, {} where there is nothing."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from harvester.model import Basis, Organisation, RawItem, Reading
from harvester.normalize.draft import Where, reading, refused, said
from harvester.normalize.github_rest import FORGE, fields_of, forge_id, homepage, with_scheme
from harvester.normalize.readers import reads
from harvester.normalize.urls import repository_url
from harvester.normalize.values import country_of, mapping, text, texts
from harvester.normalize.yaml_safe import decode

PRIORITY = 50


@reads("brigade-project", version=3)
def read(raw: RawItem) -> Reading:
    """One record, named by its repository, else by its site."""
    try:
        entry = tomllib.loads(decode(raw.payload)[0])
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return refused("toml-syntax", why=error)
    address = text(entry.get("code_url"))
    name = text(entry.get("name")) or (repository_url(address or "") or "").rpartition("/")[2] or None
    if name is None:
        return refused("no-name", place="name", value=entry.get("name"))
    forge = mapping(entry.get("github"))
    body = text(entry.get("organization_name"))
    country = country_of(raw)
    known = fields_of(forge)
    fields = replace(
        known,
        name=name,
        short_description=said(entry.get("description") or None) or known.short_description,
        organisations=(Organisation(body, None, country),) if body else (),
        countries=(country,) if country else (),
        topics=tuple(dict.fromkeys((*texts(entry.get("tags")), *known.topics))),
    )
    where = Where(
        repository=address,
        website=with_scheme(entry.get("link_url")) or homepage(forge),
        place="code_url",
    )
    basis = dict.fromkeys(FORGE, Basis.FORGE)
    return reading(fields, reader=read.name, where=where, also=forge_id(forge), basis=basis, priority=PRIORITY)
