"""A publiccode.yml that a catalogue keeps for a software (format "catalogued-publiccode"), in Taiwan's for example.

It was not found in the repository that it names: the catalogue vouches for its `url`, as an entry's address.
"""

from __future__ import annotations

from harvester.model import Identifier, RawItem, Reading
from harvester.normalize import publiccode
from harvester.normalize.draft import PRIORITY, FoundAt
from harvester.normalize.metadata_file import Content, read_file
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository, surely_repository
from harvester.normalize.values import text


@reads("catalogued-publiccode", version=3)
def read(raw: RawItem) -> Reading:
    """One record. context: {"number": the file's name in the catalogue, "country"?}."""

    def reading_of(content: Content, found: FoundAt) -> Reading:
        parsed = publiccode.parse(content)
        draft = publiccode.drafted(parsed, found)
        address = parsed.fields.url or ""
        canonical = canonical_repository(address)
        if canonical and surely_repository(address):
            draft.named("repo", canonical)
        if number := text(raw.context.get("number")):
            draft.named("catalogue", number)
        if canonical and not draft.identifiers:
            draft.suggests.append(Identifier("repo", canonical))
        draft.values["has_publiccode"] = None  # of the repository nothing is known
        return publiccode.filed(draft, priority=PRIORITY)

    return read_file(raw, reading_of)
