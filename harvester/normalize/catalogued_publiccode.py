"""A publiccode.yml that a catalogue keeps for a software (format "catalogued-publiccode"), in Taiwan's for example.

It was not found in the repository that it names: the catalogue vouches for its `url`, as an entry's address.
"""

from __future__ import annotations

from dataclasses import replace

from harvester.errors import InputError
from harvester.model import Identifier, Outcome, RawItem, Reading
from harvester.normalize import publiccode
from harvester.normalize.listed import PRIORITY
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository
from harvester.normalize.values import country_of, text


@reads("catalogued-publiccode", version=1)
def read(raw: RawItem) -> Reading:
    """One record. context: {"number": the file's name in the catalogue, "country"?}."""
    try:
        parsed = publiccode.parse(raw.payload)
    except InputError as error:
        return Reading(outcome=Outcome.REFUSED, issues=(publiccode.refusal(error),))
    address = parsed.fields.url
    canonical = canonical_repository(address) if address else None
    names = [Identifier("repo", canonical)] if canonical else []
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
    record = replace(record, fields=replace(record.fields, has_publiccode=None))  # of the repository nothing is known
    return Reading(outcome=Outcome.READ, records=(record,), issues=(*parsed.issues, *issues))
