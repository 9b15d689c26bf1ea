"""A link on a page of a public body (format "html-link"): a repository, or a hosted service without public source.

The payload is what stood there: `href`, `text`, `context`, `first` (what its entry links first, where that is another
link), `service` (true: the source says that such links lead to services), and of the page `page`, `title`, `language`.
Payloads of earlier versions say `kind` "service" instead: their spider had chosen them.
"""

from __future__ import annotations

from typing import Any

from harvester.model import Fields, Organisation, RawItem, Reading
from harvester.normalize.countries import alpha2
from harvester.normalize.draft import Where, object_of, reading, refused, said, skipped
from harvester.normalize.languages import tag
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_page, is_repository_link, is_shared_host, web_address
from harvester.normalize.values import prose, text

PRIORITY = 20


@reads("html-link", version=4)
def read(raw: RawItem) -> Reading:
    """One record. A link whose address is unusable is refused."""
    link = object_of(raw)
    if isinstance(link, Reading):
        return link
    href = web_address(link.get("href"))
    if href is None or (page := canonical_page(href)) is None:
        return refused("bad-url", place="href", value=link.get("href"))
    service = not is_repository_link(href)
    if service and link.get("service") is not True and link.get("kind") != "service":
        return skipped("the link leads to no repository")
    if service and is_shared_host(href):
        return skipped("a host that serves many is no service of its own")
    country = alpha2(text(link.get("country")))  # the page's own country says nothing of the tools that it lists
    fields = Fields(
        name=(prose(link.get("text")) or page.rpartition("/")[2])[:200],
        kind="service" if service else "software",
        short_description=said(link.get("context"), tag(text(link.get("language"))) or "und"),
        countries=(country,) if country else (),
        organisations=_publisher(link, country) if link.get("own") else (),
    )
    beside = web_address(link.get("first"))  # what an entry links first is its site, where that is no repository, too
    website = href if service else None if beside and is_repository_link(beside) else beside
    where = Where(repository=None if service else href, website=website, place="href", site_names=service)
    return reading(fields, reader=read.name, where=where, priority=PRIORITY, key="link")


def _publisher(link: dict[str, Any], country: str | None) -> tuple[Organisation, ...]:
    name = text(link.get("publisher"))
    return (Organisation(name, None, country),) if name else ()
