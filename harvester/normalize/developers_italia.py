"""An entry of a catalogue with the Developers Italia API: YAML inside JSON (format "developers-italia")."""

from __future__ import annotations

from harvester.errors import InputError
from harvester.model import Identifier, Issue, Outcome, RawItem, Reading
from harvester.normalize import publiccode
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_page, canonical_repository, is_shared_host, repository_url
from harvester.normalize.values import country_of, payload_of, text, texts

PRIORITY = 60  # a copy that the catalogue made; the repository's own file says it better


@reads("developers-italia", version=1)
def read(raw: RawItem) -> Reading:
    """One record, of the publiccode.yml that the entry carries; without a readable one the entry is refused.

    context: {"catalogue": the name that the entry's id is known under, "country"?: of a national catalogue}.
    """
    entry = payload_of(raw)
    if isinstance(entry, Issue):
        return Reading(outcome=Outcome.REFUSED, issues=(entry,))
    content = entry.get("publiccodeYml")
    if not isinstance(content, str) or not content.strip():
        issue = Issue.of("no-publiccode", place="publiccodeYml")
        return Reading(outcome=Outcome.REFUSED, issues=(issue,))
    try:
        parsed = publiccode.parse(content)
    except InputError as error:
        return Reading(outcome=Outcome.REFUSED, issues=(publiccode.refusal(error, place="publiccodeYml"),))
    address = text(entry.get("url"))
    aliases = texts(entry.get("aliases"))
    names = [canonical for url in (address, *aliases) if url and (canonical := canonical_repository(url))]
    catalogue = text(raw.context.get("catalogue")) or "developers-italia"
    entry_id = text(entry.get("id"))
    identifiers = [Identifier("repo", name) for name in names]
    if entry_id:
        identifiers.append(Identifier("catalogue", f"{catalogue}:{entry_id}"))
    landing = parsed.fields.landing_url
    if not names and landing and not is_shared_host(landing) and (page := canonical_page(landing)):
        identifiers.append(Identifier("landing", page))  # a service without source code
    country = country_of(raw)
    record, issues = publiccode.record_of(
        parsed,
        repository=repository_url(address) if address else None,
        identifiers=identifiers,
        aliases=aliases,
        defaults={"countries": (country,)} if country else None,
        priority=PRIORITY,
    )
    return Reading(outcome=Outcome.READ, records=(record,), issues=(*parsed.issues, *issues))
