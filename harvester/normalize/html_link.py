"""A link on a page of a public body (format "html-link"): a repository, or a hosted service without public source."""

from __future__ import annotations

from typing import Any

from harvester.model import Fields, Identifier, Issue, Organisation, Outcome, RawItem, Reading, Record
from harvester.normalize.countries import alpha2
from harvester.normalize.languages import tag
from harvester.normalize.personal import without_mail
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_page, canonical_repository, is_shared_host, repository_url, web_address
from harvester.normalize.values import payload_of, prose, text

PRIORITY = 20


@reads("html-link", version=2)
def read(raw: RawItem) -> Reading:
    """One record. A link whose address is unusable is refused."""
    link = payload_of(raw)
    if isinstance(link, Issue):
        return Reading(outcome=Outcome.REFUSED, issues=(link,))
    href = web_address(link.get("href"))
    if href is None:
        issue = Issue.of("bad-url", place="href", value=without_mail(str(link.get("href"))))
        return Reading(outcome=Outcome.REFUSED, issues=(issue,))
    service = link.get("kind") == "service"
    canonical = canonical_page(href) if service else canonical_repository(href)
    if canonical is None or (service and is_shared_host(href)):
        what = "a host that serves many is no service of its own" if service else "the link leads to no repository"
        return Reading(outcome=Outcome.SKIPPED, reason=what)
    return Reading(outcome=Outcome.READ, records=(_record(link, href=href, canonical=canonical, service=service),))


def _record(link: dict[str, Any], *, href: str, canonical: str, service: bool) -> Record:
    name = prose(link.get("text")) or canonical.rpartition("/")[2]
    described = prose(link.get("context"))
    country = alpha2(text(link.get("country")))  # the page's own country says nothing of the tools that it lists
    language = tag(text(link.get("language"))) or "und"
    fields = Fields(
        name=name[:200],
        kind="service" if service else "software",
        code_repository=None if service else repository_url(href),
        landing_url=href if service else web_address(link.get("website")),
        short_description={language: described[:500]} if described else {},
        countries=(country,) if country else (),
        organisations=_publisher(link, country) if link.get("own") else (),
    )
    return Record(
        key="link",
        reader=read.name,
        fields=fields,
        identifiers=(Identifier("landing" if service else "repo", canonical),),
        priority=PRIORITY,
    )


def _publisher(link: dict[str, Any], country: str | None) -> tuple[Organisation, ...]:
    name = text(link.get("publisher"))
    return (Organisation(name, None, country),) if name else ()
