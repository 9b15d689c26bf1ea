"""CITATION.cff (format "citation"): the Citation File Format 1.0 to 1.2.

Source: the format's schema guide. Authors and contacts are people and are not read; an author that the format marks as
an entity (it has a `name` of its own) is an organisation.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from harvester.model import Fields, Issue, Organisation, RawItem, Reading, Record
from harvester.normalize.countries import alpha2
from harvester.normalize.licenses import licence
from harvester.normalize.metadata_file import (
    MOST_CHARACTERS,
    Content,
    FoundAt,
    Unread,
    day,
    described,
    duplicate_keys,
    labels,
    localized,
    own_page,
    page,
    read_file,
    record_of_file,
    standing,
)
from harvester.normalize.personal import surely_a_body
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository
from harvester.normalize.values import mapping, prose, text
from harvester.normalize.yaml_safe import YamlDocument, decode, read_mapping

PRIORITY = 50  # written for those who cite; a catalogue's entry says better what the software is
_A_PERSONS = frozenset(("family-names", "given-names", "orcid", "affiliation", "email", "alias"))
_VERSION = re.compile(r"1\.[0-2]\.\d+")


@reads("citation", version=3)
def read(raw: RawItem) -> Reading:
    """One record; a file about a data set is skipped. context: {"repository": where it was found, or null}."""
    return read_file(raw, record_of)


def record_of(content: Content, place: FoundAt) -> tuple[Record | None, tuple[Issue, ...]]:
    """The record of a file (None when it is about a data set), and its faults. Raises InputError, with the place."""
    if len(content) > MOST_CHARACTERS:
        raise Unread(Issue.of("too-large", line=1, column=1, most=f"{MOST_CHARACTERS} characters"))
    found, guessed = decode(content) if isinstance(content, bytes) else (content, False)
    document = read_mapping(found)
    value = document.value
    if text(value.get("type")) == "dataset":
        return None, ()
    declared = text(value.get("repository-code"))
    about = standing(declared, place, key="repository-code")
    name = prose(value.get("title")) or (about.code_repository or "").rpartition("/")[2] or None
    if name is None:
        raise Unread(Issue.of("no-name", place="title", line=1, column=1))
    short, long = described(localized(value.get("abstract")))
    topics = labels(value.get("keywords"))
    faults: list[Issue] = []
    licenses = labels(given if isinstance(given := value.get("license"), list) else [given])
    stated = licence(licenses, faults, place="license", by_choice=True)
    fields = Fields(
        name=name[:200],
        kind="software" if about.code_repository else None,
        code_repository=about.code_repository,
        url=declared if place.repository and declared and canonical_repository(declared) else None,
        landing_url=own_page(page(value.get("url")), about),
        short_description=short,
        long_description=long,
        **stated,
        software_version=text(value.get("version")),
        release_date=day(value.get("date-released")),
        organisations=_organisations(value.get("authors")),
        countries=(place.country,) if place.country else (),
        topics=topics,
    )
    record = record_of_file("CITATION.cff", read.name, fields, about, priority=PRIORITY)
    faults += (*_faults(document, guessed=guessed), *about.issues)
    return record, tuple(issue if issue.line else _placed(issue, document) for issue in faults)


def _organisations(value: Any) -> tuple[Organisation, ...]:
    found: dict[str, Organisation] = {}
    for author in value if isinstance(value, list) else ():
        entity = mapping(author)
        name = text(entity.get("name"))
        address = page(entity.get("website"))
        if name and not _A_PERSONS.intersection(entity) and surely_a_body(name, address):
            found.setdefault(name, Organisation(name[:200], address, alpha2(text(entity.get("country")))))
    return tuple(found.values())


def _placed(issue: Issue, document: YamlDocument) -> Issue:
    line, column = document.where((issue.place or "",))
    return replace(issue, line=line, column=column)


def _faults(document: YamlDocument, *, guessed: bool) -> list[Issue]:
    value, found = document.value, []
    if guessed:
        found.append(Issue.of("charset"))
    version = text(value.get("cff-version"))
    if version is None or not _VERSION.fullmatch(version):
        found.append(Issue.of("unknown-version", place="cff-version", value=prose(version), latest="1.2.0"))
    if value.get("date-released") is not None and day(value.get("date-released")) is None:
        found.append(Issue.of("bad-date", place="date-released"))
    return [*found, *duplicate_keys(document)]
