"""The Dutch government's register of open-source repositories, which asks for a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from pydantic import Field
from scrapy.http import Request, Response

from harvester.errors import InputError
from harvester.model import Issue, Page, RawItem, Unit
from harvester.normalize.urls import web_address
from harvester.normalize.values import mapping, text
from spiders.base import WebSpider
from spiders.files import ADDRESS, FilesParams, json_entry, json_of, list_of

_HOST = "api.developer.overheid.nl"
_CHANGES_BY_ITSELF = "lastCrawledAt"
_REFUSED = (401, 403)


class DutchRegisterParams(FilesParams):
    """`api` is the register's root with its version. `max_pages` ends a listing that would not end by itself."""

    api: str = Field(f"https://{_HOST}/oss-register/v1", pattern=ADDRESS)
    page_size: int = Field(100, ge=1, le=100)
    max_pages: int = Field(500, ge=1)
    country: str | None = Field("NL", pattern="^[A-Z]{2}$")
    language: str | None = "nl"


class DutchRegister(WebSpider):
    """Pages of repositories, those with a publiccode.yml and those without."""

    name = "dutch_register"
    title = "OSS Register (developer.overheid.nl)"
    default_schedule = "47 2 * * *"
    documented_api = True
    Params: ClassVar[type[DutchRegisterParams]] = DutchRegisterParams
    params: DutchRegisterParams

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._seen: set[str] = set()
        self._listing = f"{self.params.api.rstrip('/')}/repositories"
        keys = self.net.tokens_for(self._listing)
        self._key = keys[0].get_secret_value() if keys else None

    def first_units(self) -> Iterable[Unit]:
        """The first page of what the register lists by itself, and of what has no publiccode.yml."""
        yield _unit({"page": 1})
        yield _unit({"page": 1, "publiccode": "false"})

    def request(self, unit: Unit) -> Request:
        """A page, with the key that the environment gives."""
        query = urlencode({**dict(unit.data["query"]), "perPage": self.params.page_size})
        headers = {"Accept": "application/json"} | ({"x-api-key": self._key} if self._key else {})
        return Request(f"{self._listing}?{query}", headers=headers, meta={"handle_httpstatus_list": list(_REFUSED)})

    def page(self, response: Response, unit: Unit) -> Page:
        """The repositories as they are, less when they were crawled. InputError: no key, or no such page."""
        if response.status in _REFUSED:
            what = f"{self._listing} answered {response.status}: it wants a key" + (
                ", and not this one" * bool(self._key)
            )
            raise InputError(what, remedy="ask for one at developer.overheid.nl and set HARVESTER_DUTCH_REGISTER_KEY")
        issues: list[Issue] = []
        found = list_of(
            json_of(response.body, url=response.url, issues=issues), "data", "repositories", url=response.url
        )
        raw_items = tuple(self._items(found, unit.key))
        following = self._following(response, dict(unit.data["query"]), found, issues)
        return Page(unit=unit, raw_items=raw_items, next_units=following, issues=tuple(issues))

    def _items(self, found: Iterable[Any], page: str) -> Iterator[RawItem]:
        """Each repository once: both listings may hold it. One without an id is named by its address or its place."""
        now = datetime.now(UTC)
        told = {"country": self.params.country or self.source.country, "language": self.params.language}
        context = {name: value for name, value in told.items() if value}
        for place, entry in enumerate(found, 1):
            about = mapping(entry)
            number = _number(about) or f"{page} entry {place}"
            if number not in self._seen:
                self._seen.add(number)
                kept = {name: value for name, value in about.items() if name != _CHANGES_BY_ITSELF} if about else entry
                yield RawItem(
                    key=number,
                    format="dutch-register",
                    payload=json_entry(kept),
                    url=web_address(about.get("url")) or f"{self._listing}/{number}",
                    fetched_at=now,
                    context=context,
                )

    def _following(
        self, response: Response, query: dict[str, Any], found: Sequence[Any], issues: list[Issue]
    ) -> tuple[Unit, ...]:
        """The next page while the register says there is one; where it does not say, while pages are full."""
        number = int(query["page"]) + 1
        names = (_number(mapping(entry)) or repr(entry) for entry in found)
        repeats = not self.brings_new(names, listing=str(query.get("publiccode")))
        told = (response.headers.get("Total-Pages") or b"").decode("latin-1").strip()
        last = int(told) if told.isdecimal() else None
        if (number > last) if last is not None else (len(found) < self.params.page_size):
            return ()
        if not found or repeats or number > self.params.max_pages:
            issues.append(self.left("Total-Pages", pages=number - 1, most=self.params.max_pages, value=told))
            return ()
        return (_unit({**query, "page": number}),)


def _number(about: Mapping[str, Any]) -> str | None:
    return text(about.get("id")) or text(about.get("url"))


def _unit(query: dict[str, Any]) -> Unit:
    return Unit(urlencode(sorted(query.items())), {"query": query})
