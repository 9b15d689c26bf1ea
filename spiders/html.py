"""What spiders of web pages share: the page as a tree, its links, selectors as parameters, and entries' keys. No spider
of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256
from itertools import count
from typing import Annotated, Any
from urllib.parse import urldefrag, urljoin

import soupsieve
from bs4 import BeautifulSoup, Tag
from pydantic import AfterValidator
from scrapy.http import Request, Response
from w3lib.encoding import html_to_unicode

from harvester.errors import InputError
from harvester.model import RawItem, Unit
from harvester.model.bounds import PAGES
from harvester.net.counting import without_query
from harvester.normalize.canonical import canonical_json
from spiders.base import WebSpider

_LONGEST_KEY = 300


def compiled(selector: str) -> str:
    """The CSS selector as it was given. ValueError that says what is wrong with it."""
    try:
        soupsieve.compile(selector)
    except soupsieve.SelectorSyntaxError as error:
        raise ValueError(f"{selector!r} is no CSS selector: {str(error).splitlines()[0]}") from None
    return selector


Selector = Annotated[str, AfterValidator(compiled)]


def soup_of(response: Response) -> BeautifulSoup:
    """The page as a tree. InputError: the answer is no web page."""
    kind = (response.headers.get("Content-Type") or b"text/html").decode("latin-1").lower()
    if "html" not in kind or not response.body.strip():
        beginning = response.body[:60].decode("utf-8", "replace")
        what = f"{without_query(response.url)} answered {kind} where a web page was expected: {beginning!r}"
        raise InputError(what, remedy="open it in a browser, and correct the source's address")
    return BeautifulSoup(text_of(response), "lxml")


def text_of(response: Response) -> str:
    """The page's text in the charset that a browser reads it in: by its mark, the header, what the page says of itself;
    without any of them UTF-8, or what most old pages of the West are in."""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
    _, text = html_to_unicode(kind, response.body, auto_detect_fun=_utf8, default_encoding="cp1252")
    return text


def _utf8(body: bytes) -> str | None:
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def base_of(soup: BeautifulSoup, url: str) -> str:
    """What the page's links are relative to."""
    told = soup.select_one("head base[href]")
    try:
        return urljoin(url, str(told["href"])) if told else url
    except ValueError:
        return url


def absolute(anchor: Tag, base: str, attribute: str = "href") -> str | None:
    """The link's address, None for a link within the page; one that cannot be read as it stands."""
    href = str(anchor.get(attribute) or "").strip()
    if not href or href.startswith("#"):
        return None
    try:
        return urldefrag(urljoin(base, href))[0]
    except ValueError:
        return href


def words(tag: Tag) -> str:
    """The text of an element, each run of spaces as one."""
    return " ".join(tag.get_text(" ").split())


def language_of(soup: BeautifulSoup) -> str:
    """The language that the page declares, as it is written; "" without one."""
    return str((soup.html.get("lang") if soup.html else None) or "").strip()


class HtmlSpider(WebSpider):
    """Asks web pages, and gives each entry of them a key of its own."""

    bounds = PAGES

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._said: dict[str, str] = {}  # by key a digest of what the entry says

    async def start(self) -> AsyncIterator[Any]:
        """A run that goes on knows which keys it gave before."""
        self._said = {raw.key: _digest(self.said(raw)) for raw in self.frontier.brought()}
        async for request in super().start():
            yield request

    def request(self, unit: Unit) -> Request:
        """The page itself."""
        return Request(str(unit.data["url"]), headers={"Accept": "text/html,application/xhtml+xml"})

    def said(self, raw: RawItem) -> Any:
        """What a stored entry says, without where it stood: what `own_key` was told of it."""
        raise NotImplementedError

    def own_key(self, key: str, said: Any, *, called: str, alone: bool = True) -> tuple[str, bool]:
        """The key of an entry, and whether it is the first of this run that says so: none is lost to another one.

        Where the key is another entry's already (or `alone` is False: others of the page have it, too), it takes what
        the entry is called, and where that is not enough a number.
        """
        mine = _digest(said)
        named = f"{key}~{called}" if called else key
        for number in count(1):  # pragma: no branch (count never ends)
            tried = short_key(key if number == 1 else named if number == 2 else f"{named}~{number - 1}")
            if self._said.get(tried) == mine:
                return tried, False
            if tried not in self._said and (alone or number > 1):
                self._said[tried] = mine
                return tried, True
        raise AssertionError


def short_key(key: str) -> str:
    """The key; of a long one the beginning, with a digest of it all."""
    return key if len(key) <= _LONGEST_KEY else f"{key[: _LONGEST_KEY - 17]} {_digest(key)}"


def _digest(said: Any) -> str:
    return sha256(canonical_json(said)).hexdigest()[:16]
