"""A publiccode.yml that a catalogue keeps for a software (format "catalogued-publiccode"), in Taiwan's for example.

It was not found in the repository that it names: the catalogue vouches for its `url`, as an entry's address.
"""

from __future__ import annotations

from dataclasses import replace

from harvester.errors import InputError
from harvester.model import Identifier, Outcome, RawItem, Reading
from harvester.normalize import publiccode
from harvester.normalize.draft import PRIORITY
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository, surely_repository
from harvester.normalize.values import country_of, text


@reads("catalogued-publiccode", version=1)
def read(raw: RawItem) -> Reading:
    """One record. context: {"number": the file's name in the catalogue, "country"?}."""
    try:
        parsed = publiccode.parse(raw.payload)
    except InputError as error:
        return Reading(outcome=Outcome.REFUSED, issues=(publiccode.refusal(error),))
    address = parsed.fields.url or ""
    canonical = canonical_repository(address)
    named = Identifier("repo", canonical) if canonical else None
    names = [named] if named and surely_repository(address) else []
    if number := text(raw.context.get("number")):
        names.append(Identifier("catalogue", number))
    country = country_of(raw)
    record, issues = publiccode.record_of(
        parsed,
        repository=address if canonical else None,
        identifiers=names,
        defaults={"countries": (country,)} if country else None,
        priority=PRIORITY,
    )
    fields = replace(record.fields, has_publiccode=None)  # of the repository nothing is known
    record = replace(record, fields=fields, suggests=(named,) if named and not names else ())
    return Reading(outcome=Outcome.READ, records=(record,), issues=(*parsed.issues, *issues))
