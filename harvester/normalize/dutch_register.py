"""A repository of the Dutch open-source register (format "dutch-register"): {id, url, name?, shortDescription?,
forkType?, organisation?{uri,label}, publicCodeUrl?, archived?, createdAt, lastActivityAt}, as RepositorySummary of
developer-overheid-nl/don-oss-register has it."""

from __future__ import annotations

from harvester.model import REPOSITORY, Basis, Fields, Organisation, RawItem, Reading
from harvester.normalize.draft import Where, language_of, object_of, reading, refused, said, skipped
from harvester.normalize.readers import reads
from harvester.normalize.urls import repository_url, web_address
from harvester.normalize.values import country_of, flag, mapping, moment, text

_COPY = "URL_MISTAKE"  # the register's word for a publiccode.yml that was copied from another repository
_FORKS = ("TECHNICAL_FORK", "VARIANT_FORK", "GIT_FORK")


@reads("dutch-register", version=4)
def read(raw: RawItem) -> Reading:
    """One record. A repository that the register marks as a copy's mistake is skipped."""
    entry = object_of(raw)
    if isinstance(entry, Reading):
        return entry
    address = text(entry.get("url"))
    if address is None:
        return refused("no-address", place="url", value=entry.get("url"))
    kind = text(entry.get("forkType"))
    if kind == _COPY:
        return skipped("the register says that its publiccode.yml names another repository")
    country = country_of(raw)
    body = mapping(entry.get("organisation"))
    owner = text(body.get("label"))
    shown = repository_url(address)
    fields = Fields(
        name=text(entry.get("name")) or (shown or address).rstrip("/").rpartition("/")[2],
        short_description=said(entry.get("shortDescription"), language_of(raw)),
        date_created=moment(entry.get("createdAt")),
        date_modified=moment(entry.get("lastActivityAt")),
        archived=flag(entry.get("archived")),
        fork=True if kind in _FORKS else None,
        has_publiccode=True if web_address(entry.get("publicCodeUrl")) else None,
        organisations=(Organisation(owner, web_address(body.get("uri")), country),) if owner else (),
        countries=(country,) if country else (),
    )
    number = text(entry.get("id"))
    return reading(
        fields,
        reader=read.name,
        where=Where(repository=address, number=f"nl-oss-register:{number}" if number else None),
        basis=dict.fromkeys(("archived", "date_created", "date_modified", "fork"), Basis.FORGE),
        key=REPOSITORY,
    )
