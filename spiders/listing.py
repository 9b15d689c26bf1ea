"""A catalogue that is one JSON answer: a list of entries, each with an id. Spiders derive from it; it is none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from scrapy.http import Request, Response

from harvester.errors import FetchError, InputError
from harvester.model import Issue, Page, RawItem, Unit
from harvester.net.counting import without_query
from harvester.normalize.canonical import canonical_json, parse_json
from spiders.base import WebSpider


class ListingSpider(WebSpider):
    """Asks each of its addresses; an answer is a list of entries, or an object that holds one."""

    format: ClassVar[str]
    documented_api = True
    most_bytes = 32 * 1024 * 1024

    def addresses(self) -> Iterable[str]:
        """Where the lists are."""
        raise NotImplementedError

    def entries(self, body: Any, where: str) -> tuple[Sequence[Any], int | None]:
        """The entries of an answer, and how many it says they are. InputError: it is no such list."""
        if not isinstance(body, list):
            raise InputError(f"{where}: a list of entries was expected, found {_form(body)}")
        return body, None

    def key(self, entry: Mapping[str, Any]) -> str | None:
        """What names an entry in this catalogue for good."""
        raise NotImplementedError

    def page_of(self, entry: Mapping[str, Any]) -> str | None:
        """Where a person can see the entry; None where that is not known."""
        raise NotImplementedError

    def context(self) -> Mapping[str, Any]:
        """What reading needs beside the entry."""
        return {}

    def first_units(self) -> Iterable[Unit]:
        """The addresses, each once."""
        for address in dict.fromkeys(self.addresses()):
            yield Unit(address, {"url": address})

    def request(self, unit: Unit) -> Request:
        """The list."""
        return Request(str(unit.data["url"]), headers={"Accept": "application/json"})

    def page(self, response: Response, unit: Unit) -> Page:
        """The entries as they are, none left out: one without an id, or with another's, has a key all the same."""
        where = without_query(response.url)
        found, told = self.entries(parsed(response.body, where), where)
        now, issues = datetime.now(UTC), []
        raws: dict[str, RawItem] = {}
        for place, entry in enumerate(found):
            key = (self.key(entry) if isinstance(entry, Mapping) else None) or f"without an id: {_digest(entry)}"
            if key in raws:
                issues.append(_twice(key, place))
                key = f"{key}#{place}"
            raws[key] = RawItem(
                key=key,
                format=self.format,
                payload=canonical_json(entry),
                url=(self.page_of(entry) if isinstance(entry, Mapping) else None) or str(unit.data["url"]),
                fetched_at=now,
                context=self.context(),
            )
        if told is not None and told != len(found):
            issues.append(_short(len(found), told))
        return Page(
            unit=unit,
            raw_items=tuple(raws.values()),
            total=told if told is not None else len(found),
            issues=tuple(issues),
        )


def parsed(body: bytes, where: str) -> Any:
    """The JSON of an answer. FetchError where it ends early; InputError for anything else that is no JSON."""
    try:
        return parse_json(body)
    except ValueError as error:
        beginning = body[:80].decode("utf-8", "replace")
        if body.lstrip()[:1] in (b"[", b"{") and body.rstrip()[-1:] not in (b"]", b"}"):
            raise FetchError(f"{where}: the answer ends early, after {len(body)} bytes") from None
        raise InputError(f"{where} answered no JSON: {beginning!r} ({error})") from None


def _form(body: Any) -> str:
    return f"an object of {', '.join(sorted(map(str, body))[:8])}" if isinstance(body, dict) else type(body).__name__


def _digest(entry: Any) -> str:
    return hashlib.sha256(canonical_json(entry)).hexdigest()[:16]


def _twice(key: str, place: int) -> Issue:
    return Issue.of("twice", place=f"[{place}]", value=key)


def _short(found: int, told: int) -> Issue:
    return Issue.of("short-listing", place="the catalogue", value=str(found), found=found, total=told)
