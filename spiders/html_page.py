"""Pages that list tools with links: those of cities, ministries and associations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from pydantic import Field
from scrapy.http import Request, Response

from harvester.model import Issue, Page, RawItem, Unit
from harvester.normalize.canonical import canonical_json
from harvester.normalize.urls import canonical_page, canonical_repository, is_repository_link
from spiders.base import Params, WebSpider
from spiders.html import Selector, absolute, base_of, language_of, soup_of, words

_BLOCKS = ("li", "tr", "article", "dd", "dt", "p", "figure")
_WORDS = 500  # characters kept of the text around a link
_AROUND = " \t\n()[]·•|:;,–—-"


class HtmlPageParams(Params):
    """`url` is the first page. The others are CSS selectors; `name`, `description` and `place`
    (the country that a tool is of, in words) are looked up in the item.

    Links to repositories are found by their address. Other links count only within `services`: hosted services.
    """

    url: str = Field(pattern=r"^https?://[^/?#]+")
    publisher: str | None = None
    country: str | None = Field(None, pattern="^[A-Z]{2}$")
    item: Selector | None = None
    name: Selector | None = None
    description: Selector | None = None
    place: Selector | None = None
    services: Selector | None = None
    next: Selector | None = None
    max_pages: int = Field(50, ge=1, le=2000)


class HtmlPageSpider(WebSpider):
    """One page, or several that lead to each other."""

    name = "html_page"
    title = "Web page that lists tools"
    default_schedule = "27 5 * * 1"
    Params: ClassVar[type[HtmlPageParams]] = HtmlPageParams
    params: HtmlPageParams

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._asked: set[str] = set()
        self._found: set[str] = set()

    def first_units(self) -> Iterable[Unit]:
        """The first page."""
        yield _unit(self.params.url, number=1)

    def request(self, unit: Unit) -> Request:
        """The page itself."""
        self._asked.add(str(unit.data["url"]))
        return Request(str(unit.data["url"]), headers={"Accept": "text/html,application/xhtml+xml"})

    def page(self, response: Response, unit: Unit) -> Page:
        """One raw item for each link to a tool, the first of several to the same. InputError: it is no HTML."""
        soup = soup_of(response)
        base = base_of(soup, response.url)
        found: dict[str, RawItem] = {}
        now = datetime.now(UTC)
        for key, link in self._links(soup, base):
            told = link | self._about(soup, response.url)
            if key not in found:
                url = str(told["href"])
                found[key] = RawItem(key=key, format="html-link", payload=canonical_json(told), url=url, fetched_at=now)
        repeats = bool(found) and found.keys() <= self._found
        self._found |= found.keys()
        next_units, issues = self._following(soup, base, unit, repeats=repeats)
        return Page(unit=unit, raw_items=tuple(found.values()), next_units=next_units, issues=issues)

    def _links(self, soup: BeautifulSoup, base: str) -> Iterator[tuple[str, dict[str, Any]]]:
        services = {id(anchor) for anchor in soup.select(self.params.services)} if self.params.services else set()
        for item, anchors in self._items(soup):
            first = anchors[0]
            for anchor in anchors:
                href = absolute(anchor, base)
                kind = _kind(href, service=id(anchor) in services)
                if href is None or kind is None:
                    continue
                key = (canonical_repository(href) if kind == "repository" else canonical_page(href)) or href
                link: dict[str, Any] = {
                    "href": href,
                    "kind": kind,
                    "text": self._name(item, first),
                    "context": self._context(item),
                }
                where = item.select_one(self.params.place) if self.params.place else None
                if where is not None:
                    link["country"] = words(where)
                website = absolute(first, base)
                if anchor is not first and website and kind == "repository" and _kind(website, service=False) is None:
                    link["website"] = website
                yield key, link

    def _items(self, soup: BeautifulSoup) -> Iterator[tuple[Tag, list[Tag]]]:
        """Each item with its links. Without a selector an item is the block around a link."""
        if self.params.item:
            for item in soup.select(self.params.item):
                anchors = [item] if item.name == "a" and item.get("href") else item.select("a[href]")
                if anchors:
                    yield item, anchors
            return
        root = soup.find("main") or soup.find("article") or soup.body
        blocks: dict[int, tuple[Tag, list[Tag]]] = {}
        for anchor in root.select("a[href]") if isinstance(root, Tag) else ():
            block = anchor.find_parent(_BLOCKS) or anchor.parent or anchor
            blocks.setdefault(id(block), (block, []))[1].append(anchor)
        for block, anchors in blocks.values():
            if _is_list(block, anchors):
                yield block, anchors
            else:  # a paragraph with several tools in it
                for anchor in anchors:
                    yield block, [anchor]

    def _name(self, item: Tag, anchor: Tag) -> str:
        named = item.select_one(self.params.name) if self.params.name else None
        return words(named or anchor) or str(anchor.get("title") or anchor.get("aria-label") or "")

    def _context(self, item: Tag) -> str:
        if self.params.description:
            described = item.select_one(self.params.description)
            return words(described)[:_WORDS] if described else ""
        around = [text for text in item.find_all(string=True) if text.find_parent("a") is None]
        return " ".join(" ".join(around).split()).strip(_AROUND)[:_WORDS]

    def _about(self, soup: BeautifulSoup, url: str) -> dict[str, str]:
        told = {
            "page": url,
            "title": words(soup.title) if soup.title else "",
            "language": language_of(soup),
            "publisher": self.params.publisher or self.source.publisher,
        }
        return {name: value for name, value in told.items() if value}

    def _following(
        self, soup: BeautifulSoup, base: str, unit: Unit, *, repeats: bool
    ) -> tuple[tuple[Unit, ...], tuple[Issue, ...]]:
        anchor = soup.select_one(self.params.next) if self.params.next else None
        url = absolute(anchor, base) if anchor else None
        if url is None:
            return (), ()
        number = int(unit.data["number"]) + 1
        elsewhere = urlsplit(url).hostname != urlsplit(self.params.url).hostname
        if not repeats and url not in self._asked and number <= self.params.max_pages and not elsewhere:
            return (_unit(url, number=number),), ()
        return (), (Issue.of("paging-trap", place="next", value=url, pages=number - 1),)


def _unit(url: str, *, number: int) -> Unit:
    return Unit(f"page:{url}", {"url": url, "number": number})


def _kind(href: str | None, *, service: bool) -> str | None:
    """ "repository" by its address, "service" where the source says so, None for any other link."""
    if href is None:
        return None
    if is_repository_link(href):
        return "repository"
    return "service" if service else None


def _is_list(block: Tag, anchors: list[Tag]) -> bool:
    """Whether the block is about one thing, so that its first link names it; text between names makes it several."""
    return block.name in ("li", "tr", "article", "figure") or len(anchors) == 1
