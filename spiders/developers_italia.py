"""Catalogues with the API of Developers Italia: pages of entries, each with the publiccode.yml of its repository."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote, unquote, urlsplit

from pydantic import Field
from scrapy.http import Request, Response

from harvester.errors import InputError
from harvester.model import Issue, Page, RawItem, Unit
from harvester.net.counting import without_query
from harvester.normalize.canonical import canonical_json, parse_json
from spiders.base import Params, WebSpider

_HOST = "api.developers.italia.it"
_CURSOR = "page[after]"
_CHANGES_BY_ITSELF = "vitality"


class DevelopersItaliaParams(Params):
    """`api` is the API's root with its version. `max_pages` ends a listing that would not end by itself."""

    api: str = Field(f"https://{_HOST}/v1", pattern=r"^https?://[^/?#]+(/[^?#]*)?$")
    publisher: str | None = None
    country: str | None = Field(None, pattern="^[A-Z]{2}$")
    page_size: int = Field(100, ge=1, le=100)
    max_pages: int = Field(2000, ge=1)


class DevelopersItaliaSpider(WebSpider):
    """Developers Italia, or another catalogue with its API."""

    name = "developers_italia"
    title = "Developers Italia"
    documented_api = True
    Params: ClassVar[type[DevelopersItaliaParams]] = DevelopersItaliaParams
    params: DevelopersItaliaParams

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._asked: set[str] = set()
        self._listing = f"{self.params.api.rstrip('/')}/software"
        host = urlsplit(self._listing).hostname or ""
        told = {"catalogue": None if host == _HOST else host, "country": self.params.country or self.source.country}
        self._context = {name: value for name, value in told.items() if value}

    def first_units(self) -> Iterable[Unit]:
        """The first page; each page tells the next."""
        yield _unit("", number=1)

    def request(self, unit: Unit) -> Request:
        """A page of the listing, with our size: the API's own links drop it."""
        self._asked.add(str(unit.data["cursor"]))
        return Request(self._url(str(unit.data["cursor"])), headers={"Accept": "application/json"})

    def page(self, response: Response, unit: Unit) -> Page:
        """The entries as they are, less what changes by itself. InputError: the answer is no such page."""
        entries, following = _read(response)
        now = datetime.now(UTC)
        issues: list[Issue] = []
        raw_items = tuple(raw for entry in entries if (raw := self._raw(entry, now, issues)) is not None)
        next_units: tuple[Unit, ...] = ()
        if following is not None:
            number = int(unit.data["number"]) + 1
            if self.brings_new(raw.key for raw in raw_items) and not self._leads_nowhere(following, number):
                next_units = (_unit(following, number=number),)
            else:
                issues.append(self.left("links.next", pages=number - 1, most=self.params.max_pages, value=following))
        return Page(unit=unit, raw_items=raw_items, next_units=next_units, issues=tuple(issues))

    def _url(self, cursor: str) -> str:
        after = f"&{quote(_CURSOR)}={quote(cursor, safe='')}" if cursor else ""
        return f"{self._listing}?{quote('page[size]')}={self.params.page_size}{after}"

    def _leads_nowhere(self, cursor: str, number: int) -> bool:
        return cursor in self._asked or number > self.params.max_pages

    def _raw(self, entry: Any, now: datetime, issues: list[Issue]) -> RawItem | None:
        identifier = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(identifier, str) or not identifier:
            found = canonical_json(entry).decode()[:200]
            issues.append(Issue.of("entry-without-id", place="data", value=found))
            return None
        kept = {name: value for name, value in entry.items() if name != _CHANGES_BY_ITSELF}
        return RawItem(
            key=identifier,
            format="developers-italia",
            payload=canonical_json(kept),
            url=f"{self._listing}/{quote(identifier, safe='')}",
            fetched_at=now,
            context=self._context,
        )


def _unit(cursor: str, *, number: int) -> Unit:
    return Unit(f"after={cursor}", {"cursor": cursor, "number": number})


def _read(response: Response) -> tuple[list[Any], str | None]:
    """The entries and the cursor of the next page. Raises InputError that says what was found instead."""
    where = without_query(response.url)
    try:
        body = parse_json(response.body)
    except ValueError:
        beginning = response.body[:80].decode("utf-8", "replace")
        raise InputError(f"{where} answered no JSON: {beginning!r}") from None
    entries = body.get("data") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        found = ", ".join(sorted(map(str, body))[:8]) if isinstance(body, dict) else type(body).__name__
        raise InputError(f"{where}: no list of entries in 'data', found {found or 'nothing'}", place="data")
    links = body.get("links")
    if not isinstance(links, dict):
        raise InputError(f"{where}: 'links' tells whether there are more pages, found {links!r:.80}", place="links")
    return entries, _cursor(links.get("next"), where)


def _cursor(link: object, where: str) -> str | None:
    """What `links.next` leads to ("?page[after]=…"). Of the link only the cursor is followed, never its host."""
    if link is None or link == "":
        return None
    if isinstance(link, str):
        for part in link.partition("?")[2].split("&"):
            name, _, value = part.partition("=")
            if unquote(name) == _CURSOR and value:
                return unquote(value)
    raise InputError(f"{where}: links.next has no {_CURSOR}, found {link!r:.80}", place="links.next")
