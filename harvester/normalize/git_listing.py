"""A repository in the index of a cgit or gitweb server (format "git-listing"), and the metadata files in it.

The payload: `system`, `path` (how the instance names it), `page`, `description`, `section` (a heading of the index),
`clone` (addresses), `last_change` (ISO 8601), and `files` where they were asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.model import Basis, Fields, Identifier, Issue, Organisation, Outcome, RawItem, Reading, Record
from harvester.normalize import repository
from harvester.normalize.forge_parts import PRIORITY, reading
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository, repository_url
from harvester.normalize.values import country_of, moment, prose, text, texts

_SCHEMES = ("https://", "http://", "git://")
"""Of the addresses that count, the best first; those of ssh name a folder of the server and an account."""


@reads("git-listing", version=4, of_forge=True)
def read(raw: RawItem) -> Reading:
    """Records: key "repository", and the path of each metadata file that was read."""
    stored = repository.read(raw)
    if isinstance(stored, Issue):
        return Reading(outcome=Outcome.REFUSED, issues=(stored,))
    listed = stored.told
    addresses = _addresses(listed)
    known = {canonical: address for address in addresses if (canonical := canonical_repository(address))}
    if not known:
        page = text(listed.get("page"))
        issue = Issue.of("no-clone-address", place="clone", value=page)
        return Reading(outcome=Outcome.REFUSED, issues=(issue,))
    identifiers = tuple(Identifier("repo", canonical) for canonical in known)
    address = repository_url(addresses[0]) or identifiers[0].value
    record = _repository(raw, listed, address=address, identifiers=identifiers)
    return reading(raw, record, stored, address=address)


def _addresses(listed: Mapping[str, Any]) -> list[str]:
    """Clone addresses, then the page, which others link to; a page that only its query names is no address."""
    clone = texts(listed.get("clone"))
    found = [address for scheme in _SCHEMES for address in clone if address.startswith(scheme)]
    page = text(listed.get("page"))
    found += [page] if page and "?" not in page else []
    return [address for address in found if canonical_repository(address)]


def _repository(
    raw: RawItem, listed: Mapping[str, Any], *, address: str, identifiers: tuple[Identifier, ...]
) -> Record:
    description = prose(listed.get("description"))
    path = (text(listed.get("path")) or address).rstrip("/")
    name = path.rpartition("/")[2].removesuffix(".git") or path
    country, publisher = country_of(raw), text(raw.context.get("publisher"))
    fields = Fields(
        name=name,
        kind="software",
        code_repository=address,
        short_description={"und": description} if description else {},
        date_modified=moment(listed.get("last_change")),
        organisations=(Organisation(publisher, None, country),) if publisher else (),
        countries=(country,) if country else (),
    )
    return Record(
        key="repository",
        reader=read.name,
        fields=fields,
        identifiers=identifiers,
        basis={"date_modified": Basis.FORGE},
        priority=PRIORITY,
    )
