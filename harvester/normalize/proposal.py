"""A tool that a visitor proposed and a reviewer accepted (format "proposal"): {address, name?, description?, language}.

What the address does not say and nobody wrote is not known: a repository is called as it is there.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from harvester.model import Fields, RawItem, Reading
from harvester.normalize.draft import Where, object_of, reading, refused, said
from harvester.normalize.languages import tag
from harvester.normalize.readers import reads
from harvester.normalize.urls import (
    IsRepository,
    canonical_page,
    canonical_repository,
    is_shared_host,
    repository_at,
    repository_url,
)
from harvester.normalize.values import prose, text

PRIORITY = 10
"""Of what anybody says: any other source knows better."""


@reads("proposal", version=1)
def read(raw: RawItem) -> Reading:
    """One record. An address that is unusable is refused."""
    proposal = object_of(raw)
    if isinstance(proposal, Reading):
        return proposal
    address = text(proposal.get("address"))
    if address is None or (found := named_by(address)) is None:
        return refused("bad-url", place="address", value=proposal.get("address"))
    repository, _ = found
    fields = Fields(
        name=(prose(proposal.get("name")) or called(address))[:200],
        short_description=said(proposal.get("description"), tag(text(proposal.get("language"))) or "und"),
    )
    where = Where(repository=address if repository else None, website=None if repository else address, place="address")
    return reading(fields, reader=read.name, where=where, priority=PRIORITY)


def named_by(address: str) -> tuple[bool, str] | None:
    """Whether an address may be a repository's, and what names it in one spelling; None for a forge's own page, an
    overview, or no address."""
    verdict = repository_at(address)
    if verdict.repository is not IsRepository.NO:
        return True, str(canonical_repository(address))
    site = verdict.reason in ("site", "forge-page") and not is_shared_host(address)
    page = canonical_page(address) if site else None
    return (False, page) if page else None


def called(address: str) -> str:
    """What an address calls its software: the last part of a repository's, a site's host."""
    found = named_by(address)
    if found is None:
        return ""
    parts = urlsplit(str(repository_url(address)) if found[0] else found[1])
    return unquote(parts.path.rpartition("/")[2]) if found[0] else parts.netloc
