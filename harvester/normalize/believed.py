"""What a source may say of which thing it speaks: of its own hosts everything, of others' it may only suggest.

A forge knows its own repositories and their numbers, and nobody else's: an address on another host, or a number there,
is no name but a suggestion. A catalogue lists what is elsewhere, which is what it is for: the address that it gives is
a name, but no number of a forge is, nor a crowd of addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from harvester.model import Identifier, Issue, Outcome, RawItem, Reading, Record
from harvester.normalize.urls import canonical_repository

MOST_ADDRESSES = 6
"""The repository's own address in its spellings, and former or further ones: more only suggest. In the recorded
corpus no entry has more than two."""
FOREIGN_ADDRESS = "foreign-address"
MANY_ADDRESSES = "many-addresses"


def is_own(address: str, hosts: Sequence[str]) -> bool:
    """Whether an address is on one of these hosts, or below one."""
    host = urlsplit(address).hostname or ""
    return any(host == own or host.endswith(f".{own}") for own in (one.removeprefix("www.") for one in hosts))


def believed(reading: Reading, raw: RawItem, *, hosts: Sequence[str], of_forge: bool) -> Reading:
    """The reading with what its source may say. `hosts` are the source's own; of a forge all names have to be there.

    A forge's repository whose address is another host's is known by its number or its page here; its records ask a
    reviewer. It is refused where it has neither.
    """
    records, foreign, crowd = [], None, None
    for record in reading.records:
        kept = [name for name in record.identifiers if _may_say(name, hosts, of_forge=of_forge)]
        addresses = [name for name in kept if name.scheme == "repo"]
        if len(addresses) > MOST_ADDRESSES:
            crowd = len(addresses)
            kept = [name for name in kept if name not in addresses[MOST_ADDRESSES:]]
        question = record.question
        if of_forge and not any(name.scheme == "repo" for name in kept) and record.identifiers:
            foreign = next((name.value for name in record.identifiers if name.scheme == "repo"), raw.url)
            question = FOREIGN_ADDRESS
            kept = kept or list(_here(raw, hosts))
        records.append(_with(record, kept, question))
    issues = [
        *reading.issues,
        *([Issue.of(FOREIGN_ADDRESS, value=foreign, host=hosts[0])] if foreign else []),
        *([Issue.of(MANY_ADDRESSES, count=crowd, most=MOST_ADDRESSES)] if crowd else []),
    ]
    if foreign and not any(record.identifiers for record in records):
        return Reading(outcome=Outcome.REFUSED, issues=(*issues, Issue.of("no-repository", value=foreign)))
    return replace(reading, records=tuple(records), issues=tuple(issues))


def _may_say(name: Identifier, hosts: Sequence[str], *, of_forge: bool) -> bool:
    if name.scheme == "forge":
        return is_own(f"https://{name.value.rpartition(':')[0]}/", hosts)
    return name.scheme != "repo" or not of_forge or is_own(name.value, hosts)


def _here(raw: RawItem, hosts: Sequence[str]) -> Iterator[Identifier]:
    """By what the forge itself keeps it: its number, or its page."""
    host, _, number = raw.key.rpartition(":")
    if number.isdecimal() and is_own(f"https://{host}/", hosts):
        yield Identifier("forge", raw.key)
    elif is_own(raw.key, hosts) and (address := canonical_repository(raw.key)):
        yield Identifier("repo", address)


def _with(record: Record, kept: Sequence[Identifier], question: str | None) -> Record:
    """The record by these names; its other ones suggest."""
    if question == record.question and tuple(kept) == record.identifiers:
        return record
    told = [name for name in record.identifiers if name not in kept and name.scheme == "repo"]
    suggests = tuple(dict.fromkeys([*record.suggests, *told[:MOST_ADDRESSES]]))
    return replace(record, identifiers=tuple(dict.fromkeys(kept)), suggests=suggests, question=question)
