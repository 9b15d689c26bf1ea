"""CITATION.cff (format "citation"): the Citation File Format 1.0 to 1.2.

Source: the format's schema guide. Authors and contacts are people and are not read; an author that the format marks as
an entity (it has a `name` of its own) is an organisation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from harvester.model import Issue, Organisation, RawItem, Reading
from harvester.normalize.countries import alpha2
from harvester.normalize.draft import Draft, FoundAt, skipped
from harvester.normalize.metadata_file import MOST_CHARACTERS, Content, Unread, duplicate_keys, read_file
from harvester.normalize.personal import surely_a_body
from harvester.normalize.readers import reads
from harvester.normalize.values import labels, localized, mapping, page, prose, text
from harvester.normalize.yaml_safe import decode, read_mapping

PRIORITY = 50  # written for those who cite; a catalogue's entry says better what the software is
_A_PERSONS = frozenset(("family-names", "given-names", "orcid", "affiliation", "email", "alias"))
_VERSION = re.compile(r"1\.[0-2]\.\d+")


@reads("citation", version=5)
def read(raw: RawItem) -> Reading:
    """One record; a file about a data set is skipped. context: {"repository": where it was found, or null}."""
    return read_file(raw, reading_of)


def reading_of(content: Content, found: FoundAt) -> Reading:
    """One record; what is about a data set is skipped. Raises InputError, with the place."""
    if len(content) > MOST_CHARACTERS:
        raise Unread(Issue.of("too-large", line=1, column=1, most=f"{MOST_CHARACTERS // 1024} KiB"))
    written, guessed = decode(content) if isinstance(content, bytes) else (content, False)
    document = read_mapping(written)
    value = document.value
    if text(value.get("type")) == "dataset":
        return skipped("it is about no software")
    draft = Draft.of_file(found, where=lambda place: document.where((place,)))
    if guessed:
        draft.issues.append(Issue.of("charset", line=1, column=1))
    version = text(value.get("cff-version"))
    if version is None or not _VERSION.fullmatch(version):
        draft.doubt("unknown-version", place="cff-version", value=version, latest="1.2.0")
    draft.issues += duplicate_keys(document)
    draft.declared(value.get("repository-code"), place="repository-code")
    draft.pages(page(value.get("url")))
    draft.texts(localized(value.get("abstract")))
    stated = value.get("license")
    draft.licenses(labels(stated if isinstance(stated, list) else [stated]), place="license", by_choice=True)
    draft.day("release_date", value.get("date-released"), place="date-released")
    draft.values["software_version"] = text(value.get("version"))
    draft.bodies(_organisations(value.get("authors")))
    draft.values["topics"] = labels(value.get("keywords"))
    draft.called(prose(value.get("title")))
    return draft.filed(read.name, key="CITATION.cff", priority=PRIORITY, named_at="title")


def _organisations(value: Any) -> Iterator[Organisation]:
    for author in value if isinstance(value, list) else ():
        entity = mapping(author)
        name = text(entity.get("name"))
        address = page(entity.get("website"))
        if name and not _A_PERSONS.intersection(entity) and surely_a_body(name, address):
            yield Organisation(name, address, alpha2(text(entity.get("country"))))
