"""An entry of an HTML catalogue, as a source's page template found it (format "html-catalogue"): {field: [texts]}
of name, description, repository, website, license, categories, topics, platforms, programming_languages,
organisation, country, stars, updated, status."""

from __future__ import annotations

import re
from typing import Any

from harvester.model import DEVELOPMENT_STATUSES, Fields, Issue, Organisation, RawItem, Reading
from harvester.normalize.countries import alpha2
from harvester.normalize.draft import Where, language_of, object_of, reading, refused, said
from harvester.normalize.languages import tag
from harvester.normalize.licenses import licence
from harvester.normalize.readers import reads
from harvester.normalize.values import country_of, mapping, moment, text, texts

PRIORITY = 50  # what a page shows is less sure than what an API says
_DIGITS = re.compile(r"\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\S+)?")


@reads("html-catalogue", version=3)
def read(raw: RawItem) -> Reading:
    """One record. context: {"language"?, "country"?, "number"?: the entry's name in the catalogue}."""
    entry = object_of(raw)
    if isinstance(entry, Reading):
        return entry
    found = {name: texts(values) for name, values in mapping(entry.get("fields")).items()}

    def first(name: str) -> str | None:
        return next(iter(found.get(name, ())), None)

    name = first("name")
    if name is None:
        return refused("no-name", place="name")
    told = raw.context.get("language") or entry.get("language")
    language = language_of(raw) if raw.context.get("language") else tag(text(told)) or "und"
    country = alpha2(first("country")) or country_of(raw)
    issues: list[Issue] = []
    stated = licence(found.get("license", ()), issues, place="license")
    body, status = first("organisation"), (first("status") or "").lower()
    fields = Fields(
        name=name,
        short_description=said(first("description"), language),
        **stated,
        development_status=status if status in DEVELOPMENT_STATUSES else None,
        date_modified=_moment(first("updated")),
        stars=_count(first("stars")),
        organisations=(Organisation(body, None, country),) if body else (),
        countries=(country,) if country else (),
        categories=found.get("categories", ()),
        topics=found.get("topics", ()),
        platforms=found.get("platforms", ()),
        programming_languages=found.get("programming_languages", ()),
    )
    where = Where(
        repository=first("repository"),
        website=first("website"),
        number=text(raw.context.get("number")),
        place="repository",
    )
    return reading(fields, reader=read.name, where=where, issues=issues, priority=PRIORITY)


def _count(written: str | None) -> int | None:
    digits = _DIGITS.findall((written or "").replace(",", "").replace("\u202f", ""))
    return int(digits[0]) if len(digits) == 1 and len(digits[0]) < 12 and digits[0].isascii() else None


def _moment(written: str | None) -> Any:
    dated = _DATE.search(written or "")
    return moment(dated[0]) if dated else None
