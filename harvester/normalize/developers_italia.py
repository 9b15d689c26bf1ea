"""An entry of a catalogue with the Developers Italia API: YAML inside JSON (format "developers-italia")."""

from __future__ import annotations

from harvester.errors import InputError
from harvester.model import Identifier, Outcome, RawItem, Reading
from harvester.normalize import publiccode
from harvester.normalize.draft import PRIORITY, FoundAt, object_of, refused
from harvester.normalize.metadata_file import refusal
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository, repository_url
from harvester.normalize.values import country_of, text, texts


@reads("developers-italia", version=3)
def read(raw: RawItem) -> Reading:
    """One record, of the publiccode.yml that the entry carries; without a readable one the entry is refused.

    context: {"catalogue": the name that the entry's id is known under, "country"?: of a national catalogue}.
    """
    entry = object_of(raw)
    if isinstance(entry, Reading):
        return entry
    content = entry.get("publiccodeYml")
    if not isinstance(content, str) or not content.strip():
        return refused("no-publiccode", place="publiccodeYml")
    try:
        parsed = publiccode.parse(content)
    except InputError as error:
        return Reading(outcome=Outcome.REFUSED, issues=(refusal(error, place="publiccodeYml"),))
    address = text(entry.get("url"))
    named = (canonical_repository(url) for url in (address, *texts(entry.get("aliases"))) if url)
    found = FoundAt(
        repository=repository_url(address) if address else None,
        identifiers=tuple(Identifier("repo", name) for name in named if name),
        country=country_of(raw),
    )
    draft = publiccode.drafted(parsed, found)
    catalogue = text(raw.context.get("catalogue")) or "developers-italia"
    if entry_id := text(entry.get("id")):
        draft.named("catalogue", f"{catalogue}:{entry_id}")
    draft.site(names=True)  # a service without source code
    return publiccode.filed(draft, priority=PRIORITY)
